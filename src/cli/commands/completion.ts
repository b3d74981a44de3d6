import { readFileSync } from "node:fs";
import { Argument } from "commander";
import { defineCommand } from "../command.ts";

// As seen from src/cli/commands and from dist/cli/commands alike.
const folder = new URL("../../../src/cli/completion/", import.meta.url);
const shells = ["bash", "zsh", "fish"] as const;

export const command = defineCommand({
  examples: [
    ["accrue completion bash > ~/.local/share/bash-completion/completions/accrue", "for bash (with bash-completion)"],
    ["accrue completion zsh > ~/.zfunc/_accrue", "for zsh, where .zshrc has `fpath+=~/.zfunc` before `compinit`"],
    ["accrue completion fish > ~/.config/fish/completions/accrue.fish", "for fish"],
    ['eval "$(accrue completion bash)"', "for this shell only"],
  ],
  configure: (command) => command.addArgument(new Argument("<shell>", "which shell reads it").choices(shells)),
  run: async (session, [shell]) => {
    const script = readFileSync(new URL(`accrue.${shell}`, folder), "utf8").trimEnd();
    await session.ui.show({ shell, script }, (page) => page.line(script));
  },
});

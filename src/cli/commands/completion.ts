import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Argument } from "commander";
import { packageRoot } from "../../files/package-root.ts";
import { defineCommand } from "../command.ts";

const folder = join(packageRoot, "src/cli/completion");
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
    const script = readFileSync(join(folder, `accrue.${shell}`), "utf8").trimEnd();
    await session.ui.show({ shell, script }, (page) => page.line(script));
  },
});

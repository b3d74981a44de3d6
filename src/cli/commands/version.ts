import { defineCommand } from "../command.ts";
import { version } from "../version.ts";

export const command = defineCommand({
  examples: [
    ["accrue version", "which version this is, as `accrue --version` says"],
    ["accrue version --json", "for scripts"],
  ],
  run: (session) => session.ui.show({ version }, (page) => page.line(version)),
});

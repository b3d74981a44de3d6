import { decisionCommand } from "./decision-command.ts";

export const command = decisionCommand("expire", [
  ["accrue withdrawal expire --yes", "every request older than the policy allows; for cron"],
  ["accrue withdrawal expire --dry-run", "which would expire"],
]);

import { statusCommand } from "../../member-status-command.ts";

export const command = statusCommand("close", [
  ["accrue member close M00000001 --reason 'asked to leave'", "final: earns and withdraws nothing any more"],
  ["accrue member close M00000001 --yes", "without being asked, for scripts"],
]);

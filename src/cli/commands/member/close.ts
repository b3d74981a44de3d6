import { statusCommand } from "./status-command.ts";

export const command = statusCommand("close", [
  [
    "accrue member close M00000001 --reason 'asked to leave'",
    "final: earns and withdraws nothing any more; has the number typed",
  ],
  ["accrue member close M00000001 --confirm M00000001", "without being asked, for scripts"],
]);

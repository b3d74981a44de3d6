import { statusCommand } from "./status-command.ts";

export const command = statusCommand("freeze", [
  [
    "accrue member freeze M00000001 --reason 'phone reported stolen'",
    "still earns, cannot withdraw, until it is unfrozen",
  ],
]);

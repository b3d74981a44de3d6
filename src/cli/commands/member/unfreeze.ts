import { statusCommand } from "./status-command.ts";

export const command = statusCommand("unfreeze", [["accrue member unfreeze M00000001", "can withdraw again"]]);

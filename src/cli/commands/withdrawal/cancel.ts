import { decisionCommand } from "./decision-command.ts";

export const command = decisionCommand("cancel", [
  ["accrue withdrawal cancel W00000001 --reason 'the member asked'", "gives the held points back to the member"],
  ["accrue withdrawal cancel W00000001 --dry-run", "what it would do"],
]);

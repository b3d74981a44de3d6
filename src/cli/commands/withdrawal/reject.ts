import { decisionCommand } from "./decision-command.ts";

export const command = decisionCommand("reject", [
  [
    "accrue withdrawal reject W00000001 --reason 'name on the account differs'",
    "gives the held points back to the member",
  ],
  ["accrue withdrawal reject W00000001 W00000002 --reason duplicate --yes", "off a terminal"],
]);

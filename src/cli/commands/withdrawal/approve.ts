import { decisionCommand } from "../../withdrawal-decision-command.ts";

export const command = decisionCommand("approve", [
  ["accrue withdrawal approve W00000001 W00000002", "shows the plan and asks; who requested cannot approve"],
  ["accrue withdrawal approve W00000001 --yes --operator bob", "off a terminal"],
]);

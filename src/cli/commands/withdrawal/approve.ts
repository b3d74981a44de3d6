import { decisionCommand } from "./decision-command.ts";

export const command = decisionCommand("approve", [
  ["accrue withdrawal approve W00000001 W00000002", "shows the plan and asks; who requested cannot approve"],
  ["accrue withdrawal approve W00000001 --yes --operator bob", "off a terminal"],
  ["accrue withdrawal approve --max-amount 100 --risk none --dry-run", "the plan of a filter, with its digest"],
  [
    "accrue withdrawal approve --max-amount 100 --risk none --yes --max-total 5000",
    "off a terminal, if it comes to no more than that",
  ],
]);

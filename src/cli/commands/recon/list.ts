import { ages, lineStates } from "../../../domain/reconciliation/model.ts";
import { allOpen, listOpen, totalOpen } from "../../../domain/reconciliation/read.ts";
import type { OpenThing } from "../../../domain/reconciliation/read-sql.ts";
import { chosenOf } from "../../fields.ts";
import { choice } from "../../flags.ts";
import { defineCommand } from "../../command.ts";
import { addListOptions, tellAll, tellList, type Listing } from "../../list.ts";
import { openThing, openTotal } from "./view.ts";

const openStates = ["expected", ...lineStates.filter((state) => state !== "matched" && state !== "void")] as const;

const open: Listing<OpenThing> = {
  thing: openThing,
  nothing: "nothing is open",
  keyName: "number (the oldest is listed first)",
};

export const command = defineCommand({
  examples: [
    ["accrue recon list", "what is not matched, the oldest first: lines of statements, payouts, collections"],
    [
      "accrue recon list --state mismatched --account alipay-main",
      "lines that name something else than it is, and what differs",
    ],
    ["accrue recon list --totals", "how much is open, by state, direction and age"],
  ],
  configure: (command) =>
    addListOptions(
      command
        .addOption(choice("--state <state>", "only what is in this state", openStates))
        .addOption(
          choice(
            "--age <age>",
            "only what is so old",
            ages.map(({ age }) => age),
          ),
        )
        .option("--account <money-account>", "only what is of this account")
        .option("--totals", "count it by state, direction and age instead"),
      open,
      openTotal,
    ),
  run: async (session, _args, { state, age, account: moneyAccount, totals, ...options }) => {
    const filter = { state, age, moneyAccount };
    if (totals !== true)
      return tellList(
        session,
        { ...open, whole: (context, after) => allOpen(context, filter, after) },
        (context, page) => listOpen(context, filter, page),
        options,
      );
    chosenOf(session, openTotal);
    const context = await session.openToRead();
    await tellAll(session, openTotal, "nothing is open", await totalOpen(context), context.zone);
  },
});

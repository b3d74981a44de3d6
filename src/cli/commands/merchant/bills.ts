import { ageingBuckets } from "../../../domain/billing/model.ts";
import { listBills, openBillsByAge } from "../../../domain/billing/read.ts";
import type { OpenBill, OpenByAge } from "../../../domain/billing/read-sql.ts";
import { defineCommand } from "../../command.ts";
import { figure, tableOf, yuan, type Thing } from "../../fields.ts";
import { choice } from "../../flags.ts";
import { addListOptions, tellList, type Listing } from "../../list.ts";
import { ageText, bill, readPeriodFlag } from "./bill-view.ts";

const openByAge: Thing<OpenByAge> = {
  fields: {
    overdue: { of: (one) => one.bucket, text: (one) => ageText(one.bucket) },
    bills: figure((one) => one.bills),
    open: yuan((one) => one.openFen, { heading: "yuan" }),
  },
};

const bills: Listing<OpenBill> = {
  thing: bill,
  nothing: "no bills",
  keyName: "bill number",
  below: async (context) => {
    const ageing = await openBillsByAge(context);
    return (page) => tableOf(page.line().heading("Open of all bills"), openByAge, ageing, "");
  },
};

export const command = defineCommand({
  examples: [
    ["accrue merchant bills --open", "what merchants still owe, and how long it is overdue"],
    ["accrue merchant bills --period 2026-01 --json", "the bills of a month, one object a line"],
    ["accrue merchant bills --overdue over_90", "the oldest debts"],
  ],
  configure: (command) =>
    addListOptions(
      command
        .option("--merchant <merchant-code>", "of this merchant")
        .option("--period <period>", "of a month, or of all periods between two dates", readPeriodFlag)
        .option("--open", "only those of which something is open")
        .addOption(
          choice(
            "--overdue <days>",
            "only those that are open and overdue for so long",
            ageingBuckets.map(({ bucket }) => bucket),
          ),
        ),
      bills,
    ),
  run: async (session, _args, { merchant: merchantCode, period, overdue: bucket, open: isOpen, ...options }) => {
    await tellList(
      session,
      bills,
      (context, query) => listBills(context, { merchantCode, period, bucket, isOpen }, query),
      options,
    );
  },
});

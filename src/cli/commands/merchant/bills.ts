import { ageingBuckets, periodText, type AgeingBucket } from "../../../domain/billing/model.ts";
import { listBills } from "../../../domain/billing/read.ts";
import { formatYuan } from "../../../shared/money.ts";
import { defineCommand } from "../../command.ts";
import { choice } from "../../flags.ts";
import { addPageOptions, defaultLimit, moreText } from "../../list-options.ts";
import { billDocument, readPeriodFlag } from "./bill-view.ts";

const labelOf = (bucket: AgeingBucket | null): string => ageingBuckets.find((one) => one.bucket === bucket)?.label ?? "paid";

export const command = defineCommand({
  examples: [
    ["accrue merchant bills --open", "what merchants still owe, and how long it is overdue"],
    ["accrue merchant bills --period 2026-01 --json", "the bills of a month, one object a line"],
    ["accrue merchant bills --overdue over_90", "the oldest debts"],
  ],
  configure: (command) =>
    addPageOptions(command, "bill number", String)
      .option("--merchant <merchant-code>", "of this merchant")
      .option("--period <period>", "of a month, or of all periods between two dates", readPeriodFlag)
      .option("--open", "only those of which something is open")
      .addOption(choice("--overdue <days>", "only those that are open and overdue for so long", ageingBuckets.map(({ bucket }) => bucket))),
  run: async (session, _args, { merchant, period, overdue, open, after, limit = defaultLimit }) => {
    const filter = { merchantCode: merchant, period, bucket: overdue, isOpen: open };
    const { bills, ageing, nextAfter } = await listBills(await session.open(), filter, { after, limit });
    await session.ui.list(bills.map(billDocument), (page) => {
      if (bills.length === 0) page.line("no bills");
      else {
        page.table(
          [{ heading: "bill", key: true }, { heading: "merchant" }, { heading: "name", rank: 2 }, { heading: "period" }, { heading: "due on" }, { heading: "balance", align: "right" },
            { heading: "open", align: "right" }, { heading: "overdue" }],
          bills.map((one) => [
            one.billNo, one.merchantCode, one.merchantName, periodText({ from: one.periodFrom, to: one.periodTo }), one.dueOn, formatYuan(one.closingFen),
            formatYuan(one.openFen), labelOf(one.bucket),
          ]),
          moreText(nextAfter !== undefined, nextAfter),
        );
      }
      page.line().heading("Open of all bills").table(
        [{ heading: "overdue" }, { heading: "bills", align: "right" }, { heading: "yuan", align: "right" }],
        ageing.map(({ bucket, bills, openFen }) => [labelOf(bucket), `${bills}`, formatYuan(openFen)]),
      );
    });
  },
});

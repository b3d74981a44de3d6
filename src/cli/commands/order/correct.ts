import { CellProblem } from "../../../csv/problem.ts";
import { readTimestamp } from "../../../csv/timestamp.ts";
import { correctionSubject, type CorrectionDocument } from "../../../domain/corrections/order-subjects.ts";
import { nothingCorrected } from "../../../domain/corrections/refusals.ts";
import { oneOrder } from "../../../domain/orders/show.ts";
import { usageError } from "../../../shared/errors.ts";
import { defineCommand } from "../../command.ts";
import { amount, given } from "../../flags.ts";
import { addProposalOptions, proposeAndTell } from "../../proposing.ts";

export const command = defineCommand({
  examples: [
    [
      "accrue order correct 20260101-0001 --amount 120 --reason 'a slip of the till'",
      "another amount, once another operator approves it",
    ],
    [
      "accrue order correct 20260101-0001 --member M00000002 --reason 'somebody else paid'",
      "the points move from one member to the other with the next grant run",
    ],
    [
      "accrue order correct 20260101-0001 --merchant S002 --paid-at '2026-01-02 18:30:00' --reason 'wrong till' --dry-run",
      "another merchant, and another time of payment: what it would change",
    ],
  ],
  configure: (command) =>
    addProposalOptions(
      command
        .argument("<order-no>", "the order's number")
        .option("--source <source>", "the channel that issued the number")
        .addOption(amount("--amount <yuan>", "what was paid"))
        .addOption(amount("--refunded <yuan>", "what of it was refunded"))
        .option("--member <member-no>", "who bought it")
        .option("--merchant <merchant-code>", "who sold it")
        .option("--paid-at <time>", "when it was paid, in the platform's zone unless it names one"),
    ),
  run: async (session, [orderNo], { source, amount: amountFen, refunded, member, merchant, paidAt, ...options }) => {
    const context = await session.open();
    const changes = given({
      amount_fen: amountFen?.toString(),
      refunded_fen: refunded?.toString(),
      member_no: member,
      merchant_code: merchant,
      paid_at: paidAt === undefined ? undefined : readTime(paidAt, context.zone),
    });
    if (Object.keys(changes).length === 0) throw nothingCorrected();
    const order = await oneOrder(context, orderNo, source);
    const document: CorrectionDocument = { order_no: orderNo, source: order.source, ...changes };
    await proposeAndTell(session, context, correctionSubject, document, options);
  },
});

function readTime(text: string, zone: string): string {
  const time = readTimestamp(text, zone);
  if (!(time instanceof CellProblem)) return time;
  throw usageError("invalid_time", `--paid-at: ${time.message}`, { hint: "write it like '2026-01-31 18:30:00'" });
}

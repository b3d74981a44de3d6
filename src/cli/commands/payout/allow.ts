import { coverageDocument, coverageSubject } from "../../../domain/payouts/coverage-subject.ts";
import { businessDateOf } from "../../../shared/business-date.ts";
import { defineCommand } from "../../command.ts";
import { date, readPositiveYuan } from "../../flags.ts";
import { addProposalOptions, proposeAndTell } from "../../proposing.ts";

export const command = defineCommand({
  examples: [
    [
      "accrue payout allow 5000 --reason 'the collection of S001 comes tomorrow'",
      "today payouts of so much in all may go below the least cash coverage, once another operator approves it",
    ],
    ["accrue payout allow 5000 --on 2026-03-06 --reason 'agreed with the bank'", "the same on a later day"],
  ],
  configure: (command) =>
    addProposalOptions(
      command
        .argument("<yuan>", "the gross of all payouts that are asked for, up to which they may go", readPositiveYuan)
        .addOption(date("--on <date>", "the day (default: today)")),
    ),
  run: async (session, [payoutsFen], { on, reason, expiresIn }) => {
    const context = await session.open();
    const document = coverageDocument(on ?? businessDateOf(context.clock(), context.zone), payoutsFen);
    await proposeAndTell(session, context, coverageSubject, document, { reason, expiresIn });
  },
});

import { requireProvenReviewer } from "../../../domain/operators/identity.ts";
import { channels } from "../../../domain/accounts/model.ts";
import { applyReview, lookAt, reviewQueue, type ReviewSubject } from "../../../domain/withdrawals/review.ts";
import { riskFilters } from "../../../domain/withdrawals/risk.ts";
import { amount, choice } from "../../flags.ts";
import { defineCommand } from "../../command.ts";
import { coverageLine } from "../../coverage-line.ts";
import { requireReviewer, ReviewDialogue } from "../../review-dialogue.ts";
import { outcomeDocument, outcomePage, reviewScreen, reviewSummary } from "./review-view.ts";

export const command = defineCommand({
  examples: [
    ["accrue withdrawal review", "one after the other, oldest first; nothing is written before the end"],
    ["accrue withdrawal review --risk any --min-amount 1000", "the large ones that something speaks against"],
    ["accrue withdrawal review --channel bank --risk payout_account_changed", "those to cards that are new"],
  ],
  configure: (command) =>
    command
      .option("--member <member-no>", "of this member")
      .addOption(amount("--min-amount <yuan>", "of at least this gross amount"))
      .addOption(amount("--max-amount <yuan>", "of at most this gross amount"))
      .addOption(choice("--channel <channel>", "paid to an account of this channel", channels))
      .addOption(choice("--risk <risk>", "that nothing, something or this speaks against", riskFilters))
      .option("--dry-run", "check and roll back"),
  run: async (session, _args, { member: memberNo, minAmount: minGrossFen, maxAmount: maxGrossFen, channel, risk }) => {
    const { ui, isDry } = session;
    requireReviewer(
      ui,
      "withdrawal",
      "`accrue withdrawal list --status requested` shows what waits; `accrue withdrawal approve` and `reject` take numbers, a file or a filter",
    );
    ui.expectQuestions();
    const context = await session.open();
    await requireProvenReviewer(context);
    const verdicts = await new ReviewDialogue<ReviewSubject>(ui, {
      queue: reviewQueue(context, { memberNo, minGrossFen, maxGrossFen, channel, risk }),
      lookAt: async (withdrawalNo) => {
        const found = await lookAt(context, withdrawalNo);
        return "withdrawal" in found ? { subject: found } : { gone: `withdrawal ${withdrawalNo} ${found.reason}` };
      },
      canApprove: ({ refusal }) => refusal === undefined,
      screen: (page, subject, verdict) => reviewScreen(page, subject, verdict, context),
      summary: async (decided, skipped) => {
        const coverage = await coverageLine(context);
        return (page) => {
          reviewSummary(page, decided, skipped);
          coverage(page);
        };
      },
    }).run();
    if (verdicts === undefined) return;
    const outcome = await applyReview(context, verdicts);
    await ui.show(outcomeDocument(outcome, isDry), (page) => outcomePage(page, outcome, isDry));
    if (outcome.failure !== undefined) throw outcome.failure;
  },
});

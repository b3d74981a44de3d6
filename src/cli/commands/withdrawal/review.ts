import { channels } from "../../../domain/accounts/model.ts";
import { usageError } from "../../../shared/errors.ts";
import { applyReview, reviewQueue } from "../../../domain/withdrawals/review.ts";
import { riskFilters } from "../../../domain/withdrawals/risk.ts";
import { amount, choice } from "../../flags.ts";
import { defineCommand } from "../../command.ts";
import { ReviewDialogue } from "./review-dialogue.ts";
import { outcomeDocument, outcomePage } from "./review-view.ts";

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
    if (!ui.interactive) {
      throw usageError(
        "review_needs_terminal",
        "a review asks about each withdrawal, and there is no terminal to ask on",
        {
          hint: "`accrue withdrawal list --status requested` shows what waits; `accrue withdrawal approve` and `reject` take numbers, a file or a filter",
        },
      );
    }
    ui.expectQuestions();
    const context = await session.open();
    const dialogue = new ReviewDialogue(
      ui,
      context,
      reviewQueue(context, { memberNo, minGrossFen, maxGrossFen, channel, risk }),
    );
    const verdicts = await dialogue.run();
    if (verdicts === undefined) {
      ui.note(dialogue.isEmpty ? "nothing waits for your decision" : "nothing was changed");
      return;
    }
    const outcome = await applyReview(context, verdicts);
    await ui.show(outcomeDocument(outcome, isDry), (page) => outcomePage(page, outcome, isDry));
    if (outcome.failure !== undefined) throw outcome.failure;
  },
});

import { requireProvenReviewer } from "../../../domain/operators/identity.ts";
import { applyReview, lookAt, reviewQueue, type ReviewOutcome } from "../../../domain/approvals/review.ts";
import type { Proposal } from "../../../domain/approvals/subject.ts";
import { AccrueError } from "../../../shared/errors.ts";
import { subjectKinds } from "../../../shared/subject-kinds.ts";
import type { Page } from "../../../ui/page.ts";
import { proposalPage, proposalThing, titleOf } from "../../approval-view.ts";
import { defineCommand } from "../../command.ts";
import { documentsOf } from "../../fields.ts";
import { choice } from "../../flags.ts";
import { requireReviewer, ReviewDialogue, verdictText, type Decided } from "../../review-dialogue.ts";
import { subjects } from "../../subjects.ts";

export const command = defineCommand({
  examples: [
    ["accrue approval review", "one after the other, oldest first; nothing is written before the end"],
    ["accrue approval review --kind points_adjustment", "the adjustments of points alone"],
    ["accrue approval review --kind member_name --reveal", "names of members in full; this is recorded"],
  ],
  configure: (command) =>
    command
      .addOption(choice("--kind <kind>", "of this kind", subjectKinds))
      .option("--maker <operator>", "proposed by this operator")
      .option("--reveal", "show names of members in full; this is recorded")
      .option("--dry-run", "check and roll back"),
  run: async (session, _args, { kind, maker, reveal = false }) => {
    const { ui, isDry } = session;
    requireReviewer(
      ui,
      "proposal",
      "`accrue approval list --status proposed` shows what waits; `accrue approval approve` and `reject` take a number",
    );
    ui.expectQuestions();
    const context = await session.open();
    await requireProvenReviewer(context);
    const verdicts = await new ReviewDialogue<Proposal>(ui, {
      queue: reviewQueue(context, subjects, { kind, maker }),
      lookAt: async (proposalNo) => {
        const found = await lookAt(context, proposalNo, reveal);
        return found instanceof AccrueError ? { gone: found.message } : { subject: found };
      },
      canApprove: () => true,
      screen: (page, proposal, verdict) => {
        proposalPage(page.line(), proposal, context.zone);
        page.facts([
          ["decided", verdict === undefined ? undefined : `${verdictText(verdict)}; nothing is written yet`],
        ]);
      },
      summary: async (decided, skipped) => (page) => summaryPage(page, decided, skipped),
    }).run();
    if (verdicts === undefined) return;
    const outcome = await applyReview(context, subjects, verdicts);
    await ui.show(outcomeDocument(outcome, isDry), (page) => outcomePage(page, outcome, isDry));
  },
});

function summaryPage(page: Page, decided: readonly Decided<Proposal>[], skipped: number): void {
  page.line().heading(`Decided, and not written yet: ${decided.length} proposal${decided.length === 1 ? "" : "s"}`);
  page.table(
    [{ heading: "proposal", key: true }, { heading: "title", atLeast: 24 }, { heading: "decision" }],
    decided.map(({ subject, verdict }) => [subject.proposalNo, titleOf(subject), verdictText(verdict)]),
  );
  if (skipped > 0) page.facts([["skipped", `${skipped}`]]);
}

const outcomeDocument = ({ decided, refused }: ReviewOutcome, isDry: boolean) => ({
  decided: documentsOf(proposalThing, decided),
  refused: refused.map(({ proposalNo, error }) => ({
    proposal_no: proposalNo,
    code: error.code,
    reason: error.message,
  })),
  dry_run: isDry,
});

function outcomePage(page: Page, { decided, refused }: ReviewOutcome, isDry: boolean): void {
  for (const one of decided) page.line(`${isDry ? "dry run: " : ""}${one.proposalNo} ${one.state}: ${titleOf(one)}`);
  for (const { error } of refused) page.line(`left as it is: ${error.message}`);
}

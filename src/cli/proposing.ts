import type { Command, OptionValues } from "@commander-js/extra-typings";
import type { Context } from "../db/context.ts";
import { defaultWaitDays } from "../domain/approvals/model.ts";
import { propose, type MadeProposal } from "../domain/approvals/propose.ts";
import type { Subject } from "../domain/approvals/subject.ts";
import { formatInstant } from "../shared/business-date.ts";
import { usageError } from "../shared/errors.ts";
import type { JsonObject } from "../shared/json.ts";
import { readReason } from "../shared/reason.ts";
import { groundsOf, proposalThing, titleOf } from "./approval-view.ts";
import { documentOf } from "./fields.ts";
import { parsed } from "./flags.ts";
import type { Session } from "./session.ts";

/** What `addProposalOptions` declares. */
export type ProposalOptions = { readonly reason: string; readonly expiresIn?: number | undefined };

/** Declares what every command takes that proposes something: `--reason`, `--expires-in` and `--dry-run`. */
export const addProposalOptions = <Args extends unknown[], Options extends OptionValues>(
  command: Command<Args, Options>,
) =>
  command
    .requiredOption("--reason <text>", "why; whoever approves it reads it", readReason)
    .addOption(expiresIn())
    .option("--dry-run", "check, show what approving would do, and roll back");

/** The same for a command that proposes only what another operator has to approve, and does the rest at once. */
export const addMaybeProposalOptions = <Args extends unknown[], Options extends OptionValues>(
  command: Command<Args, Options>,
) =>
  command
    .addOption(parsed("--reason <text>", "why, where another operator has to approve it", readReason))
    .addOption(expiresIn())
    .option("--dry-run", "check and roll back");

const expiresIn = () =>
  parsed("--expires-in <days>", `how long it waits for another operator (default: ${defaultWaitDays})`, readDays);

function readDays(text: string): number {
  if (/^\d{1,2}$/.test(text) && Number(text) >= 1) return Number(text);
  throw usageError("invalid_days", `--expires-in ${text}: give a number of days from 1 to 99`);
}

/** The end of a command that proposes something: proposes it, and says what another operator has to do. */
export async function proposeAndTell<Document extends JsonObject>(
  session: Session,
  context: Context,
  subject: Subject<Document>,
  document: Document,
  {
    reason,
    expiresIn,
    more = {},
  }: ProposalOptions & {
    /** Keys that the command's JSON has beside those of the proposal. */
    readonly more?: Readonly<Record<string, unknown>>;
  },
): Promise<void> {
  await tellProposed(session, context, await propose(context, subject, document, { reason, expiresIn }), more);
}

/** Says what was proposed, what approving it would do, and what another operator has to do. */
export async function tellProposed(
  session: Session,
  { zone }: Pick<Context, "zone">,
  { proposal, isNew, outcome }: MadeProposal,
  more: Readonly<Record<string, unknown>>,
): Promise<void> {
  const { ui, isDry } = session;
  const { proposalNo, maker } = proposal;
  await ui.show({ ...more, ...documentOf(proposalThing, proposal), new: isNew, outcome, dry_run: isDry }, (page) => {
    const verb = isNew ? "proposed" : `waits already, proposed by ${maker}`;
    page.line(`${isDry ? "dry run: " : ""}${proposalNo} ${verb}: ${titleOf(proposal)}`);
    page.facts(groundsOf(proposal));
    const until = formatInstant(proposal.expiresAt, zone);
    page.line(`it waits until ${until} for another operator: accrue approval approve ${proposalNo}`);
  });
}

import { subjectOf, type Fact, type Proposal } from "../domain/approvals/subject.ts";
import type { ProposalStory } from "../domain/approvals/read.ts";
import { formatInstant } from "../shared/business-date.ts";
import type { JsonValue } from "../shared/json.ts";
import type { Page } from "../ui/page.ts";
import { factsOf, id, tellThing, type Fields, type Thing } from "./fields.ts";
import type { Session } from "./session.ts";
import { actionsField, actionsSection, byText } from "./story-view.ts";
import { subjects } from "./subjects.ts";

/** What is proposed, in one line. */
export const titleOf = (one: Proposal): string => subjectOf(subjects, one).title(one.document);

/** What a person reads of it before deciding. */
export const groundsOf = (one: Proposal): readonly Fact[] => subjectOf(subjects, one).facts(one.document, one.basis);

const fields: Fields<Proposal> = {
  proposal_no: id((one) => one.proposalNo, { heading: "proposal" }),
  kind: { of: (one) => one.subjectKind, text: (one) => one.subjectKind.replaceAll("_", " ") },
  title: { of: titleOf, atLeast: 24 },
  status: { of: (one) => one.state, key: true },
  reason: { of: (one) => one.reason },
  proposed_by: { of: (one) => one.maker, fact: (one, zone) => byText(one.maker, one.madeAt, zone) },
  proposed_at: { of: (one) => one.madeAt },
  expires_at: {
    of: (one) => one.expiresAt,
    heading: "waits until",
    rank: 2,
    label: "waits until",
    fact: (one, zone) => (one.state === "proposed" ? formatInstant(one.expiresAt, zone) : undefined),
  },
  decided_by: { of: (one) => one.checker, rank: 2, fact: (one, zone) => byText(one.checker, one.decidedAt, zone) },
  decided_at: { of: (one) => one.decidedAt },
  decision_reason: { of: (one) => one.decisionReason },
  digest: { of: (one) => one.digest },
  document: { of: (one) => one.document },
  basis: { of: (one) => one.basis },
  result: { of: (one) => one.result },
};

/** A proposal. */
export const proposalThing: Thing<Proposal> = {
  fields,
  columns: ["proposal_no", "title", "status", "proposed_by", "expires_at", "decided_by"],
  facts: ["status", "reason", "proposed_by", "expires_at", "decided_by", "decision_reason", "result"],
};

/** A proposal, and who did what about it when. */
export const proposalStory: Thing<ProposalStory> = {
  fields: { ...fields, actions: actionsField },
  facts: [...proposalThing.facts!, "digest"],
};

/** Lays out what a person reads before deciding. */
export function proposalPage(page: Page, one: Proposal, zone: string): void {
  page
    .heading(`Proposal ${one.proposalNo}: ${titleOf(one)}`)
    .facts([...groundsOf(one), ...factsOf(proposalThing, one, zone)]);
}

/** Lays out the whole story of a proposal. */
export function proposalStoryPage(page: Page, one: ProposalStory, zone: string): void {
  proposalPage(page, one, zone);
  page.facts([["digest", one.digest]]);
  actionsSection(page, one.actions, zone);
}

type Decided = Proposal & { readonly isDry: boolean };

/** A proposal as the command gives it that decided about it. */
export const decidedProposal: Thing<Decided> = {
  ...proposalThing,
  fields: { ...fields, dry_run: { of: (one: Decided) => one.isDry } },
};

/** Shows a proposal that was decided. */
export const tellDecided = (session: Session, one: Proposal, zone: string): Promise<void> =>
  tellThing(session, decidedProposal, { ...one, isDry: session.isDry }, zone, (page) => {
    page.line(`${session.isDry ? "dry run: " : ""}${one.proposalNo} ${one.state}: ${titleOf(one)}`);
    const result = Object.entries(one.result ?? {});
    page.facts(result.map(([key, value]) => [key.replaceAll("_", " "), valueText(value)]));
  });

const valueText = (value: JsonValue): string =>
  Array.isArray(value) ? value.join(", ") : typeof value === "object" ? JSON.stringify(value) : String(value);

import type { Context } from "../../db/context.ts";
import type { Transaction } from "../../db/database.ts";
import type { Row } from "../../db/rows.ts";
import type { JsonObject } from "../../shared/json.ts";
import type { OperatorRole } from "../../shared/operator-roles.ts";
import type { SubjectKind } from "../../shared/subject-kinds.ts";

/** What an operator proposed, and what became of it. */
export type Proposal = Row<"proposals">;

/** One fact that a person reads before deciding. */
export type Fact = readonly [label: string, text: string];

/**
 * One kind of what a person must not do alone. What is proposed is a document: JSON whose numbers are integers, with
 * anything that may be larger as text.
 */
export interface Subject<Document extends JsonObject> {
  readonly kind: SubjectKind;
  readonly proposers: readonly OperatorRole[];
  readonly approvers: readonly OperatorRole[];
  /** What is proposed, in one line of a list. */
  readonly title: (document: Document) => string;
  /** What a person reads before deciding. */
  readonly facts: (document: Document, basis: JsonObject) => readonly Fact[];
  /**
   * What the proposal rests on: where it is another at approval, the proposal is stale. It is read in the transaction
   * that applies the document, just before: what must not change between them is locked here.
   */
  readonly basis: (tx: Transaction, document: Document) => Promise<JsonObject>;
  /**
   * Does what is proposed, in the transaction that records the approval; or, when it is proposed, in one that is rolled
   * back. The proposal's row is there, still as proposed: a reference to it holds, and that it is approved is to be
   * checked at the end of the transaction.
   *
   * @param context the approver's; when it is proposed, the maker's
   * @returns facts of what came of it, for the record and the result
   * @throws its own refusals
   */
  readonly apply: (tx: Transaction, context: Context, document: Document, proposal: Proposal) => Promise<JsonObject>;
}

/** Every subject, by its kind. */
export type Subjects = Readonly<Record<SubjectKind, Subject<never>>>;

/** The subject of a proposal, whose documents are its own: `propose` wrote them, and they are sealed since. */
export const subjectOf = (subjects: Subjects, { subjectKind }: Pick<Proposal, "subjectKind">): Subject<JsonObject> =>
  subjects[subjectKind] as unknown as Subject<JsonObject>;

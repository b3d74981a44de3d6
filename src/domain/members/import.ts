import type { Context } from "../../db/context.ts";
import type { Transaction } from "../../db/database.ts";
import { explainFile, type Explanation } from "../../imports/explain.ts";
import type { ImportKind, MergeFacts, MergeOutcome, MergeReject } from "../../imports/kind.ts";
import { nativeProfile } from "../../imports/profile-text.ts";
import type { ImportReport } from "../../imports/report.ts";
import { runImport, type ImportInput } from "../../imports/run-import.ts";
import { memberColumns, readMemberRow, stagedMemberColumns, type MemberColumn } from "./import-row.ts";
import {
  clearJudged, countOutcomes, countWanted, createStaging, giveAllContacts, giveFreeContacts, insertNew, judgeStaged, keepAllContacts, noteWantedContacts,
  rejectedRows, rejectTaken, rejectWaiting, takeBackAllContacts, updateKnown, type JudgedReject,
} from "./import-sql.ts";
import { membersChangedMeanwhile } from "./member-errors.ts";

const memberKind = (host: string): ImportKind<MemberColumn> => ({
  kind: "members",
  columns: memberColumns,
  profiles: [nativeProfile("members", memberColumns)],
  stagingTable: "staged_members",
  stagedColumns: stagedMemberColumns,
  prepare: createStaging,
  rowReader: () => readMemberRow,
  merge: (tx, pass, facts) => mergeMembers(tx, pass, facts, host),
});

/**
 * Takes in a file of members: new ones go in, known ones get what the file adds or changes, identical rows are counted as
 * duplicates. Blank cells say nothing. Rejected are: another name for a verified identity, a verified identity taken back,
 * any change of a closed member, and a phone or address that another member has.
 */
export const importMembers = (context: Context, input: ImportInput): Promise<ImportReport> =>
  runImport(context, memberKind(context.operator.host), input);

/** Explains how a file of members would be read. */
export const explainMembers = (context: Context, input: ImportInput): Promise<Explanation> => explainFile(context, memberKind(context.operator.host), input);

/** Two rounds of statements, each sent at once: the server works through them while this process parses. */
async function mergeMembers(tx: Transaction, pass: number, facts: MergeFacts, host: string): Promise<MergeOutcome<MemberColumn>> {
  const [, wanted, given] = await Promise.all([judgeStaged(tx, pass), noteWantedContacts(tx), giveAllContacts(tx)]);
  if (given < wanted) {
    await takeBackAllContacts(tx);
    await settleContacts(tx);
  }
  const [outcomes, inserted, updated, rejected] = await Promise.all([
    countOutcomes(tx),
    insertNew(tx, facts),
    updateKnown(tx, facts, host),
    rejectedRows(tx),
    given < wanted ? undefined : keepAllContacts(tx),
    clearJudged(tx),
  ]);
  const [fresh = 0, changed = 0, duplicate = 0] = [outcomes.get("new"), outcomes.get("updated"), outcomes.get("duplicate")];
  if (inserted !== fresh || updated !== changed) throw membersChangedMeanwhile();
  return { inserted, updated, duplicate, rejects: rejected.map(explainReject) };
}

const maxRounds = 100;

/**
 * Decides who gets the phones and addresses that the rows want. Of two rows that want the same, the earlier gets it. A
 * contact that its member gives up in the same pass can be taken by another, whichever row comes first, so a chain
 * of such moves takes a round for each link. Members who want each other's contacts wait in a circle: those are rejected.
 */
async function settleContacts(tx: Transaction): Promise<void> {
  let isStuck = false;
  for (let round = 1; (await countWanted(tx)) > 0; round += 1) {
    if (round > maxRounds) return rejectWaiting(tx);
    const rejected = await rejectTaken(tx, isStuck);
    const given = await giveFreeContacts(tx);
    if (!given.isComplete) throw membersChangedMeanwhile();
    isStuck = rejected + given.rows === 0;
  }
}

/** Which cell each reject points at, and its message. */
const explanations: Readonly<Record<string, { readonly column: MemberColumn; readonly text: (stored: string | null) => string }>> = {
  name_missing: { column: "name", text: () => "a new member needs a name" },
  member_closed: { column: "member_no", text: () => "the member is closed, and closed is final" },
  conflict_identity: { column: "identity_verified", text: () => "the identity is verified already, and cannot become unverified" },
  conflict_name: { column: "name", text: () => "the identity is verified under another name" },
  phone_taken: { column: "phone", text: (memberNo) => takenText("phone number", memberNo) },
  email_taken: { column: "email", text: (memberNo) => takenText("e-mail address", memberNo) },
};

const takenText = (contact: string, memberNo: string | null): string =>
  memberNo === null ? `another row wants the same ${contact}` : `member ${memberNo} has this ${contact}`;

function explainReject({ record, outcome, storedValue }: JudgedReject): MergeReject<MemberColumn> {
  const { column, text } = explanations[outcome]!;
  return { record, code: outcome, column, message: text(storedValue) };
}

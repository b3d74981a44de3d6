import { readBoolean, readId, readText } from "../../csv/cells.ts";
import { narrowWidth } from "../../csv/clean.ts";
import { showCell } from "../../csv/problem.ts";
import type { Transaction } from "../../db/database.ts";
import { checked } from "../../imports/columns.ts";
import { judgedKind } from "../../imports/staged.ts";
import { Refusal } from "../../imports/kind.ts";
import {
  countWanted,
  giveAllContacts,
  giveFreeContacts,
  insertNew,
  judgeStaged,
  keepAllContacts,
  noteWantedContacts,
  rejectTaken,
  rejectWaiting,
  takeBackAllContacts,
  updateKnown,
} from "./import-sql.ts";
import { membersChangedMeanwhile } from "./member-errors.ts";
import { emailProblem, memberNoProblem, nameProblem, normalPhone, phoneProblem } from "./model.ts";

const contact = ["record integer", "member_id bigint", "kind text", "value text", "old_value text"];

/**
 * A file of members: new ones go in, known ones get what the file adds or changes, identical rows are counted as
 * duplicates. Blank cells say nothing, and never erase what is stored. Rejected are: another name for a verified
 * identity, a verified identity taken back, any change of a closed member, and a phone or address that another member
 * has.
 */
export const memberKind = judgedKind({
  kind: "members",
  name: "members",
  guessing: async () => ({ elsewhere: (await import("./elsewhere.ts")).membersElsewhere }),
  columns: [
    {
      key: "member_no",
      names: ["member_no", "会员号"],
      required: true,
      isKey: true,
      staged: "member_no text",
      read: checked(readId, memberNoProblem, "not_a_member_no"),
    },
    {
      key: "name",
      names: ["name", "姓名"],
      required: true,
      staged: "name text",
      read: checked(readText, nameProblem, "not_a_name"),
      blank: null,
    },
    {
      key: "email",
      names: ["email", "邮箱"],
      required: false,
      blank: null,
      staged: "email text",
      read: checked((cell) => readText(narrowWidth(cell), 254), emailProblem, "not_an_email"),
    },
    { key: "phone", names: ["phone", "手机号"], required: false, staged: "phone text", read: readPhone, blank: null },
    {
      key: "identity_verified",
      names: ["identity_verified", "实名认证"],
      required: false,
      note: ": yes/no 是/否",
      staged: "is_verified boolean",
      read: readBoolean,
      blank: null,
    },
  ],
  given: ["member_id bigint DEFAULT nextval('id_seq')"],
  judged: [
    "member_id bigint",
    "member_no text",
    "name text",
    "email text",
    "phone text",
    "is_verified boolean",
    "stored_name text",
    "stored_email text",
    "stored_phone text",
    "stored_status text",
    "stored_is_verified boolean",
  ],
  tables: { wanted_contacts: contact, given_contacts: contact },
  judge: judgeMembers,
  insert: insertNew,
  update: updateKnown,
  reasons: {
    name_missing: ["name", "a new member needs a name"],
    member_closed: ["member_no", "the member is closed, and closed is final"],
    conflict_identity: ["identity_verified", "the identity is verified already, and cannot become unverified"],
    conflict_name: ["name", "the identity is verified under another name"],
    phone_taken: ["phone", (memberNo) => takenText("phone number", memberNo)],
    email_taken: ["email", (memberNo) => takenText("e-mail address", memberNo)],
  },
  changedMeanwhile: membersChangedMeanwhile,
});

const takenText = (contact: string, memberNo: string): string =>
  memberNo === "" ? `another row wants the same ${contact}` : `member ${memberNo} has this ${contact}`;

function readPhone(cell: string): ReturnType<typeof readId> | Refusal {
  const text = readId(cell);
  if (typeof text !== "string") return text;
  const phone = normalPhone(text);
  const problem = phoneProblem(phone);
  return problem === undefined ? phone : new Refusal(undefined, "not_a_phone", `${showCell(text)}: ${problem}`);
}

async function judgeMembers(tx: Transaction): Promise<void> {
  const [, wanted, given] = await Promise.all([judgeStaged(tx), noteWantedContacts(tx), giveAllContacts(tx)]);
  if (given === wanted) return void (await keepAllContacts(tx));
  await takeBackAllContacts(tx);
  await shareOutContacts(tx);
}

const maxRounds = 100;

/**
 * Decides who gets the phones and addresses that the rows want. Of two rows that want the same, the earlier gets it. A
 * contact that its member gives up in the same chunk can be taken by another, whichever row comes first, so a chain of
 * such moves takes a round for each link. Members who want each other's contacts wait in a circle: those are rejected.
 */
async function shareOutContacts(tx: Transaction): Promise<void> {
  let isStuck = false;
  for (let round = 1; (await countWanted(tx)) > 0; round += 1) {
    if (round > maxRounds) return rejectWaiting(tx);
    const rejected = await rejectTaken(tx, isStuck);
    const given = await giveFreeContacts(tx);
    if (!given.isComplete) throw membersChangedMeanwhile();
    isStuck = rejected + given.rows === 0;
  }
}

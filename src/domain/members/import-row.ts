import { readBoolean, readId, readText } from "../../csv/cells.ts";
import { isBlank, narrowWidth } from "../../csv/clean.ts";
import type { ColumnSpec } from "../../csv/table-format.ts";
import { CellProblem, showCell } from "../../csv/problem.ts";
import { cellRefusal, type CellOf, type RowRefusal, type StagedRow } from "../../imports/kind.ts";
import { emailProblem, memberNoProblem, nameProblem, normalPhone, phoneProblem } from "./model.ts";

export type MemberColumn = "member_no" | "name" | "email" | "phone" | "identity_verified";

/** The native columns of a member file and their Chinese names. */
export const memberColumns: readonly ColumnSpec<MemberColumn>[] = [
  { key: "member_no", names: ["member_no", "会员号"], required: true },
  { key: "name", names: ["name", "姓名"], required: true },
  { key: "email", names: ["email", "邮箱"], required: false },
  { key: "phone", names: ["phone", "手机号"], required: false },
  { key: "identity_verified", names: ["identity_verified", "实名认证"], required: false },
];

/** Columns of the staging table, in the order in which `readMemberRow` gives their values. */
export const stagedMemberColumns = ["member_no", "name", "email", "phone", "is_verified"] as const;

/**
 * Reads one row of a member file into what is staged of it, or says why it cannot be. A blank cell says nothing: it is
 * staged as null, and never erases what is stored.
 */
export function readMemberRow(cell: CellOf<MemberColumn>): StagedRow | RowRefusal<MemberColumn> {
  const memberNo = readId(cell("member_no"));
  if (memberNo instanceof CellProblem) return cellRefusal("member_no", memberNo);
  const memberNoWrong = memberNoProblem(memberNo);
  if (memberNoWrong !== undefined) return refusal("member_no", "not_a_member_no", memberNo, memberNoWrong);
  const name = isBlank(cell("name")) ? null : readText(cell("name"));
  if (name instanceof CellProblem) return cellRefusal("name", name);
  const nameWrong = name === null ? undefined : nameProblem(name);
  if (nameWrong !== undefined) return refusal("name", "not_a_name", name!, nameWrong);
  const email = readEmail(cell("email"));
  if (email !== null && typeof email !== "string") return email;
  const phone = readPhone(cell("phone"));
  if (phone !== null && typeof phone !== "string") return phone;
  const isVerified = isBlank(cell("identity_verified")) ? null : readBoolean(cell("identity_verified"));
  if (isVerified instanceof CellProblem) return cellRefusal("identity_verified", isVerified);
  return { key: memberNo, values: [memberNo, name, email, phone, isVerified] };
}

function readEmail(cell: string): string | null | RowRefusal<MemberColumn> {
  if (isBlank(cell)) return null;
  const email = readText(narrowWidth(cell), 254);
  if (email instanceof CellProblem) return cellRefusal("email", email);
  const problem = emailProblem(email);
  return problem === undefined ? email : refusal("email", "not_an_email", email, problem);
}

function readPhone(cell: string): string | null | RowRefusal<MemberColumn> {
  if (isBlank(cell)) return null;
  const text = readId(cell);
  if (text instanceof CellProblem) return cellRefusal("phone", text);
  const phone = normalPhone(text);
  const problem = phoneProblem(phone);
  return problem === undefined ? phone : refusal("phone", "not_a_phone", text, problem);
}

const refusal = (column: MemberColumn, code: string, value: string, problem: string): RowRefusal<MemberColumn> => ({
  column,
  problem: { code, message: `${showCell(value)}: ${problem}` },
});

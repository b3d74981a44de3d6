import { readId } from "../../csv/cells.ts";
import { CellProblem, showCell } from "../../csv/problem.ts";
import { cellRefusal, Refusal } from "../../imports/kind.ts";
import type { MemberBy } from "../../imports/profile.ts";
import { emailKey, emailProblem, normalPhone, phoneProblem } from "../members/model.ts";
import type { OrderColumn } from "./columns.ts";

/** Reads what a row names its member by. The text is as it is looked up: an address without case, a phone without spaces. */
export function readMember(cell: string, by: MemberBy): string | Refusal<OrderColumn> {
  const text = readId(cell);
  if (text instanceof CellProblem) return cellRefusal("member_no", text);
  const hidden = hiddenProblem(text);
  if (hidden !== undefined) return cellRefusal("member_no", hidden);
  if (by === "email") return checked(emailKey(text), emailProblem(text), "not_an_email");
  if (by === "phone") return checked(normalPhone(text), phoneProblem(normalPhone(text)), "not_a_phone");
  return text;
}

const hash = 0x23;
const dollar = 0x24;

/** Platforms hide who bought: what they write instead is another text in every file, or one text for many people. */
function hiddenProblem(text: string): CellProblem | undefined {
  const first = text.charCodeAt(0);
  if ((first === hash || first === dollar) && text.charCodeAt(1) === first) {
    return new CellProblem("encrypted", `${showCell(text)} is encrypted by the platform; export the file with the buyers decrypted`);
  }
  if (text.includes("**")) {
    return new CellProblem("masked", `${showCell(text)} is masked by the platform: many people look like that; export the file unmasked`);
  }
  return undefined;
}

const checked = (text: string, problem: string | undefined, code: string): string | Refusal<OrderColumn> =>
  problem === undefined ? text : new Refusal("member_no", `member_no_${code}`, `${showCell(text)}: ${problem}`);

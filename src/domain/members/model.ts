import { codeProblem, lengthOf, textProblem } from "../../shared/text.ts";

/** Whether a member may earn and withdraw: a frozen one earns only, a closed one neither. Closed is final. */
export type MemberStatus = "active" | "frozen" | "closed";

export const memberStatuses: readonly MemberStatus[] = ["active", "frozen", "closed"];

/** What kind of contact is kept unique over all members. */
export type ContactKind = "phone" | "email";

export const minPasswordLength = 8;
export const maxPasswordLength = 256;
const maxNameLength = 100;
const maxEmailLength = 254;

/** The number given to a member who brings none: `M` and at least eight digits. */
export const memberNoOf = (sequence: bigint): string => `M${sequence.toString().padStart(8, "0")}`;

/** Why a text cannot be a member number, or undefined when it can: 1 to 64 printable characters without spaces or commas. */
export const memberNoProblem = (text: string): string | undefined => codeProblem("a member number", text);

/** Why a text cannot be a member's name, or undefined when it can: 1 to 100 printable characters. */
export const nameProblem = (text: string): string | undefined => textProblem("a name", text, maxNameLength);

/** A phone number as it is stored and compared: without the spaces, hyphens and brackets that people put into it. */
export const normalPhone = (text: string): string => text.replaceAll(/[\s()（）-]/gu, "");

/** Why a normal phone number cannot be one, or undefined when it can: 5 to 20 digits, a + in front allowed. */
export const phoneProblem = (text: string): string | undefined =>
  /^\+?\d{5,20}$/.test(text) ? undefined : "a phone number has 5 to 20 digits, with or without a + in front";

/** The form in which addresses are compared: case never tells two of them apart. Latin letters only, as the database's "C" order has it. */
export const emailKey = (text: string): string => text.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase());

/** Why a text cannot be an e-mail address, or undefined when it can. Shape only: whether it exists, only a mail can tell. */
export function emailProblem(text: string): string | undefined {
  const problem = textProblem("an e-mail address", text, maxEmailLength);
  if (problem !== undefined) return problem;
  return /^[^\s@,;<>"]+@[^\s@,;<>".]+(\.[^\s@,;<>".]+)+$/u.test(text) ? undefined : "an e-mail address looks like name@example.com";
}

/** Why a text cannot be a password, or undefined when it can. Length is what makes a password hard to guess; nothing else is asked. */
export function passwordProblem(text: string): string | undefined {
  const length = lengthOf(text.normalize("NFKC"));
  if (length < minPasswordLength) return `a password has at least ${minPasswordLength} characters`;
  return length > maxPasswordLength ? `a password has at most ${maxPasswordLength} characters` : undefined;
}

/** A name as lists show it: its first character. 张三 and 张 are both 张*. */
export const maskName = (name: string): string => `${[...name][0] ?? ""}*`;

/** A phone as lists show it: 138****5678. A number too short to keep seven digits open shows only its last two. */
export function maskPhone(phone: string): string {
  return phone.length >= 11 ? `${phone.slice(0, 3)}****${phone.slice(-4)}` : `****${phone.slice(-2)}`;
}

/** An address as lists show it: a***@example.com. */
export function maskEmail(email: string): string {
  const at = email.lastIndexOf("@");
  return `${[...email][0] ?? ""}***${email.slice(at === -1 ? email.length : at)}`;
}

/** What of a member is personal. */
export interface PersonalData {
  readonly name: string;
  readonly phone: string | null;
  readonly email: string | null;
}

/** The same member with the personal data masked; everything else is kept. */
export function masked<Member extends PersonalData>(member: Member): Member {
  return {
    ...member,
    name: maskName(member.name),
    phone: member.phone === null ? null : maskPhone(member.phone),
    email: member.email === null ? null : maskEmail(member.email),
  };
}

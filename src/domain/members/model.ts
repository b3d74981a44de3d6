import { codeProblem, lengthOf, textProblem } from "../../shared/text.ts";
import { numberText } from "../../shared/number-text.ts";

/** Whether a member may earn and withdraw: a frozen one earns only, a closed one neither. Closed is final. */
export type MemberStatus = "active" | "frozen" | "closed";

export const memberStatuses: readonly MemberStatus[] = ["active", "frozen", "closed"];

/** What kind of contact is kept unique over all members. */
export const contactKinds = ["phone", "email"] as const;

export type ContactKind = (typeof contactKinds)[number];

export const minPasswordLength = 8;
export const maxPasswordLength = 256;
const maxNameLength = 100;
const maxEmailLength = 254;

/** The number that a member without one gets: `M` and at least eight digits. */
export const memberNoOf = (sequence: bigint): string => numberText("M", sequence);

/**
 * Why a text cannot be a member number, or undefined when it can: 1 to 64 printable characters without spaces or
 * commas.
 */
export const memberNoProblem = (text: string): string | undefined => codeProblem("a member number", text);

/** Why a text cannot be a member's name, or undefined when it can: 1 to 100 printable characters. */
export const nameProblem = (text: string): string | undefined => textProblem("a name", text, maxNameLength);

/** The form in which a phone number is stored and compared: without spaces, hyphens and brackets. */
export const normalPhone = (text: string): string => text.replaceAll(/[\s()（）-]/gu, "");

/** Why a normalized phone number is none, or undefined: 5 to 20 digits, optionally after a +. */
export const phoneProblem = (text: string): string | undefined =>
  /^\+?\d{5,20}$/.test(text) ? undefined : "a phone number has 5 to 20 digits, with or without a + in front";

/**
 * The form in which e-mail addresses are compared: ASCII letters in lower case, as `lower()` in the database's "C"
 * locale does.
 */
export const emailKey = (text: string): string => text.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase());

/** The form in which a contact is kept unique. */
export const contactKey = (kind: ContactKind, value: string): string => (kind === "email" ? emailKey(value) : value);

/** Why a text cannot be an e-mail address, or undefined when it can. Checks the shape only. */
export function emailProblem(text: string): string | undefined {
  const problem = textProblem("an e-mail address", text, maxEmailLength);
  if (problem !== undefined) return problem;
  return /^[^\s@,;<>"]+@[^\s@,;<>".]+(\.[^\s@,;<>".]+)+$/u.test(text)
    ? undefined
    : "an e-mail address looks like name@example.com";
}

/** Why a text cannot be a password, or undefined when it can. Only its length is restricted. */
export function passwordProblem(text: string): string | undefined {
  const length = lengthOf(text.normalize("NFKC"));
  if (length < minPasswordLength) return `a password has at least ${minPasswordLength} characters`;
  return length > maxPasswordLength ? `a password has at most ${maxPasswordLength} characters` : undefined;
}

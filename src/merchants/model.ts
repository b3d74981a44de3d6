/** Whether a merchant's orders are taken: only an active one's, and of a suspended one those paid before the suspension. */
export type MerchantStatus = "pending" | "active" | "suspended";

export const merchantStatuses: readonly MerchantStatus[] = ["pending", "active", "suspended"];

const maxCodeLength = 64;
const maxNameLength = 200;
const maxContactLength = 200;
const maxReasonLength = 200;

const invisible = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;
const lengthOf = (text: string): number => [...text].length;

/** Why a text cannot be a merchant code, or undefined when it can: 1 to 64 printable characters without spaces or commas. */
export function merchantCodeProblem(text: string): string | undefined {
  if (text === "") return "a merchant code cannot be empty";
  if (lengthOf(text) > maxCodeLength) return `a merchant code has at most ${maxCodeLength} characters`;
  if (invisible.test(text)) return "a merchant code takes printable characters only";
  return /[\s,，]/u.test(text) ? "a merchant code takes no spaces and no commas" : undefined;
}

const textProblem = (what: string, text: string, maxLength: number): string | undefined => {
  if (text.trim() === "") return `${what} cannot be empty`;
  if (lengthOf(text) > maxLength) return `${what} has at most ${maxLength} characters`;
  return invisible.test(text) ? `${what} takes printable characters only` : undefined;
};

/** Why a text cannot be a merchant's name, or undefined when it can: 1 to 200 printable characters. */
export const merchantNameProblem = (text: string): string | undefined => textProblem("a merchant's name", text, maxNameLength);

/** Why a text cannot be a merchant's contact, or undefined when it can: 1 to 200 printable characters. */
export const contactProblem = (text: string): string | undefined => textProblem("a contact", text, maxContactLength);

/** Why a text cannot be the reason of a decision, or undefined when it can. */
export const decisionReasonProblem = (text: string): string | undefined => textProblem("a reason", text, maxReasonLength);

/** The date from which a rate counts that a merchant's first import brings: whatever that merchant ever sold. */
export const beginningOfTime = "0001-01-01";

import { codeProblem } from "../../shared/text.ts";

/** Only orders of active merchants are accepted, and of suspended ones those paid before the suspension. */
export type MerchantStatus = "pending" | "active" | "suspended";

export const merchantStatuses: readonly MerchantStatus[] = ["pending", "active", "suspended"];

/**
 * Why a text cannot be a merchant code, or undefined when it can: 1 to 64 printable characters without spaces or
 * commas.
 */
export const merchantCodeProblem = (text: string): string | undefined => codeProblem("a merchant code", text);

/** The date from which the rate of a merchant's first import is in force: before any order. */
export const beginningOfTime = "0001-01-01";

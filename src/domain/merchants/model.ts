import { codeProblem } from "../../shared/text.ts";

/** Whether a merchant's orders are taken: only an active one's, and of a suspended one those paid before the suspension. */
export type MerchantStatus = "pending" | "active" | "suspended";

export const merchantStatuses: readonly MerchantStatus[] = ["pending", "active", "suspended"];

/** Why a text cannot be a merchant code, or undefined when it can: 1 to 64 printable characters without spaces or commas. */
export const merchantCodeProblem = (text: string): string | undefined => codeProblem("a merchant code", text);

/** The date from which a rate counts that a merchant's first import brings: whatever that merchant ever sold. */
export const beginningOfTime = "0001-01-01";

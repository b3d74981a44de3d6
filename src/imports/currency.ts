import { cleanWord, isBlank } from "../csv/clean.ts";
import { showCell } from "../csv/problem.ts";
import { Refusal } from "./kind.ts";

const yuanWords = new Set(["cny", "rmb", "人民币", "元"]);

/** Why a row that says its currency is not taken; undefined where it is in yuan, or says none. */
export function currencyRefusal(cell: string): Refusal<"currency"> | undefined {
  if (isBlank(cell) || yuanWords.has(cleanWord(cell))) return undefined;
  const message = `the amount is in ${showCell(cell)}, and amounts are taken in yuan only; --map currency= says that they are yuan all the same`;
  return new Refusal("currency", "currency_not_yuan", message);
}

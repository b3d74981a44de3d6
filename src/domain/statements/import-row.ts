import { readDecimal, readId, readText } from "../../csv/cells.ts";
import { cleanId, cleanWord, isBlank } from "../../csv/clean.ts";
import { CellProblem, showCell } from "../../csv/problem.ts";
import { readTimestamp } from "../../csv/timestamp.ts";
import { readCell } from "../../imports/columns.ts";
import { Refusal, type CellOf, type RowReader } from "../../imports/kind.ts";
import type { Profile } from "../../imports/profile.ts";
import { maxAmountFen, type Fen } from "../../shared/money.ts";
import type { StatementColumn } from "./columns.ts";

/** What is staged of a row, in the order of what its reader gives. */
export const stagedLine = [
  "occurred_at timestamptz",
  "line_no text",
  "amount_fen bigint",
  "balance_fen bigint",
  "fee_fen bigint",
  "kind text",
  "counterparty text",
  "counterparty_name text",
  "reference text",
  "channel_ref text",
  "remark text",
  "currency text",
  "own_account text",
] as const;

/** How money is called that goes in or out, beside what a profile has for it. */
const directions: ReadonlyMap<string, 1n | -1n> = new Map([
  ["in", 1n],
  ["收入", 1n],
  ["out", -1n],
  ["支出", -1n],
]);

const platformsCurrency: ReadonlySet<string> = new Set(["cny", "rmb", "人民币", "156"]);

type Refused = Refusal<StatementColumn>;

/** Reads yuan of either sign. */
const readFen = (cell: string): Fen | CellProblem => {
  const fen = readDecimal(cell, 2);
  if (fen instanceof CellProblem || (fen <= maxAmountFen && fen >= -maxAmountFen)) return fen;
  return new CellProblem("too_large", `${showCell(cell)} is more than the largest amount taken, 100 million yuan`);
};

const readBalance = (cell: string): Fen | CellProblem => readDecimal(cell, 2);

const readNote = (cell: string): string | CellProblem => readText(cell, 500);

const absolute = (fen: Fen): Fen => (fen < 0n ? -fen : fen);

/** The amount of a row that has one column for it, and maybe a word for which way it went. */
function signedAmount(cell: CellOf<StatementColumn>): Fen | Refused {
  const amount = readCell(cell, "amount", readFen);
  if (amount instanceof Refusal || isBlank(cell("direction"))) return amount;
  const sign = directions.get(cleanWord(cell("direction")));
  if (sign !== undefined) return sign * absolute(amount);
  return new Refusal(
    "direction",
    "direction_not_known",
    `${showCell(cell("direction"))} says neither in nor out (收入, 支出)`,
  );
}

/**
 * The amount of a row that has a column for money in and one for money out. What went out is written with a sign or
 * without.
 */
function amountOfTwo(cell: CellOf<StatementColumn>): Fen | Refused {
  const [income, expense] = [readCell(cell, "income", readFen, 0n), readCell(cell, "expense", readFen, 0n)];
  if (income instanceof Refusal) return income;
  if (expense instanceof Refusal) return expense;
  if (income !== 0n && expense !== 0n)
    return new Refusal("expense", "amount_both_ways", "money came in and went out in one row");
  return income === 0n ? -absolute(expense) : income;
}

/** A currency that is not the platform's, as it is written; null for the platform's. The whole file is judged by it. */
function currencyOf(cell: CellOf<StatementColumn>): string | null {
  const currency = cleanId(cell("currency"));
  return isBlank(currency) || platformsCurrency.has(currency.toLowerCase()) ? null : currency.slice(0, 64);
}

/** Whether files of a profile say what stands on the account after each row. */
export const saysBalance = ({ columns }: Pick<Profile<StatementColumn>, "columns">): boolean =>
  columns.some(({ key, names }) => key === "balance" && names.length > 0);

/** Makes what reads the rows of one statement. Rows of zero move nothing, and are passed over. */
export function statementRowReader(profile: Profile<StatementColumn>, zone: string): RowReader<StatementColumn> {
  const readTime = (cell: string) => readTimestamp(cell, profile.zone ?? zone, profile);
  const texts = [
    ["kind", readText],
    ["counterparty", readText],
    ["counterparty_name", readText],
    ["reference", readText],
    ["channel_ref", readText],
    ["remark", readNote],
  ] as const;
  const hasBalance = saysBalance(profile);
  let row = 0;
  return (cell) => {
    const occurredAt = readCell(cell, "occurred_at", readTime);
    if (occurredAt instanceof Refusal) return occurredAt;
    const lineNo = readCell(cell, "line_no", readId, null);
    if (lineNo instanceof Refusal) return lineNo;
    const amount = isBlank(cell("amount")) ? amountOfTwo(cell) : signedAmount(cell);
    if (amount instanceof Refusal) return amount;
    const balance = hasBalance ? readCell(cell, "balance", readBalance) : null;
    if (balance instanceof Refusal) return balance;
    const fee = readCell(cell, "fee", readFen, 0n);
    if (fee instanceof Refusal) return fee;
    const said: (string | null)[] = [];
    for (const [column, read] of texts) {
      const text = readCell(cell, column, (one) => read(one), null);
      if (text instanceof Refusal) return text;
      said.push(text);
    }
    const own = readCell(cell, "own_account", readId, null);
    if (own instanceof Refusal) return own;
    if (amount === 0n && fee === 0n) return { other: "0.00" };
    row += 1;
    const values = [occurredAt, lineNo, amount, balance, fee, ...said, currencyOf(cell), own];
    return { key: lineNo ?? `\n${row}`, values };
  };
}

import { readDecimal } from "../../csv/cells.ts";
import { cleanId, isBlank, usualNumber } from "../../csv/clean.ts";
import { isMost } from "../../imports/guessing/column-facts.ts";
import type { ProfileDraft } from "../../imports/guessing/draft.ts";
import type { SeenColumn } from "../../imports/guessing/guess.ts";
import { toFillIn } from "../../imports/profile.ts";
import type { OrderColumn } from "./columns.ts";

/** Orders that are followed row by row: enough to see how rows make orders. */
const maxOrders = 10_000;

interface SeenOrder {
  readonly amount: string;
  readonly cells: string;
  /** What the first row that says a time of payment says. */
  time: string;
  rows: number;
  /** What the other columns of money add up to, in millionths. */
  readonly sums: bigint[];
}

/** What several rows of the same orders have in common. */
interface SeenRows {
  /** Orders of which a further row is another than the first. */
  orders: number;
  blankAmounts: number;
  sameAmounts: number;
  otherAmounts: number;
  /** Rows that say another time of payment than those before them. */
  otherTimes: number;
  /** Whether the lines of every order add up to its amount, in some column of money. */
  addUp: boolean;
}

/**
 * Guesses how rows make orders, where an order number comes more than once: further rows that leave the amount blank
 * are lines of what the first row says; those with other amounts are parts of it. Where all repeat the amount it may be
 * the order's, or that of equal parts: nobody can tell.
 */
export async function guessRowsPerOrder(draft: ProfileDraft<OrderColumn>): Promise<void> {
  const [orderNo, amount] = [draft.columnOf("order_no"), draft.columnOf("amount")];
  if (orderNo === undefined || draft.columns.has("row_type")) return;
  if (orderNo.facts.isUnique && orderNo.facts.filled === orderNo.facts.rows) return;
  const seen = await seeRows(draft, orderNo, amount);
  if (seen.orders === 0) return;
  const rule =
    amount === undefined || seen.otherAmounts > 0
      ? "sum"
      : seen.blankAmounts > 0 && seen.sameAmounts === 0
        ? "first"
        : seen.addUp
          ? "same"
          : toFillIn;
  draft.fields["rows_per_order"] = rule;
  if (rule === toFillIn)
    draft.ask(
      "rows_per_order",
      "several rows have one order number and the same amount: same where each repeats the order's, sum where each is a part of it",
    );
  else if (draft.columns.has("refunded_amount") && rule === "sum")
    draft.notes.push("several rows make an order: their amounts, and their refunds, are summed");
  if (seen.otherTimes === 0) return;
  draft.fields["rows_paid_at"] = toFillIn;
  draft.ask(
    "rows_paid_at",
    "rows of one order say different times: earliest or latest, whichever counts as its payment",
  );
}

/** The columns that say when an order was paid: a date, and the time of day that follows it. */
function timeColumns(draft: ProfileDraft<OrderColumn>): readonly SeenColumn[] {
  const key = draft.columns.has("paid_at") ? "paid_at" : "ordered_at";
  const column = draft.columnOf(key);
  if (column === undefined) return [];
  const followers = draft.columns.get(key)!["followed_by"] as readonly string[] | undefined;
  return [column, ...draft.facts.columns.filter(({ header }) => followers?.includes(header) === true)];
}

async function seeRows(
  draft: ProfileDraft<OrderColumn>,
  orderNo: SeenColumn,
  amount: SeenColumn | undefined,
): Promise<SeenRows> {
  const { facts, columns } = draft;
  const times = timeColumns(draft);
  const orders = new Map<string, SeenOrder>();
  const seen: SeenRows = { orders: 0, blankAmounts: 0, sameAmounts: 0, otherAmounts: 0, otherTimes: 0, addUp: false };
  const rule = columns.get("amount");
  const style = { hasDecimalComma: rule?.["decimal"] === "comma", isInFen: false };
  const moneys = facts.columns.filter(
    (column) => column !== amount && column !== orderNo && isMost(column.facts.numbers, column.facts.filled),
  );
  const microsOf = (cell: string): bigint => {
    const value = readDecimal(usualNumber(withoutSigns(cell), style), 6);
    return typeof value === "bigint" ? value : 0n;
  };
  let last = "";
  await facts.readRows((cells) => {
    const number = cleanId(cells[orderNo.index]!) || last;
    last = number;
    const of = amount === undefined ? "" : cleanId(cells[amount.index]!);
    const time = times
      .map(({ index }) => cleanId(cells[index]!))
      .join(" ")
      .trim();
    const line = moneys.map(({ index }) => microsOf(cells[index]!));
    const first = orders.get(number);
    if (first === undefined) {
      if (orders.size < maxOrders)
        orders.set(number, { amount: of, cells: cells.join("\t"), time, rows: 1, sums: line });
      return;
    }
    // The same row twice is one that the import counts as a duplicate.
    if (first.cells === cells.join("\t")) return;
    first.rows += 1;
    for (const [index, micros] of line.entries()) first.sums[index]! += micros;
    if (first.rows === 2) seen.orders += 1;
    if (first.time === "") first.time = time;
    if (time !== "" && time !== first.time) seen.otherTimes += 1;
    if (isBlank(of)) seen.blankAmounts += 1;
    else if (of === first.amount) seen.sameAmounts += 1;
    else seen.otherAmounts += 1;
  });
  const several = [...orders.values()].filter(({ rows }) => rows > 1);
  return {
    ...seen,
    addUp: moneys.some((_, index) => several.every((one) => one.sums[index] === microsOf(one.amount))),
  };
}

/** A number without what stands around it. */
const withoutSigns = (cell: string): string => cell.replace(/^[^\d+-]{1,4}/, "").replace(/[^\d]{1,4}$/, "");

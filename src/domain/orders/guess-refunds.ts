import { cleanId, narrowWidth } from "../../csv/clean.ts";
import { maxWords } from "../../imports/guessing/column-facts.ts";
import type { ProfileDraft } from "../../imports/guessing/draft.ts";
import { canBeId, isLeftOut, meaningsOf, type SeenColumn } from "../../imports/guessing/guess.ts";
import { foldName } from "../../imports/guessing/names.ts";
import { toFillIn } from "../../imports/profile.ts";
import type { OrderColumn } from "./columns.ts";

type Draft = ProfileDraft<OrderColumn>;

const wordsIn = (draft: Draft, key: OrderColumn): Record<string, string> =>
  (draft.columns.get(key)?.["words"] ?? {}) as Record<string, string>;

/** Rows may be refunds; a column of types that has none says nothing. */
export async function sayRefunds(draft: Draft): Promise<void> {
  const isOfRefunds = Object.values(wordsIn(draft, "row_type")).includes("refund");
  if (!isOfRefunds) for (const key of ["row_type", "refund_no", "refunded_order_no"] as const) draft.drop(key);
  if (draft.columns.has("amount")) for (const key of ["quantity", "unit_price"] as const) draft.drop(key);
  if (isOfRefunds) await sayRefundRows(draft);
  else if (!draft.columns.has("refunded_amount")) draft.drop("refund_status");
}

async function sayRefundRows(draft: Draft): Promise<void> {
  const seen = await seeRefunds(draft);
  sayRefundedOrder(draft, seen);
  sayRefundStatus(draft, seen);
  // A refund without a number is known by its time.
  const time = draft.columns.get("paid_at") ?? draft.columns.get("ordered_at");
  if (!draft.columns.has("refund_no") && time !== undefined)
    draft.columns.set("refunded_at", { ...time, required: true });
  const amount = draft.columns.get("amount");
  if (draft.columns.has("refunded_amount") || amount === undefined) return;
  const { strip_start: signs = [], ...others } = amount as { readonly strip_start?: readonly string[] };
  draft.columns.set("refunded_amount", {
    ...others,
    strip_start: [...signs.map((sign) => `-${sign}`), "-", ...signs],
    required: true,
  });
}

/** How the rows of refunds are tied to those of orders. */
interface SeenRefunds {
  rows: number;
  /** Rows of refunds whose cell in a column is an order's own number. */
  readonly linked: Map<SeenColumn, number>;
  /** Whether each refund has a number of its own in the column of order numbers. */
  areNumbered: boolean;
  /** What they say in the column of the status. */
  readonly statuses: Set<string>;
}

/** Looks at the rows of refunds beside those of orders. */
async function seeRefunds(draft: Draft): Promise<SeenRefunds> {
  const seen: SeenRefunds = { rows: 0, linked: new Map(), areNumbered: true, statuses: new Set() };
  const [type, orderNo] = [draft.columnOf("row_type"), draft.columnOf("order_no")];
  if (type === undefined || orderNo === undefined) return seen;
  const status = draft.columnOf("status");
  const words = wordsIn(draft, "row_type");
  const candidates = draft.facts.columns.filter(({ facts, isTwin }) => !isTwin && canBeId(facts));
  const orders = new Set<string>();
  const refunds: (readonly string[])[] = [];
  await draft.facts.readRows((cells) => {
    const meaning = words[narrowWidth(cells[type.index]!).trim()];
    if (meaning === "order") orders.add(cleanId(cells[orderNo.index]!));
    if (meaning !== "refund") return;
    seen.rows += 1;
    refunds.push(candidates.map(({ index }) => cleanId(cells[index]!)));
    if (status !== undefined && seen.statuses.size < maxWords)
      seen.statuses.add(narrowWidth(cells[status.index]!).trim());
  });
  for (const [at, column] of candidates.entries())
    seen.linked.set(column, refunds.filter((cells) => orders.has(cells[at]!)).length);
  const numbers = refunds.map((cells) => cells[candidates.indexOf(orderNo)]);
  seen.areNumbered = !numbers.includes("") && new Set(numbers).size === numbers.length;
  return seen;
}

/** Says which order a refund is of: that of its own number, or of a number in another column. */
function sayRefundedOrder(draft: Draft, { rows, linked, areNumbered }: SeenRefunds): void {
  const orderNo = draft.columnOf("order_no");
  if (orderNo === undefined) return;
  const linkedAs = (column: SeenColumn | undefined): number => (column && linked.get(column)) ?? 0;
  const named = draft.columnOf("refunded_order_no");
  const [best] = [...linked].toSorted(([, one], [, other]) => other - one);
  const other = linkedAs(named) > 0 || best === undefined ? named : best[1] > 0 ? best[0] : named;
  if (other === undefined || other === orderNo || linkedAs(orderNo) >= Math.max(1, linkedAs(other))) {
    draft.drop("refunded_order_no");
    if (rows > 0 && linkedAs(orderNo) === 0)
      draft.notes.push(
        `no number of a refund in ${orderNo.header} is that of an order here: refunds of orders that nobody knows are rejected (--map refunded_order_no=HEADER says which column names their orders)`,
      );
    return;
  }
  draft.columns.set("refunded_order_no", { names: [other.header], required: true });
  if (areNumbered && !draft.columns.has("refund_no")) draft.columns.set("refund_no", { names: [orderNo.header] });
}

/** Says what the states of refunds mean, where their rows have one. */
function sayRefundStatus(draft: Draft, { statuses }: SeenRefunds): void {
  const status = draft.columnOf("status");
  if (status === undefined || draft.columns.has("refund_status")) return;
  const { kind, profiles } = draft.facts;
  const words: Record<string, string> = {};
  for (const [word, meaning] of meaningsOf("refund_status", kind, profiles, [...statuses].filter(Boolean))) {
    const asOrder = wordsIn(draft, "status")[word];
    words[word] = meaning ?? (asOrder === "paid" ? "made" : asOrder === "pending" ? "under_way" : toFillIn);
    if (words[word] === toFillIn)
      draft.ask(`columns.refund_status.words.${word}`, "what it means of a refund: made, under_way, not_made");
  }
  if (Object.keys(words).length > 0)
    draft.columns.set("refund_status", { names: [status.header], words, required: true });
}

const partly = /parti|parcial|teil|部分|一部/;

/** An order that is refunded in part is paid for the rest: without a column that says how much, nobody can tell. */
export function askForPartRefunds(draft: Draft): void {
  if (draft.columns.has("refunded_amount")) return;
  const words = wordsIn(draft, "status");
  for (const [word, meaning] of Object.entries(words)) {
    const name = foldName(word);
    if (meaning !== "paid" || !partly.test(name) || !refundSaid.test(name)) continue;
    words[word] = toFillIn;
    draft.ask(
      `columns.status.words.${word}`,
      "what it means, for no column says how much was refunded: paid or closed",
    );
  }
}

const refundSaid = /refund|退|返|erstatt|rembours|reembols|rimbors/;
const refundMade =
  /退款成功|已退款|售后完成|售后成功|退款完成|全额退款|退货成功|^(?!not|non|un|no)\w{0,12}refunded|refund(?:approved|completed)|^erstattet|返金済|^rembourse|^reembolsad/;

/** A column beside may say that an order was refunded: without one that says how much, it would earn for all of it. */
export async function askForRefunds(draft: Draft): Promise<void> {
  const { kind, profiles, columns } = draft.facts;
  if (draft.columns.has("refunded_amount") || draft.columns.has("row_type")) return;
  if (isLeftOut(kind, profiles, "refunded_amount")) return;
  const saying = columns.filter(
    (column) =>
      draft.guessOf(column) === undefined &&
      column.facts.words?.some((word) => refundMade.test(foldName(word))) === true,
  );
  const found = saying.length === 0 ? undefined : await refundOfPaidOrder(draft, saying);
  if (found === undefined) return;
  draft.askForColumn(
    "refunded_amount",
    `${found.header} says ${JSON.stringify(found.word)} of orders that are paid: which column has how much was refunded; where none does, give --map refunded_amount=`,
  );
}

/** The first that says of an order that counts as paid that it was refunded: a closed one earns nothing anyway. */
async function refundOfPaidOrder(
  draft: Draft,
  saying: readonly SeenColumn[],
): Promise<{ readonly header: string; readonly word: string } | undefined> {
  const status = draft.columnOf("status");
  const words = wordsIn(draft, "status");
  let found: { readonly header: string; readonly word: string } | undefined;
  await draft.facts.readRows((cells) => {
    if (found !== undefined || (status && words[narrowWidth(cells[status.index]!).trim()] === "closed")) return;
    const column = saying.find(({ index }) => refundMade.test(foldName(cells[index]!)));
    if (column !== undefined) found = { header: column.header, word: cells[column.index]!.trim() };
  });
  return found;
}

import { cleanId } from "../../csv/clean.ts";
import type { Sql } from "../../db/database.ts";
import { isMost, type ColumnFacts } from "../../imports/guessing/column-facts.ts";
import type { Guessing, ProfileDraft } from "../../imports/guessing/draft.ts";
import { isLeftOut, shareKnown, type KnownCells } from "../../imports/guessing/guess.ts";
import { foldName } from "../../imports/guessing/names.ts";
import { timeOfDayBeside } from "../../imports/guessing/write.ts";
import { toFillIn } from "../../imports/profile.ts";
import { emailKey, normalPhone } from "../members/model.ts";
import type { OrderColumn } from "./columns.ts";
import { ordersElsewhere } from "./elsewhere.ts";
import { askForPartRefunds, askForRefunds, sayRefunds } from "./guess-refunds.ts";
import { guessRowsPerOrder } from "./guess-rows.ts";
import { knownTexts } from "./recognise-sql.ts";

/** What helps to guess which column of an unknown file of orders is which. */
export const orderGuessing: Guessing<OrderColumn> = { elsewhere: ordersElsewhere, recognise, sayRules };

async function recognise(sql: Sql, cells: readonly string[]): Promise<readonly KnownCells[]> {
  const written = new Map<string, string>();
  for (const cell of cells) for (const form of [emailKey(cell), normalPhone(cell)]) written.set(form, cell);
  const groups = new Map<string, { key: string; by: string; source?: string; cells: Map<string, string> }>();
  for (const { key, by, source, text, meant } of await knownTexts(sql, cells, [...written.keys()])) {
    const name = JSON.stringify([key, by, source]);
    const group = groups.get(name) ?? { key, by, ...(source === null ? {} : { source }), cells: new Map() };
    group.cells.set(by === "email" || by === "phone" ? (written.get(text) ?? text) : text, meant);
    groups.set(name, group);
  }
  return [...groups.values()];
}

type Draft = ProfileDraft<OrderColumn>;

async function sayRules(draft: Draft): Promise<void> {
  sayMembers(draft);
  sayMerchants(draft);
  sayTimes(draft);
  await sayRefunds(draft);
  await guessRowsPerOrder(draft);
  sayStatus(draft);
  askForPartRefunds(draft);
  await askForRefunds(draft);
  if (!draft.columns.has("source"))
    draft.notes.push(
      'the orders are of source "default": --source NAME says which shop or platform their numbers are unique in',
    );
}

const mostStatuses = 8;
const noStatus =
  /方式|渠道|类型|分类|品|店|姓|名|method|channel|country|city|type|category|product|item|name|art$|zone/i;
/** A column that says of an order only whether it was taken back: yes or no. */
const voided = /void|storno|cancel|annul|取消|作废|キャンセル/i;
const yes: ReadonlySet<string> = new Set(["true", "yes", "y", "1", "ja", "oui", "si", "是"]);
const no: ReadonlySet<string> = new Set(["false", "no", "n", "0", "nein", "non", "否"]);

/** Where no column is known as a status, one of few words may be: a cancelled order must not count as a paid one. */
function sayStatus(draft: Draft): void {
  const { kind, profiles, columns } = draft.facts;
  doubtClosed(draft);
  if (draft.columns.has("status") || sayVoided(draft)) return;
  const likely = columns.filter(
    (column) =>
      draft.guessOf(column) === undefined &&
      !noStatus.test(column.header) &&
      column.facts.distinct > 1 &&
      column.facts.distinct <= mostStatuses &&
      column.facts.distinct < column.facts.filled &&
      column.facts.numbers + column.facts.timesOfDay === 0 &&
      column.facts.dateOrders.length === 0,
  );
  if (likely.length === 0 || isLeftOut(kind, profiles, "status")) {
    draft.notes.push("no column is taken for a status: an order with a time of payment counts as paid");
    return;
  }
  const names = likely.map(({ header }) => header).join(", ");
  draft.askForColumn("status", `whether ${names} says which orders are paid; where none does, give --map status=`);
}

/** Some tills call a sale closed that is done: where no order of a file would be paid, somebody has to say what it means. */
function doubtClosed(draft: Draft): void {
  const words = draft.columns.get("status")?.["words"] as Record<string, string> | undefined;
  if (words === undefined || Object.values(words).some((meaning) => meaning === "paid" || meaning === toFillIn)) return;
  for (const [word, meaning] of Object.entries(words)) {
    if (meaning !== "closed" || foldName(word) !== "closed") continue;
    words[word] = toFillIn;
    draft.ask(`columns.status.words.${word}`, "what it means, for no order of the file would be paid: paid or closed");
  }
}

/** Takes a column that says which orders were taken back for the status: of the others their time says what they are. */
function sayVoided(draft: Draft): boolean {
  const { kind, profiles, columns } = draft.facts;
  if (isLeftOut(kind, profiles, "status")) return false;
  const isFlag = ({ words = [] }: ColumnFacts) =>
    words.length > 0 && words.every((word) => yes.has(foldName(word)) || no.has(foldName(word)));
  const column = columns.find(({ header, facts, isTwin }) => !isTwin && voided.test(header) && isFlag(facts));
  if (column === undefined) return false;
  const said = column.facts.words!;
  draft.columns.set("status", {
    names: [column.header],
    nothing: said.filter((word) => no.has(foldName(word))),
    words: Object.fromEntries(said.filter((word) => yes.has(foldName(word))).map((word) => [word, "closed"])),
    required: true,
  });
  draft.notes.push(`${column.header} is taken for a status: an order with a time of payment counts as paid otherwise`);
  return true;
}

/** What the database knows best of a column's cells. */
function bestKnown({ facts }: Draft, key: OrderColumn): KnownCells | undefined {
  const column = facts.guesses.find((one) => one.key === key)?.column;
  if (column === undefined) return undefined;
  const [best] = facts.known
    .filter((one) => one.key === key)
    .map((one) => ({ one, share: shareKnown(column.facts, one) }))
    .filter(({ share }) => share > 0)
    .toSorted((one, other) => other.share - one.share);
  return best?.one;
}

function sayMembers(draft: Draft): void {
  const column = draft.columnOf("member_no");
  if (column === undefined || draft.facts.override.member_by !== undefined) return;
  const { emails, phones, ids, filled } = column.facts;
  const known = bestKnown(draft, "member_no");
  const by =
    known?.by ??
    (isMost(emails, filled) ? "email" : isMost(phones, filled) ? "phone" : isMost(ids, filled) ? "number" : "alias");
  draft.fields["member_by"] = by;
  if (known?.source !== undefined) saySource(draft, known.source);
  if (known === undefined)
    draft.notes.push(
      `nobody is known by the first cells of ${column.header}: "member_by": "${by}" goes by their looks`,
    );
}

/** Aliases are a source's own. */
function saySource(draft: Draft, source: string): void {
  if (!draft.columns.has("source")) draft.columns.set("source", { constant: source });
}

function sayMerchants(draft: Draft): void {
  if (draft.columns.get("merchant_code")?.["constant"] !== undefined) return;
  const column = draft.columnOf("merchant_code");
  if (column === undefined) {
    draft.saidByOption.add("merchant_code");
    draft.options.push("--merchant CODE");
    draft.notes.push("no column looks like a merchant: --merchant CODE names the one of the whole file");
    return;
  }
  const known = bestKnown(draft, "merchant_code");
  const { facts } = column;
  if (known?.by === "name") {
    const words = (facts.words ?? []).map((word) => [word, known.cells.get(cleanId(word))] as const);
    draft.columns.get("merchant_code")!["words"] = Object.fromEntries(
      words.map(([word, code]) => [word, code ?? toFillIn] as const),
    );
    for (const [word, code] of words)
      if (code === undefined) draft.ask(`columns.merchant_code.words.${word}`, "the code of that merchant");
    return;
  }
  draft.fields["merchant_by"] = known?.by ?? (isMost(facts.ids, facts.filled) ? "code" : "alias");
  if (known?.source !== undefined) saySource(draft, known.source);
  if (known === undefined) draft.notes.push(`no merchant is known by the first cells of ${column.header}`);
}

/** The time of an order stands for that of its payment: as such only where the file tells which orders are paid. */
function sayTimes(draft: Draft): void {
  const hasPending = Object.values((draft.columns.get("status")?.["words"] ?? {}) as object).includes("pending");
  // Beside the time of the order, one that nothing but its cells speak for may be that of anything.
  const isNamed = (key: OrderColumn) => draft.groundOf(key) !== "cells";
  if (draft.columns.has("ordered_at") && isNamed("ordered_at") && !isNamed("paid_at")) draft.drop("paid_at");
  if (!draft.columns.has("paid_at") && draft.columns.has("ordered_at") && !hasPending)
    draft.move("ordered_at", "paid_at");
  const paid = draft.columnOf("paid_at")?.facts;
  // What unpaid orders have as well is no time of payment.
  if (hasPending && paid !== undefined && paid.filled === paid.rows && !draft.columns.has("ordered_at"))
    draft.move("paid_at", "ordered_at");
  for (const key of ["paid_at", "ordered_at"] as const) {
    const column = draft.columnOf(key);
    const beside = column && timeOfDayBeside(draft.facts.columns, column);
    if (beside !== undefined) draft.columns.get(key)!["followed_by"] = [beside.header];
  }
  if (draft.columns.has("paid_at") || draft.columns.has("ordered_at")) return;
  if (!isLeftOut(draft.facts.kind, draft.facts.profiles, "paid_at"))
    draft.askForColumn("paid_at", "which column has the time of payment");
}

import { recordAction } from "../../db/audit.ts";
import type { Context } from "../../db/context.ts";
import { inTransaction, type Fragment, type Transaction } from "../../db/database.ts";
import { findImport, type RecordedImport } from "../../imports/query-sql.ts";
import { importUnknown } from "../../imports/show.ts";
import type { FileKind } from "../../shared/file-kinds.ts";
import type { JsonObject } from "../../shared/json.ts";
import type { Fact, Subject } from "../approvals/subject.ts";
import { holdKind } from "./hold.ts";
import { approvers, proposers } from "./order-subjects.ts";
import { createCorrected, insertCorrection, voidOrders } from "./orders-sql.ts";
import { importNotUndoable, importTooOld, nothingToUndo } from "./refusals.ts";
import {
  correctJudged,
  countJudged,
  createUndone,
  deleteJudged,
  judgeOrders,
  keepEarlierUpdates,
  selectStaying,
  type Judged,
} from "./undo-orders-sql.ts";
import { deleteOthers, judgedTable, judgeOthers, type OtherThing } from "./undo-others-sql.ts";

/** What is proposed when what an import brought is to be taken back. */
export type UndoDocument = { readonly import_id: string; readonly kind: FileKind; readonly file: string };

/** What of the imports of a kind is taken back; or what to do instead. */
const undoable: Readonly<Record<FileKind, readonly OtherThing[] | string>> = {
  orders: ["members"],
  members: ["members"],
  merchants: ["merchants"],
  products: ["products"],
  member_aliases: ["member_aliases"],
  merchant_aliases: ["merchant_aliases"],
  order_evidence: ["order_evidence"],
  withdrawals: "`accrue withdrawal cancel` takes requests back",
  payout_results: "what a channel answered is final; `accrue payout retry` pays what failed",
  statements: "a statement says what an account did; `accrue recon unmatch` takes a match back",
  accounts: "`accrue account close` closes them",
};

/** Why rows stay, in words. */
const keptTexts: Readonly<Record<string, string>> = {
  archived: "archived",
  voided: "void by a proposal of its own",
  corrected: "corrected since",
  changed_later: "changed by a later import",
  refunded_later: "refunded by a later import",
  has_orders: "with orders of other imports, or that were settled",
  has_points: "with points",
  has_accounts: "with payout accounts",
  has_aliases: "with aliases of other origin",
  has_products: "with products",
  has_collections: "with collections",
  touched_later: "changed by an operator or a later import",
  order_granted: "whose orders were granted on them",
};

/** What an import brought of each thing, as it is judged. */
type Brought = Readonly<Record<string, Judged>>;

/** @throws refused `import_unknown`, `import_not_undoable`, `import_too_old` */
async function undoableImport(tx: Transaction, importId: bigint): Promise<RecordedImport> {
  const found = await findImport(tx, importId);
  if (found === undefined) throw importUnknown(importId);
  const things = undoable[found.kind];
  if (typeof things === "string") throw importNotUndoable(found, things);
  if (found.kind === "products" && found.updated > 0)
    throw importNotUndoable(found, "it changed products that were known: import the right file over it");
  if (!found.changesKept) throw importTooOld(importId);
  return found;
}

const thingsOf = (kind: FileKind): readonly OtherThing[] => undoable[kind] as readonly OtherThing[];

/** Judges all that an import brought; what was judged stays in temporary tables for `takeBack`. */
async function judge(tx: Transaction, { importId, kind }: RecordedImport): Promise<void> {
  await createUndone(tx);
  if (kind === "orders") await judgeOrders(tx, importId);
  for (const thing of thingsOf(kind)) await judgeOthers(tx, thing, importId);
}

/** Counts what was judged, thing by thing. */
async function countBrought(tx: Transaction, { kind }: RecordedImport): Promise<Brought> {
  const brought: Record<string, Judged> = {};
  for (const { thing, rows } of judgedRows(tx, kind)) brought[thing] = await countJudged(tx, rows);
  return brought;
}

/** The rows that were judged, by thing: the name that people call each by, and why it stays. */
const judgedRows = (tx: Transaction, kind: FileKind): readonly { thing: string; rows: Fragment }[] => [
  ...(kind === "orders"
    ? [{ thing: "orders", rows: tx`(SELECT order_no || '@' || source AS name, reason FROM undone_orders)` }]
    : []),
  ...thingsOf(kind).map((thing) => ({ thing, rows: judgedTable(tx, thing) })),
];

/** A row that would stay if its import were undone, and why: a code, and in words. */
export interface StayingRow {
  readonly thing: string;
  readonly name: string;
  readonly code: string;
  readonly reason: string;
}

/**
 * Every row that would stay if an import were undone now.
 *
 * @throws refused `import_unknown`, `import_not_undoable`, `import_too_old`
 */
export const stayingRows = ({ db }: Pick<Context, "db">, importId: bigint): Promise<readonly StayingRow[]> =>
  inTransaction(
    db,
    async (tx) => {
      const found = await undoableImport(tx, importId);
      await judge(tx, found);
      const staying: StayingRow[] = [];
      for (const { thing, rows } of judgedRows(tx, found.kind))
        for (const { name, code } of await selectStaying(tx, rows))
          staying.push({ thing, name, code, reason: keptTexts[code] ?? code });
      return staying;
    },
    "rollback",
  );

/** Takes back what `judge` found that can be. */
async function takeBack(tx: Transaction, context: Context, importId: bigint, kind: FileKind, proposalNo: string) {
  const { operator, clock } = context;
  await insertCorrection(tx, { proposalNo, importId, by: operator.name, at: clock() });
  const result: Record<string, number> = {};
  if (kind === "orders") {
    await createCorrected(tx);
    await correctJudged(tx, importId);
    const voided = await voidOrders(tx, proposalNo, importId);
    await keepEarlierUpdates(tx, importId);
    const { orders, keys } = await deleteJudged(tx, importId);
    result["orders"] = orders + voided;
    result["void"] = voided;
    result["numbers_free"] = keys;
  }
  for (const thing of thingsOf(kind)) result[thing] = await deleteOthers(tx, thing, importId);
  return result;
}

const takenOf = (brought: JsonObject): number =>
  Object.values(brought as unknown as Brought).reduce((sum, { taken }) => sum + taken, 0);

const factsOf = ([thing, { taken, kept }]: readonly [string, Judged]): readonly Fact[] => {
  const stay = Object.entries(kept).map(([reason, { rows, such_as: suchAs }]): Fact => {
    const named = suchAs.join(", ") + (rows > suchAs.length ? ", …" : "");
    return ["which stay", `${rows} ${keptTexts[reason] ?? reason}: ${named}`];
  });
  return [[thing.replaceAll("_", " "), `${taken} taken back`], ...stay];
};

/**
 * Takes back what an import brought and nobody changed since, in one transaction. It rests on what that is. Orders that no
 * run has settled are gone as if they had never come, and so are members whom only they named; others become void. What
 * the import changed of older orders is put back. The same file can come again.
 */
export const undoSubject: Subject<UndoDocument> = {
  kind: "import_undo",
  proposers,
  approvers,
  title: ({ import_id: importId, kind, file }) => `undo import ${importId}: ${kind.replaceAll("_", " ")} of ${file}`,
  facts: (_document, { brought, not_restored: notRestored }) => [
    ...Object.entries(brought as unknown as Brought).flatMap(factsOf),
    ...(notRestored === 0 ? [] : [["changed rows", `${notRestored as number} of earlier rows stay changed`] as const]),
  ],
  basis: async (tx, { import_id: importId }) => {
    const found = await undoableImport(tx, BigInt(importId));
    await holdKind(tx, found.kind);
    await judge(tx, found);
    return {
      sha256: found.sha256,
      brought: (await countBrought(tx, found)) as unknown as JsonObject,
      not_restored: found.kind === "orders" ? 0 : found.updated,
    };
  },
  // What `basis` has judged in this transaction is what is taken back.
  apply: async (tx, context, { import_id: importId, kind }, { proposalNo, reason, basis }) => {
    const brought = basis["brought"] as JsonObject;
    const expected = takenOf(brought);
    if (expected === 0) throw nothingToUndo(importId);
    const result = await takeBack(tx, context, BigInt(importId), kind, proposalNo);
    const { void: _void, numbers_free: _numbers, ...taken } = result;
    const done = Object.values(taken).reduce((sum, rows) => sum + rows, 0);
    if (done !== expected) throw new Error(`import ${importId}: ${done} of ${expected} rows were taken back`);
    await recordAction(tx, context, {
      action: "import.undo",
      subjectKind: "import",
      subject: importId,
      details: { ...result, proposal: proposalNo, reason },
    });
    return result;
  },
};

import type { Database, Sql, Transaction } from "../../../src/db/database.ts";
import { inTransaction } from "../../../src/db/database.ts";
import { takeImportId } from "../../../src/imports/sql.ts";
import { takeNumbers } from "../../../src/db/numbers.ts";
import { runGrant } from "../../../src/domain/grants/run.ts";
import { contextFor, testNow } from "../context.ts";
import type { TestDatabase } from "../database.ts";
import { closeBooks } from "../../../src/domain/ledger/close-books.ts";
import { closeDate, markRunning } from "../../../src/night/dates-sql.ts";

const at = new Date("2026-03-01T04:00:00Z");

/**
 * Something a story needs to exist. Rows are written as the real use cases leave them, so that `verify` has nothing to
 * say.
 */
export interface MemberFacts {
  readonly status?: "active" | "frozen" | "closed";
  readonly isVerified?: boolean;
  readonly name?: string;
}

/** Records what a use case would have: there is no act without its record. */
export const record = (
  tx: Sql,
  action: string,
  subjectKind: string,
  subject: string,
  details: Record<string, string | number> = {},
  operator = "setup",
) => tx`
  INSERT INTO operator_actions (action_id, at, operator, host, action, subject_kind, subject, details)
  VALUES (nextval('action_id_seq'), ${at}, ${operator}, 'test', ${action}, ${subjectKind}, ${subject}, ${JSON.stringify(details)}::text::jsonb)`;

/** Writes an import, as whose rows others are written. Gives its id. */
async function importOf(tx: Sql, kind: "merchants" | "orders", inserted: number, updated = 0): Promise<bigint> {
  const [row] = await tx<{ id: bigint }[]>`
    INSERT INTO imports (import_id, kind, file, sha256, byte_size, encoding, profile, operator, host, started_at, finished_at, read, inserted, updated, duplicate, rejected)
    VALUES (${await takeImportId(tx as Transaction)}, ${kind}, 'setup.csv', '', 1, 'utf-8', ${kind}, 'setup', 'test', ${testNow}, ${testNow},
      ${inserted + updated}, ${inserted}, ${updated}, 0, 0)
    RETURNING import_id AS id`;
  await record(tx, "import", "import", String(row!.id));
  return row!.id;
}

/** Writes a member with an empty balance; active and verified unless the story says otherwise. */
export async function addMember(
  db: Database,
  memberNo: string,
  { status = "active", isVerified = true, name = "张三" }: MemberFacts = {},
): Promise<bigint> {
  return inTransaction(db, async (tx) => {
    const [row] = await tx<{ id: bigint }[]>`SELECT nextval('id_seq') AS id`;
    await tx`INSERT INTO member_numbers (member_no, member_id) VALUES (${memberNo}, ${row!.id})`;
    await tx`
      INSERT INTO members (member_id, member_no, name, status, identity_verified_at, registered_by, registered_at)
      VALUES (${row!.id}, ${memberNo}, ${name}, ${status}, ${isVerified ? at : null}, 'setup', ${at})`;
    await tx`INSERT INTO balances (member_id) VALUES (${row!.id})`;
    if (isVerified) await record(tx, "member.verify-identity", "member", memberNo);
    if (status !== "active")
      await record(tx, status === "frozen" ? "member.freeze" : "member.close", "member", memberNo);
    return row!.id;
  });
}

/** Verifies the identity of every member. */
export async function verifyEverybody(tx: Sql): Promise<void> {
  await tx`
    INSERT INTO operator_actions (action_id, at, operator, host, action, subject_kind, subject)
    SELECT nextval('action_id_seq'), ${at}, 'setup', 'test', 'member.verify-identity', 'member', member_no FROM members WHERE identity_verified_at IS NULL`;
  await tx`UPDATE members SET identity_verified_at = '2020-01-01' WHERE identity_verified_at IS NULL`;
}

export async function addMerchant(db: Database, code: string): Promise<bigint> {
  return inTransaction(db, async (tx) => {
    const [row] = await tx<{ id: bigint }[]>`SELECT nextval('id_seq') AS id`;
    await tx`
      INSERT INTO merchants (merchant_id, merchant_code, name, status, import_id, registered_by, registered_at)
      VALUES (${row!.id}, ${code}, ${`merchant ${code}`}, 'active', ${await importOf(tx, "merchants", 1)}, 'setup', ${at})`;
    return row!.id;
  });
}

async function memberIdOf(sql: Sql, memberNo: string): Promise<bigint> {
  const [row] = await sql<{ memberId: bigint }[]>`SELECT member_id FROM member_numbers WHERE member_no = ${memberNo}`;
  return row!.memberId;
}

/** Who an order is of, and what became of it. */
export interface OrderFacts {
  readonly amountFen: bigint;
  readonly refundedFen?: bigint;
  readonly status?: "pending" | "paid" | "closed";
  readonly merchantId?: bigint;
}

/**
 * Writes an order as an import leaves it: with its key, and in the feed if it is paid.
 *
 * @returns the order's number
 */
export async function sell(db: Database, memberNo: string, facts: OrderFacts): Promise<string> {
  const {
    amountFen,
    refundedFen = 0n,
    status = "paid",
    merchantId = await addMerchant(db, `S${Math.random()}`),
  } = facts;
  return inTransaction(db, async (tx) => {
    const memberId = await memberIdOf(tx, memberNo);
    const [row] = await tx<{ id: bigint }[]>`SELECT nextval('id_seq') AS id`;
    const orderNo = `O${row!.id}`;
    const importId = await importOf(tx, "orders", 1);
    const isPaid = status === "paid";
    await tx`
      INSERT INTO order_keys (order_no, source, member_id, order_id, import_id, line, row_hash)
      VALUES (${orderNo}, 'default', ${memberId}, ${row!.id}, ${importId}, 1, 0)`;
    await tx`
      INSERT INTO orders (member_id, order_id, merchant_id, amount_fen, refunded_fen, paid_at, business_date, status, source, order_no)
      VALUES (${memberId}, ${row!.id}, ${merchantId}, ${amountFen}, ${refundedFen}, ${isPaid ? at : null}, ${isPaid ? "2026-03-01" : null},
              ${status}, 'default', ${orderNo})`;
    if (isPaid) await feed(tx, orderNo, importId, true);
    return orderNo;
  });
}

const feed = (tx: Sql, orderNo: string, importId: bigint, isFirst: boolean) => tx`
  INSERT INTO order_changes (member_id, order_id, import_id, merchant_id, net_fen, business_date, is_first)
  SELECT member_id, order_id, ${importId}, merchant_id, amount_fen - refunded_fen, '2026-03-01', ${isFirst} FROM orders WHERE order_no = ${orderNo}`;

/** Refunds a paid order up to an amount, as a later import does. */
export async function refund(db: Database, orderNo: string, refundedFen: bigint): Promise<void> {
  await inTransaction(db, async (tx) => {
    await tx`UPDATE orders SET refunded_fen = ${refundedFen} WHERE order_no = ${orderNo}`;
    await feed(tx, orderNo, await importOf(tx, "orders", 0, 1), false);
  });
}

/** Settles a date as far as the records go, and closes it: for stories in which nothing is to be settled on it. */
export async function close(db: Database, date: string): Promise<void> {
  await inTransaction(db, async (tx) => {
    const runId = await takeNumbers(tx, "run");
    await tx`INSERT INTO settlement_runs (run_id, state, operator, host, started_at) VALUES (${runId}, 'running', 'cron', 'test', ${at})`;
    await tx`
      INSERT INTO settlement_steps (run_id, step_no, business_date, step, state, started_at)
      SELECT ${runId}, no, ${date}, step, 'running', ${at} FROM unnest(ARRAY['grant', 'expire', 'verify', 'close']) WITH ORDINALITY AS s (step, no)`;
    await tx`UPDATE settlement_steps SET state = 'done', ended_at = ${at} WHERE run_id = ${runId}`;
    await markRunning(tx, date, "close", { runId, operator: { name: "cron", host: "test" }, at });
    await closeDate(tx, date, at);
    await closeBooks(tx, date, runId);
    await record(tx, "settle.close", "business_date", date, {}, "cron");
    await tx`UPDATE settlement_runs SET state = 'complete', ended_at = ${at} WHERE run_id = ${runId}`;
    await record(tx, "settle.complete", "settlement_run", String(runId), {}, "cron");
  });
}

/** Runs the points-grant batch over everything in the feed. */
export const grant = (db: Database) =>
  runGrant(contextFor(db, { operator: { name: "cron", host: "test" } }), { businessDate: "2026-03-01" });

/** Gives a member a paid order and what it earns: 100.00 yuan are 21 points at the platform's rates. */
export async function earn(db: Database, memberNo: string, amountFen: bigint): Promise<string> {
  const orderNo = await sell(db, memberNo, { amountFen });
  await grant(db);
  return orderNo;
}

/** What a member has. */
export async function balanceOf(
  db: Database,
  memberNo: string,
): Promise<{ availablePoints: bigint; heldPoints: bigint }> {
  const [row] = await db.sql<{ availablePoints: bigint; heldPoints: bigint }[]>`
    SELECT available_points, held_points FROM balances WHERE member_id = ${await memberIdOf(db.sql, memberNo)}`;
  return { ...row! };
}

/**
 * A statement that the guards of the database would refuse: as the superuser, with triggers off. For breaking things on
 * purpose.
 */
export async function tamper(
  { superuser }: Pick<TestDatabase, "superuser">,
  work: (sql: Sql) => Promise<unknown>,
): Promise<void> {
  await inTransaction(superuser, async (tx) => {
    await tx`SET LOCAL session_replication_role = replica`;
    await work(tx);
  });
}

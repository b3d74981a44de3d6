import type { Database, Sql } from "../../src/db/database.ts";
import { inTransaction } from "../../src/db/database.ts";
import { grantLines } from "../../src/ledger/model.ts";
import { postJournal } from "../../src/ledger/sql.ts";

const at = new Date("2026-03-01T04:00:00Z");

/** Something a story needs to exist. Rows are written as the real use cases leave them, so that `verify` has nothing to say. */
export interface MemberFacts {
  readonly status?: "active" | "frozen" | "closed";
  readonly isVerified?: boolean;
  readonly name?: string;
}

/** Writes a member with an empty balance; active and verified unless the story says otherwise. */
export async function addMember(db: Database, memberNo: string, { status = "active", isVerified = true, name = "张三" }: MemberFacts = {}): Promise<bigint> {
  return inTransaction(db.sql, async (tx) => {
    const [row] = await tx<{ id: bigint }[]>`SELECT nextval('id_seq') AS id`;
    await tx`INSERT INTO member_numbers (member_no, member_id) VALUES (${memberNo}, ${row!.id})`;
    await tx`
      INSERT INTO members (member_id, member_no, name, status, identity_verified_at, registered_by, registered_at)
      VALUES (${row!.id}, ${memberNo}, ${name}, ${status}, ${isVerified ? at : null}, 'setup', ${at})`;
    await tx`INSERT INTO balances (member_id) VALUES (${row!.id})`;
    return row!.id;
  });
}

export async function addMerchant(db: Database, code: string): Promise<bigint> {
  return inTransaction(db.sql, async (tx) => {
    const [row] = await tx<{ id: bigint }[]>`SELECT nextval('id_seq') AS id`;
    await tx`
      INSERT INTO merchants (merchant_id, merchant_code, name, status, registered_by, registered_at)
      VALUES (${row!.id}, ${code}, ${`merchant ${code}`}, 'active', 'setup', ${at})`;
    return row!.id;
  });
}

async function memberIdOf(sql: Sql, memberNo: string): Promise<bigint> {
  const [row] = await sql<{ memberId: bigint }[]>`SELECT member_id FROM member_numbers WHERE member_no = ${memberNo}`;
  return row!.memberId;
}

/**
 * Gives a member a paid order and what it earns: entry, balance, journal, run. 100.00 yuan are 21 points at the
 * platform's rates.
 *
 * @returns the order's number
 */
export async function earn(db: Database, memberNo: string, amountFen: bigint, merchantId?: bigint): Promise<string> {
  const merchant = merchantId ?? (await addMerchant(db, `S${Math.random()}`));
  return inTransaction(db.sql, async (tx) => {
    const memberId = await memberIdOf(tx, memberNo);
    const [ids] = await tx<{ orderId: bigint; runId: bigint }[]>`SELECT nextval('id_seq') AS order_id, nextval('run_id_seq') AS run_id`;
    const { orderId, runId } = ids!;
    const orderNo = `O${orderId}`;
    const points = (amountFen * 21n + 5000n) / 10_000n;
    const contributionFen = (amountFen * 30n + 50n) / 100n;
    const fundFen = (amountFen * 21n + 50n) / 100n;
    await tx`
      INSERT INTO order_keys (order_no, source, member_id, order_id, import_id, line) VALUES (${orderNo}, 'default', ${memberId}, ${orderId}, 1, 1)`;
    await tx`
      INSERT INTO orders (member_id, order_id, merchant_id, amount_fen, refunded_fen, paid_at, business_date, status, source, order_no)
      VALUES (${memberId}, ${orderId}, ${merchant}, ${amountFen}, 0, ${at}, '2026-03-01', 'paid', 'default', ${orderNo})`;
    await tx`
      INSERT INTO grant_runs (run_id, business_date, status, operator, host, started_at, finished_at, orders, members, points_granted, contribution_fen, fund_fen)
      VALUES (${runId}, '2026-03-01', 'complete', 'cron', 'test', ${at}, ${at}, 1, 1, ${points}, ${contributionFen}, ${fundFen})`;
    await tx`
      INSERT INTO points_entries (member_id, ref_id, entry_no, kind, available_points, held_points, run_id, net_fen, contribution_fen, fund_fen,
                                  created_at, contribution_bps, points_bps, business_date)
      VALUES (${memberId}, ${orderId}, 1, 'grant', ${points}, 0, ${runId}, ${amountFen}, ${contributionFen}, ${fundFen}, ${at}, 3000, 7000, '2026-03-01')`;
    await tx`UPDATE balances SET available_points = available_points + ${points} WHERE member_id = ${memberId}`;
    await postJournal(tx, { kind: "grant", runId, businessDate: "2026-03-01", operator: "cron", postedAt: at }, grantLines({ contributionFen, fundFen, points }));
    return orderNo;
  });
}

/** What a member has. */
export async function balanceOf(db: Database, memberNo: string): Promise<{ availablePoints: bigint; heldPoints: bigint }> {
  const [row] = await db.sql<{ availablePoints: bigint; heldPoints: bigint }[]>`
    SELECT available_points, held_points FROM balances WHERE member_id = ${await memberIdOf(db.sql, memberNo)}`;
  return { ...row! };
}

/** A statement that the guards of the database would refuse: as the superuser, with triggers off. For breaking things on purpose. */
export async function tamper(db: Database, work: (sql: Sql) => Promise<unknown>): Promise<void> {
  await inTransaction(db.sql, async (tx) => {
    await tx`SET LOCAL session_replication_role = replica`;
    await work(tx);
  });
}

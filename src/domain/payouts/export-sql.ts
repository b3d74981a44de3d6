import { send, type Sql, type Transaction } from "../../db/database.ts";
import { joiningByIndex } from "../../db/planner.ts";
import type { Row } from "../../db/rows.ts";
import type { Fen } from "../../shared/money.ts";
import { accountChannelsOf, type PayoutChannel } from "./model.ts";
import type { BatchRow } from "./batch-sql.ts";
import { sealedAccount, type SealedPayee } from "./payee-sql.ts";

/** An approved withdrawal that is to be paid. */
export interface PayableRow extends SealedPayee {
  readonly memberNo: string;
  readonly memberStatus: "active" | "frozen" | "closed";
  /** How many points the member is below zero. */
  readonly debtPoints: bigint;
  readonly withdrawalId: bigint;
  /** The failed detail that this withdrawal replaces. */
  readonly previousDetailNo: string | null;
}

/** Keeps other exports waiting until the transaction ends. */
export async function takeExportSlot(tx: Transaction): Promise<void> {
  await tx`INSERT INTO run_slots (name) VALUES ('payout_export') ON CONFLICT (name) DO UPDATE SET name = excluded.name`;
}

/**
 * The next approved withdrawals after a number whose account the channel pays to, oldest first. The page is cut before
 * the joins, so its cost does not depend on how many follow.
 */
export async function selectPayable(
  tx: Transaction,
  channel: PayoutChannel,
  after: string,
  limit: number,
): Promise<readonly PayableRow[]> {
  return tx<PayableRow[]>`
    SELECT m.member_no, m.status AS member_status, greatest(-b.available_points, 0) AS debt_points, w.withdrawal_id,
           ${sealedAccount(tx)},
           r.failed_detail_no AS previous_detail_no
    FROM (
      SELECT * FROM withdrawals
      WHERE status = 'approved' AND withdrawal_no > ${after}
        AND account_channel = ANY(${[...accountChannelsOf(channel)]}::text[])
      ORDER BY withdrawal_no LIMIT ${limit}
    ) w
    CROSS JOIN LATERAL (SELECT * FROM payout_accounts a
      WHERE a.member_id = w.member_id AND a.account_id = w.account_id OFFSET 0) a
    CROSS JOIN LATERAL (SELECT m.member_no, m.status FROM members m WHERE m.member_id = w.member_id OFFSET 0) m
    CROSS JOIN LATERAL (SELECT * FROM balances b WHERE b.member_id = w.member_id OFFSET 0) b
    LEFT JOIN LATERAL (SELECT * FROM payout_retries r
      WHERE r.member_id = w.member_id AND r.withdrawal_id = w.withdrawal_id OFFSET 0) r ON true
    ORDER BY w.withdrawal_no`;
}

/** Approved withdrawals that cannot be paid because they have no account. */
export interface WithoutAccount {
  readonly count: number;
  readonly totalFen: Fen;
  /** The oldest few. */
  readonly withdrawalNos: readonly string[];
}

const namedWithoutAccount = 10;

export async function selectWithoutAccount(sql: Sql): Promise<WithoutAccount> {
  const [row] = await sql<{ count: number; totalFen: bigint }[]>`
    SELECT count(*)::integer AS count, coalesce(sum(net_fen), 0)::bigint AS total_fen FROM withdrawals WHERE status = 'approved' AND account_id IS NULL`;
  const named = await sql<{ withdrawalNo: string }[]>`
    SELECT withdrawal_no FROM withdrawals WHERE status = 'approved' AND account_id IS NULL ORDER BY withdrawal_no
    LIMIT ${namedWithoutAccount}`;
  return { ...row!, withdrawalNos: named.map(({ withdrawalNo }) => withdrawalNo) };
}

/** The gross of all payouts without a final answer, in fen: it leaves the fund when they are paid. */
export async function payingGrossFen(sql: Sql): Promise<Fen> {
  const [row] = await sql<{ grossFen: bigint }[]>`
    SELECT coalesce(sum(gross_fen), 0)::bigint AS gross_fen FROM withdrawals WHERE status = 'paying'`;
  return row!.grossFen;
}

/** A detail as it is written. */
export type NewDetail = Row<"payoutDetails", "detailNo" | "rowNo"> &
  Pick<PayableRow, "memberId" | "withdrawalId" | "withdrawalNo" | "netFen" | "accountId" | "previousDetailNo">;

/** What all details of one part of a batch have in common. */
export interface SendingWords {
  readonly batchNo: string;
  readonly fileNo: number;
  readonly operator: string;
  readonly host: string;
  readonly at: Date;
}

/** Creates the temporary table that details are written from. */
export async function createNewDetails(tx: Transaction): Promise<void> {
  await tx`
    CREATE TEMP TABLE new_payout_details (
      row_no integer, member_id bigint, withdrawal_id bigint, withdrawal_no text, detail_no text, account_id bigint,
      net_fen bigint, previous_detail_no text
    ) ON COMMIT DROP`;
}

const texts = (rows: readonly NewDetail[], name: keyof NewDetail): (string | null)[] =>
  rows.map((row) => row[name]?.toString() ?? null);

/**
 * Moves withdrawals from approved to paying and writes their details, keys and records of who did it.
 *
 * @returns how many withdrawals were still approved; when not all, another session changed some
 */
export async function insertDetails(
  tx: Transaction,
  rows: readonly NewDetail[],
  { batchNo, fileNo, operator, host, at }: SendingWords,
): Promise<number> {
  const [, , moved] = await Promise.all([
    send(tx`TRUNCATE new_payout_details`),
    // Array parameters are sent as text: the driver declares an array as the type of its first element, int8 in place
    // of int8[].
    send(tx`
      INSERT INTO new_payout_details SELECT * FROM unnest(
        ${texts(rows, "rowNo")}::integer[], ${texts(rows, "memberId")}::bigint[],
        ${texts(rows, "withdrawalId")}::bigint[], ${texts(rows, "withdrawalNo")}::text[],
        ${texts(rows, "detailNo")}::text[], ${texts(rows, "accountId")}::bigint[], ${texts(rows, "netFen")}::bigint[],
        ${texts(rows, "previousDetailNo")}::text[])`),
    // (SELECT 'approved') hides the constant: with stale statistics the planner would start the join from the status
    // index.
    joiningByIndex(tx, () =>
      send(tx`
      UPDATE withdrawals w SET status = 'paying', decided_by = ${operator}, decided_at = ${at}
      FROM new_payout_details n
      WHERE w.member_id = n.member_id AND w.withdrawal_id = n.withdrawal_id AND w.status = (SELECT 'approved')`),
    ),
    send(tx`INSERT INTO payout_detail_keys (detail_no, member_id) SELECT detail_no, member_id FROM new_payout_details`),
    send(tx`
      INSERT INTO payout_details (member_id, detail_no, withdrawal_id, batch_no, file_no, row_no, account_id, net_fen,
        previous_detail_no, state)
      SELECT member_id, detail_no, withdrawal_id, ${batchNo}::text, ${fileNo}::integer, row_no, account_id, net_fen,
        previous_detail_no, 'sent'
      FROM new_payout_details ORDER BY member_id, detail_no`),
    send(tx`
      INSERT INTO operator_actions (action_id, operator, host, identity, action, subject_kind, subject, details)
      SELECT nextval('action_id_seq'), ${operator}::text, ${host}::text, (SELECT session_identity()), 'payout.export',
             'withdrawal', withdrawal_no, jsonb_build_object('batch_no', ${batchNo}::text, 'detail_no', detail_no)
      FROM new_payout_details ORDER BY row_no`),
  ]);
  return moved.count;
}

/** A batch as it is written, after its details. */
export type NewBatch = Omit<BatchRow, "handedOverAt">;

/** A file of a batch as it is written. */
export type NewFile = Omit<Row<"payoutFiles">, "batchNo">;

/** Writes a batch and its files. The database refuses a batch whose figures are not those of its details. */
export async function insertBatch(tx: Transaction, batch: NewBatch, files: readonly NewFile[]): Promise<void> {
  await tx`
    INSERT INTO payout_batches (batch_no, channel, template, appid, payer, business_date, details, total_fen, digest,
      operator, host, created_at)
    VALUES (${batch.batchNo}, ${batch.channel}, ${batch.template}, ${batch.appid}, ${batch.payer},
            ${batch.businessDate}, ${batch.details}, ${batch.totalFen}, ${batch.digest}, ${batch.operator},
            ${batch.host}, ${batch.createdAt})`;
  for (const { fileNo, name, rows, totalFen, sha256, byteSize } of files) {
    await tx`
      INSERT INTO payout_files (batch_no, file_no, name, rows, total_fen, sha256, byte_size)
      VALUES (${batch.batchNo}, ${fileNo}, ${name}, ${rows}, ${totalFen}, ${sha256}, ${byteSize})`;
  }
}

import { send, type Fragment, type Transaction } from "../../db/database.ts";
import { checkingKeysByOnePlan, joiningByIndex } from "../../db/planner.ts";
import { takeNumbers } from "../../db/numbers.ts";
import type { Row } from "../../db/rows.ts";
import type { BusinessDate } from "../../shared/business-date.ts";
import type { Policy } from "../../shared/policy.ts";
import type { WithdrawalAmounts } from "./model.ts";

/**
 * A query for requests: record, line (null for one of no file), request_no, member_no, points; account_id or
 * account_digest (the member's default when both are null), holder_sealed.
 */
export type AskedRows = Fragment;

/** A request with the facts of its member and account. */
export interface AskedFacts extends Row<"withdrawals", "accountId" | "accountChannel"> {
  readonly record: number;
  readonly memberNo: string;
  readonly points: bigint;
  /** Null for an unknown member number, as are the facts after it. */
  readonly memberId: bigint | null;
  readonly memberStatus: "active" | "frozen" | "closed";
  readonly isVerified: boolean;
  readonly availablePoints: bigint;
  /** The points of the member's other requests of the business date, except those that ended without payment. */
  readonly dailyPoints: bigint;
  readonly memberName: string | null;
  /** The holder's name in the file, sealed. */
  readonly holderSealed: string | null;
  /** Whether the request names its payout account; else it goes to the member's default. */
  readonly namesAccount: boolean;
  /** When the member last added an account or made one the default. */
  readonly accountsChangedAt: Date | null;
  /** The withdrawal that has the same request number. */
  readonly knownNo: string | null;
  readonly knownMemberNo: string | null;
  readonly knownPoints: bigint | null;
  /** Whether that was to be paid to another account than the request names. */
  readonly isOtherAccount: boolean;
}

/**
 * Locks the balances of all requesting members until the transaction ends, so that requests of one member, and a
 * freeze, run one after the other. To be called before any fact is read.
 */
export async function lockBalances(tx: Transaction, asked: AskedRows): Promise<void> {
  // An update that changes nothing, in the order of members, as all statements over many balances.
  await joiningByIndex(tx, () =>
    send(tx`
    UPDATE balances b SET held_points = b.held_points
    FROM (SELECT DISTINCT n.member_id FROM (${asked}) a JOIN member_numbers n ON n.member_no = a.member_no ORDER BY 1) s
    WHERE b.member_id = s.member_id`),
  );
}

/**
 * The facts of each request, in the order of the file. LATERAL joins read one member's rows each, so the cost follows
 * the requests. The day is a FILTER, not a condition: otherwise the planner takes the business_date index, which this
 * file itself is filling.
 */
export async function selectAsked(
  tx: Transaction,
  asked: AskedRows,
  businessDate: BusinessDate,
): Promise<readonly AskedFacts[]> {
  return tx<AskedFacts[]>`
    SELECT a.record, a.member_no, a.points, m.member_id, m.status AS member_status,
      m.identity_verified_at IS NOT NULL AS is_verified, b.available_points,
      coalesce(d.points, 0)::bigint AS daily_points, m.name AS member_name, a.holder_sealed,
      num_nonnulls(a.account_id, a.account_digest) > 0 AS names_account, p.account_id, p.channel AS account_channel,
      c.changed_at AS accounts_changed_at, w.withdrawal_no AS known_no, w.member_no AS known_member_no,
      w.points AS known_points, CASE WHEN a.account_digest IS NOT NULL
        THEN w.number_digest IS DISTINCT FROM a.account_digest
        WHEN a.account_id IS NOT NULL THEN w.account_id IS DISTINCT FROM a.account_id ELSE false END AS is_other_account
    FROM (${asked}) a
    LEFT JOIN LATERAL (SELECT n.member_id FROM member_numbers n WHERE n.member_no = a.member_no OFFSET 0) n ON true
    LEFT JOIN LATERAL (SELECT t.member_id, t.status, t.identity_verified_at, t.name FROM members t
      WHERE t.member_id = n.member_id OFFSET 0) m ON true
    LEFT JOIN LATERAL (SELECT t.available_points FROM balances t WHERE t.member_id = n.member_id OFFSET 0) b ON true
    LEFT JOIN LATERAL (
      SELECT sum(t.points) FILTER (WHERE t.business_date = ${businessDate}
        AND t.status NOT IN ('rejected', 'cancelled', 'expired', 'failed')) AS points
      FROM withdrawals t WHERE t.member_id = n.member_id
    ) d ON true
    LEFT JOIN LATERAL (
      SELECT t.account_id, t.channel FROM payout_accounts t
      WHERE t.member_id = n.member_id AND t.closed_at IS NULL
        AND CASE WHEN a.account_digest IS NOT NULL THEN t.number_digest = a.account_digest WHEN a.account_id IS NOT NULL
        THEN t.account_id = a.account_id ELSE t.is_default END OFFSET 0
    ) p ON true
    LEFT JOIN LATERAL (
      SELECT max(greatest(t.added_at, t.default_at)) AS changed_at FROM payout_accounts t
      WHERE t.member_id = n.member_id
    ) c ON true
    LEFT JOIN LATERAL (SELECT k.* FROM withdrawal_request_keys k WHERE k.request_no = a.request_no OFFSET 0) k ON true
    LEFT JOIN LATERAL (
      SELECT t.withdrawal_no, t.points, t.account_id, o.member_no, y.number_digest
      FROM withdrawals t JOIN members o ON o.member_id = t.member_id
      LEFT JOIN payout_accounts y ON y.member_id = t.member_id AND y.account_id = t.account_id
      WHERE t.member_id = k.member_id AND t.withdrawal_id = k.withdrawal_id OFFSET 0
    ) w ON true
    ORDER BY a.record`;
}

/** The points of all requests of a business date, except those that ended without payment. */
export async function platformPointsOn(tx: Transaction, businessDate: BusinessDate): Promise<bigint> {
  const [row] = await tx<{ points: bigint }[]>`
    SELECT coalesce(sum(points), 0)::bigint AS points FROM withdrawals
    WHERE business_date = ${businessDate} AND status NOT IN ('rejected', 'cancelled', 'expired', 'failed')`;
  return row!.points;
}

/** The ids of a new withdrawal, the sequence of its number, and the id of its journal transaction. */
export interface NewIds {
  readonly withdrawalId: bigint;
  readonly sequence: bigint;
  readonly journalId: bigint;
}

/** Draws the ids of `count` new withdrawals. */
export async function nextWithdrawalIds(tx: Transaction, count: number): Promise<readonly NewIds[]> {
  if (count === 0) return [];
  const first = await takeNumbers(tx, "withdrawal", count);
  return tx<NewIds[]>`
    SELECT nextval('id_seq') AS withdrawal_id, ${first}::bigint + n - 1 AS sequence,
      nextval('journal_id_seq') AS journal_id
    FROM generate_series(1, ${count}::bigint) AS n`;
}

/** A request as it is written; its amounts never change again. */
export interface NewWithdrawal
  extends
    WithdrawalAmounts,
    Row<
      "withdrawals",
      "memberId" | "withdrawalId" | "withdrawalNo" | "points" | "approvalsNeeded" | "accountId" | "accountChannel"
    > {
  readonly record: number;
  readonly journalId: bigint;
}

/** What requests that are written together have in common. */
export interface RequestWords extends Row<"withdrawals", "businessDate" | "requestedBy" | "requestedAt"> {
  readonly policy: Pick<Policy, "pointValueFen" | "feeBps">;
  /** Of the file that they came in; null where they came in none. */
  readonly importId: bigint | null;
}

/** Creates the temporary table that new requests are written from. */
export async function createNewWithdrawals(tx: Transaction): Promise<void> {
  await tx`
    CREATE TEMP TABLE new_withdrawals (
      record integer, member_id bigint, withdrawal_id bigint, withdrawal_no text, journal_id bigint, points bigint,
      gross_fen bigint, fee_fen bigint, net_fen bigint, approvals_needed smallint, account_id bigint,
      account_channel text
    ) ON COMMIT DROP`;
}

/**
 * Array parameters are sent as text: the driver declares an array as the type of its first element, int8 in place of
 * int8[].
 */
const column = (rows: readonly NewWithdrawal[], name: keyof NewWithdrawal): (string | null)[] =>
  rows.map((row) => row[name]?.toString() ?? null);

/** Writes requests, their numbers and the entries of their holds, and moves their points from available to held. */
export async function insertWithdrawals(
  tx: Transaction,
  rows: readonly NewWithdrawal[],
  words: RequestWords,
  asked: AskedRows,
): Promise<void> {
  const { policy, businessDate, requestedBy, requestedAt, importId } = words;
  await Promise.all([
    send(tx`TRUNCATE new_withdrawals`),
    send(tx`
      INSERT INTO new_withdrawals SELECT * FROM unnest(
        ${column(rows, "record")}::integer[], ${column(rows, "memberId")}::bigint[],
        ${column(rows, "withdrawalId")}::bigint[], ${column(rows, "withdrawalNo")}::text[],
        ${column(rows, "journalId")}::bigint[], ${column(rows, "points")}::bigint[],
        ${column(rows, "grossFen")}::bigint[], ${column(rows, "feeFen")}::bigint[], ${column(rows, "netFen")}::bigint[],
        ${column(rows, "approvalsNeeded")}::smallint[], ${column(rows, "accountId")}::bigint[],
        ${column(rows, "accountChannel")}::text[])`),
    send(
      tx`INSERT INTO withdrawal_keys (withdrawal_no, member_id, withdrawal_id)
        SELECT withdrawal_no, member_id, withdrawal_id FROM new_withdrawals`,
    ),
    checkingKeysByOnePlan(tx, () =>
      send(tx`
      INSERT INTO withdrawals (member_id, withdrawal_id, withdrawal_no, status, points, point_value_fen, fee_bps,
                               gross_fen, fee_fen, net_fen, approvals_needed, account_id, account_channel,
                               business_date, requested_by, requested_at, request_no)
      SELECT n.member_id, n.withdrawal_id, n.withdrawal_no, 'requested', n.points, ${policy.pointValueFen}::bigint,
        ${policy.feeBps}::integer, n.gross_fen, n.fee_fen, n.net_fen, n.approvals_needed, n.account_id,
        n.account_channel, ${businessDate}::date, ${requestedBy}::text, ${requestedAt}::timestamptz, a.request_no
      FROM new_withdrawals n JOIN (${asked}) a ON a.record = n.record ORDER BY n.member_id, n.withdrawal_id`),
    ),
    send(tx`
      INSERT INTO withdrawal_request_keys (request_no, member_id, withdrawal_id, import_id, line)
      SELECT a.request_no, n.member_id, n.withdrawal_id, ${importId}::bigint, a.line
      FROM new_withdrawals n JOIN (${asked}) a ON a.record = n.record WHERE a.request_no IS NOT NULL`),
    send(tx`
      INSERT INTO points_entries (member_id, ref_id, entry_no, kind, available_points, held_points, created_at,
        business_date)
      SELECT member_id, withdrawal_id, 1, 'hold', -points, points, ${requestedAt}::timestamptz, ${businessDate}::date
      FROM new_withdrawals ORDER BY member_id, withdrawal_id`),
    joiningByIndex(tx, () =>
      send(tx`
      UPDATE balances b SET available_points = b.available_points - n.points, held_points = b.held_points + n.points
      FROM (SELECT member_id, sum(points)::bigint AS points FROM new_withdrawals GROUP BY member_id
        ORDER BY member_id) n
      WHERE b.member_id = n.member_id`),
    ),
  ]);
}

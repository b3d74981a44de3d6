import { send, type Fragment, type Transaction } from "../../db/database.ts";
import { joiningByIndex } from "../../db/planner.ts";
import type { MergeFacts } from "../../imports/kind.ts";

/** How many staged orders came to an outcome, and of how many rows they are made. */
export interface OutcomeCount {
  /**
   * `new`, `updated`, `duplicate`, or why they are not taken; `revised` are those that say something else of an order
   * which this very import brought: it has to stand in `orders` when they are judged.
   */
  readonly outcome: string;
  readonly orders: number;
  readonly rows: number;
}

/** Clocks of tills, and a time zone that a file does not name, may be so far ahead. */
const clockTolerance = "1 day";

/**
 * Judges the staged orders by the order import rule, and writes the keys of the new ones; the orders themselves wait in
 * `new_orders` for `writeNew`. A row that hashes like the one taken last for its key is a duplicate, and costs the
 * look-up of its key alone. Those to update and those that are not taken go to `judged_orders`.
 *
 * Facts of a known order are merged one by one, so that what an order comes to does not depend on the order in which
 * its rows arrive: its status is the furthest, its refund the largest, its time of payment and its products what any
 * row says of them. A row is an update if it adds to that; one that says less is a conflict, and one that contradicts
 * an earlier row is, too.
 *
 * Of an archived order only the hash is known: a row with another one is not taken.
 *
 * The lookups by key are LATERAL with an OFFSET, which the planner cannot turn into a scan of the whole table: the cost
 * follows the rows of the chunk, even on a table that was empty when it was last analysed. Keys are looked up in the
 * order of the file and members in their own order: neighbours find what they need on the same pages, and come out
 * nearly as `orders` wants them. Keys go in in the order of the file, where order numbers mostly grow.
 *
 * @param which all, or those that revise orders of this import, or those that do not
 */
export function judgeStaged(
  tx: Transaction,
  which: "all" | "revised" | "others",
  facts: MergeFacts,
): Promise<readonly OutcomeCount[]> {
  const { importId } = facts;
  const revises = tx`known_hash <> row_hash AND known_import_id = ${importId}`;
  const judgedNow = {
    all: tx`known_hash IS DISTINCT FROM row_hash`,
    revised: revises,
    others: tx`known_hash IS DISTINCT FROM row_hash AND (${revises}) IS NOT TRUE`,
  };
  const counted = {
    all: tx`UNION ALL SELECT 'duplicate', rows FROM compared WHERE known_hash = row_hash`,
    revised: tx``,
    others: tx`UNION ALL SELECT CASE WHEN known_hash = row_hash THEN 'duplicate' ELSE 'revised' END, rows FROM compared
      WHERE known_hash = row_hash OR ${revises}`,
  };
  return send(tx<OutcomeCount[]>`
    WITH compared AS MATERIALIZED (
      ${compared(tx, facts)}
    ), judged AS MATERIALIZED (
      ${judgement(tx, judgedNow[which], facts)}
    ), keys AS (
      INSERT INTO order_keys (order_no, source, member_id, order_id, import_id, line, row_hash)
      SELECT order_no, source, member_id, order_id, ${importId}, line, row_hash FROM judged WHERE outcome = 'new'
      ORDER BY record
    ), buffered AS (
      INSERT INTO new_orders
      SELECT member_id, order_id, merchant_id, order_no, source, refunded_fen, status, paid_at, business_date, skus,
        amount_fen
      FROM judged WHERE outcome = 'new'
    ), others AS (
      INSERT INTO judged_orders
      SELECT record, reported, reported_detail, member_id, order_id, merchant_id, order_no, source, refunded_fen, status,
        paid_at, business_date, skus, amount_fen - refunded_fen, row_hash, stored_status, is_money_changed,
        known_import_id
      FROM (${withCorrections(tx, tx`SELECT * FROM judged WHERE outcome NOT IN ('new', 'duplicate')`)}) c
    )
    SELECT outcome, count(*)::integer AS orders, sum(rows)::integer AS rows
    FROM (SELECT outcome, rows FROM judged ${counted[which]}) c GROUP BY outcome`);
}

/** Notes orders that were just moved forward: another row of this file may say something else of them. */
export const noteTouched = (tx: Transaction): Promise<unknown> =>
  send(tx`INSERT INTO touched_orders SELECT order_id FROM judged_orders WHERE outcome = 'updated'`);

/** Whether a judged order is in conflict with what an earlier row of this very import says. */
export async function contradictsOwnFile(tx: Transaction, { importId }: MergeFacts): Promise<boolean> {
  const [row] = await send(tx<{ found: boolean }[]>`
    SELECT EXISTS (
      SELECT FROM judged_orders j WHERE starts_with(j.outcome, 'conflict_') AND (
        EXISTS (SELECT FROM order_keys k
          WHERE k.order_no = j.order_no AND k.source = j.source AND k.import_id = ${importId})
        OR EXISTS (SELECT FROM touched_orders t WHERE t.order_id = j.order_id))
    ) AS found`);
  return row!.found;
}

/**
 * Judges staged orders one by one, several rows of one among them, and writes nothing of them: what each comes to goes
 * to `judged_orders`.
 */
export const judgeEach = (tx: Transaction, facts: MergeFacts): Promise<unknown> => tx`
    WITH compared AS MATERIALIZED (
      ${compared(tx, facts)}
    ), repeated AS (
      INSERT INTO judged_orders (record, outcome) SELECT record, 'duplicate' FROM compared WHERE known_hash = row_hash
    )
    INSERT INTO judged_orders (record, outcome, detail, member_id, merchant_id, order_no, source)
    SELECT record, reported, reported_detail, member_id, merchant_id, order_no, source
    FROM (${withCorrections(tx, judgement(tx, tx`known_hash IS DISTINCT FROM row_hash`, facts))}) c`;

/** The staged orders, each with its hash and what is known under its key. */
const compared = (tx: Transaction, { profile }: MergeFacts): Fragment => tx`
    SELECT h.*, k.member_id AS known_member_id, k.order_id AS known_order_id, k.row_hash AS known_hash,
      k.import_id AS known_import_id
    FROM (
      SELECT t.*, hash_record_extended(
        ROW (order_no, source, member_no, merchant_code, amount_fen, refunded_fen, status, paid_at, skus),
          ${hashSeed(profile)}) AS row_hash
      FROM staged_orders t OFFSET 0
    ) h
    LEFT JOIN LATERAL (
      SELECT * FROM order_keys k WHERE k.order_no = h.order_no AND k.source = h.source OFFSET 0
    ) k ON true`;

/** Judged orders `j` that are not taken as they come; one that contradicts what an order was corrected to says so. */
const withCorrections = (tx: Transaction, judged: Fragment): Fragment => tx`
    SELECT j.*, CASE WHEN v.proposal_no IS NULL THEN j.outcome ELSE 'conflict_corrected' END AS reported,
      coalesce(v.proposal_no, j.detail) AS reported_detail
    FROM (${judged}) j
    LEFT JOIN LATERAL (
      SELECT v.proposal_no FROM order_voids v
      WHERE starts_with(j.outcome, 'conflict_') AND v.order_no = j.order_no AND v.source = j.source
        AND v.new_order_id = j.order_id OFFSET 0
    ) v ON true`;

/**
 * What the compared orders come to, and what they and the known ones say together.
 *
 * @param isJudged a condition for those that are judged
 */
const judgement = (tx: Transaction, isJudged: Fragment, { zone, profile, now }: MergeFacts): Fragment => tx`
    SELECT s.record, s.line, s.rows, s.known_import_id,
      CASE
        WHEN o.status = 'void' THEN 'order_voided'
        WHEN o.order_id IS NULL AND s.known_order_id IS NOT NULL THEN 'order_archived'
        WHEN r.merchant_id IS NULL THEN ${unknownMerchant(profile)}::text
        WHEN o.order_id IS NULL AND r.status = 'pending' THEN 'merchant_pending'
        WHEN o.order_id IS NULL AND s.paid_at >= r.suspended_at THEN 'merchant_suspended'
        WHEN m.member_id IS NULL AND o.order_id IS NOT NULL THEN 'conflict_unknown_member'
        WHEN m.member_id IS NULL THEN ${unknownMember(profile)}::text
        WHEN o.paid_at IS NULL AND s.paid_at > ${now}::timestamptz + ${clockTolerance}::interval THEN 'paid_in_future'
        WHEN o.order_id IS NULL THEN 'new'
        WHEN o.member_id <> m.member_id THEN 'conflict_member'
        WHEN o.merchant_id <> r.merchant_id THEN 'conflict_merchant'
        WHEN o.amount_fen <> s.amount_fen THEN 'conflict_amount'
        WHEN o.paid_at <> s.paid_at THEN 'conflict_paid_at'
        WHEN s.skus <> o.skus THEN 'conflict_skus'
        WHEN o.paid_at IS NULL AND s.paid_at >= r.suspended_at THEN 'merchant_suspended'
        WHEN order_status_rank(s.status) > order_status_rank(o.status) OR s.refunded_fen > o.refunded_fen
          OR (o.paid_at IS NULL AND s.paid_at IS NOT NULL) OR (o.skus IS NULL AND s.skus IS NOT NULL) THEN 'updated'
        WHEN s.status <> o.status THEN 'conflict_status'
        WHEN s.refunded_fen < o.refunded_fen THEN 'conflict_refund'
        ELSE 'duplicate'
      END AS outcome,
      CASE
        WHEN o.status = 'void' THEN (SELECT v.proposal_no FROM order_voids v
          WHERE v.order_no = s.order_no AND v.source = s.source AND v.order_id = o.order_id)
        WHEN m.member_id IS NULL THEN (SELECT ${`${profile.memberBy} `} || member_no FROM members
          WHERE member_id = o.member_id)
        WHEN o.order_id IS NULL THEN to_char(r.suspended_at AT TIME ZONE ${zone}, 'YYYY-MM-DD HH24:MI:SS')
        WHEN o.merchant_id <> r.merchant_id THEN (SELECT merchant_code FROM merchants WHERE merchant_id = o.merchant_id)
        WHEN o.amount_fen <> s.amount_fen THEN o.amount_fen::text
        WHEN o.paid_at <> s.paid_at THEN to_char(o.paid_at AT TIME ZONE ${zone}, 'YYYY-MM-DD HH24:MI:SS')
        WHEN s.skus <> o.skus THEN array_to_string(o.skus, ';')
        WHEN o.paid_at IS NULL AND s.paid_at >= r.suspended_at
        THEN to_char(r.suspended_at AT TIME ZONE ${zone}, 'YYYY-MM-DD HH24:MI:SS')
        WHEN order_status_rank(s.status) < order_status_rank(o.status) THEN o.status
        WHEN s.refunded_fen < o.refunded_fen THEN o.refunded_fen::text
      END AS detail,
      m.member_id, coalesce(o.order_id, s.order_id) AS order_id, r.merchant_id, s.order_no, s.source, s.amount_fen,
      coalesce(greatest(s.refunded_fen, o.refunded_fen), 0) AS refunded_fen,
      CASE WHEN order_status_rank(s.status) < order_status_rank(o.status) THEN o.status ELSE s.status END AS status,
      coalesce(s.paid_at, o.paid_at) AS paid_at,
      (coalesce(s.paid_at, o.paid_at) AT TIME ZONE ${zone})::date AS business_date, coalesce(s.skus, o.skus) AS skus,
      s.row_hash, o.status AS stored_status, order_status_rank(s.status) > order_status_rank(o.status)
        OR s.refunded_fen > o.refunded_fen AS is_money_changed
    FROM (SELECT * FROM compared WHERE ${isJudged} ORDER BY member_no COLLATE "C") s
    ${joinedMerchants(tx, profile)}
    LEFT JOIN LATERAL (${memberOf(tx, profile)}) m ON true
    LEFT JOIN LATERAL (
      SELECT t.* FROM orders t WHERE t.member_id = s.known_member_id AND t.order_id = s.known_order_id OFFSET 0
    ) o ON true`;

/**
 * Writes the new orders and, for paid ones, the feed of the points-grant batch. Both are kept by member, and the
 * members of a file come in any order: many are written at once, so that neighbours among all orders go on one page
 * together, and not each chunk touches nearly every page of a large table.
 *
 * @returns how many orders
 */
export async function writeNew(tx: Transaction, { importId }: MergeFacts): Promise<number> {
  const [[row]] = await Promise.all([
    send(tx<{ orders: number }[]>`
      WITH written AS (
        INSERT INTO orders (member_id, order_id, merchant_id, amount_fen, refunded_fen, paid_at, business_date, status,
          source, order_no, skus)
        SELECT member_id, order_id, merchant_id, amount_fen, refunded_fen, paid_at, business_date, status, source,
          order_no, skus
        FROM new_orders ORDER BY member_id, order_id
        RETURNING member_id, order_id, merchant_id, amount_fen - refunded_fen AS net_fen, business_date, status
      ), fed AS (
        INSERT INTO order_changes (member_id, order_id, import_id, merchant_id, net_fen, business_date, is_first)
        SELECT member_id, order_id, ${importId}, merchant_id, net_fen, business_date, true FROM written
        WHERE status = 'paid'
      )
      SELECT count(*)::integer AS orders FROM written`),
    send(tx`TRUNCATE new_orders`),
  ]);
  return row!.orders;
}

/**
 * Moves known orders forward, each on the condition that it still is what it was judged by, and keeps what those were
 * that an earlier import brought; feeds the batch where money changed. Gives the number of orders and of keys.
 */
export async function updateKnown(
  tx: Transaction,
  { importId }: MergeFacts,
): Promise<readonly [orders: number, keys: number]> {
  const [, orders, keys] = await joiningByIndex(tx, () =>
    Promise.all([
      send(tx`
        INSERT INTO order_updates (member_id, order_id, import_id, refunded_fen, paid_at, business_date, status, skus)
        SELECT o.member_id, o.order_id, ${importId}, o.refunded_fen, o.paid_at, o.business_date, o.status, o.skus
        FROM judged_orders j JOIN orders o ON o.member_id = j.member_id AND o.order_id = j.order_id
        WHERE j.outcome = 'updated' AND j.known_import_id <> ${importId}
        ON CONFLICT (member_id, order_id, import_id) DO NOTHING`),
      send(tx`
        UPDATE orders o SET status = j.status, paid_at = j.paid_at, business_date = j.business_date,
          refunded_fen = j.refunded_fen, skus = j.skus
        FROM judged_orders j
        WHERE j.outcome = 'updated' AND o.member_id = j.member_id AND o.order_id = j.order_id
          AND o.status = j.stored_status`),
      send(tx`
        UPDATE order_keys k SET row_hash = j.row_hash FROM judged_orders j
        WHERE j.outcome = 'updated' AND k.order_no = j.order_no AND k.source = j.source`),
      send(tx`
        INSERT INTO order_changes (member_id, order_id, import_id, merchant_id, net_fen, business_date, is_first)
        SELECT member_id, order_id, ${importId}, merchant_id, CASE WHEN status = 'paid' THEN net_fen ELSE 0 END,
          business_date, stored_status = 'pending'
        FROM judged_orders
        WHERE outcome = 'updated' AND is_money_changed AND (status = 'paid' OR stored_status = 'paid')
        ON CONFLICT (member_id, order_id, import_id) DO UPDATE SET net_fen = excluded.net_fen`),
    ]),
  );
  return [orders.count, keys.count];
}

/** What of a profile decides whom an order belongs to. One file has one way: no row asks which. */
export type Lookups = Pick<MergeFacts["profile"], "memberBy" | "merchantBy">;
type MemberBy = Lookups["memberBy"];
type MerchantBy = Lookups["merchantBy"];

/** The id of the member that a staged row `s` names. */
export function memberOf(tx: Transaction, { memberBy }: Lookups) {
  const lookups: Record<MemberBy, () => ReturnType<Transaction>> = {
    number: () => tx`SELECT n.member_id FROM member_numbers n WHERE n.member_no = s.member_no OFFSET 0`,
    alias: () =>
      tx`SELECT a.member_id FROM member_aliases a WHERE a.alias = s.member_no AND a.source = s.source OFFSET 0`,
    email: () =>
      tx`SELECT c.member_id FROM member_contacts c WHERE c.value = s.member_no AND c.kind = 'email' OFFSET 0`,
    phone: () =>
      tx`SELECT c.member_id FROM member_contacts c WHERE c.value = s.member_no AND c.kind = 'phone' OFFSET 0`,
  };
  return lookups[memberBy]();
}

/** The join of merchants `r` to the staged rows `s` that name them. */
export const joinedMerchants = (tx: Transaction, { merchantBy }: Lookups) =>
  merchantBy === "code"
    ? tx`LEFT JOIN merchants r ON r.merchant_code = s.merchant_code`
    : tx`
      LEFT JOIN merchant_aliases b ON b.alias = s.merchant_code AND b.source = s.source
      LEFT JOIN merchants r ON r.merchant_id = b.merchant_id`;

const memberWays: readonly MemberBy[] = ["number", "alias", "email", "phone"];
const merchantWays: readonly MerchantBy[] = ["code", "alias"];

/**
 * The seed of a row's hash: the same text means somebody else when it is an alias, so it may not pass for the same row.
 */
export const hashSeed = ({ memberBy, merchantBy }: Lookups): number =>
  memberWays.indexOf(memberBy) + memberWays.length * merchantWays.indexOf(merchantBy);

const unknownMembers = {
  number: "unknown_member",
  alias: "unknown_member_alias",
  email: "unknown_member_email",
  phone: "unknown_member_phone",
} as const satisfies Record<MemberBy, string>;

const unknownMerchants = { code: "unknown_merchant", alias: "unknown_merchant_alias" } as const satisfies Record<
  MerchantBy,
  string
>;

/** What a row is rejected as whose member or merchant is not known. */
export type UnknownOutcome = (typeof unknownMembers)[MemberBy] | (typeof unknownMerchants)[MerchantBy];

/** The outcome of a row whose member is not known. */
export const unknownMember = ({ memberBy }: Lookups): UnknownOutcome => unknownMembers[memberBy];

/** The outcome of a row whose merchant is not known. */
export const unknownMerchant = ({ merchantBy }: Lookups): UnknownOutcome => unknownMerchants[merchantBy];

import { send, type Fragment, type Transaction } from "../../db/database.ts";
import { joiningByIndex } from "../../db/planner.ts";
import type { Row } from "../../db/rows.ts";
import type { BusinessDate } from "../../shared/business-date.ts";
import type { Fen } from "../../shared/money.ts";
import type { PayoutChannel } from "./model.ts";

/** An answer as it is staged. */
export interface StagedAnswer extends Row<"payoutDetails", "detailNo" | "state" | "reason" | "channelRef"> {
  readonly amountFen: Fen;
}

/** Stages the answers of a provider; their records count from 1, in their order. */
export async function stageAnswers(tx: Transaction, answers: readonly StagedAnswer[]): Promise<void> {
  await tx`
    INSERT INTO staged_payout_results (record, detail_no, state, amount_fen, reason, channel_ref)
    SELECT a.record::integer, a.detail_no, a.state, a.amount_fen, a.reason, a.channel_ref
    FROM unnest(${answers.map(({ detailNo }) => detailNo)}::text[], ${answers.map(({ state }) => state)}::text[],
                ${answers.map(({ amountFen }) => amountFen.toString())}::bigint[],
                ${answers.map(({ reason }) => reason)}::text[],
                ${answers.map(({ channelRef }) => channelRef)}::text[]) WITH ORDINALITY AS a (detail_no, state,
                amount_fen, reason, channel_ref, record)`;
}

/**
 * Judges the staged answers: each is new, a duplicate, or a conflict that a person has to resolve. Joins are LATERAL
 * with an OFFSET, so the cost follows the answers, not earlier payouts.
 *
 * @param channel refuses answers about payouts of other channels; null for any channel
 */
export async function judgeStaged(tx: Transaction, channel: PayoutChannel | null): Promise<void> {
  await tx`
    INSERT INTO judged_payout_results
    SELECT s.record,
      CASE
        WHEN d.member_id IS NULL THEN 'unknown_detail'
        WHEN b.channel <> ${channel}::text THEN 'other_channel'
        WHEN s.amount_fen <> d.net_fen THEN 'conflict_amount'
        WHEN s.channel_ref <> d.channel_ref THEN 'conflict_channel_ref'
        WHEN d.state = s.state THEN 'duplicate'
        WHEN d.state = 'paid' THEN 'conflict_after_success'
        WHEN d.state = 'failed' THEN 'conflict_after_failure'
        ELSE 'updated'
      END,
      CASE WHEN b.channel <> ${channel}::text THEN b.channel WHEN s.amount_fen <> d.net_fen THEN d.net_fen::text
        ELSE concat_ws(' as ', d.state, d.channel_ref) END,
      d.member_id, s.detail_no, s.state, s.reason, coalesce(s.channel_ref, d.channel_ref), d.state,
      w.withdrawal_id, w.withdrawal_no, w.points, w.net_fen, w.fee_fen,
      CASE WHEN s.state IN ('paid', 'failed') THEN nextval('journal_id_seq') END
    FROM staged_payout_results s
    LEFT JOIN LATERAL (SELECT t.member_id FROM payout_detail_keys t WHERE t.detail_no = s.detail_no OFFSET 0) k ON true
    LEFT JOIN LATERAL (SELECT t.* FROM payout_details t
      WHERE t.member_id = k.member_id AND t.detail_no = s.detail_no OFFSET 0) d ON true
    LEFT JOIN LATERAL (SELECT t.channel FROM payout_batches t WHERE t.batch_no = d.batch_no OFFSET 0) b ON true
    LEFT JOIN LATERAL (SELECT t.* FROM withdrawals t
      WHERE t.member_id = d.member_id AND t.withdrawal_id = d.withdrawal_id OFFSET 0) w ON true`;
}

/** Operator, time, and the import of the answers; null for answers that a provider gave to a call. */
export interface AnswerWords {
  readonly operator: string;
  readonly host: string;
  readonly at: Date;
  readonly businessDate: BusinessDate;
  readonly importId: bigint | null;
}

/** How many rows were updated: all that were judged, or another session changed some. */
export interface AnswersApplied {
  readonly details: number;
  readonly withdrawals: number;
  readonly ended: number;
}

/**
 * Writes the new answers: the states of the details and, for final answers, the state of the withdrawal, its entry and
 * the balance. The journal is posted afterwards. Success burns the hold, failure releases it. What was paid is expected
 * to be seen leaving.
 */
export async function applyJudged(
  tx: Transaction,
  { operator, host, at, businessDate, importId }: AnswerWords,
): Promise<AnswersApplied> {
  const ended = tx`outcome = 'updated' AND j.state IN ('paid', 'failed')`;
  const [details, withdrawals, entries] = await Promise.all([
    joiningByIndex(tx, () =>
      send(tx`
      UPDATE payout_details d
      SET state = j.state, reason = j.reason, channel_ref = j.channel_ref, answered_at = ${at},
        answered_by = ${operator}, answer_import_id = ${importId}
      FROM judged_payout_results j
      WHERE j.outcome = 'updated' AND d.member_id = j.member_id AND d.detail_no = j.detail_no
        AND d.state = j.stored_state`),
    ),
    // (SELECT 'paying') hides the constant: with stale statistics the planner would start the join from the status
    // index.
    joiningByIndex(tx, () =>
      send(tx`
      UPDATE withdrawals w SET status = j.state, decided_by = ${operator}, decided_at = ${at}
      FROM judged_payout_results j
      WHERE ${ended} AND w.member_id = j.member_id AND w.withdrawal_id = j.withdrawal_id
        AND w.status = (SELECT 'paying')`),
    ),
    send(tx`
      INSERT INTO points_entries (member_id, ref_id, entry_no, kind, available_points, held_points, created_at,
        business_date)
      SELECT member_id, withdrawal_id, 2, CASE WHEN state = 'paid' THEN 'burn' ELSE 'release' END,
             CASE WHEN state = 'paid' THEN 0 ELSE points END, -points, ${at}::timestamptz, ${businessDate}::date
      FROM judged_payout_results j WHERE ${ended} ORDER BY member_id, withdrawal_id`),
    joiningByIndex(tx, () =>
      send(tx`
      UPDATE balances b SET available_points = b.available_points + j.released, held_points = b.held_points - j.points
      FROM (SELECT member_id, sum(points)::bigint AS points,
        coalesce(sum(points) FILTER (WHERE state = 'failed'), 0)::bigint AS released
            FROM judged_payout_results j WHERE ${ended} GROUP BY member_id ORDER BY member_id) j
      WHERE b.member_id = j.member_id`),
    ),
    send(tx`
      INSERT INTO expected_payouts (detail_no, batch_no, net_fen, channel_ref, paid_on)
      SELECT j.detail_no, d.batch_no, d.net_fen, j.channel_ref, ${businessDate}::date
      FROM judged_payout_results j
      CROSS JOIN LATERAL (SELECT d.batch_no, d.net_fen FROM payout_details d
        WHERE d.member_id = j.member_id AND d.detail_no = j.detail_no OFFSET 0) d
      WHERE j.outcome = 'updated' AND j.state = 'paid'`),
    send(tx`
      INSERT INTO operator_actions (action_id, operator, host, identity, action, subject_kind, subject, details)
      SELECT nextval('action_id_seq'), ${operator}::text, ${host}::text, (SELECT session_identity()),
             'payout.' || state, 'withdrawal', withdrawal_no,
               jsonb_strip_nulls(jsonb_build_object('detail_no', detail_no, 'import_id', ${importId}::bigint,
                 'reason', reason, 'channel_ref', channel_ref))
      FROM judged_payout_results WHERE outcome = 'updated' ORDER BY record`),
  ]);
  return { details: details.count, withdrawals: withdrawals.count, ended: entries.count };
}

/** A query for the withdrawals that ended in a state, for the posting of the journal. */
export const endedWithdrawals = (tx: Transaction, state: "paid" | "failed"): Fragment => tx`
  SELECT journal_id, withdrawal_no, points, net_fen, fee_fen FROM judged_payout_results
  WHERE outcome = 'updated' AND state = ${state}`;

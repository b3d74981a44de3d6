import type { Fragment, Sql } from "../db/database.ts";
import { archivedUntil } from "../db/archived.ts";
import { soundClosings } from "../domain/ledger/closings-sql.ts";
import { memorandumMoves } from "../domain/ledger/memoranda-sql.ts";
import { accounts, cashFigure, memoranda, type Account, type Memorandum } from "../domain/ledger/model.ts";
import type { BusinessDate } from "../shared/business-date.ts";
import { formatYuan } from "../shared/money.ts";
import { findingsOf, namedViolations, type Findings } from "./model.ts";
import type { Scope } from "./scope.ts";

const amountText = (unit: string | null, amount: bigint): string | bigint =>
  unit === "fen" ? formatYuan(amount) : amount;

/**
 * Invariant 4: the lines of every journal transaction add up to zero in each unit, and none is without lines or without
 * its head.
 */
export async function journalBalances(
  sql: Sql,
  { transactions, lines }: Pick<Scope, "transactions" | "lines">,
): Promise<Findings> {
  type Row = {
    journalId: bigint;
    kind: string | null;
    runId: bigint | null;
    withdrawalNo: string | null;
    unit: string | null;
    difference: bigint;
    found: bigint;
  };
  const rows = await sql<Row[]>`
    SELECT journal_id, t.kind, t.run_id, t.withdrawal_no, l.unit, coalesce(l.difference, 0) AS difference,
      count(*) OVER () AS found
    FROM ${transactions} t
    FULL JOIN (SELECT journal_id, unit, sum(amount)::bigint AS difference FROM ${lines} x
      GROUP BY journal_id, unit) l USING (journal_id)
    WHERE l.difference <> 0 OR l.journal_id IS NULL OR t.journal_id IS NULL
    ORDER BY journal_id, l.unit LIMIT ${namedViolations}`;
  const [all] = await sql<{ count: bigint }[]>`SELECT count(*) AS count FROM ${transactions} t`;
  return findingsOf(all!.count, rows, (row) => ({
    journal_id: row.journalId,
    kind: row.kind,
    run_id: row.runId,
    withdrawal_no: row.withdrawalNo,
    unit: row.unit === "fen" ? "yuan" : row.unit,
    difference: amountText(row.unit, row.difference),
  }));
}

/** What the journal books, but for its own rows. */
type BookedScope = Pick<
  Scope,
  "sums" | "paidWithdrawals" | "collections" | "openings" | "statements" | "matched" | "adjusted" | "owedAdjusted"
>;

/**
 * What each control account must carry according to the entries, withdrawals, collections, statements, matches and
 * adjustments after it, debits positive. A granted point is a yuan of the fund; what an adjustment brings is said of it.
 */
const expectedAccounts = (
  sql: Sql,
  { sums, paidWithdrawals, collections, openings, statements, matched, adjusted, owedAdjusted }: BookedScope,
) => sql`
  SELECT x.* FROM
    (SELECT coalesce(sum(available_points), 0)::bigint AS available, coalesce(sum(held_points), 0)::bigint AS held,
            coalesce(sum(available_points) FILTER (WHERE run_id IS NOT NULL), 0)::bigint AS granted,
            coalesce(sum(available_points) FILTER (WHERE kind = 'adjust'), 0)::bigint AS adjusted,
            coalesce(sum(held_points) FILTER (WHERE kind = 'burn'), 0)::bigint AS burned,
            coalesce(sum(contribution_fen), 0)::bigint AS contribution_fen
     FROM ${sums} x) e,
    (SELECT coalesce(sum(gross_fen), 0)::bigint AS gross_fen, coalesce(sum(fee_fen), 0)::bigint AS fee_fen,
      coalesce(sum(net_fen), 0)::bigint AS net_fen
     FROM ${paidWithdrawals} x) w,
    (SELECT coalesce(sum(amount_fen), 0)::bigint AS collected_fen FROM ${collections} x) c,
    (SELECT coalesce(sum(amount_fen), 0)::bigint AS settled_fen FROM ${openings} x) o,
    (SELECT coalesce(sum(booked_fen), 0)::bigint AS booked_fen FROM ${statements} x) s,
    (SELECT coalesce(sum(amount_fen), 0)::bigint AS matched_fen,
            coalesce(sum(amount_fen) FILTER (WHERE thing = 'payout'), 0)::bigint AS payouts_fen,
            coalesce(sum(amount_fen) FILTER (WHERE thing = 'fee'), 0)::bigint AS fees_fen,
            coalesce(sum(amount_fen) FILTER (WHERE thing = 'collection'), 0)::bigint AS seen_fen,
            coalesce(sum(amount_fen) FILTER (WHERE thing = 'write_off'), 0)::bigint AS lost_fen
     FROM ${matched} x) m,
    (SELECT coalesce(sum(fund_fen), 0)::bigint AS fund_fen,
            coalesce(sum(fund_fen) FILTER (WHERE counter = 'platform_share'), 0)::bigint AS share_fen,
            coalesce(sum(fund_fen) FILTER (WHERE counter = 'suspense'), 0)::bigint AS opening_fen
     FROM ${adjusted} x) a,
    (SELECT coalesce(sum(amount_fen), 0)::bigint AS owed_fen,
            coalesce(sum(amount_fen) FILTER (WHERE kind = 'write_off'), 0)::bigint AS written_off_fen
     FROM ${owedAdjusted} x) d,
    LATERAL (VALUES
      ('contributions_receivable', 'fen', e.contribution_fen - c.collected_fen + d.owed_fen),
      ('points_fund', 'fen', w.gross_fen - e.granted * 100 - a.fund_fen),
      ('platform_share', 'fen', e.granted * 100 - e.contribution_fen + a.share_fen - d.owed_fen + d.written_off_fen),
      ('payouts_payable', 'fen', -w.net_fen - m.payouts_fen),
      ('fee_income', 'fen', -w.fee_fen),
      ('bank', 'fen', c.collected_fen + s.booked_fen - m.seen_fen - o.settled_fen),
      ('suspense', 'fen', m.matched_fen - s.booked_fen + o.settled_fen + a.opening_fen),
      ('channel_fees', 'fen', -m.fees_fen),
      ('tax_payable', 'fen', 0),
      ('write_offs', 'fen', -d.written_off_fen - m.lost_fen),
      ('points_issued', 'points', e.granted + e.adjusted),
      ('points_redeemed', 'points', e.burned),
      ('points_available', 'points', -e.available),
      ('points_held', 'points', -e.held)
    ) AS x (account, unit, expected)`;

/**
 * Invariant 4: every control account carries what its sub-ledger adds up to: the points entries, the paid withdrawals,
 * collections, statements and what they were matched with.
 */
export async function accountsMatchSubledgers(sql: Sql, scope: BookedScope & Pick<Scope, "lines">): Promise<Findings> {
  type Row = { account: string; unit: string; journal: bigint; expected: bigint; found: bigint };
  const rows = await sql<Row[]>`
    SELECT x.account, x.unit, coalesce(j.total, 0) AS journal, x.expected, count(*) OVER () AS found
    FROM (${expectedAccounts(sql, scope)}) x
    LEFT JOIN (SELECT account, sum(amount)::bigint AS total FROM ${scope.lines} y GROUP BY account) j
      ON j.account = x.account
    WHERE coalesce(j.total, 0) <> x.expected
    ORDER BY x.account LIMIT ${namedViolations}`;
  return findingsOf(BigInt(Object.keys(accounts).length), rows, ({ account, unit, journal, expected }) => ({
    account,
    unit: unit === "fen" ? "yuan" : unit,
    journal: amountText(unit, journal),
    sub_ledger: amountText(unit, expected),
  }));
}

const units = { ...accounts, ...memoranda };

/**
 * Invariant 4: the balances recorded when a date was closed are those of the journal at its end, and the memoranda
 * those of entries and withdrawals; debts only of dates whose entries are there.
 */
export async function closingsMatchJournal(sql: Sql): Promise<Findings> {
  type Row = {
    businessDate: BusinessDate;
    account: Account | Memorandum;
    closing: bigint;
    journal: bigint;
    found: bigint;
  };
  const rows = await sql<Row[]>`
    SELECT *, count(*) OVER () AS found FROM (
      SELECT business_date, account, max(closing) AS closing,
        (sum(sum(moved)) OVER (PARTITION BY account ORDER BY business_date))::bigint AS journal
      FROM (
        SELECT t.business_date, l.account, l.amount AS moved, NULL::bigint AS closing FROM journal_transactions t
        JOIN journal_lines l USING (journal_id)
        UNION ALL
        SELECT business_date, account, amount, NULL FROM (${memorandumMoves(sql, "-infinity")}) m
        UNION ALL
        SELECT c.business_date, c.account, 0, c.amount FROM account_closings c
        JOIN (${soundClosings(sql)}) d USING (business_date, run_id) WHERE c.account <> ${cashFigure}
      ) x GROUP BY business_date, account
    ) y
    WHERE closing <> journal AND NOT (account = 'member_debts' AND business_date < coalesce(${archivedUntil(sql)}, '-infinity'))
    ORDER BY business_date, account LIMIT ${namedViolations}`;
  const [all] = await sql<{ count: bigint }[]>`
    SELECT count(*) AS count FROM account_closings WHERE account <> ${cashFigure}`;
  return findingsOf(all!.count, rows, ({ businessDate, account, closing, journal }) => ({
    business_date: businessDate,
    account,
    closing: amountText(units[account], closing),
    journal: amountText(units[account], journal),
  }));
}

/** What collections move: when they are confirmed, and when a statement settles those of the opening. */
const collectionMoves = (sql: Sql, { collections, openings }: Pick<Scope, "collections" | "openings">) => sql`
  SELECT collection_no, business_date, -amount_fen AS owed_fen, amount_fen AS bank_fen FROM ${collections} x
  UNION ALL SELECT collection_no, business_date, 0, -amount_fen FROM ${openings} x`;

/** What a document has posted on an account against what it calls for. */
type PostedRow = {
  document: string;
  kind: string;
  businessDate: BusinessDate;
  account: Account;
  expected: bigint;
  posted: bigint;
  found: bigint;
};

type PostedScope = Pick<
  Scope,
  | "transactions"
  | "lines"
  | "runs"
  | "withdrawals"
  | "collections"
  | "openings"
  | "statements"
  | "matched"
  | "adjusted"
  | "owedAdjusted"
  | "isCovered"
>;

/** What each document calls for: a query for document, kind, business_date and each of `figures`. */
function dueDocuments(
  sql: Sql,
  { runs, withdrawals, collections, openings, statements, matched, adjusted, owedAdjusted, isCovered }: PostedScope,
): Fragment {
  const zone = sql`(SELECT time_zone FROM platform)`;
  return sql`
    SELECT 'run ' || r.run_id AS document, 'grant' AS kind, r.business_date,
      r.contribution_fen AS contributions_receivable, 0::bigint AS payouts_payable, 0::bigint AS fee_income,
      r.points_granted - r.points_clawed_back AS points_issued, 0::bigint AS points_redeemed,
      0::bigint AS points_held, 0::bigint AS bank, 0::bigint AS write_offs
    FROM ${runs} r WHERE r.contribution_fen <> 0 OR r.points_granted <> r.points_clawed_back
    UNION ALL
    SELECT w.withdrawal_no, x.* FROM ${withdrawals} w
    CROSS JOIN LATERAL (VALUES
      ('hold', w.business_date, 0, 0, 0, 0, 0, -w.points, 0, 0),
      (CASE WHEN w.status = 'paid' THEN 'burn' WHEN w.status IN ('rejected', 'cancelled', 'expired', 'failed')
        THEN 'release' END,
        (w.decided_at AT TIME ZONE ${zone})::date, 0, CASE WHEN w.status = 'paid' THEN -w.net_fen ELSE 0 END,
        CASE WHEN w.status = 'paid' THEN -w.fee_fen ELSE 0 END, 0, CASE WHEN w.status = 'paid' THEN -w.points
          ELSE 0 END, w.points, 0, 0)
    ) x (kind, day) WHERE x.kind IS NOT NULL AND ${isCovered(sql`x.day`)}
    UNION ALL
    SELECT c.collection_no, 'collection', c.business_date, sum(c.owed_fen)::bigint, 0, 0, 0, 0, 0,
      sum(c.bank_fen)::bigint, 0
    FROM (${collectionMoves(sql, { collections, openings })}) c GROUP BY c.collection_no, c.business_date
    UNION ALL
    SELECT 'import ' || s.import_id, 'statement', s.business_date, 0, 0, 0, 0, 0, 0, s.booked_fen, 0
    FROM ${statements} s
    WHERE s.booked_fen <> 0
    UNION ALL
    SELECT m.recon_no, 'statement', m.business_date, 0,
      coalesce(-sum(m.amount_fen) FILTER (WHERE m.thing = 'payout'), 0)::bigint, 0, 0, 0, 0,
      coalesce(-sum(m.amount_fen) FILTER (WHERE m.thing = 'collection'), 0)::bigint,
      coalesce(-sum(m.amount_fen) FILTER (WHERE m.thing = 'write_off'), 0)::bigint
    FROM ${matched} m GROUP BY m.recon_no, m.business_date
    UNION ALL
    SELECT a.proposal_no, 'adjust', a.business_date, 0, 0, 0, a.points, 0, 0, 0, 0 FROM ${adjusted} a
    WHERE a.points <> 0
    UNION ALL
    SELECT d.proposal_no, CASE d.kind WHEN 'write_off' THEN 'write_off' ELSE 'adjust' END, d.business_date,
      d.amount_fen, 0, 0, 0, 0, 0, 0, CASE d.kind WHEN 'write_off' THEN -d.amount_fen ELSE 0 END
    FROM ${owedAdjusted} d`;
}

/**
 * Invariant 4, document by document: the postings of each grant run say what its record says, those of each withdrawal
 * what its state calls for, those of each collection what was confirmed, those of each statement what it changed, those
 * of each act of matching what it matched and those of each proposal that adjusts points or what a merchant owes what
 * it came to, each on its day. Sums that hold over all could hide that one was paid what another lost.
 */
export async function documentsArePosted(sql: Sql, scope: PostedScope): Promise<Findings> {
  const { transactions, lines } = scope;
  const rows = await sql<PostedRow[]>`
    WITH posted AS MATERIALIZED (
      SELECT coalesce(t.withdrawal_no, t.document_no, 'run ' || t.run_id) AS document, t.kind, t.business_date,
        ${sql.unsafe(figures.map((account) => `coalesce(sum(l.amount) FILTER (WHERE l.account = '${account}'), 0)::bigint AS ${account}`).join(", "))}
      FROM ${transactions} t JOIN ${lines} l ON l.journal_id = t.journal_id GROUP BY 1, 2, 3
    ), due AS (
      ${dueDocuments(sql, scope)}
    )
    SELECT document, kind, business_date, f.account, f.expected, f.posted, count(*) OVER () AS found
    FROM due d FULL JOIN posted p USING (document, kind, business_date)
    CROSS JOIN LATERAL (VALUES
      ${sql.unsafe(figures.map((account) => `('${account}', coalesce(d.${account}, 0), coalesce(p.${account}, 0))`).join(", "))}
    ) f (account, expected, posted)
    WHERE f.expected <> f.posted ORDER BY document, kind, f.account LIMIT ${namedViolations}`;
  const [all] = await sql<{ count: bigint }[]>`SELECT count(*) AS count FROM ${transactions} t`;
  return findingsOf(all!.count, rows, ({ document, kind, businessDate, account, expected, posted }) => ({
    document,
    kind,
    business_date: businessDate,
    account,
    expected: amountText(accounts[account], expected),
    posted: amountText(accounts[account], posted),
  }));
}

/** The accounts that are compared; the others follow, for each transaction balances. */
const figures = [
  "contributions_receivable",
  "payouts_payable",
  "fee_income",
  "points_issued",
  "points_redeemed",
  "points_held",
  "bank",
  "write_offs",
] as const;

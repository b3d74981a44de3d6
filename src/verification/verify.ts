import type { Context } from "../db/context.ts";
import { inTransaction, reading, type Sql } from "../db/database.ts";
import { tuneBulk } from "../db/planner.ts";
import { businessDateOf, type BusinessDate } from "../shared/business-date.ts";
import { balancesMatchEntries, balancesOfTheDate, debtsAreClawbacks, heldMatchesWithdrawals } from "./balance-checks.ts";
import { datesWereClosed } from "./date-checks.ts";
import { entriesAreExplained, runsMatchEntries, withdrawalsHaveTheirEntries } from "./entry-checks.ts";
import { changesAreRefused, guardsAreInPlace } from "./guard-checks.ts";
import { importsMatchRows } from "./import-checks.ts";
import { accountsMatchSubledgers, closingsMatchJournal, documentsArePosted, journalBalances } from "./journal-checks.ts";
import { billsMatchBooks, collectionsAreBanked, contributionsMatchEntries, merchantsOweReceivable } from "./merchant-checks.ts";
import type { Findings } from "./model.ts";
import { numbersHaveNoGaps, sequencesAreAhead } from "./number-checks.ts";
import { feedMatchesOrders, noOrderIsForgotten, ordersAreGrantedAsDue, ordersAreOfTheirDates, refundsAddUp, waitingMatchOrders } from "./order-checks.ts";
import { keysLeadToTheirRows, nothingIsOrphaned } from "./orphan-checks.ts";
import { batchesMatchPayouts, payoutsMatchWithdrawals, retriesMatchPayouts } from "./payout-checks.ts";
import { ratesWereInForce, termsWereInForce } from "./rate-checks.ts";
import { accountsAreRecorded, decisionsAreRecorded, moneyIsRecorded, ratesAreRecorded, runningIsRecorded, standingsAreRecorded } from "./record-checks.ts";
import { matchesAddUp, statementsAddUp } from "./statement-checks.ts";
import { gatherDate, ofDate } from "./scope.ts";
import { fundIsReported, fundIsReportedOfAll, makersAreNotCheckers } from "./withdrawal-checks.ts";

/** One invariant and the function that checks it. */
interface Check {
  readonly name: string;
  /** What holds when the check is ok, in one line. */
  readonly about: string;
  readonly find: (sql: Sql) => Promise<Findings>;
}

/** The result of one check. */
export interface CheckResult extends Findings {
  readonly name: string;
  readonly about: string;
  readonly ok: boolean;
}

/** The result of a verification: ok only if every check is. */
export interface Verification {
  readonly ok: boolean;
  readonly checks: readonly CheckResult[];
}

const checksOf = (today: BusinessDate): readonly Check[] => [
  { name: "balances_match_entries", about: "available and held are the sums of each member's entries", find: balancesMatchEntries },
  { name: "held_matches_withdrawals", about: "held is the sum of each member's open withdrawals", find: heldMatchesWithdrawals },
  { name: "orders_granted_as_due", about: "each settled order's entries add up to what its net amount is due", find: ordersAreGrantedAsDue },
  { name: "no_order_forgotten", about: "every paid order that is due something is settled, or waits for the next run", find: noOrderIsForgotten },
  { name: "refunds_add_up", about: "no order is refunded by less than its refund rows add up to", find: refundsAddUp },
  { name: "entries_explained", about: "an order or a withdrawal explains every entry, and none was written twice", find: entriesAreExplained },
  { name: "withdrawal_entries", about: "each withdrawal has the entries of its state", find: withdrawalsHaveTheirEntries },
  { name: "payouts_match", about: "each withdrawal that was sent has one payout, in the same state", find: payoutsMatchWithdrawals },
  { name: "payout_batches", about: "payout batches and their files say what is in them", find: batchesMatchPayouts },
  { name: "runs_match_entries", about: "each grant run's record says what its entries say", find: runsMatchEntries },
  { name: "journal_balances", about: "every journal transaction adds up to zero in each unit", find: journalBalances },
  { name: "accounts_match_subledgers", about: "control accounts carry what entries, payouts and collections add up to", find: accountsMatchSubledgers },
  { name: "closings_match_journal", about: "sums written down at the closing of a date are those of the journal", find: closingsMatchJournal },
  { name: "merchants_match_entries", about: "what merchants contributed on closed dates is what their orders' entries add up to", find: contributionsMatchEntries },
  { name: "bills_match_books", about: "each bill says what was contributed, clawed back and collected, and opens where the last one closed", find: billsMatchBooks },
  { name: "collections_banked", about: "each collection's money is booked on the account that it came in on, once", find: collectionsAreBanked },
  { name: "merchants_owe_receivable", about: "what merchants owe, each by itself, is what the journal says they owe together", find: merchantsOweReceivable },
  { name: "statements_add_up", about: "each statement brought the lines it says, and what is booked on an account is what its last one closes with", find: statementsAddUp },
  { name: "matches_add_up", about: "what is open of each line, and which payouts no statement has shown, is what was not matched", find: matchesAddUp },
  { name: "debts_are_clawbacks", about: "available is below zero only where clawbacks explain it", find: debtsAreClawbacks },
  { name: "rates_in_force", about: "each order was settled at rates that were in force on the date it was paid", find: ratesWereInForce },
  { name: "terms_in_force", about: "each withdrawal has the point value, fee and approvals of a policy in force on its date", find: termsWereInForce },
  { name: "documents_posted", about: "each grant run, withdrawal and collection has the postings it calls for, on their days", find: documentsArePosted },
  { name: "feed_matches_orders", about: "each change that waits for a grant run says what its order stands at", find: feedMatchesOrders },
  { name: "waiting_matches_orders", about: "each order that waits for its merchant's money says what it stands at, and since when it is booked", find: waitingMatchOrders },
  { name: "order_dates", about: "each order's business date is the day of its payment, and none is of a day to come", find: ordersAreOfTheirDates },
  { name: "imports_match_rows", about: "each import brought in the rows that it says it did", find: importsMatchRows },
  { name: "retries_match", about: "each withdrawal in place of a failed one names it, and so does its payout", find: retriesMatchPayouts },
  { name: "dates_closed", about: "each closed date was settled, has its sums, and was reopened by somebody else if at all", find: datesWereClosed },
  { name: "decisions_recorded", about: "each request, approval, decision and payout is recorded, by who it was", find: decisionsAreRecorded },
  { name: "running_recorded", about: "each policy, closing, run, import, batch and matching is recorded, by who it was", find: runningIsRecorded },
  { name: "rates_recorded", about: "each rate of a merchant's own is recorded, by who set it", find: ratesAreRecorded },
  { name: "accounts_recorded", about: "each payout account is recorded, by who added or closed it", find: accountsAreRecorded },
  { name: "money_recorded", about: "each money account, collection and billing is recorded, by who it was", find: moneyIsRecorded },
  { name: "standings_recorded", about: "identities verified, members and merchants stand as was last recorded", find: standingsAreRecorded },
  { name: "sequences_ahead", about: "no sequence lies behind the numbers that were given", find: sequencesAreAhead },
  { name: "numbers_without_gaps", about: "revisions, steps, and the payouts and files of a batch are numbered without gaps", find: numbersHaveNoGaps },
  { name: "guards_in_place", about: "the schema with its guards and privileges is as this version made it", find: guardsAreInPlace },
  { name: "maker_is_not_checker", about: "nobody approved a withdrawal that they requested", find: makersAreNotCheckers },
  { name: "fund_told", about: "the fund covers what is owed to members, or the shortfall is told", find: (sql) => fundIsReportedOfAll(sql, today) },
  { name: "no_orphans", about: "every member, merchant and order that is named exists", find: nothingIsOrphaned },
  { name: "keys_lead_to_rows", about: "every order, withdrawal and member number leads to its row", find: keysLeadToTheirRows },
];

/** The checks on the rows of one date. */
const dateChecksOf = (date: BusinessDate): readonly Check[] => [
  { name: "orders_granted_as_due", about: "the entries of each order that the date moved add up to what its net amount is due", find: (sql) => ordersAreGrantedAsDue(sql, ofDate(sql, date)) },
  { name: "no_order_forgotten", about: "every order paid on the date that is due something is settled, or waits for the next run", find: (sql) => noOrderIsForgotten(sql, ofDate(sql, date)) },
  { name: "entries_explained", about: "an order or a withdrawal explains every entry of the date, and none was written twice", find: (sql) => entriesAreExplained(sql, ofDate(sql, date)) },
  { name: "withdrawal_entries", about: "each withdrawal that the date moved has the entries of its state", find: (sql) => withdrawalsHaveTheirEntries(sql, ofDate(sql, date)) },
  { name: "runs_match_entries", about: "the records of the date's grant runs say what its entries say", find: (sql) => runsMatchEntries(sql, ofDate(sql, date)) },
  { name: "journal_balances", about: "every journal transaction of the date adds up to zero in each unit", find: (sql) => journalBalances(sql, ofDate(sql, date)) },
  { name: "accounts_match_subledgers", about: "the date moved the control accounts by what its entries and payouts add up to", find: (sql) => accountsMatchSubledgers(sql, ofDate(sql, date)) },
  { name: "balances_match_entries", about: "who moved most has what all their entries add up to, and all together what the accounts carry", find: (sql) => balancesOfTheDate(sql, ofDate(sql, date)) },
  { name: "rates_in_force", about: "each order that the date settled was so at rates in force on the date it was paid", find: (sql) => ratesWereInForce(sql, ofDate(sql, date)) },
  { name: "terms_in_force", about: "each withdrawal that the date moved has the point value, fee and approvals of a policy in force on its own", find: (sql) => termsWereInForce(sql, ofDate(sql, date)) },
  { name: "documents_posted", about: "each grant run and each withdrawal has the postings that the date calls for", find: (sql) => documentsArePosted(sql, ofDate(sql, date)) },
  { name: "decisions_recorded", about: "each request, approval, decision and payout of what the date moved is recorded, by who it was", find: (sql) => decisionsAreRecorded(sql, ofDate(sql, date)) },
  { name: "dates_closed", about: "each closed date was settled, has its sums, and was reopened by somebody else if at all", find: datesWereClosed },
  { name: "running_recorded", about: "each policy, closing, run, import, batch and matching is recorded, by who it was", find: runningIsRecorded },
  { name: "guards_in_place", about: "the schema with its guards and privileges is as this version made it", find: guardsAreInPlace },
  { name: "fund_told", about: "the fund covers what is owed to members, or the shortfall is told", find: (sql) => fundIsReported(sql, date) },
];

const refusedChanges = { name: "changes_refused", about: "entries, journal and audit refuse UPDATE and DELETE, whoever asks" };

/**
 * Verifies every invariant of the domain: runs all checks on one snapshot of the database, beside work that goes on,
 * and returns the results of all. Changes nothing.
 *
 * @throws the signal's reason between two checks
 */
export const verify = (context: Context): Promise<Verification> =>
  runChecks(context, checksOf(businessDateOf(context.clock(), context.zone)), (work) =>
    reading(() =>
      context.db.sql.begin("isolation level repeatable read read only", async (sql) => {
        // JIT costs more than it saves: half a million orders took 3.9 s without it and 7.1 s with it.
        await sql`SET LOCAL jit = off`;
        await work(sql);
      })));

/**
 * Verifies the rows of one business date (entries, orders, withdrawals, runs and journal) and the guards. The cost
 * follows that date's rows.
 *
 * @throws the signal's reason between two checks
 */
export const verifyDate = (context: Context, date: BusinessDate): Promise<Verification> =>
  runChecks(context, dateChecksOf(date), (work) =>
    inTransaction(
      context.db,
      async (tx) => {
        await tx`SET TRANSACTION ISOLATION LEVEL REPEATABLE READ`;
        await tuneBulk(tx);
        await tx`SELECT set_config('enable_bitmapscan', 'on', true)`; // what is found by date is found by a bitmap
        await gatherDate(tx, date);
        await work(tx);
      },
      "rollback", // nothing but temporary tables is written
    ));

async function runChecks(context: Context, checks: readonly Check[], onSnapshot: (work: (sql: Sql) => Promise<void>) => Promise<unknown>): Promise<Verification> {
  const total = checks.length + 1;
  const results: CheckResult[] = [];
  const run = async ({ name, about }: Pick<Check, "name" | "about">, find: () => Promise<Findings>) => {
    context.signal.throwIfAborted();
    context.onProgress({ phase: "verifying", done: results.length, total, unit: "checks", at: name });
    const findings = await find();
    results.push({ name, about, ok: findings.found === 0n, ...findings });
  };
  await onSnapshot(async (sql) => {
    for (const check of checks) await run(check, () => check.find(sql));
  });
  await run(refusedChanges, () => reading(() => changesAreRefused(context.db)));
  return { ok: results.every(({ ok }) => ok), checks: results };
}

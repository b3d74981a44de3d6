import type { Sql } from "../db/database.ts";
import type { BusinessDate } from "../shared/business-date.ts";
import {
  balancesMatchEntries,
  balancesOfTheDate,
  debtsAreClawbacks,
  heldMatchesWithdrawals,
} from "./balance-checks.ts";
import { voidsWereApproved } from "./correction-checks.ts";
import { datesWereClosed } from "./date-checks.ts";
import { evidenceIsUnchanged, grantsHaveEvidence, unevidencedMatchOrders } from "./evidence-checks.ts";
import { entriesAreExplained, runsMatchEntries, withdrawalsHaveTheirEntries } from "./entry-checks.ts";
import { guardsAreInPlace } from "./guard-checks.ts";
import { archivesAddUp } from "./history-checks.ts";
import { importsMatchRows } from "./import-checks.ts";
import { adjustmentsWereProposed, proposalsAreSealed } from "./proposal-checks.ts";
import {
  accountsMatchSubledgers,
  closingsMatchJournal,
  documentsArePosted,
  journalBalances,
} from "./journal-checks.ts";
import {
  billsMatchBooks,
  collectionsAreBanked,
  contributionsMatchEntries,
  merchantsOweReceivable,
} from "./merchant-checks.ts";
import type { Findings } from "./model.ts";
import { numbersHaveNoGaps, sequencesAreAhead } from "./number-checks.ts";
import {
  feedMatchesOrders,
  noOrderIsForgotten,
  ordersAreGrantedAsDue,
  ordersAreOfTheirDates,
  refundsAddUp,
  waitingMatchOrders,
} from "./order-checks.ts";
import { keysLeadToTheirRows, nothingIsOrphaned } from "./orphan-checks.ts";
import { batchesMatchPayouts, payoutsMatchWithdrawals, retriesMatchPayouts } from "./payout-checks.ts";
import { operatorsAreRecorded } from "./operator-checks.ts";
import { ratesWereInForce, termsWereInForce } from "./rate-checks.ts";
import {
  accountsAreRecorded,
  decisionsAreRecorded,
  moneyIsRecorded,
  ratesAreRecorded,
  runningIsRecorded,
  standingsAreRecorded,
} from "./record-checks.ts";
import { cashWasTold } from "./cash-checks.ts";
import { accountsMatchStatements, matchesAddUp, statementsAddUp } from "./statement-checks.ts";
import type { Scope } from "./scope.ts";
import { fundIsReported, fundIsReportedOfAll, makersAreNotCheckers } from "./withdrawal-checks.ts";

/** One invariant and the function that checks it. */
export interface Check {
  readonly name: string;
  /** What holds when the check is ok, in one line. */
  readonly about: string;
  /**
   * @param scope the rows to look at, for checks of what there is most of
   * @param date today, or the date whose rows are checked
   */
  readonly find: (sql: Sql, scope: Scope, date: BusinessDate) => Promise<Findings>;
}

const check = (name: string, about: string, find: Check["find"]): Check => ({ name, about, find });

const ofDate =
  (find: (sql: Sql, date: BusinessDate) => Promise<Findings>): Check["find"] =>
  (sql, _scope, date) =>
    find(sql, date);

/** The checks of everything. */
export const allChecks: readonly Check[] = [
  check("balances_match_entries", "available and held are the sums of each member's entries", balancesMatchEntries),
  check("held_matches_withdrawals", "held is the sum of each member's open withdrawals", heldMatchesWithdrawals),
  check(
    "orders_granted_as_due",
    "each settled order's entries add up to what its net amount is due",
    ordersAreGrantedAsDue,
  ),
  check(
    "no_order_forgotten",
    "every paid order that is due something is settled, or waits for the next run",
    noOrderIsForgotten,
  ),
  check("refunds_add_up", "no order is refunded by less than its refund rows add up to", refundsAddUp),
  check(
    "entries_explained",
    "an order, a withdrawal or an adjustment explains every entry, and none was written twice",
    entriesAreExplained,
  ),
  check("withdrawal_entries", "each withdrawal has the entries of its state", withdrawalsHaveTheirEntries),
  check("payouts_match", "each withdrawal that was sent has one payout, in the same state", payoutsMatchWithdrawals),
  check("payout_batches", "payout batches and their files say what is in them", batchesMatchPayouts),
  check("runs_match_entries", "each grant run's record says what its entries say", runsMatchEntries),
  check("journal_balances", "every journal transaction adds up to zero in each unit", journalBalances),
  check(
    "accounts_match_subledgers",
    "control accounts carry what entries, payouts and collections add up to",
    accountsMatchSubledgers,
  ),
  check(
    "closings_match_journal",
    "sums written down at the closing of a date are those of the journal",
    closingsMatchJournal,
  ),
  check(
    "cash_told",
    "the cash behind the points written down at the closing of a date is what follows from the books",
    cashWasTold,
  ),
  check(
    "merchants_match_entries",
    "what merchants contributed on closed dates is what their orders' entries add up to",
    contributionsMatchEntries,
  ),
  check(
    "bills_match_books",
    "each bill says what was contributed, clawed back and collected, and opens where the last one closed",
    billsMatchBooks,
  ),
  check(
    "collections_banked",
    "each collection's money is booked on the account that it came in on, once",
    collectionsAreBanked,
  ),
  check(
    "merchants_owe_receivable",
    "what merchants owe, each by itself, is what the journal says they owe together",
    merchantsOweReceivable,
  ),
  check(
    "statements_add_up",
    "each statement brought the lines it says, and what is booked on an account is what its last one closes with",
    statementsAddUp,
  ),
  check(
    "matches_add_up",
    "what is open of each line, and which payouts no statement has shown, is what was not matched",
    matchesAddUp,
  ),
  check(
    "banks_match_statements",
    "each of the platform's accounts is booked as its statements say, and what none has shown",
    accountsMatchStatements,
  ),
  check("debts_are_clawbacks", "available is below zero only where clawbacks explain it", debtsAreClawbacks),
  check(
    "rates_in_force",
    "each order was settled at rates that were in force on the date it was paid",
    ratesWereInForce,
  ),
  check(
    "terms_in_force",
    "each withdrawal has the point value, fee and approvals of a policy in force on its date",
    termsWereInForce,
  ),
  check(
    "documents_posted",
    "each grant run, withdrawal and collection has the postings it calls for, on their days",
    documentsArePosted,
  ),
  check(
    "feed_matches_orders",
    "each change that waits for a grant run says what its order stands at",
    feedMatchesOrders,
  ),
  check(
    "waiting_matches_orders",
    "each order that waits for its merchant's money says what it stands at, and since when it is booked",
    waitingMatchOrders,
  ),
  check(
    "unevidenced_match_orders",
    "each order that waits for evidence of its payment says what it stands at, and earned nothing",
    unevidencedMatchOrders,
  ),
  check(
    "grants_have_evidence",
    "where the policy asks for evidence, a channel shows the payment of each order that was settled",
    grantsHaveEvidence,
  ),
  check("evidence_unchanged", "the payments that channels show are as they were imported", evidenceIsUnchanged),
  check(
    "order_dates",
    "each order's business date is the day of its payment, and none is of a day to come",
    ordersAreOfTheirDates,
  ),
  check("imports_match_rows", "each import brought in the rows that it says it did", importsMatchRows),
  check(
    "retries_match",
    "each withdrawal in place of a failed one names it, and so does its payout",
    retriesMatchPayouts,
  ),
  check(
    "dates_closed",
    "each closed date was settled, has its sums, and was reopened by somebody else if at all",
    datesWereClosed,
  ),
  check(
    "decisions_recorded",
    "each request, approval, decision and payout is recorded, by who it was",
    decisionsAreRecorded,
  ),
  check(
    "running_recorded",
    "each policy, closing, run, import, batch and matching is recorded, by who it was",
    runningIsRecorded,
  ),
  check("rates_recorded", "each rate of a merchant's own is recorded, by who set it", ratesAreRecorded),
  check("accounts_recorded", "each payout account is recorded, by who added or closed it", accountsAreRecorded),
  check("money_recorded", "each money account, collection and billing is recorded, by who it was", moneyIsRecorded),
  check(
    "standings_recorded",
    "identities verified, members and merchants stand as was last recorded",
    standingsAreRecorded,
  ),
  check(
    "proposals_sealed",
    "each proposal says what was proposed, is recorded as it was decided, and nobody decided about their own",
    proposalsAreSealed,
  ),
  check(
    "adjustments_proposed",
    "each adjustment was proposed and approved as it is, has its entry, and adds up to what was posted",
    adjustmentsWereProposed,
  ),
  check("voids_approved", "each void order is so by an approved proposal, which did what it says", voidsWereApproved),
  check("operators_recorded", "each operator is as last recorded, and looks like nobody else", operatorsAreRecorded),
  check("sequences_ahead", "no sequence lies behind the numbers that were given", sequencesAreAhead),
  check(
    "numbers_without_gaps",
    "revisions, steps, and the payouts and files of a batch are numbered without gaps",
    numbersHaveNoGaps,
  ),
  check("guards_in_place", "the schema with its guards and privileges is as this version made it", guardsAreInPlace),
  check(
    "archives_add_up",
    "what is carried of archived orders is what was archived, member by member and date by date",
    archivesAddUp,
  ),
  check("maker_is_not_checker", "nobody approved a withdrawal that they requested", makersAreNotCheckers),
  check("fund_told", "the fund covers what is owed to members, or the shortfall is told", ofDate(fundIsReportedOfAll)),
  check("no_orphans", "every member, merchant and order that is named exists", nothingIsOrphaned),
  check("keys_lead_to_rows", "every order, withdrawal and member number leads to its row", keysLeadToTheirRows),
];

/** The checks on the rows of one date. */
export const dateChecks: readonly Check[] = [
  check(
    "orders_granted_as_due",
    "the entries of each order that the date moved add up to what its net amount is due",
    ordersAreGrantedAsDue,
  ),
  check(
    "no_order_forgotten",
    "every order paid on the date that is due something is settled, or waits for the next run",
    noOrderIsForgotten,
  ),
  check(
    "entries_explained",
    "an order, a withdrawal or an adjustment explains every entry of the date, and none was written twice",
    entriesAreExplained,
  ),
  check(
    "withdrawal_entries",
    "each withdrawal that the date moved has the entries of its state",
    withdrawalsHaveTheirEntries,
  ),
  check("runs_match_entries", "the records of the date's grant runs say what its entries say", runsMatchEntries),
  check("journal_balances", "every journal transaction of the date adds up to zero in each unit", journalBalances),
  check(
    "accounts_match_subledgers",
    "the date moved the control accounts by what its entries and payouts add up to",
    accountsMatchSubledgers,
  ),
  check(
    "balances_match_entries",
    "who moved most has what all their entries add up to, and all together what the accounts carry",
    balancesOfTheDate,
  ),
  check(
    "rates_in_force",
    "each order that the date settled was so at rates in force on the date it was paid",
    ratesWereInForce,
  ),
  check(
    "terms_in_force",
    "each withdrawal that the date moved has the point value, fee and approvals of a policy in force on its own",
    termsWereInForce,
  ),
  check(
    "documents_posted",
    "each grant run and each withdrawal has the postings that the date calls for",
    documentsArePosted,
  ),
  check(
    "decisions_recorded",
    "each request, approval, decision and payout of what the date moved is recorded, by who it was",
    decisionsAreRecorded,
  ),
  check(
    "dates_closed",
    "each closed date was settled, has its sums, and was reopened by somebody else if at all",
    datesWereClosed,
  ),
  check(
    "running_recorded",
    "each policy, closing, run, import, batch and matching is recorded, by who it was",
    runningIsRecorded,
  ),
  check("guards_in_place", "the schema with its guards and privileges is as this version made it", guardsAreInPlace),
  check("fund_told", "the fund covers what is owed to members, or the shortfall is told", ofDate(fundIsReported)),
];

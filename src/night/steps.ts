import type { Context } from "../db/context.ts";
import { inTransaction, reading } from "../db/database.ts";
import { countDue, expireDue } from "../domain/approvals/expire.ts";
import { issueBills } from "../domain/billing/issue.ts";
import { suspendOverdue } from "../domain/billing/suspend-overdue.ts";
import type { Period } from "../domain/billing/model.ts";
import { dueDates, lateOrders } from "../domain/grants/feed-sql.ts";
import { runGrant, grantFigures } from "../domain/grants/run.ts";
import { reconcile, sumsByThing } from "../domain/reconciliation/run.ts";
import { daysAfter, type BusinessDate } from "../shared/business-date.ts";
import { findingsError } from "../shared/errors.ts";
import { verifyDate } from "../verification/verify.ts";
import { expireStale } from "../domain/withdrawals/decide.ts";
import type { SettledFile, StepCounts } from "./events.ts";
import { takeInbox, type InboxInput, type InboxListener } from "./take-inbox.ts";
import { waitWhileBusy } from "./wait.ts";

/** Step 1, once: imports the files of the inbox, and matches lines of statements with what is expected. */
export async function importStep(
  context: Context,
  input: InboxInput | undefined,
  listener: InboxListener,
): Promise<StepCounts> {
  const files: SettledFile[] = [];
  if (input !== undefined) {
    const onFile = (file: SettledFile) => {
      files.push(file);
      listener.onFile(file);
    };
    await takeInbox(context, input, { ...listener, onFile });
  }
  const { openLines, totals } = await reconcile(context);
  const count = (outcome: SettledFile["outcome"]) => files.filter((file) => file.outcome === outcome).length;
  const sum = (of: "read" | "inserted" | "updated" | "duplicate" | "rejected") =>
    files.reduce((total, file) => total + file[of], 0);
  return {
    files: count("done"),
    failed_files: count("failed"),
    waiting_files: count("waiting"),
    unread_files: count("unread"),
    read: sum("read"),
    inserted: sum("inserted"),
    updated: sum("updated"),
    duplicate: sum("duplicate"),
    rejected: sum("rejected"),
    ...(openLines === 0 ? {} : { open_lines: openLines, matched: Object.fromEntries(sumsByThing(totals)) }),
  };
}

/**
 * Step 2: grants and claws back points, and reports the orders that came too late for their own date.
 *
 * @param waitMs how long to wait for the end of another grant run
 * @throws busy `grant_run_busy` when it still runs then
 */
export async function grantStep(context: Context, date: BusinessDate, waitMs: number): Promise<StepCounts> {
  const { late, report } = await waitWhileBusy(
    context,
    { code: "grant_run_busy", waitMs, note: "a grant run is at work; waiting for it to end" },
    async () => ({ late: await lateOrdersOf(context, date), report: await runGrant(context, { businessDate: date }) }),
  );
  return { grant_run_id: report.runId ?? null, ...grantFigures(report), late_orders: late };
}

/** Dates are settled in order, so new orders that were due in an earlier date came after its settlement. */
const lateOrdersOf = ({ db }: Context, date: BusinessDate): Promise<Readonly<Record<BusinessDate, number>>> =>
  reading(async () => lateOrders(db.sql, await dueDates(db.sql, daysAfter(date, -1))));

/**
 * Behind the last date: bills the months that are due, each in a transaction of its own, so what was billed stays
 * billed.
 */
export async function billStep(context: Context, periods: readonly Period[]): Promise<StepCounts> {
  let bills = 0n;
  for (const period of periods) bills += (await issueBills(context, period)).period.bills;
  return { periods: periods.length, bills };
}

/** Step 3: expires requests that were not decided in the time of the policy, if it has one; and so proposals in theirs. */
export const expireStep = async (context: Context): Promise<StepCounts> => ({
  requests: await expireStale(context),
  proposals: (await countDue(context)) === 0 ? 0 : await inTransaction(context.db, (tx) => expireDue(tx, context)),
});

/** How many of the suspended merchants a step names. */
const namedSuspensions = 100;

/** Behind billing: suspends the merchants that are overdue for too long; the first are named with the days. */
export async function suspendStep(context: Context): Promise<StepCounts> {
  const suspended = await suspendOverdue(context);
  return {
    merchants: suspended.length,
    overdue_days: Object.fromEntries(
      suspended.slice(0, namedSuspensions).map(({ merchantCode, days }) => [merchantCode, days]),
    ),
  };
}

/**
 * Step 4: verifies the date's rows.
 *
 * @throws `verification_failed` (findings), naming the checks that found something
 */
export async function verifyStep(context: Context, date: BusinessDate): Promise<StepCounts> {
  const { checks } = await verifyDate(context, date);
  const failed = checks.filter(({ ok }) => !ok);
  if (failed.length > 0) {
    throw findingsError(
      "verification_failed",
      `${date} does not add up: ${failed.map(({ name, found }) => `${name} (${found} wrong)`).join(", ")}`,
      {
        hint: `\`accrue verify --business-date ${date}\` shows what is wrong, \`accrue verify\` whose; the date stays open with all that was settled, and when it adds up the next run closes it`,
        details: { business_date: date, checks: failed.map(({ name }) => name) },
      },
    );
  }
  return { checks: checks.length, checked: checks.reduce((total, { checked }) => total + checked, 0n) };
}

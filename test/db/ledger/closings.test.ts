import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { inTransaction, type Transaction } from "../../../src/db/database.ts";
import { grantLines, type Account } from "../../../src/domain/ledger/model.ts";
import { postJournals } from "../../../src/domain/ledger/sql.ts";
import { accountTotals, closeAccounts, fundMoney } from "../../../src/domain/ledger/totals-sql.ts";
import { closeDate } from "../../../src/night/dates-sql.ts";
import { reopen } from "../../support/approved.ts";
import { verify } from "../../../src/verification/verify.ts";
import { peopleIn, take } from "../orders/scene.ts";
import { noonOf, paid, settleOn } from "../night/scene.ts";
import { cloneOf, testDatabase, type TestDatabase } from "../../support/database.ts";
import { tamper } from "../../support/money/people.ts";

const people = await testDatabase();
await peopleIn(people);

let on: TestDatabase;
beforeEach(async () => {
  on = await cloneOf(people);
  await take(on, [paid("A1", "2026-02-27"), paid("A2", "2026-02-28", "200.00")]);
  await settleOn(on, {}, { clock: noonOf("2026-03-01") });
});
afterEach(() => on.drop());

const amy = () => on.context({ operator: { name: "amy", host: "desk-1" } });
const violated = async () => (await verify(on.context())).checks.filter(({ ok }) => !ok).map(({ name }) => name);
/** What the accounts carry, added up without a thought for dates that are closed. */
const summed = async (until = "infinity") => {
  const rows = await on.db.sql<{ account: Account; amount: bigint }[]>`
    SELECT account, sum(amount)::bigint AS amount FROM journal_lines JOIN journal_transactions USING (journal_id) WHERE business_date <= ${until} GROUP BY account`;
  return Object.fromEntries(rows.map(({ account, amount }) => [account, amount]));
};
const totals = async (until?: string) =>
  Object.fromEntries(
    Object.entries(await accountTotals(on.db.sql, undefined, until)).filter(([, amount]) => amount !== 0n),
  );
const closings = async () =>
  (
    await on.db.sql<{ text: string }[]>`
  SELECT business_date || ' ' || amount AS text FROM account_closings WHERE account = 'points_fund' ORDER BY business_date, run_id`
  ).map(({ text }) => text);
const post = (dates: readonly string[]) =>
  inTransaction(on.db, (tx) =>
    postJournals(
      tx,
      dates.map((businessDate) => ({
        head: { kind: "grant", runId: 99n, businessDate, operator: "carol", postedAt: new Date() } as const,
        lines: grantLines({ contributionFen: 300n, points: 2n }),
      })),
    ),
  );

describe("what stands on the accounts", () => {
  test("is written down when a date is closed, and read from there: now, and at the end of any date", async () => {
    expect(await closings()).toEqual(["2026-02-27 -2100", "2026-02-28 -6300"]);
    await take(on, [paid("A3", "2026-03-01", "300.00")]);
    await post(["2026-03-01", "2026-03-02"]);
    expect(await totals()).toEqual(await summed());
    expect(await fundMoney(on.db.sql)).toBe(6700n);
    for (const date of ["2026-02-26", "2026-02-27", "2026-02-28", "2026-03-01", "2026-03-02"])
      expect(await totals(date)).toEqual(await summed(date));
  });

  test("follows a date that was reopened, and is written down anew when it is closed again", async () => {
    await reopen(amy(), "2026-02-28", "half was missing");
    await take(on, [paid("A3", "2026-02-28", "300.00")]);
    await settleOn(on, {}, { clock: noonOf("2026-03-01") });
    expect(await closings()).toEqual(["2026-02-27 -2100", "2026-02-28 -6300", "2026-02-28 -12600"]);
    expect([await totals(), await fundMoney(on.db.sql)]).toEqual([await summed(), 12_600n]);
    expect(await violated()).toEqual([]);
  });

  test("is not read from a closing whose earlier date took entries since", async () => {
    // Two operators at once can bring this about: a date is reopened while the run that closed it is at the next one.
    await tamper(
      on,
      (tx) => tx`
        UPDATE business_dates SET state = 'open', closed_at = NULL, reopened_by = 'amy', reopened_at = now(),
          reopen_reason = 'late' WHERE business_date = '2026-02-27'`,
    );
    await post(["2026-02-27"]);
    expect([await totals(), await totals("2026-02-28")]).toEqual([await summed(), await summed("2026-02-28")]);
    await inTransaction(on.db, async (tx) => {
      await tx`UPDATE business_dates SET state = 'running', run_id = 1000 WHERE business_date = '2026-02-27'`;
      await closeDate(tx, "2026-02-27", new Date());
    });
    expect([await totals(), await totals("2026-02-28")]).toEqual([await summed(), await summed("2026-02-28")]);
  });

  test("is proved by verify", async () => {
    expect(await violated()).toEqual([]);
    await on.superuser.sql.begin("read write", async (tx) => {
      await tx`ALTER TABLE account_closings DISABLE TRIGGER account_closings_append_only`;
      await tx`UPDATE account_closings SET amount = amount - 1 WHERE account = 'points_fund' AND business_date = '2026-02-28'`;
      await tx`ALTER TABLE account_closings ENABLE TRIGGER account_closings_append_only`;
    });
    const found = (await verify(on.context())).checks.find(({ name }) => name === "closings_match_journal");
    expect(found).toMatchObject({
      ok: false,
      violations: [{ business_date: "2026-02-28", account: "points_fund", closing: "-63.01", journal: "-63.00" }],
    });
  });

  test("costs what the dates brought that are not closed, whatever stands before them", async () => {
    const linesRead = (tx: Transaction) => tx<{ read: bigint }[]>`
      SELECT seq_tup_read + idx_tup_fetch AS read FROM pg_stat_xact_user_tables WHERE relname = 'journal_lines'`;
    const cost = () =>
      inTransaction(on.db, async (tx) => {
        const before = (await linesRead(tx))[0]!.read;
        await fundMoney(tx);
        return (await linesRead(tx))[0]!.read - before;
      });
    await reopen(amy(), "2026-02-28", "much was missing");
    await post(Array.from({ length: 2000 }, () => "2026-02-28"));
    expect(await cost()).toBeGreaterThan(2000n);
    await inTransaction(on.db, async (tx) => {
      await tx`UPDATE business_dates SET state = 'running', run_id = 1000 WHERE business_date = '2026-02-28'`;
      await closeDate(tx, "2026-02-28", new Date());
      await closeAccounts(tx, "2026-02-28", 1000n, 7_000);
    });
    await post(["2026-03-01", "2026-03-01"]);
    expect(await cost()).toBeLessThanOrEqual(10n);
  });
});

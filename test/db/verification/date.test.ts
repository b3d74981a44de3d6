import { describe, expect, test } from "vitest";
import { inTransaction } from "../../../src/db/database.ts";
import { decideWithdrawals } from "../../../src/domain/withdrawals/decide.ts";
import { requestWithdrawal } from "../../../src/domain/withdrawals/request.ts";
import { verifyDate } from "../../../src/verification/verify.ts";
import { peopleIn, take } from "../orders/scene.ts";
import { noonOf, paid, settleOn } from "../night/scene.ts";
import { cloneOf, testDatabase, type TestDatabase } from "../../support/database.ts";

const date = "2026-03-01";

/**
 * Two settled dates; on the second there are plain orders, a late one, a refund of an older one, one that nobody may
 * earn by, and withdrawals.
 */
const settled = await testDatabase();
await peopleIn(settled);
await take(settled, [paid("OLD", "2026-02-28", "1000.00"), paid("KEPT", "2026-02-28")]);
await settleOn(settled, {}, { clock: noonOf(date) });
await inTransaction(settled.db, async (tx) => {
  await tx`UPDATE members SET identity_verified_at = '2026-01-01'`;
  await tx`UPDATE members SET status = 'closed' WHERE member_no = 'M3'`;
});
const request = (points: bigint) =>
  requestWithdrawal(settled.context({ clock: noonOf(date) }), { memberNo: "M1", points });
await request(20n);
await decideWithdrawals(settled.context({ clock: noonOf(date) }), {
  name: "cancel",
  withdrawalNos: [(await request(30n)).withdrawalNo],
});
await take(settled, [
  paid("A1", date),
  paid("A2", date, "150.00"),
  paid("TINY", date, "0.03"),
  paid("LATE", "2026-02-20"),
  paid("OLD", "2026-02-28", "1000.00", "100.00"),
  paid("NONE", date).replace("M1", "M3"),
]);
await settleOn(settled);

/** The checks of the date that find something, after it was tampered with behind the guards' back. */
async function failingAfter(tampering: string, on: string = date): Promise<readonly string[]> {
  const broken: TestDatabase = await cloneOf(settled);
  await inTransaction(broken.superuser, async (tx) => {
    await tx`SET LOCAL session_replication_role = replica`;
    await tx.unsafe(tampering);
  });
  const { checks } = await verifyDate(broken.context(), on);
  await broken.drop();
  return checks.filter(({ ok }) => !ok).map(({ name }) => name);
}

const ref = (orderNo: string) => `ref_id = (SELECT order_id FROM orders WHERE order_no = '${orderNo}')`;
const sums = ["runs_match_entries", "accounts_match_subledgers", "balances_match_entries"];
/** Lets run, journal and balance say the same as an entry that gives M1 a point too many. */
const coverUp = `
  UPDATE grant_runs SET points_granted = points_granted + 1 WHERE business_date = '${date}';
  UPDATE journal_lines SET amount = amount + CASE account WHEN 'points_issued' THEN 1 WHEN 'points_available' THEN -1 WHEN 'platform_share' THEN 100 ELSE -100 END
    WHERE account IN ('points_issued', 'points_available', 'platform_share', 'points_fund')
    AND journal_id = (SELECT max(journal_id) FROM journal_transactions WHERE kind = 'grant');
  UPDATE balances SET available_points = available_points + 1 WHERE member_id = (SELECT member_id FROM members WHERE member_no = 'M1')`;

test("both dates add up, and what came late or was refunded is among what is looked at", async () => {
  const { checks } = await verifyDate(settled.context(), date);
  expect(checks.filter(({ ok }) => !ok)).toEqual([]);
  const checked = Object.fromEntries(checks.map(({ name, checked: count }) => [name, count]));
  // A1, A2, TINY, LATE and OLD, the last with the entry of the date before; two withdrawals with three entries; NONE
  // was paid on it, too.
  expect(checked).toMatchObject({
    orders_granted_as_due: 5n,
    entries_explained: 9n,
    no_order_forgotten: 4n,
    withdrawal_entries: 2n,
  });
  expect(await failingAfter("SELECT 1", "2026-02-28")).toEqual([]);
});

describe("what is wrong with one date is found by verifying that date:", () => {
  test.each([
    [
      "a point too many",
      `UPDATE points_entries SET available_points = 22 WHERE ${ref("A1")}`,
      ["orders_granted_as_due", ...sums],
    ],
    [
      "a point too many that all the rest agrees with",
      `UPDATE points_entries SET available_points = 22 WHERE ${ref("A1")}; ${coverUp}`,
      ["orders_granted_as_due"],
    ],
    [
      "the same of an order that came late",
      `UPDATE points_entries SET available_points = 22 WHERE ${ref("LATE")}; ${coverUp}`,
      ["orders_granted_as_due"],
    ],
    [
      "a contribution wrong by a fen",
      `UPDATE points_entries SET contribution_fen = 2 WHERE ${ref("TINY")}`,
      ["orders_granted_as_due", "runs_match_entries", "accounts_match_subledgers"],
    ],
    [
      "an amount that was changed",
      "UPDATE orders SET amount_fen = 10100 WHERE order_no = 'A1'",
      ["orders_granted_as_due"],
    ],
    [
      "a refund that no run was told of",
      "UPDATE orders SET refunded_fen = 5000 WHERE order_no = 'A1'",
      ["orders_granted_as_due"],
    ],
    [
      "the same of an order refunded before",
      "UPDATE orders SET refunded_fen = 20000 WHERE order_no = 'OLD'",
      ["orders_granted_as_due"],
    ],
    [
      "an order closed and never clawed back",
      "UPDATE orders SET status = 'closed' WHERE order_no = 'A2'",
      ["orders_granted_as_due"],
    ],
    [
      "other rates for a clawback",
      `UPDATE points_entries SET points_bps = 6000 WHERE kind = 'clawback'`,
      ["orders_granted_as_due"],
    ],
    ["an order without its entry", `DELETE FROM points_entries WHERE ${ref("A2")}`, ["no_order_forgotten", ...sums]],
    ["a skipped order that no run recorded", "DELETE FROM grant_skips", ["no_order_forgotten"]],
    ["an entry without its order", "DELETE FROM orders WHERE order_no = 'A1'", ["entries_explained"]],
    [
      "an entry with another's number",
      `UPDATE points_entries SET entry_no = 2 WHERE ${ref("A1")}`,
      ["entries_explained"],
    ],
    [
      "an entry of a kind that is not an order's",
      `UPDATE points_entries SET kind = 'release', available_points = 21, held_points = -21, run_id = NULL, net_fen = NULL, contribution_fen = NULL, contribution_bps = NULL, points_bps = NULL WHERE ${ref("A1")}`,
      ["entries_explained", ...sums],
    ],
    [
      "an order granted twice",
      `INSERT INTO points_entries SELECT member_id, ref_id, available_points, held_points, run_id, net_fen, contribution_fen, created_at, contribution_bps, points_bps, business_date, 3, kind FROM points_entries WHERE ${ref("A1")}`,
      ["orders_granted_as_due", "entries_explained", ...sums],
    ],
    [
      "a withdrawal without its release",
      "UPDATE withdrawals SET status = 'cancelled', decided_by = 'x', decided_at = now() WHERE status = 'requested'",
      ["withdrawal_entries", "decisions_recorded"],
    ],
    [
      "a record that its entries do not bear out",
      `UPDATE grant_runs SET orders = orders + 1 WHERE business_date = '${date}'`,
      ["runs_match_entries"],
    ],
  ])("%s", async (_what, tampering, found) => {
    expect(await failingAfter(tampering)).toEqual(found);
  });

  test("behind a later date too, whose run gave an order of this one another entry", async () => {
    const later = `
      INSERT INTO grant_runs (run_id, business_date, status, operator, host, started_at) VALUES (900, '2026-03-02', 'complete', 'x', 'x', now());
      INSERT INTO points_entries SELECT member_id, ref_id, 1, 0, 900, net_fen, 0, created_at, contribution_bps, points_bps, '2026-03-02', 2, kind FROM points_entries WHERE ${ref("A1")}`;
    expect(await failingAfter(later)).toEqual(["orders_granted_as_due", "balances_match_entries", "running_recorded"]);
  });
});

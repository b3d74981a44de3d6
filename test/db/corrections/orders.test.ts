import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { subjects } from "../../../src/cli/subjects.ts";
import { approve } from "../../../src/domain/approvals/decide.ts";
import { propose } from "../../../src/domain/approvals/propose.ts";
import {
  correctionSubject,
  voidSubject,
  type CorrectionDocument,
} from "../../../src/domain/corrections/order-subjects.ts";
import { inTransaction } from "../../../src/db/database.ts";
import { runGrant } from "../../../src/domain/grants/run.ts";
import { showOrder } from "../../../src/domain/orders/show.ts";
import { verify } from "../../../src/verification/verify.ts";
import { approved } from "../../support/approved.ts";
import { cloneOf, testDatabase, type TestDatabase } from "../../support/database.ts";
import { standingOf } from "../../support/standing.ts";
import { peopleIn, settle, take } from "../orders/scene.ts";

const template = await testDatabase();
await peopleIn(template);

let here: TestDatabase;
beforeEach(async () => {
  here = await cloneOf(template);
});
afterEach(() => here.drop());

const row = (no: string, member: string, merchant: string, amount: string, day = "01", refunded = "") =>
  `${no},${member},${merchant},${amount},paid,2026-02-${day} 12:00:00,${refunded},,`;
const others = [row("A1", "M1", "S1", "500.00"), row("A2", "M2", "S2", "300.00"), row("A3", "M1", "S2", "80.00", "03")];
const wrong = row("X", "M1", "S1", "100.00");
const x = { order_no: "X", source: "default" };

const correct = (changes: Omit<CorrectionDocument, "order_no" | "source">, on = here) =>
  approved(on.context(), correctionSubject, { ...x, ...changes });
const voided = (on = here) => approved(on.context(), voidSubject, x);

async function expectSound(on = here): Promise<void> {
  const { checks } = await verify(on.context());
  expect(checks.filter(({ ok }) => !ok)).toEqual([]);
}

/** What a database stands at in which these rows came, and a grant run settled them. */
async function standingWith(rows: readonly string[]): Promise<string> {
  const other = await cloneOf(template);
  await take(other, rows);
  await settle(other);
  const standing = await standingOf(other.db);
  await other.drop();
  return standing;
}

/** Orders that came in wrong, as what they are corrected to, and as the rows that would have been right. */
const corrections: Readonly<Record<string, readonly [Parameters<typeof correct>[0], right: string]>> = {
  X1: [{ amount_fen: "25000" }, row("X1", "M1", "S1", "250.00")],
  X2: [{ refunded_fen: "4000" }, row("X2", "M1", "S1", "100.00", "01", "40.00")],
  X3: [{ member_no: "M2" }, row("X3", "M2", "S1", "100.00")],
  X4: [{ merchant_code: "S2" }, row("X4", "M1", "S2", "100.00")],
  X5: [{ paid_at: "2026-02-05 12:00:00 Asia/Shanghai" }, row("X5", "M1", "S1", "100.00", "05")],
  X6: [
    { amount_fen: "7700", member_no: "M3", merchant_code: "S2", paid_at: "2026-02-02 12:00:00+08:00" },
    row("X6", "M3", "S2", "77.00", "02"),
  ],
};
const wrongs = Object.keys(corrections).map((no) => row(no, "M1", "S1", "100.00"));

describe("corrected orders", () => {
  test.each(["not granted", "granted"])("are as if they had come right: %s", async (when) => {
    const expected = await standingWith([...others, ...Object.values(corrections).map(([, right]) => right)]);
    await take(here, [...others, ...wrongs]);
    if (when === "granted") await settle(here);
    for (const [orderNo, [changes]] of Object.entries(corrections))
      await approved(here.context(), correctionSubject, { ...x, order_no: orderNo, ...changes });
    await expectSound();
    await settle(here);
    await expectSound();
    expect(await standingOf(here.db)).toBe(expected);
  });

  test("is known as what it is: the right row is a duplicate, the wrong one says by which proposal", async () => {
    await take(here, [wrong]);
    const { proposalNo } = await correct({ amount_fen: "25000" });
    expect(await take(here, [row("X", "M1", "S1", "250.00")])).toMatchObject({ duplicate: 1 });
    const { rejected, examples } = await take(here, [wrong]);
    expect([rejected, examples]).toEqual([
      1,
      [
        `2 order_no: the order was corrected by proposal ${proposalNo}, and what stands here contradicts that (\`accrue order show\`)`,
      ],
    ]);
    expect(await take(here, [row("X", "M1", "S1", "250.00", "01", "50.00")])).toMatchObject({ updated: 1 });
    const { history, refundedFen } = await showOrder(here.context(), "X", undefined);
    expect(refundedFen).toBe(5_000n);
    expect(history).toMatchObject([
      { amountFen: 10_000n, status: "paid", proposalNo, importId: null },
      { amountFen: 25_000n, refundedFen: 0n, proposalNo: null, importId: 4n },
    ]);
  });

  test("keeps its numbered refunds, and does not shrink below them", async () => {
    await take(here, [wrong]);
    await inTransaction(here.db, async (tx) => {
      await tx`
        INSERT INTO order_refunds (member_id, order_id, refund_no, refunded_fen, import_id)
        SELECT member_id, order_id, 'R1', 3000, import_id FROM order_keys`;
      await tx`UPDATE orders SET refunded_fen = 3000`;
      await tx`UPDATE order_changes SET net_fen = 7000`;
    });
    await expect(correct({ refunded_fen: "2000" })).rejects.toMatchObject({ code: "refunds_add_up" });
    await correct({ member_no: "M2" });
    await expectSound();
    const { memberNo, refundedFen } = await showOrder(here.context(), "X", undefined);
    expect([memberNo, refundedFen]).toEqual(["M2", 3_000n]);
  });

  test("falls on the open date where its own is closed, at the rates of its own", async () => {
    await take(here, [...others, wrong]);
    await runGrant(here.context(), { businessDate: "2026-02-10" });
    await correct({ amount_fen: "20000" });
    await runGrant(here.context(), { businessDate: "2026-03-01" });
    const { entries, history } = await showOrder(here.context(), "X", undefined);
    expect(entries).toMatchObject([{ kind: "grant", points: 42n, businessDate: "2026-03-01", entryNo: 1 }]);
    expect(history).toHaveLength(1);
    const old = await here.db.sql`
      SELECT e.kind, e.available_points::int AS points, e.business_date::text AS business_date FROM points_entries e
      JOIN order_voids v ON v.member_id = e.member_id AND v.order_id = e.ref_id ORDER BY e.entry_no`;
    expect([...old]).toEqual([
      { kind: "grant", points: 21, businessDate: "2026-02-10" },
      { kind: "clawback", points: -21, businessDate: "2026-03-01" },
    ]);
  });

  test("is refused where it cannot be that, each with its reason", async () => {
    await take(here, [wrong, "P,M1,S1,10.00,pending,,,,"]);
    const refusals: readonly (readonly [Parameters<typeof correct>[0], string])[] = [
      [{ amount_fen: "10000" }, "order_unchanged"],
      [{ member_no: "M9" }, "member_unknown"],
      [{ merchant_code: "S9" }, "merchant_unknown"],
      [{ merchant_code: "SP" }, "merchant_pending"],
      [{ merchant_code: "SX", paid_at: "2026-02-11 00:00:00+08:00" }, "merchant_suspended"],
      [{ paid_at: "2099-01-01 00:00:00+08:00" }, "paid_in_future"],
      [{ refunded_fen: "10001" }, "refund_exceeds_amount"],
    ];
    for (const [changes, code] of refusals) await expect(correct(changes)).rejects.toMatchObject({ code });
    await expect(
      approved(here.context(), correctionSubject, { ...x, order_no: "P", refunded_fen: "1" }),
    ).rejects.toMatchObject({ code: "order_not_paid" });
    await expect(approved(here.context(), voidSubject, { ...x, order_no: "Y" })).rejects.toMatchObject({
      code: "order_unknown",
    });
    expect((await here.db.sql`SELECT FROM corrections`).count).toBe(0);
  });
});

describe("a void order", () => {
  test("is as if it had never been, though it was granted", async () => {
    const expected = await standingWith(others);
    await take(here, [...others, wrong]);
    await settle(here);
    await voided();
    await settle(here);
    await expectSound();
    expect(await standingOf(here.db)).toBe(expected);
  });

  test("comes back by no file, and says by which proposal it is void", async () => {
    await take(here, [wrong]);
    const { proposalNo } = await voided();
    for (const one of [wrong, row("X", "M2", "S2", "1.00")])
      expect((await take(here, [one])).examples).toEqual([
        `2 order_no: the order is void by proposal ${proposalNo}: no file brings it back`,
      ]);
    await expect(voided()).rejects.toMatchObject({ code: "order_void" });
    await expect(correct({ amount_fen: "1" })).rejects.toMatchObject({ code: "order_void" });
  });
});

describe("a proposal about an order", () => {
  test("is stale once the order is another", async () => {
    await take(here, [wrong]);
    const pat = here.context({ operator: { ...here.context().operator, name: "pat" } });
    const { proposal } = await propose(pat, voidSubject, x, { reason: "sent twice" });
    await take(here, [row("X", "M1", "S1", "100.00", "01", "5.00")]);
    await expect(approve(here.context(), subjects, proposal.proposalNo)).rejects.toMatchObject({
      code: "proposal_stale",
    });
  });

  test("waits neither for an import nor for a grant run", async () => {
    await take(here, [wrong]);
    await inTransaction(here.db, async (tx) => {
      await tx`SELECT pg_advisory_xact_lock(hashtext('accrue import'), hashtext('orders'))`;
      await expect(voided()).rejects.toMatchObject({ code: "orders_busy", kind: "busy" });
    });
    await inTransaction(here.db, async (tx) => {
      await tx`SELECT FROM run_slots WHERE name = 'grant' FOR UPDATE`;
      await expect(voided()).rejects.toMatchObject({ code: "grant_run_busy", kind: "busy" });
    });
  });
});

import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { verify } from "../../src/verification/verify.ts";
import { cloneOf, type TestDatabase } from "../support/database.ts";
import { SideBySide, step, type Step } from "./model/commands.ts";
import { World } from "./model/world.ts";
import { wrongRows } from "../support/rows.ts";
import { runs } from "../support/runs.ts";

interface Ground {
  readonly database: TestDatabase;
  readonly world: World;
  readonly platform: SideBySide;
}

const grounds: Ground[] = [];
afterAll(async () => {
  for (const { database } of grounds) await database.drop();
});

async function newGround(): Promise<Ground> {
  const [database, world] = [await cloneOf(), new World()];
  const ground = { database, world, platform: new SideBySide(database, world) };
  grounds.push(ground);
  return ground;
}

async function expectAgreement({ database, world, platform }: Ground): Promise<void> {
  const rows = await database.db.sql<
    { memberNo: string; status: string; availablePoints: bigint; heldPoints: bigint }[]
  >`
    SELECT m.member_no, m.status, b.available_points, b.held_points FROM members m JOIN balances b USING (member_id)`;
  const stored = Object.fromEntries(
    rows.map(({ memberNo, status, availablePoints, heldPoints }) => [memberNo, [status, availablePoints, heldPoints]]),
  );
  expect(stored).toEqual(
    Object.fromEntries([...world.members].map(([no, { status, available, held }]) => [no, [status, available, held]])),
  );
  expect(await wrongRows(platform.context())).toEqual([]);
}

async function expectSameOrders({ database, world }: Ground): Promise<void> {
  const rows = await database.db.sql<
    { orderNo: string; status: string; refundedFen: bigint; points: bigint; isWaiting: boolean }[]
  >`
    SELECT o.order_no, o.status, o.refunded_fen,
      coalesce((SELECT sum(e.available_points) FROM points_entries e WHERE e.member_id = o.member_id AND e.ref_id = o.order_id), 0)::bigint AS points,
      EXISTS (SELECT FROM order_changes c WHERE c.member_id = o.member_id AND c.order_id = o.order_id) AS is_waiting
    FROM orders o`;
  const stored = Object.fromEntries(
    rows.map(({ orderNo, status, refundedFen, points, isWaiting }) => [
      orderNo,
      [status, refundedFen, points, isWaiting],
    ]),
  );
  expect(stored).toEqual(
    Object.fromEntries(
      [...world.orders].map(([no, { status, refundedFen, points, isWaiting }]) => [
        no,
        [status, refundedFen, points, isWaiting],
      ]),
    ),
  );
}

/**
 * Two newcomers with points in a shop of their own, and what operators then do; everybody of earlier stories is still
 * there.
 */
async function play(ground: Ground, steps: readonly Step[]): Promise<void> {
  const { platform } = ground;
  await platform.openShop();
  await platform.welcome();
  await platform.welcome();
  await platform.perform({ do: "grant", date: "2026-02-01" });
  for (const one of steps) {
    await platform.perform(one);
    await expectAgreement(ground);
  }
  await expectSameOrders(ground);
  expect((await verify(platform.context())).ok).toBe(true);
}

test("whatever operators do, in whatever order: the platform and a simple model agree, and every invariant holds after every step", async () => {
  let ground = await newGround();
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 10 }), async (steps) => {
      try {
        await play(ground, steps);
      } catch (error) {
        ground = await newGround(); // the smaller stories that are tried next must not inherit the disagreement
        throw error;
      }
    }),
    // Smaller stories take their time, and on a platform without the earlier ones they seldom fail.
    { ...runs(16), endOnFailure: true },
  );
});

test("a story told by hand: every end of a withdrawal, and an order that is closed after its points are spent", async () => {
  const ground = await newGround();
  const request = (share: bigint): Step => ({ do: "request", member: 0, share, by: "alice" });
  const decide = (withdrawal: number, decision: "approve" | "reject" | "cancel", by: "alice" | "bob"): Step => ({
    do: "decide",
    withdrawal,
    decision,
    by,
  });
  const close = {
    change: "close",
    order: 0,
    member: 0,
    merchant: 0,
    date: "2026-02-01",
    amountFen: 0n,
    share: 0n,
    status: "closed",
  } as const;
  await play(ground, [
    request(20n),
    request(20n),
    request(30n),
    request(100n),
    request(100n),
    decide(3, "approve", "alice"),
    decide(3, "approve", "bob"),
    decide(3, "approve", "bob"),
    decide(2, "reject", "bob"),
    decide(1, "cancel", "alice"),
    { do: "status", member: 0, change: "close" },
    { do: "status", member: 0, change: "freeze" },
    request(50n),
    decide(0, "approve", "bob"),
    { do: "import", rows: [close], rowsPerChunk: 1 },
    { do: "grant", date: "2026-02-03" },
    { do: "status", member: 0, change: "unfreeze" },
    request(50n),
  ]);
  expect([...ground.world.withdrawals.values()].map(({ points, status }) => [points, status])).toEqual([
    [42n, "approved"],
    [33n, "rejected"],
    [40n, "cancelled"],
    [95n, "requested"],
  ]);
  expect([...ground.world.members.values()].at(-1)).toEqual({
    status: "active",
    isVerified: true,
    available: -137n,
    held: 137n,
  });
});

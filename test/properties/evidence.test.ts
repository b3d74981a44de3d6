import fc from "fast-check";
import { expect, test } from "vitest";
import { runGrant } from "../../src/domain/grants/run.ts";
import { verify } from "../../src/verification/verify.ts";
import { setPolicy } from "../support/approved.ts";
import { cloneOf, testDatabase, type TestDatabase } from "../support/database.ts";
import { dumpDatabase } from "../support/dump.ts";
import { importOrders } from "../support/imports.ts";
import { at } from "../db/billing/scene.ts";
import { showPayments } from "../db/evidence/scene.ts";
import { orderFile, peopleIn } from "../db/orders/scene.ts";
import { runs } from "../support/runs.ts";

const here = await testDatabase();
await peopleIn(here, ["M1"]);
await setPolicy(at(here, "2026-03-01", "boss"), { effectiveFrom: "2026-03-01", terms: { grantEvidence: "required" } });

/** An order of so many yuan, paid at ten; and what a channel shows of it, by minutes after that, if anything. */
interface Sale {
  readonly yuan: number;
  readonly payment: { readonly yuan: number; readonly minutes: number } | undefined;
}

const sales = fc.array(
  fc.record({
    yuan: fc.constantFrom(100, 200),
    payment: fc.option(fc.record({ yuan: fc.constantFrom(100, 200), minutes: fc.constantFrom(0, 60, 61) }), {
      nil: undefined,
    }),
  }),
  { minLength: 1, maxLength: 6 },
);

const orderRow = ({ yuan }: Sale, no: number) => `O${no},M1,S1,${yuan}.00,paid,2026-03-01 10:00:00,,,`;
const paymentRow = ({ payment }: Sale, no: number): readonly string[] => {
  if (payment === undefined) return [];
  const time = `${10 + Math.floor(payment.minutes / 60)}:0${payment.minutes % 60}:00`;
  return [`O${no},P${no},wechat,${payment.yuan}.00,2026-03-01 ${time},`];
};

/** What the model says: an order earns 21 points for each 100 yuan once it is seen paid so, within the hour. */
const earns = ({ yuan, payment }: Sale) =>
  payment !== undefined && payment.yuan === yuan && payment.minutes <= 60 ? (yuan / 100) * 21 : 0;

type Step = { readonly kind: "orders" | "payments"; readonly rows: readonly string[] } | { readonly kind: "grant" };

/** Files that together have all rows, cut, repeated and in any order, with grants between them. */
const stepsOf = (all: readonly Sale[]): fc.Arbitrary<readonly Step[]> => {
  const rows = [
    ...all.map((sale, no) => ({ kind: "orders" as const, rows: [orderRow(sale, no)] })),
    ...all.map((sale, no) => ({ kind: "payments" as const, rows: paymentRow(sale, no) })),
  ].filter((step) => step.rows.length > 0);
  const whole = [{ kind: "payments" as const, rows: all.flatMap(paymentRow) }].filter((step) => step.rows.length > 0);
  const grant: Step = { kind: "grant" };
  return fc.tuple(fc.subarray(rows), fc.subarray(whole), fc.nat(3)).chain(([again, together, grants]) => {
    const steps: Step[] = [...rows, ...again, ...together, ...Array.from({ length: grants }, () => grant)];
    return fc.shuffledSubarray(steps, { minLength: steps.length });
  });
};

async function take(on: TestDatabase, step: Step): Promise<void> {
  const context = at(on, "2026-03-02");
  if (step.kind === "grant") await runGrant(context, { businessDate: "2026-03-02" });
  else if (step.kind === "payments") await showPayments(context, step.rows);
  else await importOrders(context, { input: { path: orderFile(step.rows) }, force: true });
}

const sections = ["orders", "order_evidence", "unevidenced_orders", "points_entries", "balances", "journal"];

test(
  "evidence in any cut and order, repeated, and between grants, gives the same database",
  { timeout: 300_000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(
        sales.chain((all) => fc.tuple(fc.constant(all), stepsOf(all))),
        async ([all, steps]) => {
          const [plain, shuffled] = [await cloneOf(here), await cloneOf(here)];
          const payments = all.flatMap(paymentRow);
          await take(plain, { kind: "orders", rows: all.map(orderRow) });
          if (payments.length > 0) await take(plain, { kind: "payments", rows: payments });
          await take(plain, { kind: "grant" });
          for (const step of steps) await take(shuffled, step);
          await take(shuffled, { kind: "grant" });
          const [{ points }] = await shuffled.db.sql<[{ points: bigint }]>`
          SELECT coalesce(sum(available_points), 0)::bigint AS points FROM balances`;
          expect(points).toBe(BigInt(all.reduce((sum, sale) => sum + earns(sale), 0)));
          expect(await dumpDatabase(shuffled.db, sections)).toBe(await dumpDatabase(plain.db, sections));
          const { checks } = await verify(at(shuffled, "2026-03-02"));
          expect(checks.filter(({ ok }) => !ok)).toEqual([]);
        },
      ),
      runs(4),
    );
  },
);

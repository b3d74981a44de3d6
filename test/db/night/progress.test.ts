import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Progress } from "../../../src/db/context.ts";
import { runGrant } from "../../../src/domain/grants/run.ts";
import { settlementSteps } from "../../../src/night/events.ts";
import { CatchUp } from "../../../src/night/progress.ts";
import { datesBetween, daysAfter } from "../../../src/shared/business-date.ts";
import { fullHeader, peopleIn, take } from "../orders/scene.ts";
import { noonOf, paid, settleOn } from "./scene.ts";
import { testDatabase } from "../../support/database.ts";
import { writeScratch } from "../../support/files.ts";
import { importOrders } from "../../support/imports.ts";

const on = await testDatabase();
await peopleIn(on);

const listening = () => {
  const told: Progress[] = [];
  return { told, onProgress: (progress: Progress) => void told.push(progress) };
};
const sharesOf = (told: readonly Progress[]) => told.map(({ share }) => share!);
const sorted = (shares: readonly number[]) => shares.toSorted((one, other) => one - other);

describe("how far it has come", () => {
  test("an import is told as done when its orders are written, not when its file is read", async () => {
    const { told, onProgress } = listening();
    const rows = Array.from({ length: 6000 }, (_, n) => paid(`P${n}`, "2026-02-26"));
    await importOrders(on.context({ onProgress }), {
      input: { path: writeScratch("many.csv", `${[fullHeader, ...rows].join("\n")}\n`) },
      limits: { rows: 500 },
    });
    const importing = told.filter(({ phase }) => phase === "importing orders");
    const [shares, last] = [sharesOf(importing), importing.at(-1)!];
    expect(shares).toEqual(sorted(shares));
    expect([last.done, last.rows]).toEqual([last.total, 6000]);
    expect(last.share, "what is left is to write six thousand orders").toBeCloseTo(1 / 1.5);
  });

  test("an import whose rows make orders only together tells of the merge, too", async () => {
    const { told, onProgress } = listening();
    const profile = writeScratch(
      "lines.json",
      JSON.stringify({
        profile: "lines",
        kind: "orders",
        rows_per_order: "sum",
        columns: {
          order_no: "order",
          member_no: "who",
          merchant_code: "shop",
          amount: "amount",
          paid_at: "paid",
          line_no: { names: ["line"], required: true },
        },
      }),
    );
    const path = writeScratch(
      "lines.csv",
      `order,who,shop,amount,paid,line\n${Array.from({ length: 900 }, (_, n) => `L${Math.floor(n / 3)},M1,S1,1.00,2026-02-26 10:00:00,${n % 3}`).join("\n")}\n`,
    );
    await importOrders(on.context({ onProgress }), { input: { path }, reading: { profile } });
    const shares = sharesOf(told.filter(({ phase }) => phase === "importing orders"));
    expect(shares).toEqual(sorted(shares));
    expect([shares[0]!, shares.at(-1)!].map((share) => share.toFixed(2))).toEqual(["0.20", "0.80"]);
  });

  test("a grant run tells of how many changes it has settled how many, from its first chunk on", async () => {
    const { told, onProgress } = listening();
    await take(on, ["G1,M1,S1,100.00,paid,2026-02-26 10:00:00,,,", "G2,M2,S1,100.00,paid,2026-02-26 10:00:00,,,"]);
    const [waiting] = await on.db.sql<{ count: number }[]>`SELECT count(*)::integer AS count FROM order_changes`;
    await runGrant(on.context({ onProgress }), { businessDate: "2026-02-26", maxChunkChanges: 1 });
    expect(new Set(told.map(({ total }) => total))).toEqual(new Set([waiting!.count]));
    expect([told[0]!.done, told.at(-1)!.done]).toEqual([0, waiting!.count]);
    expect(told.length).toBeGreaterThan(2);
  });

  test("dates that are caught up are told together, each by its name and place", async () => {
    const { told, onProgress } = listening();
    await take(on, [paid("C1", "2026-02-27"), paid("C2", "2026-02-28"), paid("C3", "2026-03-01")]);
    const { closed } = await settleOn(on, {}, { onProgress, clock: noonOf("2026-03-02") });
    expect(closed).toHaveLength(3);
    expect(new Set(told.map(({ phase, total }) => `${phase} ${total}`))).toEqual(new Set(["settling 3"]));
    expect(sharesOf(told)).toEqual(sorted(sharesOf(told)));
    expect([...new Set(told.map(({ at }) => at))]).toEqual([
      "2026-02-27, 1 of 3 dates",
      "2026-02-28, 2 of 3 dates",
      "2026-03-01, 3 of 3 dates",
    ]);
  });

  test("whatever the dates and their orders, it never goes back, and never above all of it", () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(2_000_000), { minLength: 2, maxLength: 40 }),
        fc.array(fc.nat(1000), { maxLength: 5 }),
        (counts, steps) => {
          const { told, onProgress } = listening();
          const dates = datesBetween("2026-01-01", daysAfter("2026-01-01", counts.length - 1));
          const catchUp = new CatchUp(
            dates,
            new Map([["2025-12-01", 5], ...dates.map((date, index) => [date, counts[index]!] as const)]),
            onProgress,
          );
          for (const date of dates) {
            for (const step of settlementSteps.slice(1)) {
              catchUp.at(date, step);
              for (const done of sorted(steps)) catchUp.take({ phase: "x", done, total: 1000, unit: "orders" });
            }
          }
          const shares = sharesOf(told);
          return shares.every((share, index) => share >= (shares[index - 1] ?? 0) - 1e-9 && share <= 1 + 1e-9);
        },
      ),
    );
  });
});

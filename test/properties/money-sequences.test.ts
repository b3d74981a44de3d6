import fc from "fast-check";
import { expect, test } from "vitest";
import { reportFund } from "../../src/reports/fund.ts";
import { verify } from "../../src/verification/verify.ts";
import { contextOf } from "../support/money/ground.ts";
import { MoneyModel } from "./money/money-model.ts";
import { play, step } from "./money/money-steps.ts";
import { addMember, addMerchant, balanceOf } from "../support/money/people.ts";
import { cloneOf } from "../support/database.ts";
import { wrongRows } from "../support/rows.ts";
import { runs } from "../support/runs.ts";

const members = [0, 1];
const openings = [
  { do: "policy", policy: { minPoints: 10n, twoApproversAboveFen: 2_500n, pointValueFen: 100n }, feeBps: 500 },
  { do: "sell", member: 0, amountFen: 25_000n },
  { do: "grant" },
  { do: "account", member: 0 },
  { do: "request", member: 0, points: 20n },
] as const;
const sending = [{ do: "decide", name: "approve", which: 0, operator: "bob" }, { do: "export" }] as const;

test("whatever members buy, return and withdraw, operators decide and channels answer, the database says what a simple model says, and every invariant holds after every step", async () => {
  await fc.assert(
    fc.asyncProperty(fc.boolean(), fc.array(step, { minLength: 12, maxLength: 24 }), async (isSent, steps) => {
      const copy = await cloneOf();
      const model = new MoneyModel();
      try {
        const merchantId = await addMerchant(copy.db, "S1");
        for (const no of members) await addMember(copy.db, `M${no}`);
        for (const act of [...openings, ...(isSent ? sending : []), ...steps]) {
          await play(copy.db, model, merchantId, act);
          for (const no of members) {
            expect(await balanceOf(copy.db, `M${no}`)).toEqual({
              availablePoints: model.available(no),
              heldPoints: model.held(no),
            });
          }
          const { worthFen: owedFen, debtsFen, shortfallFen } = await reportFund(contextOf(copy.db, "auditor"));
          const shortfall = model.standing(members).owedFen - model.fundFen();
          expect({ owedFen, debtsFen, shortfallFen }).toEqual({
            ...model.standing(members),
            shortfallFen: shortfall > 0n ? shortfall : 0n,
          });
          expect(await wrongRows(contextOf(copy.db, "auditor"))).toEqual([]);
        }
        expect((await verify(contextOf(copy.db, "auditor"))).ok).toBe(true);
      } finally {
        await copy.drop();
      }
    }),
    runs(4),
  );
}, 180_000);

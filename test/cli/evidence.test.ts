import { dirname } from "node:path";
import { expect, test } from "vitest";
import { testDatabase } from "../support/database.ts";
import { setPolicy } from "../support/approved.ts";
import { writeScratch } from "../support/files.ts";
import { transcript } from "../support/transcript.ts";
import { peopleIn, take } from "../db/orders/scene.ts";

const database = await testDatabase();
await peopleIn(database);
const morning = new Date("2026-03-02T09:00:00+08:00");
await setPolicy(database.context({ clock: () => new Date("2026-03-01T00:00:00+08:00") }), {
  effectiveFrom: "2026-03-01",
  terms: { grantEvidence: "required" },
});
await take(database, ["1,M1,S1,100.00,paid,2026-03-01 10:00:00,,,", "2,M2,S2,150.00,paid,2026-03-01 23:59:59,,,"]);
const bill = writeScratch(
  "payments.csv",
  "order_no,payment_no,channel,amount,paid_at\n1,P1,wechat,100.00,2026-03-01 10:00:03\n2,P2,wechat,15.00,2026-03-01 23:59:59\n3,P3,wechat,1.00,2026-03-01\n",
);

test("what a channel shows is imported, listed and seen at its order, and an order without it waits", async () => {
  expect(
    await transcript(
      [
        "accrue grant run --business-date 2026-03-01",
        "accrue order show 1",
        "accrue order import-evidence payments.csv",
        "accrue order evidence",
        "accrue order evidence --state amount_differs --json",
        "accrue order evidence --channel alipay",
        "accrue order evidence --after P1 --json",
        "accrue order evidence --after P2@wechat --csv",
        "accrue grant run --business-date 2026-03-01",
        "accrue order show 1",
        "accrue order show 2",
      ],
      { database, cwd: dirname(bill), now: morning, env: { ACCRUE_OPERATOR: "tester" } },
    ),
  ).toMatchInlineSnapshot();
});

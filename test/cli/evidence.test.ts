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
  ).toMatchInlineSnapshot(`
    "
    $ accrue grant run --business-date 2026-03-01
    grant run 1 for 2026-03-01
      orders settled        0
      members               0
      points granted        0
      points clawed back    0
      merchants contribute  0.00
      into the points fund  0.00
      no evidence           2 orders until a channel shows the payment

    $ accrue order show 1
    order 1 (default)
      member       M1
      merchant     S1 店S1
      amount       100.00
      refunded     0.00
      status       paid
      paid at      <time>
      points       0
      no evidence  no points until a channel shows its payment (\`accrue order import-evidence\`)
      came from    import 1, line 2 of <directory>/orders.csv
      imported by  tester, <time>

    $ accrue order import-evidence payments.csv
    payments.csv: import 2
      read       3
      inserted   3
      updated    0
      duplicate  0
      rejected   0
      file       utf-8, sha256 76b5430d983bd666…
      took       <seconds>, <rate>
      1 new payment: the order was paid so
      1 new payment: the order has another amount
      1 new payment: no order has that number

    $ accrue order evidence
    payment  channel  order  merchant  amount  paid at              state
    P1       wechat   1      S1        100.00  <time>  agrees
    P2       wechat   2      S2         15.00  <time>  amount_differs
    P3       wechat   3                  1.00  <time>  no_order
    agrees: the order was paid so
    amount_differs: the order has another amount
    no_order: no order has that number

    $ accrue order evidence --state amount_differs --json
    {"payment_no":"P2","channel":"wechat","order_no":"2","source":"default","merchant_code":"S2","amount":"15.00","paid_at":"<time>","state":"amount_differs","order_amount":"150.00","order_paid_at":"<time>","import_id":2,"import_line":3}

    $ accrue order evidence --channel alipay
    no payments

    $ accrue order evidence --after P1 --json
    ! {"error":{"code":"payment_key_invalid","message":"\\"P1\\" names no payment","hint":"write payment_no@channel, as the list says where it ends","details":{}}}
    [exit 2]

    $ accrue order evidence --after P2@wechat --csv
    ﻿payment_no,channel,order_no,source,merchant_code,amount,paid_at,state,order_amount,order_paid_at,import_id,import_line
    P3,wechat,"=""3""",default,,1.00,<time>,no_order,,,2,4

    $ accrue grant run --business-date 2026-03-01
    grant run 2 for 2026-03-01
      orders settled        1
      members               1
      points granted        21
      points clawed back    0
      merchants contribute  30.00
      into the points fund  21.00

    $ accrue order show 1
    order 1 (default)
      member       M1
      merchant     S1 店S1
      amount       100.00
      refunded     0.00
      status       paid
      paid at      <time>
      points       21
      evidence     wechat P1, 100.00 yuan, <time>: the order was paid so
      came from    import 1, line 2 of <directory>/orders.csv
      imported by  tester, <time>

    entry  kind   points  net amount  rates      business date  run  by
    1      grant      21      100.00  30% x 70%  2026-03-01       2  tester

    $ accrue order show 2
    order 2 (default)
      member       M2
      merchant     S2 店S2
      amount       150.00
      refunded     0.00
      status       paid
      paid at      <time>
      points       0
      no evidence  no points until a channel shows its payment (\`accrue order import-evidence\`)
      evidence     wechat P2, 15.00 yuan, <time>: the order has another amount
      came from    import 1, line 3 of <directory>/orders.csv
      imported by  tester, <time>
    "
  `);
});

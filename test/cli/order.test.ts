import { describe, expect, test } from "vitest";
import { accrueInProcess } from "../support/cli.ts";
import { testDatabase, testNow } from "../support/database.ts";
import { transcript } from "../support/transcript.ts";
import { orderFile, peopleIn, settle, take } from "../db/orders/scene.ts";
import { changeMemberStatus } from "../../src/domain/members/status.ts";
import { importOrders } from "../support/imports.ts";

const database = await testDatabase();
await peopleIn(database);
await importOrders(database.context(), {
  input: {
    path: orderFile([
      "20260201-1,M1,S1,100.00,paid,2026-02-01 10:00:00,,,milk;茶",
      "20260201-2,M1,S2,150.00,paid,2026-02-01 23:59:59,,taobao,",
      "20260202-1,M2,S1,8.80,pending,,,,",
      "20260202-1,M3,S1,20.00,paid,2026-02-02 00:00:00,,taobao,",
      "20260203-1,M2,S2,1000.00,closed,2026-02-03 08:00:00,1000.00,jd,",
    ]),
  },
});
await changeMemberStatus(database.context(), "M3", "close", undefined);
await settle(database);
await take(database, ["20260201-2,M1,S2,150.00,paid,2026-02-01 23:59:59,50.00,taobao,"]);
await settle(database);
await take(database, ["20260201-2,M1,S2,150.00,paid,2026-02-01 23:59:59,60.00,taobao,"]);

const play = (...lines: string[]) => transcript(lines, { database, now: testNow });
const ordersOf = async (...options: string[]) =>
  (await accrueInProcess(["order", "list", "--json", ...options], { database })).stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as { order_no: string; source: string })
    .map(({ order_no, source }) => `${order_no}@${source}`);

test("order list: tables, pages and JSON", async () => {
  expect(
    await play(
      "accrue order list",
      "accrue order list --limit 2",
      "accrue order list --limit 2 --after 20260201-2@taobao",
      "accrue order list --limit 1 --after 20260202-1 --json",
      "accrue order list --member M9",
    ),
  ).toMatchInlineSnapshot(`
    "
    $ accrue order list
    order       source   member  merchant   amount  refunded  status   paid at
    20260201-1  default  M1      S1         100.00      0.00  paid     <time>
    20260201-2  taobao   M1      S2         150.00     60.00  paid     <time>
    20260202-1  default  M2      S1           8.80      0.00  pending
    20260202-1  taobao   M3      S1          20.00      0.00  paid     <time>
    20260203-1  jd       M2      S2        1000.00   1000.00  closed   <time>

    $ accrue order list --limit 2
    order       source   member  merchant  amount  refunded  status  paid at
    20260201-1  default  M1      S1        100.00      0.00  paid    <time>
    20260201-2  taobao   M1      S2        150.00     60.00  paid    <time>
    more: --after 20260201-2@taobao

    $ accrue order list --limit 2 --after 20260201-2@taobao
    order       source   member  merchant  amount  refunded  status   paid at
    20260202-1  default  M2      S1          8.80      0.00  pending
    20260202-1  taobao   M3      S1         20.00      0.00  paid     <time>
    more: --after 20260202-1@taobao

    $ accrue order list --limit 1 --after 20260202-1 --json
    {"source":"taobao","order_no":"20260202-1","member_no":"M3","merchant_code":"S1","amount":"20.00","refunded_amount":"0.00","status":"paid","paid_at":"<time>","business_date":"2026-02-02","skus":[]}
    ! {"note":"more: --after 20260202-1@taobao"}

    $ accrue order list --member M9
    no orders
    "
  `);
});

describe("order list filters", () => {
  test.each([
    [
      ["--status", "paid"],
      ["20260201-1@default", "20260201-2@taobao", "20260202-1@taobao"],
    ],
    [["--status", "pending"], ["20260202-1@default"]],
    [
      ["--from", "2026-02-02"],
      ["20260202-1@taobao", "20260203-1@jd"],
    ],
    [
      ["--to", "2026-02-01"],
      ["20260201-1@default", "20260201-2@taobao"],
    ],
    [["--from", "2026-02-02", "--to", "2026-02-02"], ["20260202-1@taobao"]],
    [
      ["--member", "M2"],
      ["20260202-1@default", "20260203-1@jd"],
    ],
    [
      ["--merchant", "S2"],
      ["20260201-2@taobao", "20260203-1@jd"],
    ],
    [["--source", "taobao", "--member", "M3"], ["20260202-1@taobao"]],
    [
      ["--min-amount", "100", "--max-amount", "150.00"],
      ["20260201-1@default", "20260201-2@taobao"],
    ],
    [["--min-amount", "1000.01"], []],
  ])("%s", async (options, orders) => {
    expect(await ordersOf(...options)).toEqual(orders);
  });

  test("pages of one, each behind the last, are the whole list", async () => {
    const all = await ordersOf();
    const paged: string[] = [];
    for (
      let page = await ordersOf("--limit", "1");
      page.length > 0;
      page = await ordersOf("--limit", "1", "--after", page[0]!)
    )
      paged.push(...page);
    expect(paged).toEqual(all);
  });
});

test("order show tells the whole story", async () => {
  expect(
    await play(
      "accrue order show 20260201-2",
      "accrue order show 20260201-1",
      "accrue order show 20260202-1 --source taobao",
      "accrue order show 20260203-1 --json",
    ),
  ).toMatchInlineSnapshot(`
    "
    $ accrue order show 20260201-2
    order 20260201-2 (taobao)
      member       M1
      merchant     S2 店S2
      amount       150.00
      refunded     60.00
      status       paid
      paid at      <time>
      points       21 (the next grant run looks at it)
      came from    import 1, line 3 of <directory>/orders.csv
      imported by  tester, <time>

    entry  kind      points  net amount  rates      business date  run  by
    1      grant         32      150.00  30% x 70%  2026-03-02       1  tester
    2      clawback     -11      100.00  30% x 70%  2026-03-02       2  tester

    before:
    until                ended by  member  merchant  amount  refunded  status  paid at              by
    <time>  import 2  M1      S2        150.00      0.00  paid    <time>  tester
    <time>  import 3  M1      S2        150.00     50.00  paid    <time>  tester

    $ accrue order show 20260201-1
    order 20260201-1 (default)
      member       M1
      merchant     S1 店S1
      amount       100.00
      refunded     0.00
      status       paid
      paid at      <time>
      products     milk, 茶
      points       21
      came from    import 1, line 2 of <directory>/orders.csv
      imported by  tester, <time>

    entry  kind   points  net amount  rates      business date  run  by
    1      grant      21      100.00  30% x 70%  2026-03-02       1  tester

    $ accrue order show 20260202-1 --source taobao
    order 20260202-1 (taobao)
      member       M3
      merchant     S1 店S1
      amount       20.00
      refunded     0.00
      status       paid
      paid at      <time>
      points       0
      came from    import 1, line 5 of <directory>/orders.csv
      imported by  tester, <time>
    run 1 skipped 4 points: member_closed

    $ accrue order show 20260203-1 --json
    {"source":"jd","order_no":"20260203-1","member_no":"M2","merchant_code":"S2","amount":"1000.00","refunded_amount":"1000.00","status":"closed","paid_at":"<time>","business_date":"2026-02-03","skus":[],"points_granted":0,"is_settled":true,"waits_since":null,"waits_for_evidence":false,"evidence":[],"import_id":1,"import_line":6,"import_file":"<directory>/orders.csv","imported_by":"tester","imported_at":"<time>","entries":[],"history":[],"skipped":[]}
    "
  `);
});

test("every refusal says what to do", async () => {
  expect(
    await play(
      "accrue order show nothing",
      "accrue order show nothing --source jd --json",
      "accrue order show 20260202-1",
      "accrue order show",
      "accrue order list --status shipped",
      "accrue order list --from 2026-02-30",
      "accrue order list --to yesterday",
      "accrue order list --min-amount ten",
      "accrue order list --max-amount -1 --json",
      "accrue order list --limit 0",
      "accrue order list --limit 10001",
      "accrue order list --colour red",
    ),
  ).toMatchInlineSnapshot(`
    "
    $ accrue order show nothing
    ! error: no order has the number nothing
    ! hint: \`accrue order list --member NO\` shows a member's orders
    [exit 4]

    $ accrue order show nothing --source jd --json
    ! {"error":{"code":"order_unknown","message":"no order has the number nothing in source jd","hint":"\`accrue order list --member NO\` shows a member's orders","details":{}}}
    [exit 4]

    $ accrue order show 20260202-1
    ! error: several sources have an order 20260202-1: default, taobao
    ! hint: give --source
    [exit 2]

    $ accrue order show
    ! error: missing required argument 'order-no'
    ! hint: see \`accrue order show --help\`
    [exit 2]

    $ accrue order list --status shipped
    ! error: --status shipped: not one of pending, paid, closed, void
    [exit 2]

    $ accrue order list --from 2026-02-30
    ! error: --from 2026-02-30: no business date
    ! hint: write it like 2026-01-31
    [exit 2]

    $ accrue order list --to yesterday
    ! error: --to yesterday: no business date
    ! hint: write it like 2026-01-31
    [exit 2]

    $ accrue order list --min-amount ten
    ! error: --min-amount ten: no amount of yuan
    ! hint: write it like 100 or 99.50
    [exit 2]

    $ accrue order list --max-amount -1 --json
    ! {"error":{"code":"invalid_amount","message":"--max-amount -1: no amount of yuan","hint":"write it like 100 or 99.50","details":{}}}
    [exit 2]

    $ accrue order list --limit 0
    ! error: --limit 0: give a number from 1 to 10000
    [exit 2]

    $ accrue order list --limit 10001
    ! error: --limit 10001: give a number from 1 to 10000
    [exit 2]

    $ accrue order list --colour red
    ! error: unknown option '--colour'
    ! hint: see \`accrue order list --help\`
    [exit 2]
    "
  `);
});

test("an order number with an @ in it is a key to a page as any other", async () => {
  await take(database, ["P@1,M1,S1,1,,,,,", "P@2,M1,S1,1,,,,,"]);
  const { stdout } = await accrueInProcess(["order", "list", "--limit", "1", "--after", "P@0@default"], { database });
  expect(stdout).toContain("more: --after P@1@default");
  expect((await ordersOf("--after", "P@1@default"))[0]).toBe("P@2@default");
});

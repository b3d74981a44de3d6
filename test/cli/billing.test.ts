import { beforeAll, expect, test } from "vitest";
import { endOfFebruary } from "../db/billing/scene.ts";
import { accrueInProcess } from "../support/cli.ts";
import { testDatabase } from "../support/database.ts";
import { transcript } from "../support/transcript.ts";

const here = await testDatabase();
beforeAll(() => endOfFebruary(here));
const inProcess = { database: here, now: new Date("2026-03-20T12:00:00+08:00"), env: { ACCRUE_OPERATOR: "amy" } };

test("from the month's end to the money, as operators type it", async () => {
  expect(
    await transcript(
      [
        "accrue merchant bill --period 2026-02 --dry-run",
        "accrue merchant bill --period 2026-02",
        "accrue merchant bill --period 2026-02",
        "accrue merchant bill --period 2026-02-28..2026-03-31",
        "accrue collection record S1 300.00 --received-on 2026-03-18 --reference T-1 --proof 'slip 1'",
        "accrue collection record S1 300.00 --received-on 2026-03-18 --reference T-1 --proof 'slip 1'",
        "accrue collection confirm C00000001",
        "accrue collection confirm C00000001 --operator bob",
        "accrue collection list",
        "accrue collection show C00000001",
        "accrue merchant bills --open",
        "accrue merchant statement S1",
        "accrue money-account list",
      ],
      inProcess,
    ),
  ).toMatchInlineSnapshot(`
    "
    $ accrue merchant bill --period 2026-02 --dry-run
    dry run: billed 2026-02: 2 bills, due on 2026-04-04
      balance before  0.00
      contributions   510.00
      clawed back     -30.00
      collected       0.00
      balance after   480.00 yuan

    $ accrue merchant bill --period 2026-02
    billed 2026-02: 2 bills, due on 2026-04-04
      balance before  0.00
      contributions   510.00
      clawed back     -30.00
      collected       0.00
      balance after   480.00 yuan

    $ accrue merchant bill --period 2026-02
    nothing to do: amy billed 2026-02 before, 2 bills

    $ accrue merchant bill --period 2026-02-28..2026-03-31
    ! error: 2026-02-28..2026-03-31 has dates that 2026-02 billed already
    ! hint: periods follow each other; \`accrue merchant bills --period 2026-02\` shows that one's bills
    [exit 4]

    $ accrue collection record S1 300.00 --received-on 2026-03-18 --reference T-1 --proof 'slip 1'
    recorded C00000001: 300.00 yuan of merchant S1; it counts once another operator confirms it

    $ accrue collection record S1 300.00 --received-on 2026-03-18 --reference T-1 --proof 'slip 1'
    T-1 is collection C00000001 already, recorded; nothing to do

    $ accrue collection confirm C00000001
    ! error: collection C00000001 was recorded by amy, who cannot confirm it too
    ! hint: another operator has to confirm it (--operator says who is at work)
    [exit 4]

    $ accrue collection confirm C00000001 --operator bob
    confirmed: 1 collection
    collection  merchant    yuan  received    into       reference  status     recorded by  booked on
    C00000001   S1        300.00  2026-03-18  icbc-8812  T-1        confirmed  amy          2026-03-20

    $ accrue collection list
    collection  merchant    yuan  received    into       reference  status     recorded by  booked on
    C00000001   S1        300.00  2026-03-18  icbc-8812  T-1        confirmed  amy          2026-03-20

    $ accrue collection show C00000001
    Collection C00000001
      merchant     S1
      amount       300.00 yuan
      received on  2026-03-18
      into         icbc-8812
      reference    T-1
      proof        slip 1
      status       confirmed
      recorded by  amy, <time>
      decided by   bob, <time>
      booked on    2026-03-20

    Who did what when
    time                 operator  identity  host    action              details
    <time>  amy       asserted  desk-1  collection.record   amount=300.00 reference=T-1 merchant_code=S1
    <time>  bob       asserted  desk-1  collection.confirm  merchant_code=S1

    $ accrue merchant bills --open
    bill       merchant  name  period   due on      balance    open  overdue
    B00000001  S1        店S1  2026-02  2026-04-04   420.00  120.00  not due
    B00000002  S2        店S2  2026-02  2026-04-04    60.00   60.00  not due

    Open of all bills
    overdue       bills    yuan
    not due           2  180.00
    1-7 days          0    0.00
    8-30 days         0    0.00
    31-90 days        0    0.00
    over 90 days      0    0.00

    $ accrue merchant statement S1
    Statement of merchant S1 店S1
    date        what                     yuan    owed
                before                           0.00
    2026-02-27  1 order at 30%         300.00  300.00
    2026-02-28  1 order at 30%         150.00  450.00
    2026-02-28  clawed back at 30%     -30.00  420.00
    2026-03-20  collection C00000001  -300.00  120.00

    Bills
    bill       period   due on      balance    open
    B00000001  2026-02  2026-04-04   420.00  120.00

      owed on bills   120.00 yuan
      not billed yet  0.00 yuan, of closed dates
      paid up to      2026-01-31
      from            2026-02-01

    $ accrue money-account list
    account    channel  booked  added by
    icbc-8812  bank     300.00  amy
    "
  `);
});

test("what is no amount, no period and no other currency is told so", async () => {
  const refused = async (...args: string[]) => {
    const { exitCode, stderr } = await accrueInProcess([...args, "--json"], inProcess);
    const { error } = JSON.parse(stderr) as { error: { code: string; message: string } };
    return [exitCode, error.code, error.message];
  };
  const slip = ["--received-on", "2026-03-18", "--reference", "T-9", "--proof", "slip"];
  expect(await refused("collection", "record", "S1", "USD100", ...slip)).toEqual([
    2,
    "currency_not_kept",
    "USD100: the platform keeps yuan and no other currency",
  ]);
  expect(await refused("collection", "record", "S1", "100€", ...slip)).toEqual([
    2,
    "currency_not_kept",
    "100€: the platform keeps yuan and no other currency",
  ]);
  expect(await refused("collection", "record", "S1", "much", ...slip)).toEqual([
    2,
    "invalid_amount",
    "much: no amount of yuan",
  ]);
  expect(await refused("merchant", "bill", "--period", "2026-13")).toEqual([
    2,
    "invalid_period",
    "--period 2026-13: no period",
  ]);
});

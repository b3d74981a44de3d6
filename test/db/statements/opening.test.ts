import { expect, test } from "vitest";
import { addMoneyAccount } from "../../../src/domain/money-accounts/add.ts";
import { verify } from "../../../src/verification/verify.ts";
import { cloneOf, testDatabase, type TestDatabase } from "../../support/database.ts";
import { transcript } from "../../support/transcript.ts";
import { at, endOfFebruary, pay } from "../billing/scene.ts";
import { moneyOf } from "../reconciliation/scene.ts";
import { fileOf, movesFrom, takeStatement } from "./scene.ts";

const here = await testDatabase();
await endOfFebruary(here);
await addMoneyAccount(at(here, "2026-03-01"), "empty-1", "bank");

const opening = (on: TestDatabase, date: string, fen: bigint) =>
  pay(on, date, "S1", fen, { moneyAccount: "icbc-8812", isOpening: true, receivedOn: "2026-02-01" });
const statement = (on: TestDatabase, date: string) =>
  takeStatement(
    at(on, date),
    "icbc-8812",
    fileOf(movesFrom(30_000n, [{ at: `${date} 09:00:00`, fen: 500n, no: `N${date}` }])),
  );
const isSound = async (on: TestDatabase) =>
  (await verify(at(on, "2026-03-05"))).checks.filter(({ ok }) => !ok).map(({ name, violations }) => [name, violations]);

test("what opening collections say and what the first statement opens with is the same money, whichever comes first", async () => {
  const on = await cloneOf(here);
  await opening(on, "2026-03-01", 20_000n);
  expect(await moneyOf(on)).toEqual({ bank: 20_000n });
  await statement(on, "2026-03-02");
  // 300.00 stood there, 200.00 of which are explained; 5.00 came since.
  expect(await moneyOf(on)).toEqual({ bank: 30_500n, suspense: -10_500n });
  await opening(on, "2026-03-02", 4_000n);
  await opening(on, "2026-03-03", 11_000n);
  expect(await moneyOf(on)).toEqual({ bank: 30_500n, suspense: 4_500n });
  expect(await isSound(on)).toEqual([]);
  expect(
    await transcript(
      [
        "accrue money-account show icbc-8812",
        "accrue money-account show icbc-8812 --json",
        "accrue money-account show empty-1",
        "accrue money-account show nowhere",
      ],
      { database: on, now: new Date("2026-03-05T04:00:00Z") },
    ),
  ).toMatchInlineSnapshot(`
    "
    $ accrue money-account show icbc-8812
    Money account icbc-8812
      channel              bank
      booked               305.00 yuan
      statements           1
      statements up to     <time>
      stood there before   300.00 yuan
      opening collections  350.00 yuan
      difference           -50.00 yuan
      open lines           1: 5.00 yuan in, 0.00 yuan out
      added by             amy, <time>

    $ accrue money-account show icbc-8812 --json
    {"money_account":"icbc-8812","channel":"bank","booked":"305.00","added_by":"amy","added_at":"<time>","statements":1,"last_at":"<time>","opening":"300.00","opening_collections":"350.00","opening_difference":"-50.00","open_lines":1,"open_in":"5.00","open_out":"0.00"}

    $ accrue money-account show empty-1
    Money account empty-1
      channel              bank
      booked               0.00 yuan
      statements           0
      opening collections  0.00 yuan
      open lines           0: 0.00 yuan in, 0.00 yuan out
      added by             amy, <time>

    $ accrue money-account show nowhere
    ! error: there is no money account nowhere
    ! hint: \`accrue money-account list\` shows them; \`accrue money-account add\` adds one
    [exit 4]
    "
  `);
  await on.drop();
});

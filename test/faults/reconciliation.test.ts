import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { verify } from "../../src/verification/verify.ts";
import { cloneOf, type TestDatabase } from "../support/database.ts";
import { contextOf, ground } from "../support/money/ground.ts";
import { startAccrue } from "../db/orders/process.ts";
import { answerPaid, moneyOf, sendPayouts } from "../db/reconciliation/scene.ts";
import { account, fileOf, movesFrom, takeStatement } from "../db/statements/scene.ts";

/** Four payouts of 9.50 yuan that are paid, the lines that show them leaving, and one that nobody expects. */
const here = await ground();
await account(here.as("amy"), "alipay-main", "alipay");
const payouts = await sendPayouts(here, here.as("cashier"), 4);
await answerPaid(here.as("cashier"), payouts);
const lines = [...payouts.map(({ detailNo }) => ({ fen: -950n, remark: detailNo })), { fen: 700n, remark: "?" }];
await takeStatement(
  here.as("amy"),
  "alipay-main",
  fileOf(
    movesFrom(
      10_000n,
      lines.map(({ fen, remark }, index) => ({ fen, remark, at: "2026-03-05 10:00:00", no: `N${index}` })),
    ),
  ),
);

const failpoints = pathToFileURL(resolve("test/support/failpoint.mjs")).href;
const run = (on: TestDatabase, failpoint?: string) =>
  startAccrue(["recon", "run", "--json", "--operator", "amy"], {
    database: on,
    env: failpoint === undefined ? {} : { NODE_OPTIONS: `--import=${failpoints}`, ACCRUE_FAILPOINT: failpoint },
  }).ended;

async function onClone(work: (on: TestDatabase) => Promise<void>): Promise<void> {
  const on = await cloneOf(here);
  try {
    await work(on);
    expect(await moneyOf(on)).toEqual({ bank: 6_900n, suspense: -10_700n });
    expect(await on.db.sql`SELECT count(*)::int AS matches FROM line_matches`).toEqual([{ matches: 4 }]);
    expect((await verify(contextOf(on.db, "auditor"))).checks.filter(({ ok }) => !ok)).toEqual([]);
  } finally {
    await on.drop();
  }
}

test.each(["before", "after"])(
  "a run that is killed %s its COMMIT has matched all or nothing, and the same command again ends it",
  { timeout: 60_000 },
  (when) =>
    onClone(async (on) => {
      expect((await run(on, `commit:1:${when}`)).exit).toBe("SIGKILL");
      expect(await run(on)).toMatchObject({ exit: 0 });
    }),
);

test("two runs at once match each line once", { timeout: 60_000 }, () =>
  onClone(async (on) => {
    const ended = await Promise.all([run(on), run(on)]);
    expect(ended.map(({ exit }) => exit)).toEqual([0, 0]);
    const matched = ended.map(({ stdout }) =>
      (JSON.parse(stdout) as { matched: { matches: number }[] }).matched.map(({ matches }) => matches),
    );
    expect(matched.toSorted((one, other) => one.length - other.length)).toEqual([[], [4]]);
  }),
);

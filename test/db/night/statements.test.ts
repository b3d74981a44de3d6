import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { straysIn } from "../../../src/night/inbox.ts";
import { parseExpectedFile } from "../../../src/night/expected.ts";
import { totalOpen } from "../../../src/domain/reconciliation/read.ts";
import { nightMetrics } from "../../../src/night/night-metrics.ts";
import { verify } from "../../../src/verification/verify.ts";
import { cloneOf, type TestDatabase } from "../../support/database.ts";
import { contextOf, ground } from "../../support/money/ground.ts";
import { answerPaid, sendPayouts } from "../reconciliation/scene.ts";
import { account, fileOf, movesFrom } from "../statements/scene.ts";
import { Inbox, noonOf, settleOn } from "./scene.ts";

/** Two payouts of 9.50 yuan that are paid. */
const here = await ground();
await account(here.as("amy"), "alipay-main", "alipay");
const payouts = await sendPayouts(here, here.as("cashier"), 2);
await answerPaid(here.as("cashier"), payouts);

const statement = (...lines: readonly (readonly [fen: bigint, remark: string])[]) =>
  readFileSync(
    fileOf(
      movesFrom(
        0n,
        lines.map(([fen, remark], index) => ({ at: "2026-03-05 10:00:00", no: `N${index}`, fen, remark })),
      ),
    ),
    "utf8",
  );
const night = (on: TestDatabase, inbox: Inbox, more: Parameters<typeof settleOn>[1] = {}) =>
  settleOn(on, { inbox: inbox.path, quietMs: 0, ...more }, { clock: noonOf("2026-03-06") });

async function onClone(work: (on: TestDatabase, inbox: Inbox) => Promise<void>): Promise<void> {
  const on = await cloneOf(here);
  try {
    await work(on, new Inbox());
    expect((await verify(contextOf(on.db, "auditor"))).checks.filter(({ ok }) => !ok)).toEqual([]);
  } finally {
    await on.drop();
  }
}

test("statements lie in a folder for each account; the night takes them in, matches, and tells what is left open and how old it is", () =>
  onClone(async (on, inbox) => {
    inbox.put("statements/alipay-main/0305.csv", statement([5_000n, "?"], [-950n, payouts[0]!.detailNo]));
    const { state, files, steps } = await night(on, inbox);
    expect([state, files.map(({ folder, name, outcome, inserted }) => [folder, name, outcome, inserted])]).toEqual([
      "complete",
      [["statements", "alipay-main/0305.csv", "done", 2]],
    ]);
    expect(steps[0]).toMatchObject({
      step: "import",
      counts: { open_lines: 2, matched: { payout: 1, collection: 0, fee: 0 } },
    });
    expect(inbox.files).toEqual([
      "done/statements/alipay-main/0305.csv",
      "done/statements/alipay-main/0305.csv.report.json",
    ]);
    const open = await totalOpen(on.context({ clock: noonOf("2026-03-08") }));
    const metrics = nightMetrics(
      {
        exitCode: 0,
        endedAt: new Date(0),
        summary: undefined,
        failure: undefined,
        fund: undefined,
        history: undefined,
        open,
        waiting: undefined,
      },
      "",
    );
    expect(metrics.split("\n").filter((line) => line.startsWith("accrue_unmatched"))).toEqual([
      'accrue_unmatched{state="expected",direction="out",age="1-3 days"} 1',
      'accrue_unmatched{state="unexpected",direction="in",age="1-3 days"} 1',
      'accrue_unmatched_yuan{state="expected",direction="out",age="1-3 days"} 9.50',
      'accrue_unmatched_yuan{state="unexpected",direction="in",age="1-3 days"} 50.00',
    ]);
  }));

test("one that does not add up, or of an account that nobody knows, fails the night until it comes right for that account", () =>
  onClone(async (on, inbox) => {
    inbox.put("statements/alipay-main/0305.csv", `${statement([5_000n, "?"])}2026-03-05 11:00:00,N9,1.00,99.00,,\n`);
    await expect(night(on, inbox)).rejects.toMatchObject({ code: "files_failed" });
    expect(inbox.files).toContain("failed/statements/alipay-main/0305.csv");
    await expect(night(on, inbox)).rejects.toMatchObject({ code: "files_failed" });
    inbox.put("statements/alipay-main/0305.csv", statement([5_000n, "?"]));
    expect((await night(on, inbox)).state).toBe("complete");
  }));

test("what lies beside the folders of accounts is named, and an expected statement can be asked for", () =>
  onClone(async (on, inbox) => {
    inbox.put("statements/0305.csv", statement([5_000n, "?"]));
    inbox.put("statements/alipay-main/old/0305.csv", statement([5_000n, "?"]));
    expect((await straysIn(inbox.path)).map(({ folder, name }) => `${folder}/${name}`)).toEqual([
      "statements/0305.csv",
      "statements/alipay-main/old/",
    ]);
    const expected = [parseExpectedFile("statements/alipay-main/{date}.csv", "--expect")];
    const asking = () => settleOn(on, { inbox: inbox.path, quietMs: 0, expected }, { clock: noonOf("2026-03-06") });
    await expect(asking()).rejects.toMatchObject({ code: "expected_files_missing" });
    inbox.put("statements/alipay-main/2026-03-05.csv", statement([5_000n, "?"]));
    expect((await asking()).state).toBe("complete");
  }));

import { existsSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import { ground } from "../../support/money/ground.ts";
import { startAccrue, until, type RunningAccrue } from "../orders/process.ts";
import { FakeStripe } from "./fake-stripe.ts";
import { approvedWithdrawal, secretKey } from "./scene.ts";
import { scratchDirectory } from "../../support/files.ts";

const here = await ground();
const failpoints = pathToFileURL(resolve("test/support/failpoint.mjs")).href;

const start = (operator: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): RunningAccrue =>
  startAccrue([...args, "--json", "--operator", operator], {
    database: here,
    env: { ACCRUE_SECRET_KEY: secretKey.toString("base64"), ...env },
  });

/** Starts a command that stops before its COMMIT of that number; gives what lets it go on. */
async function stoppedAt(
  commit: number,
  operator: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
) {
  const directory = scratchDirectory();
  const { child, ended } = start(operator, args, {
    ...env,
    NODE_OPTIONS: `--import=${failpoints}`,
    ACCRUE_FAILPOINT: `commit:${commit}:hold`,
    ACCRUE_HOLD: directory,
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  await until(async () => existsSync(join(directory, "held")));
  return { child, ended, goOn: () => (writeFileSync(join(directory, "go"), ""), ended) };
}

const errorOf = (stderr: string) =>
  (JSON.parse(stderr.trim().split("\n").at(-1)!) as { error: Record<string, unknown> }).error;
/** That alice pays now, as somebody else is told. */
const toldOfAlice = (channel: string) => ({
  code: "payouts_busy",
  details: { channel, operator: "alice", host: expect.any(String) as string },
  message: expect.stringMatching(
    new RegExp(`^another run pays through ${channel}: alice on .+, since 20[0-9T:.-]+Z$`),
  ) as string,
});

/** Where a run can be: before it has recorded its batch, and before it has handed it over. */
const stages = [
  ["while it records", 2],
  ["while it hands over", 3],
] as const;

describe("two that pay through one channel at once", () => {
  const exportAlipay = (directory: string) => ["payout", "export", "--channel", "alipay", "--output", directory];

  test.each(stages)(
    "payout export: %s, the second is told at once who pays, and the first ends as if alone",
    async (_when, commit) => {
      await approvedWithdrawal(here.db, 10n);
      const directory = scratchDirectory();
      const first = await stoppedAt(commit, "alice", exportAlipay(directory));
      for (const more of [[], ["--dry-run"]]) {
        const second = await start("bob", [...exportAlipay(directory), ...more]).ended;
        expect([second.exit, errorOf(second.stderr)]).toMatchObject([75, toldOfAlice("alipay")]);
      }
      expect(await first.goOn()).toMatchObject({ exit: 0, stderr: "" });
      const third = await start("bob", exportAlipay(directory)).ended;
      expect([third.exit, JSON.parse(third.stdout)]).toMatchObject([0, { payouts: 0 }]);
    },
  );

  test.each(stages)(
    "payout send: %s, the second is told at once who pays, and everybody is paid once",
    async (_when, commit) => {
      const fake = await FakeStripe.forTest();
      const env = { ACCRUE_STRIPE_KEY: fake.apiKey, ACCRUE_STRIPE_API_BASE: fake.url };
      await approvedWithdrawal(here.db, 10n, { channel: "stripe", number: `acct_Turns0000000${commit}` });
      const first = await stoppedAt(commit, "alice", ["payout", "send", "--yes"], env);
      for (const how of ["--yes", "--dry-run"]) {
        const second = await start("bob", ["payout", "send", how], env).ended;
        expect([second.exit, errorOf(second.stderr)]).toMatchObject([75, toldOfAlice("stripe")]);
      }
      expect(await first.goOn()).toMatchObject({ exit: 0, stderr: "" });
      expect(fake.ledger).toHaveLength(1);
    },
  );
});

test("another channel pays meanwhile", async () => {
  await approvedWithdrawal(here.db, 10n);
  await approvedWithdrawal(here.db, 10n, { channel: "bank" });
  const first = await stoppedAt(3, "alice", [
    "payout",
    "export",
    "--channel",
    "alipay",
    "--output",
    scratchDirectory(),
  ]);
  expect(
    await start("bob", ["payout", "export", "--channel", "bank", "--output", scratchDirectory()]).ended,
  ).toMatchObject({ exit: 0, stderr: "" });
  expect(await first.goOn()).toMatchObject({ exit: 0, stderr: "" });
});

test("who pays is not told while a turn is only just taken, or ends: that it is so, is", async () => {
  await here.db.sql.begin("read write", async (tx) => {
    await tx`SELECT FROM run_slots WHERE name = 'payout_alipay' FOR UPDATE`;
    const second = await start("bob", ["payout", "export", "--channel", "alipay"]).ended;
    expect([second.exit, errorOf(second.stderr)]).toMatchObject([
      75,
      { code: "payouts_busy", message: "another run pays through alipay", details: { channel: "alipay" } },
    ]);
  });
});

test("a run that was killed holds up nobody: its batch is named, and how to go on with it", async () => {
  await approvedWithdrawal(here.db, 10n);
  const directory = scratchDirectory();
  const args = ["payout", "export", "--channel", "alipay", "--output", directory];
  const first = await stoppedAt(3, "alice", args);
  first.child.kill("SIGKILL");
  await first.ended;
  const second = await start("bob", args).ended;
  expect([second.exit, errorOf(second.stderr)]).toMatchObject([4, { code: "payout_batch_not_handed_over" }]);
  const { batch_no: batchNo } = errorOf(second.stderr)["details"] as { batch_no: string };
  expect(await start("bob", ["payout", "export", "--batch", batchNo, "--output", directory]).ended).toMatchObject({
    exit: 0,
    stderr: "",
  });
});

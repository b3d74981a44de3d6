import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { verify } from "../../src/verification/verify.ts";
import { ground, noon } from "../support/money/ground.ts";
import { FakeStripe, type Behaviour, type Call } from "../db/payouts/fake-stripe.ts";
import { approvedWithdrawal, approvedWithdrawals, secretKey } from "../db/payouts/scene.ts";
import { accrueInProcess, cliEnvironment } from "../support/cli.ts";
import { writeScratch } from "../support/files.ts";
import { wordsOf } from "../support/transcript.ts";

const here = await ground();
const now = new Date(noon);

const envOf = (fake: FakeStripe | undefined, changes: Readonly<Record<string, string | undefined>> = {}) => ({
  ACCRUE_SECRET_KEY: secretKey.toString("hex"),
  ACCRUE_OPERATOR: "cashier",
  ...(fake === undefined ? {} : { ACCRUE_STRIPE_KEY: fake.apiKey, ACCRUE_STRIPE_API_BASE: fake.url }),
  ...changes,
});
const run = (
  fake: FakeStripe | undefined,
  args: readonly string[],
  changes: Readonly<Record<string, string | undefined>> = {},
) => accrueInProcess(["payout", "send", ...args], { database: here, now, env: envOf(fake, changes) });

const refusalOf = async (
  fake: FakeStripe | undefined,
  args: readonly string[],
  changes: Readonly<Record<string, string | undefined>> = {},
) => {
  const { stderr, exitCode } = await run(fake, [...args, "--json"], changes);
  return {
    exitCode,
    ...(JSON.parse(stderr.trim().split("\n").at(-1)!) as { error: { code: string; message: string; hint: string } })
      .error,
  };
};

let accounts = 0;
const payee = () => ({
  channel: "stripe" as const,
  number: `acct_Sender${(accounts += 1).toString().padStart(8, "0")}`,
});
const approved = (points: bigint) => approvedWithdrawal(here.db, points, payee());
const states = async () => here.db.sql<{ detailNo: string; state: string; status: string; netFen: bigint }[]>`
  SELECT d.detail_no, d.state, w.status, d.net_fen FROM payout_details d JOIN withdrawals w USING (member_id, withdrawal_id) ORDER BY detail_no`;

describe("accrue payout send", () => {
  test("shows what it would pay, asks for --yes off a terminal, pays, and tells the batch", async () => {
    const fake = await FakeStripe.forTest();
    await approved(100n);
    await approved(50n);
    expect(await run(fake, ["--dry-run"])).toMatchObject({
      exitCode: 0,
      stdout: "dry run: 2 payouts, 142.50 yuan through stripe\n",
    });
    expect(await refusalOf(fake, ["--channel", "stripe"])).toMatchObject({
      exitCode: 2,
      code: "confirmation_needed",
      message: expect.stringContaining(
        "Pay 2 payouts, 142.50 yuan, through stripe (acct_platform0001 test cny)?",
      ) as string,
    });
    expect(fake.ledger).toEqual([]);
    const { stdout, exitCode } = await run(fake, ["--yes", "--json", "--limit", "1"]);
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      channel: "stripe",
      template: "stripe-transfers-1",
      payer: "acct_platform0001 test cny",
      payouts: 1,
      total: "95.00",
      paid: 1,
      unanswered: 0,
      conflicts: 0,
      dry_run: false,
    });
    const page = await run(fake, ["--yes"]);
    expect(page.stdout).toMatch(
      /^batch P\d{8} through stripe \(acct_platform0001 test cny\): 1 payout, 47\.50 yuan\n.*paid +1 payout, 47\.50 yuan\n.*failed +0 payouts, 0\.00 yuan\n.*unanswered +0 payouts, 0\.00 yuan\n$/,
    );
    expect(await run(fake, ["--yes"])).toMatchObject({
      exitCode: 0,
      stdout: "nothing to send: no approved withdrawal to an account of stripe can be paid\n",
    });
    expect(await run(fake, ["--resume"])).toMatchObject({ exitCode: 0, stdout: "nothing is unanswered\n" });
  });

  test("leaves what is unknown unanswered, settles it with --resume, and lists what contradicts, exit 3", async () => {
    const fake = await FakeStripe.forTest();
    await approved(10n);
    fake.behave = ({ method }) => (method === "POST" ? { status: 400, code: "something_new" } : "fine");
    const sent = await run(fake, ["--yes"]);
    expect(sent.stdout).toContain(
      "what is unanswered may have been paid: `accrue payout send --resume` asks again, and pays nobody twice\n",
    );
    const batchNo = /P\d{8}/.exec(sent.stdout)![0];
    fake.behave = ({ method }) =>
      method === "POST" ? { status: 400, type: "idempotency_error", message: "other parameters" } : "fine";
    expect(await run(fake, ["--batch", batchNo])).toMatchObject({
      exitCode: 3,
      stdout: expect.stringMatching(
        /D\d{8}: Stripe has this payout's number for another payment: other parameters/,
      ) as string,
    });
    fake.behave = () => "fine";
    const { stdout } = await run(fake, ["--resume", "--json"]);
    expect(JSON.parse(stdout)).toMatchObject([{ batch_no: batchNo, paid: 1, unanswered: 0, contradictions: [] }]);
    const shown = await accrueInProcess(["payout", "show", batchNo], { database: here, now, env: envOf(fake) });
    expect(shown.stdout).toMatch(/payer +acct_platform0001 test cny\n/);
    expect(shown.stdout).not.toContain("Files");
    const refused = await accrueInProcess(["payout", "export", "--batch", batchNo, "--json"], {
      database: here,
      now,
      env: envOf(fake),
    });
    expect(refused).toMatchObject({
      exitCode: 4,
      stderr: expect.stringContaining("payout_batch_otherwise_paid") as string,
    });
  });

  test.each<
    [what: string, args: readonly string[], changes: Readonly<Record<string, string | undefined>>, code: string]
  >([
    ["no key", ["--resume"], { ACCRUE_STRIPE_KEY: undefined }, "stripe_key_missing"],
    ["a publishable key", ["--resume"], { ACCRUE_STRIPE_KEY: "pk_test_FakeFakeFake0001" }, "stripe_key_invalid"],
    [
      "plain http to another machine",
      ["--resume"],
      { ACCRUE_STRIPE_API_BASE: "http://stripe.example" },
      "stripe_api_base_invalid",
    ],
    ["a path", ["--resume"], { ACCRUE_STRIPE_API_BASE: "https://stripe.example/v1" }, "stripe_api_base_invalid"],
    ["a currency without hundredths", ["--resume"], { ACCRUE_STRIPE_CURRENCY: "jpy" }, "stripe_currency_invalid"],
    ["no currency", ["--resume"], { ACCRUE_STRIPE_CURRENCY: "yuan" }, "stripe_currency_invalid"],
    ["a new batch and an old one", ["--resume", "--limit", "1"], {}, "conflicting_options"],
    ["a channel that is paid by files", ["--channel", "alipay"], {}, "invalid_choice"],
  ])("%s is a usage error, and tells nothing of the key", async (_what, args, changes, code) => {
    const fake = await FakeStripe.forTest();
    const refusal = await refusalOf(fake, args, changes);
    expect(refusal).toMatchObject({ exitCode: 2, code });
    expect(JSON.stringify(refusal)).not.toContain("FakeFakeFake");
  });

  test("reads the key from a private file; config show tells where it is, and never what it is", async () => {
    const fake = await FakeStripe.forTest();
    const path = writeScratch("stripe.key", `${fake.apiKey}\n`);
    chmodSync(path, 0o600);
    const changes = { ACCRUE_STRIPE_KEY: undefined, ACCRUE_STRIPE_KEY_FILE: path };
    expect(await run(fake, ["--resume"], changes)).toMatchObject({ exitCode: 0 });
    chmodSync(path, 0o644);
    expect(await refusalOf(fake, ["--resume"], changes)).toMatchObject({
      code: "secret_key_exposed",
      hint: expect.stringContaining("roll it in Stripe's dashboard") as string,
    });
    const shown = await accrueInProcess(["config", "show", "--json"], { database: here, env: envOf(fake) });
    expect(JSON.parse(shown.stdout)).toMatchObject({
      settings: expect.arrayContaining([
        { name: "stripe_key", value: "(set)", origin: "ACCRUE_STRIPE_KEY" },
        { name: "stripe_currency", value: "cny", origin: "default" },
      ]) as unknown,
    });
    expect(shown.stdout).not.toContain("FakeFakeFake");
  });
});

test("the help on payouts shows what the commands really say", async () => {
  const fake = await FakeStripe.forTest();
  const fresh = await ground();
  for (const number of ["acct_Readme00000001", "acct_Readme00000002", "acct_Readme00000003"])
    await approvedWithdrawal(fresh.db, 100n, { channel: "stripe", number });
  fake.behave = ({ method, detailNo }) => {
    if (method === "POST" && detailNo === "D00000002")
      return { status: 400, code: "account_closed", message: "This account is closed" };
    return method === "POST" && detailNo === "D00000003" ? "garbage_after" : "fine";
  };
  const [, block = ""] =
    /```text\n(\$ accrue payout send[^]*?)```\n/.exec(readFileSync("src/cli/help/payouts.md", "utf8")) ?? [];
  const lines = [...block.matchAll(/^\$ accrue (.*)$/gm)].map(([, line]) => line!);
  expect(lines).toHaveLength(2);
  let real = "";
  for (const line of lines)
    real += `$ accrue ${line}\n${(await accrueInProcess(wordsOf(line), { database: fresh, now, env: envOf(fake) })).stdout}`;
  expect(block).toBe(real);
});

describe("killed with SIGKILL", () => {
  /**
   * Sends in a process of its own, which the server kills when `isTime`: at what the call is about to do, or has done.
   */
  async function sendAndDie(
    fake: FakeStripe,
    isTime: (call: Call, isAfter: boolean) => boolean,
    args: readonly string[],
  ): Promise<void> {
    const child = spawn(process.execPath, [resolve("bin/accrue.js"), "payout", "send", ...args], {
      env: cliEnvironment({ database: here, env: envOf(fake) }),
      stdio: "ignore",
    });
    const kill = () => void child.kill("SIGKILL");
    fake.behave = (call): Behaviour => (isTime(call, false) ? (kill(), "silent_before") : "fine");
    fake.afterwards = (call) => (isTime(call, true) ? kill() : undefined);
    expect(await once(child, "exit")).toEqual([null, "SIGKILL"]);
    fake.behave = () => "fine";
    fake.afterwards = () => {};
  }

  const isCreate = ({ method }: Call) => method === "POST";
  let creates = 0;
  beforeAll(async () => {
    expect((await states()).filter(({ status }) => status === "paying")).toEqual([]);
  });

  test.each<[when: string, isTime: (call: Call, isAfter: boolean) => boolean]>([
    ["before anything is recorded", ({ path }) => path === "/v1/account"],
    ["recorded, before the first transfer", isCreate],
    ["with the first transfer made, before any is answered", (call, isAfter) => isAfter && isCreate(call)],
    [
      "with more transfers made than a part has, in the second part",
      (call, isAfter) => isAfter && isCreate(call) && (creates += 1) === 103,
    ],
  ])(
    "%s: the next run settles it, and pays nobody twice",
    async (when, isTime) => {
      const fake = await FakeStripe.forTest();
      creates = 0;
      const before = new Set((await states()).map(({ detailNo }) => detailNo));
      const count = when.includes("second part") ? 105 : 3;
      await approvedWithdrawals(here.db, 10n, Array.from({ length: count }, payee));
      await sendAndDie(fake, isTime, ["--yes"]);
      // Killed again while it asks, and while it sends what never arrived.
      const [unsettled] = await here.db.sql<
        { batchNo: string }[]
      >`SELECT batch_no FROM payout_batches WHERE handed_over_at IS NULL`;
      if (unsettled !== undefined)
        await sendAndDie(fake, ({ path, method }) => path === "/v1/transfers" && method === "GET", ["--resume"]);
      if (unsettled !== undefined && fake.ledger.length < count)
        await sendAndDie(fake, (call, isAfter) => isAfter && isCreate(call), ["--resume"]);
      expect(await run(fake, ["--resume"])).toMatchObject({ exitCode: 0 });
      expect(await run(fake, ["--yes"])).toMatchObject({ exitCode: 0 });
      const mine = (await states()).filter(({ detailNo }) => !before.has(detailNo));
      expect(mine.filter(({ state, status }) => state !== "paid" || status !== "paid")).toEqual([]);
      expect(fake.ledger.map(({ transfer_group: detailNo, amount }) => [detailNo, BigInt(amount)]).toSorted()).toEqual(
        mine.map(({ detailNo, netFen }) => [detailNo, netFen]).toSorted(),
      );
      expect(mine).toHaveLength(count);
      expect((await verify(here.as("cashier"))).checks.filter(({ ok }) => !ok)).toEqual([]);
    },
    60_000,
  );
});

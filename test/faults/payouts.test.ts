import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, test } from "vitest";
import { verify } from "../../src/verification/verify.ts";
import { contextOf, ground } from "../support/money/ground.ts";
import { startAccrue } from "../db/orders/process.ts";
import { FakeStripe } from "../db/payouts/fake-stripe.ts";
import { approvedWithdrawal, secretKey } from "../db/payouts/scene.ts";
import { accrueInProcess } from "../support/cli.ts";
import { cloneOf, dumpDatabase, type TestDatabase } from "../support/database.ts";
import { scratchDirectory, writeScratch } from "../support/files.ts";

/** Five approved withdrawals: three files, when two rows go into each. */
const approved = await ground();
for (let count = 0; count < 5; count += 1) await approvedWithdrawal(approved.db, 10n);

type Variables = Readonly<Record<string, string>>;
const wordsOf = (args: readonly string[]) => [...args, "--json", "--operator", "cashier"];
const keys = { ACCRUE_SECRET_KEY: secretKey.toString("base64") };

/** Runs a command that nothing stops. */
const run = (on: TestDatabase, args: readonly string[], env: Variables = {}) =>
  accrueInProcess(wordsOf(args), { database: on, env: { ...keys, ...env } });

const failpoints = pathToFileURL(resolve("test/support/failpoint.mjs")).href;
/** Runs a command as a process into a failpoint. */
const runInto = (on: TestDatabase, failpoint: string, args: readonly string[], env: Variables = {}) =>
  startAccrue(wordsOf(args), {
    database: on,
    env: { ...keys, ...env, NODE_OPTIONS: `--import=${failpoints}`, ACCRUE_FAILPOINT: failpoint },
  }).ended;
const unsound = async (on: TestDatabase) => (await verify(contextOf(on.db, "auditor"))).checks.filter(({ ok }) => !ok);
const exportTo = (directory: string) => [
  "payout",
  "export",
  "--channel",
  "alipay",
  "--rows-per-file",
  "2",
  "--output",
  directory,
];

/** Every place of a kind, in each of some ways, until the program ends without having come to it; gives how many there are. */
async function aroundEach(
  kind: "commit" | "rename",
  stopAt: (failpoint: string) => Promise<boolean>,
  ways = ["before", "after"],
): Promise<number> {
  for (let number = 1; ; number += 1) {
    for (const way of ways) if (!(await stopAt(`${kind}:${number}:${way}`))) return number - 1;
  }
}

/** Where nothing that outlives the process happens between two places: right after one is as right before the next. */
const beforeOnly = ["before"];

/**
 * An export that dies there, and an operator who goes on: the files are those of the one batch, and everybody is in it
 * once.
 */
async function exportDiesAt(failpoint: string): Promise<boolean> {
  const on = await cloneOf(approved);
  const directory = scratchDirectory();
  const died = await runInto(on, failpoint, exportTo(directory));
  const shown = readdirSync(directory).filter((name) => !name.startsWith("."));
  const recorded = new Set(
    (await on.db.sql<{ name: string }[]>`SELECT name FROM payout_files`).map(({ name }) => name),
  );
  expect([failpoint, shown.filter((name) => !recorded.has(name))]).toEqual([failpoint, []]);
  const again = await run(on, exportTo(directory));
  if (again.exitCode === 4) {
    expect(JSON.parse(again.stderr)).toMatchObject({ error: { code: "payout_batch_not_handed_over" } });
    const [batch] = await on.db.sql<{ batchNo: string }[]>`SELECT batch_no FROM payout_batches`;
    expect(await run(on, ["payout", "export", "--batch", batch!.batchNo, "--output", directory])).toMatchObject({
      exitCode: 0,
      stderr: "",
    });
  } else expect([failpoint, again.exitCode]).toEqual([failpoint, 0]);
  const files = await on.db.sql<
    { name: string; sha256: string }[]
  >`SELECT name, sha256 FROM payout_files ORDER BY name`;
  const left = readdirSync(directory)
    .filter((name) => !name.startsWith("."))
    .sort();
  expect(
    left.map((name) => ({
      name,
      sha256: createHash("sha256")
        .update(readFileSync(join(directory, name)))
        .digest("hex"),
    })),
  ).toEqual([...files]);
  expect(
    await on.db
      .sql`SELECT count(*)::int AS details, count(DISTINCT withdrawal_id)::int AS withdrawals FROM payout_details`,
  ).toEqual([{ details: 5, withdrawals: 5 }]);
  expect([failpoint, await unsound(on)]).toEqual([failpoint, []]);
  await on.drop();
  return died.exit === "SIGKILL";
}

test(
  "an export that is killed around any COMMIT or rename: no file without its batch, no withdrawal in two, and the next command ends it",
  { timeout: 240_000 },
  async () => {
    // The turn is taken; the batch is recorded; it is handed over; the turn ends.
    expect(await aroundEach("commit", exportDiesAt, beforeOnly)).toBe(4);
    expect(await aroundEach("rename", exportDiesAt, beforeOnly)).toBe(3);
  },
);

test(
  "an answer that is killed around any COMMIT or rename: taken wholly or not at all; the same file again ends as an undisturbed one",
  { timeout: 240_000 },
  async () => {
    const exported = await cloneOf(approved);
    expect((await run(exported, exportTo(scratchDirectory()))).exitCode).toBe(0);
    const details = await exported.db.sql<{ detailNo: string }[]>`SELECT detail_no FROM payout_details ORDER BY 1`;
    const rows = details.map(
      ({ detailNo }, index) => `${detailNo},${["success", "failed", "unknown"][index % 3]!},9.50\n`,
    );
    const answerOf = () =>
      writeScratch("answer.csv", `detail_no,status,amount\n${rows.join("")}D99999999,success,1.00\n`);
    const finished = await cloneOf(exported);
    const before = await dumpDatabase(finished.db);
    expect((await run(finished, ["payout", "result", answerOf()])).exitCode).toBe(3);
    const after = await dumpDatabase(finished.db);

    const answerDiesAt = async (failpoint: string): Promise<boolean> => {
      const on = await cloneOf(exported);
      const path = answerOf();
      const died = await runInto(on, failpoint, ["payout", "result", path]);
      expect([before, after]).toContain(await dumpDatabase(on.db));
      expect([0, 3]).toContain((await run(on, ["payout", "result", path])).exitCode);
      expect([failpoint, await dumpDatabase(on.db)]).toEqual([failpoint, after]);
      expect([failpoint, await unsound(on)]).toEqual([failpoint, []]);
      await on.drop();
      return died.exit === "SIGKILL";
    };
    // All answers are one transaction; the rejects file is the one that takes its name.
    expect(await aroundEach("commit", answerDiesAt)).toBe(1);
    expect(await aroundEach("rename", answerDiesAt)).toBe(1);
  },
);

describe("payouts by calls, killed around any COMMIT", () => {
  /**
   * Runs commands that die, one after the other, and then an operator who goes on: no call without its batch, and
   * everybody is paid once.
   */
  async function diesAt(
    from: TestDatabase,
    deaths: readonly (readonly [args: readonly string[], failpoint: string])[],
  ): Promise<boolean> {
    const [on, fake] = [await cloneOf(from), await FakeStripe.start()];
    const env = { ACCRUE_STRIPE_KEY: fake.apiKey, ACCRUE_STRIPE_API_BASE: fake.url };
    const details = () => on.db.sql<{ detailNo: string; netFen: bigint; state: string; status: string }[]>`
      SELECT d.detail_no, d.net_fen, d.state, w.status FROM payout_details d JOIN withdrawals w USING (member_id, withdrawal_id) ORDER BY 1`;
    let exit: number | string = 0;
    for (const [args, failpoint] of deaths) {
      ({ exit } = await runInto(on, failpoint, ["payout", "send", ...args], env));
      const recorded = new Set((await details()).map(({ detailNo }) => detailNo));
      expect([failpoint, fake.ledger.filter((one) => !recorded.has(one.transfer_group))]).toEqual([failpoint, []]);
    }
    for (const args of [["--resume"], ["--yes"]])
      expect([deaths, await run(on, ["payout", "send", ...args], env)]).toMatchObject([
        deaths,
        { exitCode: 0, stderr: "" },
      ]);
    const paid = await details();
    expect(paid).toMatchObject(Array.from({ length: 3 }, () => ({ state: "paid", status: "paid" })));
    expect(fake.ledger.map((one) => [one.transfer_group, BigInt(one.amount)]).toSorted()).toEqual(
      paid.map(({ detailNo, netFen }) => [detailNo, netFen]),
    );
    expect([deaths, await unsound(on)]).toEqual([deaths, []]);
    await Promise.all([fake.stop(), on.drop()]);
    return exit === "SIGKILL";
  }

  test(
    "a batch that is sent, and one that is gone on with: nobody is paid twice, and nothing that was paid is lost",
    { timeout: 240_000 },
    async () => {
      const from = await ground();
      for (let no = 1; no <= 3; no += 1)
        await approvedWithdrawal(from.db, 10n, { channel: "stripe", number: `acct_Fault0000000${no}` });
      // The turn is taken; the batch is recorded; its answers are; it is handed over; the turn ends.
      expect(await aroundEach("commit", (failpoint) => diesAt(from, [[["--yes"], failpoint]]), beforeOnly)).toBe(5);
      // Behind the second, calls are made before the third: here none is.
      expect(await diesAt(from, [[["--yes"], "commit:2:after"]])).toBe(true);
      // All was paid, and no answer recorded: what was found is, and the batch is handed over.
      const resumed = (failpoint: string) =>
        diesAt(from, [
          [["--yes"], "commit:3:before"],
          [["--resume"], failpoint],
        ]);
      expect(await aroundEach("commit", resumed, beforeOnly)).toBe(2);
    },
  );
});

import { chmodSync, chownSync, readFileSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { insertAccounts } from "../../../src/domain/accounts/add-sql.ts";
import { keysInUse } from "../../../src/domain/accounts/key-sql.ts";
import { rotateKey } from "../../../src/domain/accounts/rotate.ts";
import { keyIdOf, SecretBox } from "../../../src/domain/accounts/secret-box.ts";
import { revealAccount, sealAccount } from "../../../src/domain/accounts/secrets.ts";
import { sealedAccountsOf, type AccountRow } from "../../../src/domain/accounts/sql.ts";
import { readSecretKey } from "../../../src/config/secret-key.ts";
import type { Context } from "../../../src/db/context.ts";
import { inTransaction } from "../../../src/db/database.ts";
import { AccrueError } from "../../../src/shared/errors.ts";
import { addOne, newKey } from "./ground.ts";
import { contextOf } from "../../support/money/ground.ts";
import { addMember, tamper } from "../../support/money/people.ts";
import { isWriting, startAccrue, until } from "../orders/process.ts";
import { accrueInProcess } from "../../support/cli.ts";
import { cloneOf, testDatabase, testNow, type TestDatabase } from "../../support/database.ts";
import { scratchDirectory, writeScratch } from "../../support/files.ts";

const seed = await testDatabase();

const outcomeOf = (work: () => unknown): unknown => {
  try {
    return work();
  } catch (error) {
    if (error instanceof AccrueError) return error.code;
    throw error;
  }
};

describe("the secret box", () => {
  const place = { memberId: 1n, accountId: 2n, field: "number" } as const;
  const key = newKey();
  const box = new SecretBox(key);

  test("opens what it sealed, and never seals the same text to the same bytes", () => {
    for (const text of ["6222021234567890128", "张三", "𠮷".repeat(100)]) {
      const [one, other] = [box.seal(place, text), box.seal(place, text)];
      expect(one.equals(other)).toBe(false);
      expect([one, other].map((sealed) => box.open(place, box.keyId, sealed))).toEqual([text, text]);
    }
  });

  test("never takes a nonce twice, however many texts it seals", () => {
    const nonces = Array.from({ length: 2000 }, () => box.seal(place, "1").subarray(0, 12).toString("hex"));
    expect(new Set(nonces).size).toBe(nonces.length);
  });

  test("notices every single bit that was changed, and every byte that is missing", () => {
    const sealed = box.seal(place, "6222021234567890128");
    for (let bit = 0; bit < sealed.length * 8; bit += 1) {
      const changed = Buffer.from(sealed);
      changed[bit >> 3]! ^= 1 << (bit & 7);
      expect(outcomeOf(() => box.open(place, box.keyId, changed))).toBe("account_unreadable");
    }
    for (let length = 0; length < sealed.length; length += 1) {
      expect(outcomeOf(() => box.open(place, box.keyId, sealed.subarray(0, length)))).toBe("account_unreadable");
    }
  });

  test("opens nothing that was moved to another member, account or field", () => {
    const sealed = box.seal(place, "6222021234567890128");
    for (const moved of [
      { ...place, memberId: 2n },
      { ...place, accountId: 1n },
      { ...place, field: "holder" as const },
      { ...place, memberId: 12n, accountId: 2n },
    ]) {
      expect(outcomeOf(() => box.open(moved, box.keyId, sealed))).toBe("account_unreadable");
    }
  });

  test("opens with an older key what that one sealed, and nothing without it", () => {
    const next = new SecretBox(newKey(), [key]);
    const sealed = box.seal(place, "x");
    expect(next.open(place, box.keyId, sealed)).toBe("x");
    expect(outcomeOf(() => new SecretBox(newKey()).open(place, box.keyId, sealed))).toBe("secret_key_wrong");
    expect(outcomeOf(() => next.open(place, next.keyId, sealed))).toBe("account_unreadable");
  });

  test("finds a number again by its digest: in the same channel and under the same key only", () => {
    expect(box.digest("bank", "1")).toEqual(new SecretBox(key).digest("bank", "1"));
    const others = [box.digest("alipay", "1"), box.digest("bank", "2"), new SecretBox(newKey()).digest("bank", "1")];
    expect(others.map((one) => one.equals(box.digest("bank", "1")))).toEqual([false, false, false]);
  });

  test("tells nothing of its keys when it is printed", () => {
    expect(JSON.stringify(box)).toBe("{}");
    expect(`${box.keyId} ${String(box)}`).not.toContain(key.toString("hex").slice(0, 16));
  });
});

describe("a secret key", () => {
  const key = newKey();
  const uid = process.getuid!();
  const read = (path: string, asUser = uid) =>
    outcomeOf(() => readSecretKey({ value: { kind: "file", path }, origin: "test" }, asUser));
  const keyFile = (mode: number, content = `${key.toString("base64")}\n`) => {
    const path = writeScratch("secret.key", content);
    chmodSync(path, mode);
    return path;
  };

  test.each(["hex", "base64", "base64url"] as const)("is read in %s", (encoding) => {
    expect(
      readSecretKey(
        { value: { kind: "text", text: ` ${key.toString(encoding)}\n` }, origin: "ACCRUE_SECRET_KEY" },
        uid,
      ),
    ).toEqual(key);
  });

  test.each([
    "x",
    "a".repeat(63),
    "a".repeat(65),
    newKey().toString("base64").slice(0, -4),
    "correct horse battery staple",
    `${"a".repeat(42)} =`,
  ])("is not %j, and the message does not repeat it", (text) => {
    const invalid = outcomeOf(() => readSecretKey({ value: { kind: "text", text }, origin: "ACCRUE_SECRET_KEY" }, uid));
    expect(invalid).toBe("secret_key_invalid");
    expect(() => readSecretKey({ value: { kind: "text", text }, origin: "ACCRUE_SECRET_KEY" }, uid)).toThrow(
      /^what ACCRUE_SECRET_KEY holds is no key: a key is 32 bytes/u,
    );
  });

  test.each([0o600, 0o400])("is read from a file of mode %o", (mode) => expect(read(keyFile(mode))).toEqual(key));

  test.each([0o640, 0o604, 0o660, 0o644, 0o610, 0o601, 0o777])("is refused in a file of mode %o", (mode) =>
    expect(read(keyFile(mode))).toBe("secret_key_exposed"),
  );

  test("is looked at through a link: what counts is the file", () => {
    const link = join(scratchDirectory(), "link");
    symlinkSync(keyFile(0o644), link);
    expect(read(link)).toBe("secret_key_exposed");
  });

  test.runIf(uid === 0)("is taken from a file of one's own or root's, and of nobody else", () => {
    const path = keyFile(0o600);
    expect(read(path, 65_534)).toEqual(key); // root's
    chownSync(path, 65_534, 65_534);
    expect([read(path, 65_534), read(path, 0), read(path, 1000)]).toEqual([
      key,
      "secret_key_exposed",
      "secret_key_exposed",
    ]);
  });

  test("is not what is no file, no key, or far too long", () => {
    expect([read("/no/such/key"), read(keyFile(0o600, "")), read(keyFile(0o600, "a".repeat(2000)))]).toEqual([
      "secret_key_unreadable",
      "secret_key_invalid",
      "secret_key_invalid",
    ]);
  });

  test("is made by `db new-key`: printed, or written for its owner's eyes only and never over another", async () => {
    const printed = (await accrueInProcess(["db", "new-key"])).stdout;
    expect(readSecretKey({ value: { kind: "text", text: printed }, origin: "test" }, uid)).toHaveLength(32);
    const file = join(scratchDirectory(), "new.key");
    expect(await accrueInProcess(["db", "new-key", "--file", file])).toMatchObject({ exitCode: 0 });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const written = readFileSync(file, "utf8");
    expect(read(file)).toHaveLength(32);
    const codeOf = async (path: string) =>
      (
        JSON.parse((await accrueInProcess(["db", "new-key", "--file", path, "--json"])).stderr) as {
          error: { code: string };
        }
      ).error.code;
    expect(await codeOf(file)).toBe("key_file_exists");
    expect(readFileSync(file, "utf8")).toBe(written);
    expect(await codeOf("/no/such/directory/key")).toBe("key_file_unwritable");
  });

  test("is never shown by `config show`, only where it comes from", async () => {
    const path = keyFile(0o600);
    const env = { ACCRUE_SECRET_KEY_FILE: path, ACCRUE_SECRET_KEY_OLD: key.toString("hex") };
    const { stdout } = await accrueInProcess(["config", "show"], { env });
    expect(stdout).toContain(path);
    expect(stdout).toMatch(/old_secret_key +\(set\) +ACCRUE_SECRET_KEY_OLD/u);
    expect(stdout).not.toContain(key.toString("hex"));
  });

  test("may be named in the settings file", async () => {
    const home = scratchDirectory();
    writeScratch("config.json", JSON.stringify({ secret_key_file: "/etc/accrue/key" }), home);
    expect((await accrueInProcess(["config", "show"], { env: { ACCRUE_HOME: home } })).stdout).toMatch(
      /secret_key +\/etc\/accrue\/key +\S+config\.json/u,
    );
  });
});

describe("changing keys", () => {
  const [old, fresh, third] = [newKey(), newKey(), newKey()];
  const numbers = Array.from({ length: 25 }, (_, index) => `someone${index}@b.cn`);
  let database: TestDatabase;
  let context: Context;

  beforeAll(async () => {
    const box = new SecretBox(old);
    for (const [index, number] of numbers.entries()) {
      if (index % 5 === 0) await addMember(seed.db, `M${index}`);
      await addOne(contextOf(seed.db, "li"), box, { memberNo: `M${index - (index % 5)}`, number });
    }
  });
  beforeEach(async () => {
    database = await cloneOf(seed);
    context = contextOf(database.db, "li");
  });
  afterEach(() => database.drop());

  const rotate = (over: Partial<Context> = {}, batchAccounts = 4) =>
    rotateKey({ ...context, ...over }, { from: old, to: fresh, batchAccounts });
  const underKeys = async () =>
    Object.fromEntries((await keysInUse(database.db.sql)).map(({ keyId, accounts }) => [keyId, Number(accounts)]));
  const everyNumber = async (key: Buffer) => {
    const members = await database.db.sql<{ memberId: bigint }[]>`SELECT member_id FROM members ORDER BY member_id`;
    const rows = (await Promise.all(members.map(({ memberId }) => sealedAccountsOf(database.db.sql, memberId)))).flat();
    const box = new SecretBox(key);
    for (const row of rows) expect(row.numberDigest).toEqual(box.digest(row.channel, revealAccount(box, row).number));
    return rows.map((row) => revealAccount(box, row).number);
  };
  const run = (args: readonly string[], env: Record<string, string>) => accrueInProcess(args, { database, env });

  test("seals every account anew, digests included, and says so in the record; again there is nothing to do", async () => {
    expect(await rotate()).toEqual({
      fromKey: keyIdOf(old),
      toKey: keyIdOf(fresh),
      rotated: 25,
      unreadable: 0,
      unreadableAccounts: [],
      underOtherKeys: 0n,
    });
    expect(await underKeys()).toEqual({ [keyIdOf(fresh)]: 25 });
    expect(await everyNumber(fresh)).toEqual(numbers);
    const records = await database.db.sql<
      { details: { accounts: number } }[]
    >`SELECT details FROM operator_actions WHERE action = 'db.rotate-key'`;
    expect(records.reduce((sum, { details }) => sum + details.accounts, 0)).toBe(25);
    expect(await rotate()).toMatchObject({ rotated: 0 });
    await expect(addOne(context, new SecretBox(old), { memberNo: "M0", number: "late@b.cn" })).rejects.toMatchObject({
      code: "secret_key_wrong",
    });
    await expect(addOne(context, new SecretBox(fresh), { memberNo: "M0", number: numbers[0]! })).rejects.toMatchObject({
      code: "account_known",
    });
  });

  test("stopped half way goes on where it was; until then both keys open what is theirs, and nothing is added", async () => {
    const stop = new AbortController();
    let batches = 0;
    const onProgress = () => {
      batches += 1;
      if (batches === 3) stop.abort(new Error("stopped"));
    };
    await expect(rotate({ signal: stop.signal, onProgress })).rejects.toThrow("stopped");
    expect(await underKeys()).toEqual({ [keyIdOf(old)]: 13, [keyIdOf(fresh)]: 12 });
    const both = { ACCRUE_SECRET_KEY: fresh.toString("hex"), ACCRUE_SECRET_KEY_OLD: old.toString("hex") };
    for (const memberNo of ["M0", "M20"])
      expect(await run(["account", "list", memberNo, "--reveal"], both)).toMatchObject({ exitCode: 0, stderr: "" });
    for (const key of [old, fresh]) {
      await expect(
        addOne(context, new SecretBox(key), { memberNo: "M0", number: "between@b.cn" }),
      ).rejects.toMatchObject({ code: "secret_key_wrong" });
    }
    expect((await run(["doctor"], both)).stdout).toContain(
      `13 accounts are sealed under key ${keyIdOf(old)}, and the one at hand is ${keyIdOf(fresh)}`,
    );
    expect(await rotate()).toMatchObject({ rotated: 13 });
    expect(await everyNumber(fresh)).toEqual(numbers);
  });

  test("two at once seal each account once", async () => {
    const reports = await Promise.all([rotate(), rotate()]);
    expect(reports.reduce((sum, { rotated }) => sum + rotated, 0)).toBe(25);
    expect(await everyNumber(fresh)).toEqual(numbers);
  });

  test("leaves what does not open as it is, names it, and exits 7", async () => {
    const [victim] = await database.db.sql<
      { accountId: bigint }[]
    >`SELECT account_id FROM payout_accounts ORDER BY account_id LIMIT 1`;
    await tamper(
      database,
      (sql) => sql`UPDATE payout_accounts SET number_sealed = holder_sealed WHERE account_id = ${victim!.accountId}`,
    );
    const env = { ACCRUE_SECRET_KEY: fresh.toString("hex"), ACCRUE_SECRET_KEY_OLD: old.toString("hex") };
    const said = await run(["db", "rotate-key", "--yes"], env);
    expect(said).toMatchObject({ exitCode: 7, stderr: "" });
    expect(said.stdout).toBe(
      `sealed 24 payout accounts under key ${keyIdOf(fresh)} instead of ${keyIdOf(old)}\n1 do not open under the old key and stay as they are: accounts ${victim!.accountId}\n`,
    );
    expect(await underKeys()).toEqual({ [keyIdOf(old)]: 1, [keyIdOf(fresh)]: 24 });
    expect((await run(["account", "list", "M0", "--reveal", "--json"], env)).stderr).toContain('"account_unreadable"');
  });

  test("a rehearsal opens and seals everything and keeps nothing", async () => {
    const env = { ACCRUE_SECRET_KEY: fresh.toString("hex") };
    const file = writeScratch("old.key", old.toString("hex"));
    chmodSync(file, 0o600);
    const { stdout } = await run(["db", "rotate-key", "--old-key-file", file, "--dry-run", "--json"], env);
    expect(JSON.parse(stdout)).toMatchObject({
      rotated: 25,
      dry_run: true,
      from_key: keyIdOf(old),
      to_key: keyIdOf(fresh),
    });
    expect(await everyNumber(old)).toEqual(numbers);
  });

  test.each<[keys: Record<string, string>, args: readonly string[], exitCode: number, code: string]>([
    [{}, ["--yes"], 2, "secret_key_missing"],
    [{ ACCRUE_SECRET_KEY: fresh.toString("hex") }, ["--yes"], 2, "old_secret_key_missing"],
    [
      { ACCRUE_SECRET_KEY: old.toString("hex"), ACCRUE_SECRET_KEY_OLD: old.toString("base64") },
      ["--yes"],
      2,
      "same_secret_key",
    ],
    [
      { ACCRUE_SECRET_KEY: fresh.toString("hex"), ACCRUE_SECRET_KEY_OLD: third.toString("hex") },
      ["--yes"],
      4,
      "secret_key_unused",
    ],
    [
      { ACCRUE_SECRET_KEY: fresh.toString("hex"), ACCRUE_SECRET_KEY_OLD: old.toString("hex") },
      [],
      2,
      "confirmation_needed",
    ],
  ])("with %j and %j is refused", async (env, args, exitCode, code) => {
    const { stderr, ...said } = await run(["db", "rotate-key", ...args, "--json"], env);
    expect(said.exitCode).toBe(exitCode);
    expect((JSON.parse(stderr) as { error: { code: string } }).error.code).toBe(code);
    expect(await underKeys()).toEqual({ [keyIdOf(old)]: 25 });
  });

  test.each<[keys: Record<string, string>, found: string]>([
    [{}, `none is set, and 25 accounts are sealed under ${keyIdOf(old)}`],
    [{ ACCRUE_SECRET_KEY: "nonsense" }, "what ACCRUE_SECRET_KEY holds is no key"],
    [
      { ACCRUE_SECRET_KEY: fresh.toString("hex") },
      `25 accounts are sealed under key ${keyIdOf(old)}, and the one at hand is ${keyIdOf(fresh)}`,
    ],
  ])("the doctor notices %j", async (env, found) => {
    const said = await run(["doctor", "--json"], env);
    expect(said.exitCode).toBe(7);
    const { checks } = JSON.parse(said.stdout) as {
      checks: { name: string; status: string; found: string; hint: string | null }[];
    };
    const check = checks.find(({ name }) => name === "account key");
    expect(check).toMatchObject({ status: "wrong", found: expect.stringContaining(found) as string });
    expect(check!.hint).not.toBeNull();
  });

  test("the doctor is content with the key that opens everything", async () => {
    const said = await run(["doctor"], { ACCRUE_SECRET_KEY: old.toString("hex") });
    expect(said.stdout).toContain(`key ${keyIdOf(old)} opens all there is: 25 accounts are sealed under it`);
  });

  test("killed without warning in the middle of its work it loses nothing, and the next run does the rest", async () => {
    const memberId = await addMember(database.db, "MANY");
    const accountIds = Array.from({ length: 1_200 }, (_, index) => BigInt(50_000_000 + index));
    await inTransaction(database.db, (tx) =>
      insertAccounts(
        tx,
        accountIds.map((accountId) => accountOf(new SecretBox(old), memberId, accountId)),
      ),
    );
    const env = { ACCRUE_SECRET_KEY: fresh.toString("hex"), ACCRUE_SECRET_KEY_OLD: old.toString("hex") };
    // A lock on the last account holds the last of three batches up.
    await database.db.sql.begin("read write", async (tx) => {
      await tx`SELECT FROM payout_accounts WHERE account_id = ${accountIds.at(-1)!} FOR UPDATE`;
      const { child, ended } = startAccrue(["db", "rotate-key", "--yes"], { database, env });
      await until(
        async () =>
          (
            await database.db
              .sql`SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`
          ).count > 0,
      );
      child.kill("SIGKILL");
      expect((await ended).exit).toBe("SIGKILL");
    });
    await until(async () => !(await isWriting(database)));
    expect(await underKeys()).toEqual({ [keyIdOf(old)]: 225, [keyIdOf(fresh)]: 1_000 });
    expect(await run(["db", "rotate-key", "--yes"], env)).toMatchObject({
      exitCode: 0,
      stdout: `sealed 225 payout accounts under key ${keyIdOf(fresh)} instead of ${keyIdOf(old)}\n`,
    });
    expect(await everyNumber(fresh)).toHaveLength(1_225);
  });
});

/** An account as it is stored, of a number of its own. */
function accountOf(box: SecretBox, memberId: bigint, accountId: bigint): AccountRow {
  const number = `number${accountId}@b.cn`;
  return {
    memberId,
    accountId,
    channel: "alipay",
    numberMasked: "n***@b.cn",
    bankName: null,
    branchCode: null,
    ...sealAccount(box, { memberId, accountId }, { number, holder: "张三" }),
    numberDigest: box.digest("alipay", number),
    isDefault: false,
    defaultAt: null,
    addedBy: "li",
    addedAt: testNow,
    closedBy: null,
    closedAt: null,
  };
}

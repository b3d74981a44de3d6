import { afterAll, describe, expect, test } from "vitest";
import { accrueInProcess } from "../../support/cli.ts";
import { OwnServer } from "../../support/own-server.ts";
import { createPlatform } from "../../support/platform.ts";
import { Standby } from "../../support/standby.ts";

const primary = await OwnServer.start();
const url = await createPlatform(primary.url, "platform");
const run = (args: readonly string[], env: Record<string, string> = {}) =>
  accrueInProcess(args, { database: { url }, env });
await run(["member", "register", "--name", "Li Wei", "--phone", "13800138000"]);
await run(["merchant", "register", "S001", "--name", "Tea"]);
const standby = await Standby.of(primary);
await standby.caughtUp(primary);
const onStandby = (args: readonly string[]) => accrueInProcess(args, { database: { url: standby.urlOf("platform") } });
afterAll(async () => {
  await standby.end();
  await primary.end();
});

describe("on a hot standby", () => {
  test.each([
    "member list",
    "member show M00000001",
    "member statement M00000001",
    "member aliases",
    "account list M00000001",
    "merchant list",
    "merchant bills",
    "money-account list",
    "collection list",
    "statement list",
    "recon list",
    "recon rules",
    "product list",
    "order list",
    "import list",
    "grant list",
    "withdrawal list",
    "payout list",
    "settle status",
    "settle plan",
    "policy show",
    "report fund",
    "db status",
  ])("`%s` says what it says on the primary", async (line) => {
    const args = [...line.split(" "), "--json"];
    const [there, here] = [await run(args), await onStandby(args)];
    expect(here.exitCode, here.stderr).toBe(there.exitCode);
    if (!line.startsWith("db") && line !== "report fund") expect(here.stdout).toBe(there.stdout);
  });

  test("verify checks all on one snapshot, and says that it tried no writes", async () => {
    const { exitCode, stdout } = await onStandby(["verify"]);
    expect(stdout).toContain("left out trying changes that must be refused, for this is a standby");
    expect(exitCode).toBe(0);
  });

  test.each([
    "member register --name Wang",
    "member list --reveal",
    "merchant suspend S001 --reason late --dry-run",
    "settle --incomplete",
    "verify --business-date 2026-01-01",
  ])("`%s` is refused, for it writes", async (line) => {
    const { exitCode, stderr } = await onStandby([...line.split(" "), "--json"]);
    expect(stderr).toContain('"code":"database_is_standby","message":"this is a standby, it cannot write"');
    expect(exitCode).toBe(4);
  });
});

describe("a server to read from", () => {
  const reading = { ACCRUE_READ_URL: standby.urlOf("platform") };

  test("is asked by what only reads, and not by what writes or records", async () => {
    await run(["member", "register", "--name", "Wang Fang"], reading);
    await standby.caughtUp(primary);
    const show = ["member", "show", "M00000002"];
    const withoutPrimary = { ...reading, DATABASE_URL: "postgres://nobody@127.0.0.1:1/nothing" };
    expect(await run(show, withoutPrimary)).toMatchObject({ exitCode: 0 });
    expect(await run([...show, "--reveal"], withoutPrimary)).toMatchObject({ exitCode: 5 });
    expect(await run([...show, "--reveal"], reading)).toMatchObject({ exitCode: 0 });
    const byFlag = await run([...show, "--read-url", standby.urlOf("platform")], { DATABASE_URL: "" });
    expect(byFlag).toMatchObject({ exitCode: 0 });
  });

  test("that is no URL is a mistake that names the setting", async () => {
    const { exitCode, stderr } = await run(["member", "list"], { ACCRUE_READ_URL: "standby" });
    expect(stderr).toContain("the database URL from ACCRUE_READ_URL is not a postgres:// URL");
    expect(exitCode).toBe(2);
  });

  test("that is behind is read with a warning of how far", async () => {
    await standby.replay("pause");
    await run(["member", "register", "--name", "Zhao Min"]);
    await standby.caughtUp(primary, "receive"); // what it does not know of yet, it is not behind with
    const { stderr } = await accrueInProcess(["member", "list"], {
      database: { url },
      env: reading,
      surroundings: { acceptedLagSeconds: 0 },
    });
    await standby.replay("resume");
    expect(stderr).toMatch(/^warning: this standby is \d+ s behind its primary$/mu);
  });
});

import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import { parse } from "csv-parse/sync";
import { describe, expect, test } from "vitest";
import { Command } from "commander";
import { FieldsOption } from "../../src/cli/fields.ts";
import { manifest } from "../../src/cli/manifest.ts";
import { loadVerb } from "../../src/cli/verb.ts";
import { accrueInProcess, cliEnvironment } from "../support/cli.ts";
import { ground, noon } from "../support/money/ground.ts";
import { addMember, addMerchant, close, earn, sell, tamper } from "../support/money/people.ts";
import { writeScratch } from "../support/files.ts";

const here = await ground();
const products = 10_050; // more than the most that one page has
const key = { ACCRUE_SECRET_KEY: "11".repeat(32) };
const run = async (line: string, operator = "alice", now = noon) =>
  accrueInProcess(line.split(" "), { database: here, now: new Date(now), env: { ...key, ACCRUE_OPERATOR: operator } });
const done = async (line: string, operator?: string, now?: string) => {
  const result = await run(line, operator, now);
  expect(result, line).toMatchObject({ exitCode: 0 });
  return result.stdout;
};

await addMember(here.db, "M1");
await addMerchant(here.db, "S1");
await earn(here.db, "M1", 1_000_000n);
const order = await sell(here.db, "M1", { amountFen: 12_300n });
await close(here.db, "2026-03-01");
await done("merchant bill --period 2026-03-01..2026-03-01");
await done("money-account add icbc-1 --channel bank");
await done("collection record S1 100 --received-on 2026-03-02 --reference slip --proof folder");
await done("collection record S1 50 --received-on 2026-03-02 --reference other --proof folder");
await done("collection confirm C00000002", "bob");
const moves =
  "occurred_at,line_no,amount,balance,counterparty,remark\n2026-03-02 10:00:00,1,100.00,1100.00,someone,x\n";
const { import_id: statement } = JSON.parse(
  await done(`statement import --account icbc-1 ${writeScratch("statement.csv", moves)} --json`),
) as { import_id: number };
const payment = "order_no,payment_no,channel,amount,paid_at\nO1,P1,wechat,1.00,2026-03-01 10:00:00\n";
await done(`order import-evidence ${writeScratch("payments.csv", payment)}`);
await done("member alias M1 nick --source taobao");
await done("merchant alias S1 shop --source jd");
const number = writeScratch("number.txt", "a@b.cn\n");
const { account_id: account } = JSON.parse(
  await done(
    `account add M1 --channel alipay --holder 张三 --account-file ${number} --json --yes`,
    "alice",
    "2026-03-01T12:00:00+08:00",
  ),
) as { account_id: number };
await done("withdrawal request --member M1 --points 100");
await done("withdrawal approve W00000001 --yes", "bob");
await done(`payout export --channel alipay --output ${resolve(number, "..")}`);
await done(`member import ${writeScratch("members.csv", "member_no,name\nM2,李四\n")}`);
await done("policy set --fee 4% --reason costs --yes");
await done("points adjust M1 +5 --reason-class goodwill --reference T-1 --reason late");
await tamper(
  here,
  (tx) => tx`
  INSERT INTO history_archives VALUES (1, 0, 16000000, '2026-02-01', '2026-01-31', 2, 3, 40, 5000, 1, 1, '/archives/1', 'x', 'host', 'boss', now())`,
);
await tamper(
  here,
  (tx) => tx`
  INSERT INTO products (merchant_id, sku, name, price_fen, import_id)
  SELECT merchant_id, 'P' || lpad(n::text, 6, '0'), CASE WHEN n = 10040 THEN repeat('长', 20) ELSE '茶' END, n, NULL
  FROM merchants, generate_series(1, ${products}) n WHERE merchant_code = 'S1'`,
);

/** A command line of every list and every show, by the words of the command. */
const lines: Readonly<Record<string, string>> = {
  "member list": "",
  "member show": "M1",
  "member aliases": "",
  "account list": "M1",
  "account show": `M1 ${account}`,
  "merchant list": "",
  "merchant show": "S1 --orders",
  "merchant aliases": "",
  "product list": "",
  "order list": "",
  "order show": order,
  "order evidence": "",
  "import list": "",
  "history list": "",
  "import show": "1",
  "grant list": "",
  "grant show": "1",
  "withdrawal list": "",
  "withdrawal show": "W00000001",
  "payout list": "",
  "payout show": "P00000001",
  "policy show": "",
  "config show": "",
  "merchant bills": "",
  "money-account list": "",
  "money-account show": "icbc-1",
  "collection list": "",
  "collection show": "C00000001",
  "recon list": "",
  "recon show": "L00000001",
  "recon rules": "",
  "statement list": "",
  "statement show": `${statement}`,
  "approval list": "",
  "points list": "",
  "approval show": "A00000001",
  "operator list": "",
  "audit list": "",
  "operator show": "alice",
  "operator roles": "",
};

/** Commands that show a whole with rows in it: `--csv` and `--fields` are of the rows. */
const wholes: Readonly<Record<string, string>> = {
  "member statement": "M1",
  "merchant statement": "S1",
  "settle status": "",
  "order profiles": "",
  "report fund": "",
  "db status": "",
};

test.each(Object.entries(wholes))("%s takes --csv and --fields, too", async (name, rest) => {
  const line = `${name} ${rest}`.trim();
  const [header = [], first = []] = parse(await done(`${line} --csv`), { bom: true }) as string[][];
  const [one, other] = [header.at(-1)!, header[0]!];
  expect(parse(await done(`${line} --csv --fields ${one},${other}`), { bom: true })[0]).toEqual([one, other]);
  const row = JSON.parse((await done(`${line} --json --fields ${one},${other}`)).split("\n")[0]!) as object;
  expect(Object.keys(row)).toEqual(expect.arrayContaining([other]));
  expect(first.length).toBe(header.length);
  expect(await run(`${line} --fields nothing`)).toMatchObject({ exitCode: 2, stdout: "" });
});

/** The commands that list or show things; others, such as decisions, may show one too. */
const shown = manifest.filter(({ path }) =>
  /^(?!settle|report|db).* (list|show|aliases|bills|rules|roles|evidence)$/u.test(path.join(" ")),
);
const withFields = await Promise.all(
  shown.map(async (entry) => {
    const verb = new Command();
    await loadVerb(entry, verb);
    const option = verb.options.find((one) => one instanceof FieldsOption);
    return {
      name: entry.path.join(" "),
      names: option?.names,
      hasCsv: verb.options.some(({ long }) => long === "--csv"),
    };
  }),
);

test("every command that lists or shows things takes --csv and --fields", () => {
  expect(withFields.filter(({ names, hasCsv }) => names === undefined || !hasCsv)).toEqual([]);
  expect(Object.keys(lines).toSorted()).toEqual(withFields.map(({ name }) => name).toSorted());
});

describe.each(withFields)("$name", ({ name, names }) => {
  const line = `${name} ${lines[name]}`.trim();
  const documentOf = async (more: string) => {
    const whole = JSON.parse((await done(`${line} --json ${more}`.trim())).split("\n")[0]!) as Record<string, unknown>;
    return name === "config show" ? (whole as { settings: Record<string, unknown>[] }).settings[0]! : whole;
  };

  test("has the fields that --fields takes: one by one they give the same JSON, in any order, and the same CSV", async () => {
    const whole = await documentOf("");
    for (const field of Object.keys(whole)) expect(names).toContain(field);
    const backwards = Object.keys(whole).toReversed();
    expect(Object.entries(await documentOf(`--fields ${backwards.join(",")}`))).toEqual(
      backwards.map((field) => [field, whole[field]]),
    );
    if (name === "import show") return; // there --csv is the rejected rows, as it ever was
    const [header, first] = parse(await done(`${line} --csv --fields ${backwards.join(",")}`), { bom: true });
    expect(header).toEqual(backwards);
    for (const [at, field] of backwards.entries())
      if (typeof whole[field] === "number") expect(first![at]).toBe(String(whole[field]));
  });

  test("shows fields that were asked for to people, too", async () => {
    const [one = "", other = ""] = Object.keys(await documentOf(""));
    const text = await done(`${line} --fields ${other},${one}`);
    expect(text.split("\n").length).toBeGreaterThan(1);
    expect(text.length).toBeLessThan(100_000);
  });

  test("refuses a field that it has not got, and says which it has", async () => {
    const { exitCode, stdout, stderr } = await run(`${line} --fields ${names![0]},nothing --json`);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
    expect(JSON.parse(stderr)).toMatchObject({
      error: {
        code: "unknown_field",
        message: '--fields: there is no field "nothing" here',
        hint: `give one or several of ${names!.join(",")}`,
      },
    });
  });
});

describe("--all", () => {
  test("gives every row, over as many pages as there are: JSON, CSV and a table with one heading until a column becomes wider", async () => {
    const json = (await done("product list --all --json"))
      .trimEnd()
      .split("\n")
      .map((line) => (JSON.parse(line) as { sku: string }).sku);
    expect([json.length, new Set(json).size, json.toSorted().join() === json.join()]).toEqual([
      products,
      products,
      true,
    ]);
    expect(parse(await done("product list --all --csv"), { bom: true }).length).toBe(products + 1);
    const text = (await done("product list --all")).trimEnd().split("\n");
    expect(text.filter((line) => line.startsWith("merchant"))).toHaveLength(2); // the long name stands on the second page
    expect(text).toHaveLength(products + 2);
  });

  test("goes on behind a key, and says nothing of a next page", async () => {
    const { stdout, stderr } = await run("product list --all --after S1,P010047 --json");
    expect([stdout.trimEnd().split("\n").length, stderr]).toEqual([products - 10_047, ""]);
    expect((await run("product list --all --after S1,P010050")).stdout).toBe("no products\n");
  });

  test("on a terminal is all, where a page that long is cut", async () => {
    const on = { database: here, now: new Date(noon), env: key, terminal: { columns: 80 } };
    expect((await accrueInProcess(["product", "list", "--limit", "300"], on)).stdout).toContain("… 100 more rows");
    expect((await accrueInProcess(["product", "list", "--all", "--after", "S1,P009700"], on)).stdout).not.toContain(
      "more rows",
    );
  });

  test("ends without a word when nobody reads any more", () => {
    const script = 'set -o pipefail; "$0" bin/accrue.js product list --all --json | head -n 1; echo "${PIPESTATUS[0]}"';
    const { stdout, stderr } = spawnSync("bash", ["-c", script, process.execPath], {
      env: cliEnvironment({ database: here }),
      encoding: "utf8",
    });
    expect([stdout.split("\n").slice(1, 2), stderr]).toEqual([["0"], ""]);
  });
});

describe("what is said of the next page", () => {
  test("stands below a table, and on stderr where stdout is for a program, unless --quiet", async () => {
    const more = "more: --after S1,P000001";
    expect(await run("product list --limit 1")).toMatchObject({
      stdout: expect.stringContaining(`\n${more}\n`),
      stderr: "",
    });
    expect(JSON.parse((await run("product list --limit 1 --json")).stderr)).toEqual({ note: more });
    expect(await run("product list --limit 1 --csv")).toMatchObject({
      stdout: "\ufeffmerchant_code,sku,name,price\nS1,P000001,茶,0.01\n",
      stderr: `${more}\n`,
    });
    expect(await run("product list --limit 1 --csv --quiet")).toMatchObject({ stderr: "" });
  });
});

test.each([
  ["product list --all --limit 5", "option '--all' cannot be used with option '--limit <rows>'"],
  ["product list --csv --json", "option '--csv' cannot be used with option '--json'"],
  ["payout list --fields age", '--fields: there is no field "age" here'],
  ["payout list --unanswered --fields batch_no", '--fields: there is no field "batch_no" here'],
])("%s is refused before anything is looked up", async (line, message) => {
  const { exitCode, stdout, stderr } = await run(line);
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
  expect(stderr).toContain(message);
});

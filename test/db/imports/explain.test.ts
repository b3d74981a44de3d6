import { beforeAll, expect, test } from "vitest";
import { accrueInProcess } from "../../support/cli.ts";
import { dumpDatabase, testDatabase } from "../../support/database.ts";
import { scratchDirectory, writeScratch } from "../../support/files.ts";
import { newKey } from "../accounts/ground.ts";

const database = await testDatabase();
const directory = scratchDirectory();
const card = "6222021234567890128";

interface Explained {
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  readonly rejects: readonly { readonly column: string }[];
}

const explain = async (words: readonly string[], rows: readonly string[]): Promise<{ readonly said: string; readonly found: Explained }> => {
  const path = writeScratch(`${words.join("-")}.csv`, `${rows.join("\n")}\n`, directory);
  const run = (...more: string[]) => accrueInProcess([...words, path, "--explain", ...more], { database, env: { ACCRUE_SECRET_KEY: newKey().toString("base64") } });
  const [text, json] = [await run(), await run("--json")];
  expect([text.exitCode, json.exitCode]).toEqual([0, 0]);
  return { said: `${text.stdout}${text.stderr}${json.stdout}${json.stderr}`, found: JSON.parse(json.stdout) as Explained };
};

let before: string;
beforeAll(async () => {
  before = await dumpDatabase(database.db);
});

test.each([
  [["payout", "result"], ["detail_no,status,amount", "D1,成功,9.50", "D2,maybe,9.50"], { detail_no: "D1", state: "paid", amount: "9.50" }, "status"],
  [["member", "import-aliases", "--source", "taobao"], ["alias,member_no", "小明,M1", "小红,"], { alias: "小明", source: "taobao", holder_no: "M1" }, "member_no"],
  [["merchant", "import-aliases"], ["alias,merchant_code,source", "某店,S1,jd", ",S1,jd"], { alias: "某店", source: "jd", holder_no: "S1" }, "alias"],
  [["withdrawal", "import"], ["request_no,member_no,points", "R1,M1,100", "R2,M1,1.5"], { request_no: "R1", member_no: "M1", points: "100" }, "points"],
])("%j: its first rows as they would be stored, and its first rejects; nothing is written", async (words, rows, row, column) => {
  const { found } = await explain(words, rows);
  expect(found.rows).toEqual([{ line: 2, ...row }]);
  expect(found.rejects).toMatchObject([{ line: 3, column }]);
  expect(await dumpDatabase(database.db)).toBe(before);
});

test("of what is private it is told that it is there, and no more", async () => {
  const accounts = await explain(["account", "import"], ["member_no,channel,account,account_name,bank", `M1,bank,${card},张三丰,工商银行`, `M1,paypal,${card},张三丰,`]);
  expect(accounts.found.rows).toEqual([{ line: 2, member_no: "M1", channel: "bank", number_masked: "6222 **** 0128", payee: "(not shown)", bank_name: "工商银行" }]);
  const requests = await explain(["withdrawal", "import"], ["request_no,member_no,points,channel,account,account_name", `R1,M1,100,bank,${card},张三丰`]);
  expect(requests.found.rows).toEqual([{ line: 2, request_no: "R1", member_no: "M1", points: "100", account: "(not shown)", holder: "(not shown)" }]);
  expect(`${accounts.said}${requests.said}`).not.toMatch(/6222021|张三丰/u);
});

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { analyse } from "scslre";
import { describe, expect, test } from "vitest";
import { parseAst } from "vitest/node";
import { accountKind } from "../../src/domain/accounts/import.ts";
import { SecretBox } from "../../src/domain/accounts/secret-box.ts";
import { aliasKind } from "../../src/domain/aliases/import.ts";
import {
  isLongNumber,
  readAmountFen,
  readBoolean,
  readDecimal,
  readId,
  readRate,
  readText,
  zeroedTailOf,
} from "../../src/csv/cells.ts";
import { cleanNumeric, cleanText, cleanWord, isBlank } from "../../src/csv/clean.ts";
import { normalizeName } from "../../src/csv/header.ts";
import { openCsv } from "../../src/csv/reader.ts";
import { dateOrders, readTimestamp } from "../../src/csv/timestamp.ts";
import { readTotalsText, totalsIn } from "../../src/csv/totals-text.ts";
import { readProfile } from "../../src/imports/read-profile.ts";
import { readingBy } from "../../src/imports/ruled-cells.ts";
import { microsInCell } from "../../src/imports/declared.ts";
import { memberKind } from "../../src/domain/members/import.ts";
import { merchantKind } from "../../src/domain/merchants/import.ts";
import { orderColumns } from "../../src/domain/orders/columns.ts";
import { orderProfiles } from "../../src/domain/orders/profiles/index.ts";
import { orderRowReader } from "../../src/domain/orders/row-reader.ts";
import { resultKind } from "../../src/domain/payouts/result.ts";
import { productKind } from "../../src/domain/products/import.ts";
import { withdrawalKind } from "../../src/domain/withdrawals/import.ts";
import type { ImportKind } from "../../src/imports/kind.ts";
import { scratchDirectory } from "../support/files.ts";

const sources = readdirSync("src", { recursive: true, encoding: "utf8" })
  // What lies there reads what its own server and its operator say, and never a file.
  .filter((name) => name.endsWith(".ts") && !name.startsWith("db/"));

interface Pattern {
  readonly source: string;
  readonly flags: string;
}

/** Every regular expression that is written in a source file. */
function patternsIn(text: string): readonly Pattern[] {
  const found: Pattern[] = [];
  const walk = (node: unknown) => {
    if (typeof node !== "object" || node === null) return;
    const { regex } = node as { regex?: { pattern: string; flags: string } };
    if (regex !== undefined) found.push({ source: regex.pattern, flags: regex.flags });
    else for (const child of Object.values(node)) walk(child);
  };
  walk(parseAst(text, { lang: "ts" }));
  return found;
}

describe("no pattern takes more than linear time", () => {
  test("whatever it is matched against: every one of the sources is analysed", () => {
    const patterns = sources.flatMap((name) =>
      patternsIn(readFileSync(join("src", name), "utf8")).map((pattern) => ({ name, pattern })),
    );
    expect(patterns.length).toBeGreaterThan(100);
    expect(
      patterns
        .filter(({ pattern }) => analyse(pattern).reports.length > 0)
        .map(({ name, pattern }) => `${name}: /${pattern.source}/${pattern.flags}`),
    ).toEqual([]);
  });

  test("and none is put together at run time, where nobody could analyse it", () => {
    expect(sources.filter((name) => /\bRegExp\(/.test(readFileSync(join("src", name), "utf8")))).toEqual([]);
  });

  test("which the analysis would find out", () => {
    for (const pattern of [/0+$/, /\s+%$/, /\s*元$/, /(\d[\d,]*)\s*笔/, /^(\d[\d,]*)\D*$/])
      expect(analyse(pattern).reports).not.toEqual([]);
  });
});

const zone = "Asia/Shanghai";
const box = new SecretBox(Buffer.alloc(32, 7));
const totals = readTotalsText("共{rows}笔,合计{amount}元")!;

/** A row of each kind that is read to its end, so that each of its cells is looked at in its turn. */
const goodCells: Readonly<Record<string, string>> = {
  order_no: "A1",
  member_no: "M1",
  merchant_code: "S1",
  amount: "12.50",
  status: "paid",
  paid_at: "2026-01-02",
  refunded_amount: "1",
  source: "pos",
  skus: "a;b",
  row_type: "order",
  line_no: "1",
  quantity: "1",
  unit_price: "1",
  currency: "CNY",
  refund_no: "R1",
  name: "王",
  email: "a@b.cn",
  phone: "13800000000",
  identity_verified: "是",
  contact: "x",
  contribution_rate: "30%",
  sku: "x",
  price: "1",
  channel: "alipay",
  account: "13800000000",
  account_name: "王",
  request_no: "Q1",
  points: "100",
  alias: "x",
  detail_no: "D1",
  reason: "x",
  channel_ref: "y",
};

const kinds: readonly ImportKind[] = [
  memberKind,
  merchantKind(),
  productKind,
  resultKind(),
  accountKind(box),
  aliasKind("member"),
  withdrawalKind(() => box),
];
const profiles = orderProfiles.map((text) =>
  readProfile(text, { kind: "orders", columns: orderColumns }, text.profile),
);
const ownProfile = readProfile(
  {
    profile: "own",
    kind: "orders",
    nothing: ["-", "无"],
    columns: {
      order_no: { names: ["a"], strip_start: ["0", "a"], strip_end: ["0", "a", "元"] },
      member_no: "b",
      merchant_code: { names: ["c"], before: "00" },
      amount: { names: ["d"], between: ["0", "00"], negate: true },
      status: { names: ["e"], words: { "0": "paid" } },
    },
    tail_marks: ["00", "合计"],
    totals_patterns: ["0{rows}0{amount}元", "a{rows}"],
  },
  { kind: "orders", columns: orderColumns },
  "own",
);

const rowReader = (read: (cell: (key: string) => string) => unknown, keys: readonly string[]) => (text: string) => {
  for (const changed of keys) read((key) => (key === changed ? text : (goodCells[key] ?? "")));
};

/** Everything that a cell, or a text with totals, is ever handed to. */
const readers: Readonly<Record<string, (text: string) => unknown>> = {
  readId,
  readText,
  readAmountFen,
  readRate,
  readBoolean,
  isLongNumber,
  zeroedTailOf,
  cleanText,
  cleanNumeric,
  cleanWord,
  isBlank,
  normalizeName,
  microsInCell,
  readDecimal: (text) => readDecimal(text, 6),
  readTimestamp: (text) =>
    dateOrders.map((dateOrder) => readTimestamp(text, zone, { dateOrder, yearPivot: 50, hasUnixTimes: true })),
  totalsIn: (text) => totalsIn(text, totals),
  ...Object.fromEntries(
    kinds.map((kind) => {
      const profile = readProfile(kind.profiles[0], kind, "native");
      return [kind.kind, rowReader(kind.rowReader(profile, zone), Object.keys(goodCells))];
    }),
  ),
  ...Object.fromEntries(
    [...profiles, ownProfile].map((profile) => [
      `orders by ${profile.name}`,
      rowReader(
        readingBy(profile, orderRowReader(profile, zone, true)),
        orderColumns.map(({ key }) => key),
      ),
    ]),
  ),
};

const characters = [
  ..." \t\u3000\u00a00９9aA中-+.,;:/%元￥¥年笔'\"`=@_|(\\",
  "\n",
  "\r",
  "\u200b",
  "1,",
  "1 ",
  "0.",
  " 元",
  '""',
  "'`",
  "1笔",
  "a@",
  "年1",
];
const shapes = (run: string) => [run, `1${run}x`, `2026-01-02${run}x`, `a@${run}.x`, `合计${run}1`];
// Not shorter: up to 4,096 matches fit where memory is cheap, and twice as many cost five times as much.
const [shortLength, longLength] = [8 * 1024, 24 * 1024];
const attempts = 3;

/** Time of this process's own processor, in milliseconds: whatever else the machine does has no part in it. */
function cpuMs(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** Three times the length takes three times as long where time is linear, and nine times where it is its square. */
const isSuperLinear = (shortMs: number, longMs: number): boolean => longMs > 60 && longMs > 6 * Math.max(shortMs, 2);

/**
 * Whether it takes more than linear time whenever it is measured: a pause of this process makes one measurement a wrong
 * one, not all.
 */
async function growsFaster(cpuMsOf: (length: number) => number | Promise<number>): Promise<boolean> {
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    if (!isSuperLinear(await cpuMsOf(shortLength), await cpuMsOf(longLength))) return false;
  }
  return true;
}

describe("long cells are read in linear time", () => {
  test.each(Object.entries(readers))("by %s, whatever they are a run of", async (_name, read) => {
    const readAll = (character: string, length: number) => {
      for (const text of shapes(character.repeat(length / character.length))) read(text);
    };
    for (const character of characters) readAll(character, 64);
    const slow: string[] = [];
    for (const character of characters)
      if (await growsFaster((length) => cpuMs(() => readAll(character, length)))) slow.push(character);
    expect(slow).toEqual([]);
  });

  test("which this would find out", async () => {
    const quadratic = (text: string) => text.replace(/0+$/, "");
    const isFound = () => growsFaster((length) => cpuMs(() => quadratic(`${"0".repeat(length)}x`)));
    // One wrong measurement of three is enough to miss it: what is slow is missed now and then, not always.
    expect((await isFound()) || (await isFound()) || (await isFound())).toBe(true);
  });

  test.each(characters)("as rows of a file, runs of %j", async (character) => {
    const directory = scratchDirectory();
    const cpuOf = async (length: number) => {
      const path = join(directory, `${length}.csv`);
      writeFileSync(
        path,
        `a,b,c,d,e,${character.repeat(100)}\n${shapes(character.repeat(length / character.length))
          .map((text) => `${text}\n1,2,3,4,5,${text}\n00${text}\n`)
          .join("")}`,
      );
      const before = process.cpuUsage();
      const source = await openCsv({ path }, [...profiles, ownProfile]).catch(() => undefined);
      for await (const records of source?.batches() ?? []) void records;
      const { user, system } = process.cpuUsage(before);
      return (user + system) / 1000;
    };
    await cpuOf(64);
    expect(await growsFaster(cpuOf)).toBe(false);
  });
});

test("a head of short lines, none of them a header, is not judged line by line", async () => {
  const path = join(scratchDirectory(), "lines.csv");
  const perLine = async (line: string) => {
    const lines = Math.floor(1_200_000 / line.length);
    writeFileSync(path, line.repeat(lines));
    const before = process.cpuUsage();
    await expect(openCsv({ path }, profiles)).rejects.toMatchObject({ code: "csv_missing_column" });
    return process.cpuUsage(before).user / lines;
  };
  await perLine("a note\n");
  // A line with a known name in it has to be judged by every profile; of all others, the first does for all.
  expect(await perLine(",\n")).toBeLessThan(0.7 * (await perLine("order_no,x\n")));
});

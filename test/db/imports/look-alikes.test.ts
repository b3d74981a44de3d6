import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { aliasProblem } from "../../../src/domain/aliases/model.ts";
import { aliasKeyOf } from "../../../src/domain/aliases/change.ts";
import { readId, readSku, readText } from "../../../src/csv/cells.ts";
import { CellProblem } from "../../../src/csv/problem.ts";
import { memberNoProblem, nameProblem } from "../../../src/domain/members/model.ts";
import { merchantCodeProblem } from "../../../src/domain/merchants/model.ts";
import { invisibleInId, lookAlikeIn, normalId, visibleJson } from "../../../src/shared/text.ts";
import { toJson } from "../../../src/ui/json.ts";
import { printable } from "../../../src/ui/printable.ts";
import { accrueInProcess } from "../../support/cli.ts";
import { registered } from "../../support/operators.ts";
import { testDatabase } from "../../support/database.ts";
import { writeScratch } from "../../support/files.ts";

const database = await testDatabase();
const said = (result: string | CellProblem) =>
  result instanceof CellProblem ? `${result.code}: ${result.message}` : result;

const invisible = [
  "\u034f",
  "\u3164",
  "\u115f",
  "\u1160",
  "\uffa0",
  "\u200b",
  "\u200d",
  "\u2060",
  "\u2066",
  "\u202e",
  "\u061c",
  "\u180e",
  "\u00ad",
  "\u0085",
  "\ufe0f",
  "\u{e0041}",
  "\u{e0101}",
  "\u2800",
];

describe("an id", () => {
  test.each(invisible)("has no character that nobody sees: %j", (character) => {
    const id = `M${character}1`;
    const number = `U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}`;
    expect(said(readId(id))).toBe(
      `control_character: ${JSON.stringify(id)} contains the invisible character ${number} at position 2`,
    );
    for (const problem of [memberNoProblem, merchantCodeProblem, aliasProblem])
      expect(problem(id)).toMatch(/printable characters only|takes no U\+/u);
  });

  test.each([
    ["М1001", "М", "Cyrillic, and no other letter beside it"],
    ["раураl", "р", "Cyrillic beside Latin"],
    ["Ivаn", "а", "one Cyrillic letter in a Latin name"],
    ["АВС", "А", "all of them look like Latin ones"],
    ["Αlpha", "Α", "Greek beside Latin"],
    ["店ο1", "ο", "Greek beside Chinese and digits"],
    ["ДΟМ", "Ο", "Greek beside Cyrillic"],
    ["ꓟ1", "ꓟ", "Lisu"],
    ["Ꮇ1", "Ꮇ", "Cherokee"],
    ["𝐌1001", "𝐌", "mathematical"],
    ["M𝟏", "𝟏", "mathematical digits"],
    ["M١", "١", "digits of another script"],
    ["ɑdmin", "ɑ", "phonetic"],
    ["ℳ1", "ℳ", "letter-like"],
  ])("%s: has no letter or digit that looks like another one: %s (%s)", (id, letter) => {
    expect(said(readId(id))).toMatch(
      new RegExp(
        `^look_alike: .+ contains ${JSON.stringify(letter)} \\(U\\+[0-9A-F]{4,5}\\), which cannot be told from another character by its looks$`,
        "u",
      ),
    );
    for (const [problem, what] of [
      [memberNoProblem, "a member number"],
      [merchantCodeProblem, "a merchant code"],
      [aliasProblem, "an alias"],
    ] as const) {
      expect(problem(id)).toMatch(
        new RegExp(`^${what} takes no U\\+[0-9A-F]{4,5}: it cannot be told from another character by its looks$`, "u"),
      );
    }
  });

  test.each([
    "M1001",
    "会员-001/甲",
    "店1A",
    "李伟_li.wei",
    "張さんカフェ2",
    "김철수7",
    "Иванович",
    "ДОМ",
    "ΩMEGA",
    "φ20",
    "Ωρα",
    "Zoë",
    "Ærø",
    "naïve",
    "№5",
    "₽",
    "®™",
    "ｘ".normalize("NFKC"),
    "สวัสดี",
    "𠮷野家",
    "🛒1",
    "\ue000",
  ])("may be %s", (id) => {
    expect([said(readId(id)), memberNoProblem(id)]).toEqual([id, undefined]);
  });

  test("of a product may be written with the letters of measures: it names nothing that is paid", () => {
    for (const sku of ["α-25", "μm5", "店ο1"])
      expect([readSku(sku), readId(sku)]).toEqual([sku, expect.any(CellProblem)]);
    expect(said(readSku("a\u034fb"))).toContain("control_character");
  });

  test("has one form: composed, narrow, with one kind of blank", () => {
    expect([readId("Cafe\u0301 1"), readId("Ａ１\u00a0b\u2003c"), readId("\u212a1")]).toEqual([
      "Café 1",
      "A1 b c",
      "K1",
    ]);
    expect(aliasKeyOf("Cafe\u0301\u00a01", "tmall")).toEqual({ alias: "Café 1", source: "tmall" });
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const id = readId(text);
        if (id instanceof CellProblem) return;
        expect([readId(id), normalId(id), invisibleInId(id), lookAlikeIn(id)]).toEqual([id, id, undefined, undefined]);
        expect(id).toBe(id.normalize("NFC"));
      }),
      { numRuns: 1000 },
    );
  });
});

test("a name keeps its characters, and the forms they are given; what nobody sees is none of it", () => {
  for (const name of ["葛\u{e0100}城", "❤\ufe0f店", "Maſſ", "Маша Smith", "Ａ店"])
    expect([readText(name), nameProblem(name)]).toEqual([name, undefined]);
  for (const name of ["张\u3164", "a\u034fb", "a\u2066b"]) {
    expect(said(readText(name))).toContain("control_character");
    expect(nameProblem(name)).toBe("a name takes printable characters only");
  }
  expect(nameProblem("\ufe0f")).toBe("a name cannot be empty");
});

describe("wherever an id comes in", () => {
  const [alike, file] = ["М1001", (name: string, text: string) => writeScratch(name, `\ufeff${text}`)];

  test.each<[string, () => string[], string]>([
    [
      "member import",
      () => ["member", "import", file("m.csv", `member_no,name\n${alike},王\n`)],
      "member_no_look_alike",
    ],
    [
      "merchant import",
      () => ["merchant", "import", file("s.csv", `merchant_code,name,contribution_rate\n${alike},店,10%\n`)],
      "merchant_code_look_alike",
    ],
    [
      "order import",
      () => ["order", "import", file("o.csv", `order_no,member_no,merchant_code,amount\n${alike},M1,S1,1\n`)],
      "order_no_look_alike",
    ],
    [
      "withdrawal import",
      () => ["withdrawal", "import", file("w.csv", `request_no,member_no,points\n${alike},M1,1\n`)],
      "request_no_look_alike",
    ],
    [
      "member import-aliases",
      () => ["member", "import-aliases", file("a.csv", `member_no,alias,source\nM1,${alike},tmall\n`)],
      "alias_look_alike",
    ],
  ])("%s rejects the row, and says which character it is", async (_command, args, code) => {
    const { exitCode, stdout } = await accrueInProcess([...args(), "--dry-run"], { database });
    expect([exitCode, stdout]).toEqual([3, expect.stringContaining(`1 x ${code}`) as string]);
    expect(stdout).toContain("U+041C");
  });

  test.each<[string, string[], string]>([
    ["member register", ["member", "register", "--member-no", alike, "--name", "王", "--yes"], "invalid_member_no"],
    ["member alias", ["member", "alias", "M1", alike, "--source", "tmall"], "invalid_alias"],
    ["--source", ["member", "alias", "M1", "x", "--source", alike], "invalid_source"],
    ["--operator", ["member", "list", "--operator", "аlice"], "invalid_operator"],
  ])("%s refuses it", async (_what, args, code) => {
    const { exitCode, stderr } = await accrueInProcess([...args, "--json"], { database });
    expect([exitCode, (JSON.parse(stderr) as { error: unknown }).error]).toEqual([
      2,
      expect.objectContaining({ code, message: expect.stringMatching(/U\+04(?:1C|30)/u) as string }),
    ]);
  });

  test("the operator of the environment is the same person however the name is composed", async () => {
    await registered(database.db, ["René"]);
    await accrueInProcess(["member", "register", "--name", "王", "--member-no", "C1", "--yes"], {
      database,
      env: { ACCRUE_OPERATOR: " Rene\u0301 " },
    });
    expect(await database.db.sql`SELECT operator FROM operator_actions WHERE subject = 'C1'`).toMatchObject([
      { operator: "René" },
    ]);
    const { stderr } = await accrueInProcess(["member", "list"], { database, env: { ACCRUE_OPERATOR: "ali\u3164ce" } });
    expect(stderr).toContain("an operator's name takes printable characters only");
  });
});

describe("JSON", () => {
  const steering = fc.string({
    unit: fc.oneof(
      fc.constantFrom(...invisible, "\u009b", "\u001b", "\u007f", "\u2028", "\ud800", "a", "张", '"', "\\"),
      fc.string({ unit: "binary", maxLength: 1 }),
    ),
  });

  test("says what it says without a character that a terminal follows or hides, and reads back the same", () => {
    fc.assert(
      fc.property(fc.dictionary(steering, steering), (document) => {
        const json = toJson(document);
        expect(json).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u);
        expect(JSON.parse(json)).toEqual(document);
        expect(JSON.parse(visibleJson(JSON.stringify(document, undefined, 2)))).toEqual(document);
      }),
    );
  });

  test("of a command, of its errors and of its log: what a file says steers no terminal", async () => {
    const path = writeScratch("steering.csv", "member_no,name,phone\nM1,王,12\u009b31m\u202e3\n");
    const json = await accrueInProcess(["member", "import", path, "--max-rejects", "0", "--json"], { database });
    expect(json.stderr).toContain("12\\u009b31m\\u202e3");
    const log = await accrueInProcess(["member", "import", path, "--max-rejects", "0", "--log-format", "json"], {
      database,
    });
    expect(log.stderr).toContain("12\\u009b31m\\u202e3");
    const text = await accrueInProcess(["member", "import", path, "--dry-run"], { database });
    for (const output of [json.stderr, log.stderr, text.stdout]) expect(output).not.toMatch(/[\u0080-\u009f\u202e]/u);
  });
});

test("a terminal is shown what nobody would see, and the forms of characters as they are", () => {
  expect(printable("a\u3164b\u034fc\u061cd\u2800❤\ufe0f葛\u{e0100}")).toBe(
    "a\\u3164b\\u034fc\\u061cd\\u2800❤\ufe0f葛\u{e0100}",
  );
});

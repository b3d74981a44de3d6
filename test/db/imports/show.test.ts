import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { accrueInProcess } from "../../support/cli.ts";
import { testDatabase } from "../../support/database.ts";
import { accrueOnTerminal } from "../../support/pty.ts";
import { scratchDirectory, writeScratch } from "../../support/files.ts";
import { transcript } from "../../support/transcript.ts";
import { fullHeader, peopleIn } from "../orders/scene.ts";
import { importOrders } from "../../support/imports.ts";

const database = await testDatabase();
await peopleIn(database);
const cwd = scratchDirectory();
const put = (name: string, rows: readonly string[]) => writeScratch(name, `${[fullHeader, ...rows].join("\n")}\n`, cwd);
const good = (no: string) => `${no},M1,S1,1.00,paid,2026-02-01,,,`;
put("good.csv", [good("A"), good("B")]);
put("bad.csv", [good("C"), "D,M9,S1,16.50,paid,2026-02-01,,,", "E,M1,S1,abc,,,,,", "F,M9,S1,3.50,paid,2026-02-01,,,"]);
const play = (...lines: string[]) => transcript(lines, { database, cwd });
await play("accrue order import good.csv bad.csv");
const run = (...args: string[]) => accrueInProcess(args, { database, cwd });

describe("import list", () => {
  test("tells what was imported, the newest first", async () => {
    expect(
      await play(
        "accrue import list",
        "accrue import list --with-rejects --kind orders --by tester --since 2026-01-01",
        "accrue import list --limit 1",
        "accrue import list --after 2",
      ),
    ).toMatchInlineSnapshot(`
      "
      $ accrue import list
      import  imported             by      kind    file      read  inserted  updated  rejected
           2  <time>  tester  orders  bad.csv      4         1        0         3
           1  <time>  tester  orders  good.csv     2         2        0         0

      $ accrue import list --with-rejects --kind orders --by tester --since 2026-01-01
      import  imported             by      kind    file     read  inserted  updated  rejected
           2  <time>  tester  orders  bad.csv     4         1        0         3

      $ accrue import list --limit 1
      import  imported             by      kind    file     read  inserted  updated  rejected
           2  <time>  tester  orders  bad.csv     4         1        0         3
      more: --after 2

      $ accrue import list --after 2
      import  imported             by      kind    file      read  inserted  updated  rejected
           1  <time>  tester  orders  good.csv     2         2        0         0
      "
    `);
  });

  test("by kind, operator and date leaves out the others", async () => {
    for (const filter of [
      ["--kind", "members"],
      ["--by", "nobody"],
      ["--since", "2999-01-01"],
      ["--after", "1"],
    ]) {
      expect((await run("import", "list", ...filter)).stdout, filter.join(" ")).toBe("no imports\n");
    }
    expect(await run("import", "list", "--after", "x", "--json")).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('"invalid_import_id"') as string,
    });
    expect(await run("import", "list", "--kind", "cats", "--json")).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('"invalid_choice"') as string,
    });
  });

  test("--json has the keys of import show", async () => {
    const { stdout } = await run("import", "list", "--json", "--limit", "1");
    const shown = JSON.parse((await run("import", "show", "2", "--json")).stdout) as Record<string, unknown>;
    expect({ ...(JSON.parse(stdout) as object), rejects_file_state: "unchanged" }).toEqual(shown);
    expect(shown).toMatchObject({
      import_id: 2,
      kind: "orders",
      file: "bad.csv",
      encoding: "utf-8",
      profile: "native",
      read: 4,
      inserted: 1,
      rejected: 3,
      reasons: { unknown_member: 2, amount_not_an_amount: 1 },
      rejected_amount: "20.00",
      rejects_file: join(cwd, "bad.rejects.csv"),
      operator: "tester",
      delimiter: ",",
      header_line: 1,
      declared: [],
      other_rows: {},
      passed_over: { repeated_headers: 0, explanations: 0, tail_rows: 0 },
    });
  });
});

describe("import show", () => {
  test("tells one import, and its rejects", async () => {
    const text = await play(
      "accrue import show 2",
      "accrue import show 2 --rejects",
      "accrue import show 1 --rejects",
      "accrue import show 2 --rejects --json",
    );
    expect(text.replace(/tester on \S+/, "tester on <host>")).toMatchInlineSnapshot(`
      "
      $ accrue import show 2
      import 2: orders of bad.csv
        imported by   tester on <host>
        started       <time>
        finished      <time>
        read          4
        inserted      1
        updated       0
        duplicate     0
        rejected      3, 20.00 yuan
        profile       native
        file          197 B, utf-8, sha256 b7a925dd63dd3497…
        rejects file  bad.rejects.csv (as it was written)
        2 x unknown_member
        1 x amount_not_an_amount

      $ accrue import show 2 --rejects
      record  line  column     reason
           2     3  member_no  no member has this number; register or import the member first
           3     4  amount     "abc" is not an amount of yuan such as 1234.50
           4     5  member_no  no member has this number; register or import the member first
      all of them: bad.rejects.csv (as it was written)

      $ accrue import show 1 --rejects
      nothing was rejected

      $ accrue import show 2 --rejects --json
      {"record":2,"line":3,"column":"member_no","code":"unknown_member","reason":"no member has this number; register or import the member first"}
      {"record":3,"line":4,"column":"amount","code":"amount_not_an_amount","reason":"\\"abc\\" is not an amount of yuan such as 1234.50"}
      {"record":4,"line":5,"column":"member_no","code":"unknown_member","reason":"no member has this number; register or import the member first"}
      "
    `);
  });

  test("on a terminal reasons are whole, too: what to do stands at their end", async () => {
    const session = accrueOnTerminal(["import", "show", "2", "--rejects"], { database, cwd, columns: 60 });
    expect(await session.exit()).toBe(0);
    expect(session.screen.replaceAll("\n", "")).toContain(
      "no member has this number; register or import the member first",
    );
  });

  test("reasons stand in the order of the report, the commonest first", async () => {
    put("reasons.csv", [
      "G,M1,S1,1,lost,,,,",
      "H,M1,S1,abc,,,,,",
      "I,M9,S1,1,paid,2026-02-01,,,",
      "J,M9,S1,1,paid,2026-02-01,,,",
    ]);
    const reasonsIn = (text: string) => text.match(/\d+ x \w+/gu);
    const report = await run("order", "import", "reasons.csv");
    const [shown] = [...(await run("import", "list", "--limit", "1", "--json")).stdout.matchAll(/"import_id":(\d+)/gu)];
    expect(reasonsIn((await run("import", "show", shown![1]!)).stdout)).toEqual(reasonsIn(report.stdout));
    expect(reasonsIn(report.stdout)).toEqual(["2 x unknown_member", "1 x amount_not_an_amount", "1 x unknown_status"]);
  });

  test("the kept rejects as a file are the rejects file; that they were read is recorded", async () => {
    const { stdout } = await run("import", "show", "2", "--csv", "--reveal");
    expect(stdout).toBe(readFileSync(join(cwd, "bad.rejects.csv"), "utf8"));
    const actions = await database.db
      .sql`SELECT operator, action, subject, details FROM operator_actions WHERE action LIKE 'import.rejects%'`;
    expect([...actions]).toEqual([
      { operator: "tester", action: "import.rejects.reveal", subject: "2", details: { rows: 3 } },
    ]);
    expect(await run("import", "show", "2", "--csv", "--json")).toMatchObject({
      exitCode: 2,
      stdout: "",
      stderr: expect.stringContaining('"reveal_needed"') as string,
    });
  });

  test("of more rejects than are kept, a program is told as a person is", async () => {
    put(
      "many.csv",
      Array.from({ length: 1_003 }, (_, at) => `N${at},M9,S1,1,paid,2026-02-01,,,`),
    );
    await run("order", "import", "many.csv");
    const [, id] = /"import_id":(\d+)/u.exec((await run("import", "list", "--limit", "1", "--json")).stdout)!;
    const more = "3 more are not kept here; all of them: many.rejects.csv (as it was written)";
    const csv = await run("import", "show", id!, "--csv", "--reveal");
    expect([csv.stdout.trim().split("\n").length, csv.stderr]).toEqual([1_001, `${more}\n`]);
    const json = await run("import", "show", id!, "--rejects", "--json");
    expect([json.stdout.trim().split("\n").length, JSON.parse(json.stderr)]).toEqual([1_000, { note: more }]);
    expect((await run("import", "show", id!, "--rejects")).stdout).toMatch(
      /\n3 more are not kept here\nall of them: many/u,
    );
  });

  test("says whether the rejects file still is what was written", async () => {
    const path = join(cwd, "bad.rejects.csv");
    const before = readFileSync(path);
    const state = async () =>
      (JSON.parse((await run("import", "show", "2", "--json")).stdout) as Record<string, unknown>)[
        "rejects_file_state"
      ];
    expect(await state()).toBe("unchanged");
    writeFileSync(path, "mended");
    expect(await state()).toBe("changed");
    rmSync(path);
    expect(await state()).toBe("gone");
    writeFileSync(path, before);
    const elsewhere = writeScratch("elsewhere.csv", `${fullHeader}\nZ,M9,S1,1,,,,,\n`);
    const { importId } = await importOrders(database.context({ operator: { name: "tester", host: "another-host" } }), {
      input: { path: elsewhere },
    });
    rmSync(join(dirname(elsewhere), "elsewhere.rejects.csv"));
    expect((await run("import", "show", String(importId))).stdout).toContain(
      "elsewhere.rejects.csv (on another machine)",
    );
  });

  test("an import that is not there", async () => {
    expect(await run("import", "show", "999", "--json")).toMatchObject({
      exitCode: 4,
      stderr: expect.stringContaining('"import_unknown"') as string,
    });
    for (const flags of [["--rejects"], ["--csv", "--reveal"]])
      expect(await run("import", "show", "999", ...flags)).toMatchObject({ exitCode: 4 });
  });
});

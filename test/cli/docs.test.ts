import { cpSync, existsSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { exitCodes } from "../../src/cli/exit-codes.ts";
import { helpTopics } from "../../src/cli/help-topics.ts";
import { accountImportColumns } from "../../src/domain/accounts/import-row.ts";
import { memberKind } from "../../src/domain/members/import.ts";
import { merchantKind } from "../../src/domain/merchants/import.ts";
import { orderColumns } from "../../src/domain/orders/columns.ts";
import { productKind } from "../../src/domain/products/import.ts";
import { withdrawalColumns } from "../../src/domain/withdrawals/import-row.ts";
import type { KindColumn } from "../../src/imports/kind.ts";
import { setOperatorState } from "../../src/domain/operators/change.ts";
import { accrueInProcess } from "../support/cli.ts";
import { testDatabase } from "../support/database.ts";
import { scratchDirectory } from "../support/files.ts";
import { operatorsOfTests } from "../support/operators.ts";
import { withoutVolatile, wordsOf } from "../support/transcript.ts";

/**
 * The documents, in the order of one story: the README's tour, and topics that take it further on the same platform.
 */
const documents = [
  "README.md",
  ...[
    "files",
    "members",
    "money",
    "profiles",
    "withdrawals",
    "scripts",
    "night",
    "verification",
    "payouts",
    "reconciliation",
    "settings",
    "server",
    "security",
    "operators",
    "corrections",
    "backup",
    "archives",
    "exit-codes",
    "performance",
  ].map((topic) => `src/cli/help/${topic}.md`),
  "CONTRIBUTING.md",
];
const textOf = (path: string) => readFileSync(path, "utf8");
const database = await testDatabase();
// Whoever the tour is about begins alone.
const alone = { name: "li.wei", host: "test" };
for (const name of [...operatorsOfTests, "tester"].filter((one) => one !== alone.name))
  await setOperatorState(database.context({ operator: alone }), name, "suspended");

/** One `$ …` line of a console block and what the README says that it prints. */
interface Shown {
  readonly line: string;
  readonly output: string;
}

const consoleBlock = /```console\n([\s\S]*?)```/g;

const shownIn = (block: string): Shown[] =>
  block
    .split(/^\$ /m)
    .slice(1)
    .map((text) => {
      const end = text.indexOf("\n");
      return { line: text.slice(0, end), output: text.slice(end + 1) };
    });

/** A shell that knows what the blocks use: accrue, export, echo $? and cat. */
function shell(): (line: string) => Promise<string> {
  const cwd = scratchDirectory();
  cpSync("fixtures", join(cwd, "fixtures"), { recursive: true, filter: (file) => !file.endsWith(".rejects.csv") });
  const env: Record<string, string> = {};
  let exitCode = 0;
  return async (line) => {
    const [program = "", ...args] = wordsOf(line);
    if (program === "export") {
      const [name = "", value = ""] = args[0]!.split("=");
      env[name] = value;
      return "";
    }
    if (line === "echo $?") return `${exitCode}\n`;
    if (program === "cat") return readFileSync(join(cwd, args[0]!), "utf8").replace(/^\ufeff/, "");
    if (program !== "accrue") throw new Error(`a console block can hold no ${program}`);
    const result = await accrueInProcess(args, { database, env, cwd, now: new Date("2026-01-04T02:00:00Z") });
    exitCode = result.exitCode;
    return result.said
      .map(({ text }) => text.replace(/^\ufeff/, ""))
      .join("")
      .replaceAll(realpathSync(cwd), "/home/li.wei/accrue");
  };
}

const isWriting = process.env["DOCS"] === "write";

/** Runs a document's blocks; compares what they say, or writes it into the document. */
async function hold(path: string, run: (line: string) => Promise<string>): Promise<void> {
  let written = textOf(path);
  for (const [whole, block = ""] of textOf(path).matchAll(consoleBlock)) {
    let real = "";
    for (const { line, output } of shownIn(block)) {
      const said = await run(line);
      const isSame = withoutVolatile(output) === withoutVolatile(said);
      if (!isWriting) {
        const reason = `${path}, after $ ${line} (if that is wanted: DOCS=write npx vitest run test/cli/docs.test.ts)`;
        expect(withoutVolatile(output), reason).toBe(withoutVolatile(said));
      }
      // What differs only in how long it took stays, or each writing would change every block.
      real += `$ ${line}\n${isSame ? output : said}`;
    }
    written = written.replace(whole, () => `\`\`\`console\n${real}\`\`\``);
  }
  if (isWriting) writeFileSync(path, written);
}

describe("the documents", () => {
  test("show what the commands really say", { timeout: 240_000 }, async () => {
    const run = shell();
    for (const path of documents) await hold(path, run);
  });

  test("have no dead link: neither to a file nor to a heading", () => {
    const dead = documents.flatMap((path) => deadLinks(path).map((target) => `${path}: ${target}`));
    expect(dead).toEqual([]);
  });

  test("are all there is to read: every help topic is one of them, and the README names each", () => {
    const topics = helpTopics().map(({ name }) => name);
    expect(topics.filter((topic) => !documents.includes(`src/cli/help/${topic}.md`))).toEqual([]);
    expect(topics.filter((topic) => !textOf("README.md").includes(`(src/cli/help/${topic}.md)`))).toEqual([]);
  });

  test("are short enough to be read: the README has at most 200 lines", () => {
    expect(textOf("README.md").split("\n").length).toBeLessThanOrEqual(201);
  });

  test("name every column of every file, and every exit code", () => {
    const columns: Readonly<Record<string, readonly KindColumn[]>> = {
      accounts: accountImportColumns,
      members: memberKind.columns,
      merchants: merchantKind().columns,
      products: productKind.columns,
      orders: orderColumns,
      withdrawals: withdrawalColumns,
    };
    for (const [file, specs] of Object.entries(columns)) {
      const row =
        textOf("src/cli/help/files.md")
          .split("\n")
          .find((line) => line.startsWith(`| ${file} |`)) ?? "";
      const missing = specs.flatMap(({ names }) => names).filter((name) => !row.includes(name));
      expect(missing, file).toEqual([]);
    }
    const codes = [...textOf("src/cli/help/exit-codes.md").matchAll(/^\| ([\d, ]+) \|/gm)].flatMap(([, cell = ""]) =>
      cell.split(",").map(Number),
    );
    expect(codes.toSorted((one, other) => one - other)).toEqual(
      Object.values(exitCodes).toSorted((one, other) => one - other),
    );
  });
});

/** Links of a document, to files or to headings of its own, that lead nowhere. */
function deadLinks(path: string): readonly string[] {
  const text = textOf(path).replace(/^```[\s\S]*?^```/gm, "");
  const slugs = new Set([...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) => slugOf(heading)));
  const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = ""]) => target)
    .filter((target) => !/^[a-z]+:/.test(target));
  return links.filter((target) => {
    const [file = "", anchor] = target.split("#");
    if (file !== "") return !existsSync(join(dirname(path), decodeURI(file)));
    return anchor !== undefined && !slugs.has(anchor);
  });
}

/** A heading's anchor, as GitHub makes it. */
const slugOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, "")
    .trim()
    .replaceAll(" ", "-");

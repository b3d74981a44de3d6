import { cpSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { exitCodes } from "../src/cli/exit-codes.ts";
import { accountImportColumns } from "../src/accounts/import-row.ts";
import { memberColumns } from "../src/members/import-row.ts";
import { merchantColumns } from "../src/merchants/import-row.ts";
import { orderColumns } from "../src/orders/columns.ts";
import { productColumns } from "../src/products/import-row.ts";
import { accrueInProcess } from "./support/cli.ts";
import { testDatabase } from "./support/database.ts";
import { scratchDirectory } from "./support/files.ts";
import { withoutVolatile, wordsOf } from "./support/transcript.ts";

const path = resolve("README.md");
const readme = readFileSync(path, "utf8");
const database = await testDatabase();

/** One `$ …` line of a console block and what the README says that it prints. */
interface Shown {
  readonly line: string;
  readonly output: string;
}

const consoleBlock = /```console\n([\s\S]*?)```/g;

const shownIn = (block: string): Shown[] =>
  block.split(/^\$ /m).slice(1).map((text) => {
    const end = text.indexOf("\n");
    return { line: text.slice(0, end), output: text.slice(end + 1) };
  });

/** A shell that knows what the README's blocks use: accrue, export, echo $? and cat. */
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
    if (program !== "accrue") throw new Error(`the README's blocks can hold no ${program}`);
    const result = await accrueInProcess(args, { database, env, cwd, now: new Date("2026-01-04T02:00:00Z") });
    exitCode = result.exitCode;
    return result.said.map(({ text }) => text).join("");
  };
}

describe("the README", () => {
  test("shows what the commands really say", async () => {
    const run = shell();
    const blocks = [...readme.matchAll(consoleBlock)];
    expect(blocks.length).toBeGreaterThan(5);
    let written = readme;
    for (const [whole, block = ""] of blocks) {
      let real = "";
      for (const { line, output } of shownIn(block)) {
        const said = await run(line);
        if (process.env["README"] !== "write") expect(withoutVolatile(output), `after $ ${line} (if that is wanted: README=write npx vitest run test/readme.test.ts)`).toBe(withoutVolatile(said));
        // What differs only in how long it took stays, or each writing would change every block.
        real += `$ ${line}\n${withoutVolatile(output) === withoutVolatile(said) ? output : said}`;
      }
      written = written.replace(whole, () => `\`\`\`console\n${real}\`\`\``);
    }
    if (process.env["README"] === "write") writeFileSync(path, written);
  });

  test("has no dead link: neither to a file nor to a heading", () => {
    const text = readme.replace(/^```[\s\S]*?^```/gm, "");
    const slugs = new Set([...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) => slugOf(heading)));
    const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = ""]) => target).filter((target) => !/^[a-z]+:/.test(target));
    expect(links.length).toBeGreaterThan(0);
    const dead = links.filter((target) => {
      const [file = "", anchor] = target.split("#");
      if (file !== "") return !existsSync(join(dirname(path), decodeURI(file)));
      return anchor !== undefined && !slugs.has(anchor);
    });
    expect(dead).toEqual([]);
  });

  test("names every column of every file, and every exit code", () => {
    const columns = { accounts: accountImportColumns, members: memberColumns, merchants: merchantColumns, products: productColumns, orders: orderColumns };
    for (const [file, specs] of Object.entries(columns)) {
      const row = readme.split("\n").find((line) => line.startsWith(`| ${file} |`)) ?? "";
      const missing = specs.flatMap(({ names }) => names).filter((name) => !row.includes(name));
      expect(missing, file).toEqual([]);
    }
    const codes = [...readme.matchAll(/^\| ([\d, ]+) \|/gm)].flatMap(([, cell = ""]) => cell.split(",").map(Number));
    expect(codes.toSorted((one, other) => one - other)).toEqual(Object.values(exitCodes).toSorted((one, other) => one - other));
  });
});

/** A heading's anchor, as GitHub makes it. */
const slugOf = (heading: string): string => heading.toLowerCase().replace(/[^\p{L}\p{N}\s_-]/gu, "").trim().replaceAll(" ", "-");

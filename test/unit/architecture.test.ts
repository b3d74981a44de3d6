import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { manifest, nouns } from "../../src/cli/manifest.ts";
import { scratchDirectory } from "../support/files.ts";

const foldersIn = (path: string) =>
  readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
const infrastructure = new Set(["cli", "config", "csv", "db", "files", "shared", "ui"]);
const domains = foldersIn("src/domain").map((name) => `domain/${name}`);
/** What is built on the domain. */
const rooms = foldersIn("src").filter((name) => !infrastructure.has(name) && name !== "domain" && name !== "imports");
const sources = readdirSync("src", { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts"));
const textOf = (name: string) => readFileSync(join("src", name), "utf8");

/**
 * Whom each kind of file may import, as the design has it; `domain` is a use case of any domain, `room` one of what is
 * built on it.
 */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  shared: [],
  config: ["shared"],
  ui: ["shared"],
  files: ["shared"],
  csv: ["shared", "files"],
  db: ["shared", "config", "files"],
  model: ["shared"],
  sql: ["shared", "db"],
  imports: ["shared", "db", "csv", "files"],
  domain: ["shared", "db", "csv", "files", "imports"],
  room: ["shared", "db", "csv", "files", "imports", "domain"],
  cli: ["shared", "db", "csv", "files", "imports", "domain", "room", "config", "ui"],
};

/** Files of one kind, in every folder where that kind can be. */
const filesOf: Readonly<Record<string, readonly string[]>> = {
  shared: ["shared/probe.ts"],
  config: ["config/probe.ts"],
  ui: ["ui/probe.ts"],
  files: ["files/probe.ts"],
  csv: ["csv/probe.ts"],
  db: ["db/probe.ts", "db/embedded/probe.ts"],
  model: [...domains, ...rooms].flatMap((name) => [`${name}/model.ts`, `${name}/probe-model.ts`]),
  sql: [...domains, ...rooms].flatMap((name) => [`${name}/sql.ts`, `${name}/probe-sql.ts`]),
  imports: ["imports/probe.ts"],
  domain: domains.map((name) => `${name}/probe.ts`),
  room: rooms.map((name) => `${name}/probe.ts`),
  cli: ["cli/probe.ts", "cli/commands/probe.ts", "cli/commands/member/probe.ts"],
};

const targetsOf: Readonly<Record<string, readonly string[]>> = {
  shared: ["shared/target.ts"],
  config: ["config/target.ts"],
  ui: ["ui/target.ts"],
  csv: ["csv/target.ts"],
  db: ["db/target.ts"],
  files: ["files/target.ts"],
  imports: ["imports/target.ts"],
  domain: domains.map((name) => `${name}/target.ts`),
  room: rooms.map((name) => `${name}/target.ts`),
  cli: ["cli/target.ts"],
};

type Import = { readonly file: string; readonly from: string; readonly to: string; readonly specifier: string };

describe("the lint rule for the direction of imports", () => {
  const imports: Import[] = [];
  let flagged: ReadonlySet<string>;

  beforeAll(() => {
    const directory = scratchDirectory();
    cpSync(".oxlintrc.json", join(directory, ".oxlintrc.json"));
    for (const [from, files] of Object.entries(filesOf)) {
      for (const file of files) writeProbe(directory, file, from);
    }
    flagged = flaggedIn(directory);
  });

  /** One file with every import there can be, one a line, each third of them dynamic and each third of a type only. */
  function writeProbe(directory: string, file: string, from: string): void {
    const up = "../".repeat(file.split("/").length - 1);
    const wanted = Object.entries(targetsOf).flatMap(([to, targets]) =>
      targets
        .filter((target) => dirname(target) !== dirname(file))
        .map((target) => ({ file, from, to, specifier: `${up}${target}` })),
    );
    const lines = wanted.map(({ specifier }, index) =>
      index % 3 === 0
        ? `export const lazy${index} = () => import("${specifier}");`
        : `export ${index % 3 === 1 ? "type " : ""}{ x as x${index} } from "${specifier}";`,
    );
    mkdirSync(dirname(join(directory, "src", file)), { recursive: true });
    writeFileSync(join(directory, "src", file), `${lines.join("\n")}\n`);
    imports.push(...wanted);
  }

  function flaggedIn(directory: string): ReadonlySet<string> {
    const report = lint(directory);
    const found = (
      JSON.parse(report) as { diagnostics: { code: string; message: string; filename: string }[] }
    ).diagnostics
      .filter(({ code }) => code === "eslint(no-restricted-imports)")
      .map(({ filename, message }) => `${filename.replace(/^.*src\//u, "")} ${/'([^']+)'/u.exec(message)![1]!}`);
    return new Set(found);
  }

  function lint(directory: string): string {
    try {
      return execFileSync(resolve("node_modules/.bin/oxlint"), ["--format", "json"], {
        cwd: directory,
        encoding: "utf8",
        maxBuffer: 2 ** 26,
      });
    } catch (error) {
      return String((error as { stdout?: unknown }).stdout); // it exits 1 because it found something
    }
  }

  const verdictsOf = (from: string, isAllowed: boolean) =>
    imports.filter(
      (one) => one.from === from && (mayImport[from]!.includes(one.to) || one.from === one.to) === isAllowed,
    );

  test.each(Object.keys(mayImport).filter((from) => from !== "cli"))(
    "%s: what it may not import is refused, in every folder",
    (from) => {
      const forbidden = verdictsOf(from, false);
      expect(forbidden.length).toBeGreaterThan(0);
      expect(forbidden.filter(({ file, specifier }) => !flagged.has(`${file} ${specifier}`))).toEqual([]);
    },
  );

  test("cli: a statement is refused, the type of a row is let through", () => {
    const directory = scratchDirectory();
    cpSync(".oxlintrc.json", join(directory, ".oxlintrc.json"));
    mkdirSync(join(directory, "src/cli"), { recursive: true });
    writeFileSync(
      join(directory, "src/cli/probe.ts"),
      'export { insert } from "../domain/orders/import-sql.ts";\nexport { find } from "../domain/members/sql.ts";\nimport type { Row } from "../domain/merchants/sql.ts";\nexport type Rows = Row[];\n',
    );
    expect([...flaggedIn(directory)]).toEqual([
      "cli/probe.ts ../domain/orders/import-sql.ts",
      "cli/probe.ts ../domain/members/sql.ts",
    ]);
  });

  test.each(Object.keys(mayImport))("%s: what it may import is let through", (from) => {
    expect(verdictsOf(from, true).filter(({ file, specifier }) => flagged.has(`${file} ${specifier}`))).toEqual([]);
  });
});

describe("the sources", () => {
  test("write to the terminal in src/ui only", () => {
    const writers = sources.filter((name) =>
      /\bconsole\.|process\.std(?:out|err)\b|\bstd(?:out|err)\.write\b/u.test(textOf(name)),
    );
    expect(writers.filter((name) => !name.startsWith("ui/"))).toEqual([]);
  });

  test.each([
    [/^(?:inquirer|ora|cli-table3|string-width)$/u, ["ui/"]],
    [/^commander$/u, ["cli/"]],
    [/^postgres$/u, ["db/driver/"]],
    // Its modules take longer to load than the rest of the program: the build bundles it.
    [/^drizzle-orm/u, ["db/schema/", "domain/orders/list-sql.ts"]],
  ])("load %s in its own folder only", (packageName, places) => {
    const users = sources.filter((name) =>
      importsIn(textOf(name).replaceAll(/^import type .*$/gmu, "")).some((one) => packageName.test(one)),
    );
    expect(users.length).toBeGreaterThan(0);
    expect(users.filter((name) => !places.some((place) => name.startsWith(place)))).toEqual([]);
  });

  test.each([
    ["rooms", (name: string) => roomOf(name)],
    ["files", (name: string) => name],
  ])("import each other in one direction: there is no circle of %s, types counted in", (_what, placeOf) => {
    // The list of commands loads each command when it is asked for, and commands know that list.
    const places = sources
      .filter((name) => name !== "cli/manifest.ts")
      .flatMap((name) =>
        importsIn(textOf(name))
          .filter((one) => one.startsWith("."))
          .map((specifier) => [placeOf(name), placeOf(join(dirname(name), specifier))] as const)
          .filter(([from, to]) => from !== to),
      );
    expect(circleIn(places)).toEqual([]);
  });

  test("hold no float near an amount, no stub, and nothing that silences a check", () => {
    const forbidden =
      /parseFloat|toFixed|@ts-ignore|@ts-expect-error|oxlint-disable(?!-next-line no-control-regex)|eslint-disable|\bTODO\b|\bFIXME\b/u;
    expect(sources.filter((name) => forbidden.test(textOf(name)))).toEqual([]);
  });
});

/** `domain/orders`, `csv`; the program itself for what lies in no folder. */
const roomOf = (name: string): string => {
  const [folder, sub] = name.split("/");
  return sub === undefined ? "main" : folder === "domain" ? `domain/${sub}` : folder!;
};

/**
 * What is left when everything that imports nothing else of the rest is taken away, again and again: circles, and what
 * imports them.
 */
function circleIn(arrows: readonly (readonly [from: string, to: string])[]): readonly string[] {
  let rest = arrows;
  for (;;) {
    const importing = new Set(rest.map(([from]) => from));
    const fewer = rest.filter(([, to]) => importing.has(to));
    if (fewer.length === rest.length) return [...importing];
    rest = fewer;
  }
}

const importsIn = (text: string): readonly string[] =>
  [...text.matchAll(/(?:from|import\()\s*"([^"]+)"/gu)].map(([, specifier]) => specifier!);

describe("every command", () => {
  test.each(manifest.map((entry) => [entry.path.join(" "), entry] as const))(
    "%s is documented: a summary, and examples of itself",
    async (words, entry) => {
      expect(entry.summary).toMatch(/^[a-z].*[^.]$/u);
      const { command } = await entry.load();
      expect(command.examples.length).toBeGreaterThan(0);
      for (const [line, purpose] of command.examples) {
        expect(line).toContain(`accrue ${words}`);
        expect(purpose).not.toBe("");
      }
    },
  );

  test("has its own file, and every file of a command is in the manifest", () => {
    const files = sources
      .filter((name) => name.startsWith("cli/commands/") && textOf(name).includes("export const command = "))
      .map((name) => `${basename(dirname(name))} ${basename(name, ".ts")}`.replace("commands ", ""));
    expect(files.toSorted()).toEqual(manifest.map(({ path }) => path.join(" ")).toSorted());
  });

  test("belongs to a noun that the help explains", () => {
    const used = new Set(manifest.filter(({ path }) => path.length === 2).map(({ path }) => path[0]));
    expect([...used].filter((noun) => nouns[noun] === undefined)).toEqual([]);
    for (const text of Object.values(nouns)) expect(text).not.toBe("");
  });
});

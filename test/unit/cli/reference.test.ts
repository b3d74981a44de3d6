import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { expect, test } from "vitest";
import { helpTopics } from "../../../src/cli/help-topics.ts";
import { manifest } from "../../../src/cli/manifest.ts";
import { topicPage } from "../../../src/cli/reference/roff.ts";
import { writeReference } from "../../../src/cli/reference/write.ts";
import { loadVerb } from "../../../src/cli/verb.ts";
import { scratchDirectory } from "../../support/files.ts";

const directory = scratchDirectory();
await writeReference(directory);
const textOf = (name: string) => readFileSync(join(directory, name), "utf8");
/** A page as it is read: fonts and escapes taken away. */
const readable = (roff: string) =>
  roff
    .replaceAll(/\\f[BP]/g, "")
    .replaceAll("\\-", "-")
    .replaceAll("\\&", "")
    .replaceAll("\\e", "\\");

test("there is a man page of the program, of each noun and plain command, and of each topic", () => {
  const words = new Set(manifest.map(({ path }) => path[0]));
  expect(readdirSync(join(directory, "man1")).toSorted()).toEqual(
    ["accrue.1", ...[...words].map((word) => `accrue-${word}.1`)].toSorted(),
  );
  expect(readdirSync(join(directory, "man7")).toSorted()).toEqual(
    helpTopics()
      .map(({ name }) => `accrue-${name}.7`)
      .toSorted(),
  );
});

test("the pages and the reference tell of every command, each of its arguments and options, and its examples", async () => {
  const [program, reference] = [readable(textOf("man1/accrue.1")), textOf("reference.md")];
  for (const entry of manifest) {
    const verb = new Command(entry.path.join(" "));
    const { examples } = await loadVerb(entry, verb);
    const chapter = readable(textOf(`man1/accrue-${entry.path[0]}.1`));
    const name = `accrue ${entry.path.join(" ")}`;
    expect(program).toContain(`${name}\n${entry.summary}\n`);
    const page = chapter.slice(chapter.indexOf(`.SH ${name}\n`)).split(/\n\.SH /)[0]!;
    const section = reference.slice(reference.indexOf(`### ${name}\n`)).split(/\n##/)[0]!;
    for (const option of verb.options) {
      const isShared = program.includes(`.TP\n${option.flags}\n`);
      expect(
        isShared || page.includes(`.TP\n${option.flags}\n${option.description.replaceAll("`", "")}`),
        `${name} ${option.flags}`,
      ).toBe(true);
      expect(isShared || section.includes(`- \`${option.flags}\`: `), `${name} ${option.flags}`).toBe(true);
    }
    for (const argument of verb.registeredArguments) {
      expect(page).toContain(`.TP\n${argument.name()}\n`);
      expect(section).toContain(`- \`${argument.name()}\`: `);
    }
    for (const [line] of examples)
      expect(
        [page, section].map((text) => text.includes(`  $ ${line}\n`)),
        line,
      ).toEqual([true, true]);
  }
});

test("what is said behind the options of a command is in its page: the columns of a file", () => {
  expect(readable(textOf("man1/accrue-order.1"))).toContain(
    "Columns (a Chinese name is as good, optional ones in brackets):\n  order_no 订单号",
  );
});

test("a line that begins with what is an instruction to roff is text", () => {
  const text = "# Odd: what it is\n\n.TH is no title, and\n'neither is this.\n\n```\n.so /etc/passwd\nC:\\new\n```\n";
  expect(topicPage({ name: "odd", summary: "what it is" }, text, "1.0.0")).toContain(
    "\n.PP\n\\&.TH is no title, and\n\\&'neither is this.\n.PP\n.EX\n\\&.so /etc/passwd\nC:\\enew\n.EE\n",
  );
});

test("a topic's headings, lists, tables, links and code become those of a man page", () => {
  const text =
    "# Odd: what it is\n\nSee `--this`, **that** and [money](money.md).\n\n## More\n\n- one\n  goes on\n- two\n\n| a | b |\n|---|---|\n| `x` | 1 \\| 2 |\n";
  const page = topicPage({ name: "odd", summary: "what it is" }, text, "1.0.0");
  expect(page.slice(page.indexOf(".SH DESCRIPTION"))).toBe(
    [
      ".SH DESCRIPTION",
      ".PP",
      "See \\fB\\-\\-this\\fP, \\fBthat\\fP and money.",
      ".SH More",
      ".IP \\(bu 2",
      "one",
      "goes on",
      ".IP \\(bu 2",
      "two",
      ".TS",
      "allbox;",
      "l lx.",
      "T{\na\nT}\tT{\nb\nT}",
      "T{\n\\fBx\\fP\nT}\tT{\n1 | 2\nT}",
      ".TE",
      ".SH SEE ALSO",
      "\\fBaccrue(1)\\fP",
      "",
    ].join("\n"),
  );
});

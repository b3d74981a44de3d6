import type { HelpTopic } from "../help-topics.ts";
import type { Chapter, CommandText, Term } from "./pages.ts";

// In roff a backslash and a dash mean something, and so does a full stop or an apostrophe at the start of a line.
const escaped = (text: string): string =>
  text
    .replaceAll("\\", "\\e")
    .replaceAll("-", "\\-")
    .replaceAll(/^(?=[.'])/gm, "\\&");

const bold = (text: string): string => `\\fB${escaped(text)}\\fP`;

/** Markdown within a line: code and strong text become bold, a link its text. */
const inline = (text: string): string =>
  text
    .replaceAll(/\[([^[\]]+)\]\([^()]+\)/g, "$1")
    .split(/(`[^`]+`|\*\*[^*]+\*\*)/)
    .map((piece, index) => (index % 2 === 0 ? escaped(piece) : bold(piece.replaceAll(/^(?:`|\*\*)|(?:`|\*\*)$/g, ""))))
    .join("");

const verbatim = (text: string): string => `.EX\n${escaped(text)}\n.EE`;

// The first line has `man` run tbl, and read UTF-8.
const head = (title: string, section: 1 | 7, version: string): string =>
  [
    `'\\" t -*- coding: UTF-8 -*-`,
    `.TH ${escaped(title).toUpperCase()} ${section} "" "accrue ${version}" "accrue"`,
    ".ad l\n.nh",
  ].join("\n");

const nameSection = (name: string, summary: string): string => `.SH NAME\n${escaped(name)} \\- ${inline(summary)}`;

const terms = (list: readonly Term[]): readonly string[] =>
  list.map(([written, about]) => `.TP\n${bold(written)}\n${inline(about)}`);

const seeAlso = (pages: readonly string[]): string => `.SH SEE ALSO\n${pages.map((page) => bold(page)).join(", ")}`;

/** The page of the program: its commands, the options that all of them have, its topics. */
export function programPage(
  chapters: readonly Chapter[],
  shared: readonly Term[],
  topics: readonly HelpTopic[],
  version: string,
): string {
  return `${[
    head("accrue", 1, version),
    nameSection("accrue", "the back office of a consumer-rebate points platform"),
    `.SH SYNOPSIS\n${bold("accrue")} command [options]`,
    ".SH COMMANDS",
    ...terms(chapters.flatMap(({ commands }) => commands.map(({ name, summary }): Term => [name, summary]))),
    ".SH OPTIONS\nOf every command, before it or after it:",
    ...terms(shared),
    ".SH TOPICS",
    ...terms(topics.map(({ name, summary }): Term => [`accrue help ${name}`, `${summary}; accrue-${name}(7)`])),
    seeAlso(chapters.map(({ word }) => `accrue-${word}(1)`)),
  ].join("\n")}\n`;
}

/** The page of a noun, with all of its commands, or of a command that has none. */
export function chapterPage({ word, summary, commands }: Chapter, version: string): string {
  const sections = commands.flatMap((one) => [`.SH ${bold(one.name)}`, ...commandBody(one)]);
  const synopsis = commands.map(({ name, usage }) => `${bold(name)} ${escaped(usage)}`).join("\n.br\n");
  return `${[
    head(`accrue-${word}`, 1, version),
    nameSection(`accrue-${word}`, summary),
    `.SH SYNOPSIS\n${synopsis}`,
    ...sections,
    `.SH OPTIONS\nThe options of every command are described in ${bold("accrue(1)")}.`,
    seeAlso(["accrue(1)"]),
  ].join("\n")}\n`;
}

const commandBody = ({ summary, args, options, notes }: CommandText): readonly string[] => [
  inline(summary),
  ...terms(args),
  ...terms(options),
  ".PP",
  verbatim(notes),
];

/** The page of a help topic, out of its Markdown: headings, paragraphs, lists, tables and blocks of code. */
export function topicPage({ name, summary }: HelpTopic, markdown: string, version: string): string {
  const parts = markdown.split(/^(```[\s\S]*?^```$)/m); // each second one is a block of code
  const [, ...blocks] = parts.flatMap((part, index) => (index % 2 === 1 ? [part] : part.split(/\n{2,}/)));
  const body = blocks
    .map((block) => block.trim())
    .filter((block) => block !== "")
    .map(topicBlock);
  const page = `accrue-${name}`;
  const sections = [nameSection(page, summary), ".SH DESCRIPTION", ...body, seeAlso(["accrue(1)"])];
  return `${[head(page, 7, version), ...sections].join("\n")}\n`;
}

function topicBlock(block: string): string {
  if (block.startsWith("```")) return `.PP\n${verbatim(block.split("\n").slice(1, -1).join("\n"))}`;
  if (block.startsWith("|")) return table(block);
  if (block.startsWith("- ")) return block.split(/^- /m).slice(1).map(listItem).join("\n");
  const [, signs, heading] = /^(#+) (.*)$/.exec(block) ?? [];
  if (signs !== undefined) return `${signs.length > 2 ? ".SS" : ".SH"} ${inline(heading!)}`;
  return `.PP\n${inline(block)}`;
}

const listItem = (text: string): string => `.IP \\(bu 2\n${inline(text.replaceAll(/^\s+/gm, "").trim())}`;

const cellsOf = (line: string): readonly string[] =>
  line
    .replaceAll(/^\||\|$/g, "")
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim().replaceAll("\\|", "|"));

/** A table for tbl, whose cells are text blocks: so they wrap. */
function table(block: string): string {
  const [columns, , ...cells] = block.split("\n").map(cellsOf);
  const layout = columns!.map((_, index) => (index === columns!.length - 1 ? "lx" : "l")).join(" ");
  const lines = [columns!, ...cells].map((row) => row.map((cell) => `T{\n${inline(cell)}\nT}`).join("\t"));
  return `.TS\nallbox;\n${layout}.\n${lines.join("\n")}\n.TE`;
}

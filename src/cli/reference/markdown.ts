import type { Chapter, CommandText, Term } from "./pages.ts";

const plain = (text: string): string => text.replaceAll(/[<>*_|\\]/g, (sign) => `\\${sign}`);

const list = (title: string, terms: readonly Term[]): readonly string[] =>
  terms.length === 0 ? [] : [`${title}:\n`, ...terms.map(([term, about]) => `- \`${term}\`: ${plain(about)}`), ""];

const commandSection = ({ name, summary, usage, args, options, notes }: CommandText): string =>
  [
    `### ${name}\n`,
    `${plain(summary)}\n`,
    `    ${name} ${usage}\n`,
    ...list("Arguments", args),
    ...list("Options", options),
    `\`\`\`text\n${notes}\n\`\`\`\n`,
  ].join("\n");

/** The reference of all commands, as one Markdown document. */
export function markdownReference(chapters: readonly Chapter[], shared: readonly Term[], version: string): string {
  const about = `Every command of accrue ${version}; this file is written by \`npm run man\`.\n`;
  const options = list("Options of every command, before it or after it", shared);
  const sections = chapters.flatMap(({ word, summary, commands }) => {
    return [`## ${word}: ${plain(summary)}\n`, ...commands.map(commandSection)];
  });
  return ["# accrue: command reference\n", about, ...options, ...sections].join("\n");
}

import { accrueInProcess, type CliResult, type InProcessOptions } from "./cli.ts";

/** What differs from run to run, and what stands for it in an expectation. */
const volatile: readonly (readonly [pattern: RegExp, placeholder: string])[] = [
  [/postgres(?:ql)?:\/\/[^\s"']+/g, "<url>"],
  [/\baccrue_test_\d+(?:_\d+)*/g, "<database>"],
  [/[^\s"']*\/accrue-test-\w+(?:\/scratch-\w+)?/g, "<directory>"],
  [/\b[0-9a-f]{64}\b/g, "<sha256>"],
  [/\b\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:?\d{2})?/g, "<time>"],
  [/"seconds":\d+(?:\.\d+)?/g, '"seconds":<seconds>'],
  [/\b\d+(?:\.\d+)? (?:ms|s)\b/g, "<seconds>"],
  [/\b[\d,]+(?:\.\d+)?(?:\/s| rows\/s)/g, "<rate>"],
];

/** Replaces times, durations, rates, hashes, database names and directories by placeholders. */
export function withoutVolatile(text: string): string {
  return volatile.reduce((changed, [pattern, placeholder]) => changed.replace(pattern, placeholder), text);
}

/**
 * What a person would have seen: the command, then its output in order, stderr marked with `! `, and the exit code
 * when it is not 0.
 */
export function formatTranscript(commandLine: string, result: CliResult): string {
  let text = "";
  let last: string | undefined;
  for (const { to, text: piece } of result.said) {
    if (last !== undefined && last !== to && !text.endsWith("\n")) text += "\n";
    text += to === "stdout" ? piece : piece.replace(/^(?=.)/gm, "! ");
    last = to;
  }
  if (text !== "" && !text.endsWith("\n")) text += "\n";
  const ending = result.exitCode === 0 ? "" : `[exit ${result.exitCode}]\n`;
  return `$ ${commandLine}\n${withoutVolatile(text)}${ending}`;
}

/**
 * Runs command lines one after the other, in process, and returns the whole transcript for an inline snapshot:
 *
 *     expect(await transcript(["accrue member list", "accrue member show M1"], { database })).toMatchInlineSnapshot()
 *
 * @param commandLines as typed; words in single or double quotes stay together
 */
export async function transcript(commandLines: readonly string[], options: InProcessOptions = {}): Promise<string> {
  const parts: string[] = [];
  for (const line of commandLines) {
    const [program, ...args] = wordsOf(line);
    if (program !== "accrue") throw new Error(`a command line starts with accrue: ${line}`);
    parts.push(formatTranscript(line, await accrueInProcess(args, options)));
  }
  return `\n${parts.join("\n")}`;
}

/** A command line's words, as a shell would see them; quotes are the only syntax. */
export function wordsOf(line: string): string[] {
  return [...line.matchAll(/(?:[^\s'"]|'[^']*'|"[^"]*")+/g)].map(([word]) =>
    word.replace(/'([^']*)'|"([^"]*)"/g, "$1$2"),
  );
}

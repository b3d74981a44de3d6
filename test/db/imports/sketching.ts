import { accrueInProcess } from "../../support/cli.ts";
import type { TestDatabase } from "../../support/database.ts";
import { wordsOf } from "../../support/transcript.ts";

/** What an explanation says of what comes next. */
export interface Next {
  readonly next: readonly string[];
  readonly to_fill_in: readonly { readonly at: string }[];
}

/** Has a profile written from what is guessed of a file; gives what was said. */
export async function sketch(on: TestDatabase, file: string, profile: string, ...options: string[]) {
  const { stdout, exitCode } = await accrueInProcess(
    ["order", "import", file, "--explain", "--write-profile", profile, ...options, "--json"],
    { database: on },
  );
  return { ...(JSON.parse(stdout) as Next), exitCode };
}

/** Runs a command as it was printed. */
export async function run(on: TestDatabase, line: string) {
  const [, ...words] = wordsOf(line);
  const { stdout, stderr, exitCode } = await accrueInProcess([...words, "--json"], { database: on });
  return {
    exitCode,
    report: JSON.parse(exitCode === 0 || exitCode === 3 ? stdout : stderr) as Record<string, unknown>,
  };
}

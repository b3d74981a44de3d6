import type { Command } from "commander";

/** The options that every command has; they may stand before the command, too. */
export interface SharedOptions {
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly input?: boolean;
  readonly operator?: string;
  readonly timeout?: string;
  readonly readUrl?: string;
  readonly debug?: boolean;
}

/** What the session itself does with options that some commands have. */
export interface SessionOptions extends SharedOptions {
  readonly dryRun?: boolean;
  readonly csv?: boolean;
  readonly fields?: readonly string[];
}

/** Collects the values of an option that may be given several times. */
export const repeated = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];

/** Adds the options that every command has. */
export const addSharedOptions = (command: Command): Command =>
  command
    .option("--json", "print one JSON document (lists: one object a line)")
    .option("--quiet", "no notes and no progress: results, warnings and errors only")
    .option("--operator <name>", "who is at work (default: ACCRUE_OPERATOR, else the OS user)")
    .option(
      "--timeout <time>",
      "give up a database that has not answered for so long (default: ACCRUE_TIMEOUT, else 1h; 0s: never)",
    )
    .option("--read-url <url>", "a server for what only reads, such as a standby (default: ACCRUE_READ_URL)")
    .option("--no-input", "never ask, as off a terminal")
    .option("--debug", "show stack traces");

import type { Command } from "commander";
import type { NightInput } from "../../../night/ahead.ts";
import { parseExpectedFile } from "../../../night/expected.ts";
import { parseDuration } from "../../../shared/duration.ts";
import { usageError } from "../../../shared/errors.ts";
import { dateOption } from "../../list-options.ts";
import type { Session } from "../../session.ts";
import { repeated } from "../../shared-options.ts";

/** What `settle` and `settle plan` both take. */
export interface SettleOptions {
  readonly inbox?: string;
  readonly until?: string;
  readonly minAge?: string;
  readonly expect?: readonly string[];
  readonly incomplete?: boolean;
}

const defaultMinAgeMs = 10_000;

export const addSettleOptions = (command: Command): Command =>
  command
    .option("--inbox <directory>", "where files lie: members/ merchants/ products/ orders/ withdrawals/ results/ (default: ACCRUE_INBOX)")
    .option("--until <date>", "the last business date to settle (default: yesterday in the platform's time zone)")
    .option("--min-age <time>", "leave a file alone that was changed so shortly ago (default: 10s)")
    .option("--expect <pattern>", "a file that has to come for every date, such as 'orders/pos-{date}*.csv'; repeatable (default: ACCRUE_EXPECT)", repeated)
    .option("--incomplete", "settle and close dates although an expected file is missing, or a file was set aside");

/** What the options and settings say of a settlement's work. */
export function settleWork({ settings }: Session, { inbox, until, minAge, expect, incomplete }: SettleOptions): NightInput {
  const { value, origin } = expect === undefined ? settings.expect : { value: expect, origin: "--expect" };
  return {
    inbox: inbox ?? settings.inbox.value, until: dateOption("--until", until), quietMs: durationOption("--min-age", minAge) ?? defaultMinAgeMs,
    expected: value.map((pattern) => parseExpectedFile(pattern, origin)), isIncomplete: incomplete === true,
  };
}

/** Reads an optional length of time such as `30s`, `10m` or `2h`, in milliseconds. */
export function durationOption(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const ms = parseDuration(text);
  if (ms === undefined) throw usageError("invalid_duration", `${flag} ${text}: no length of time`, { hint: "write it like 30s, 10m or 2h" });
  return ms;
}

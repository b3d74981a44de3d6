import type { Command } from "@commander-js/extra-typings";
import type { NightInput } from "../../../night/ahead.ts";
import { parseExpectedFile } from "../../../night/expected.ts";
import type { OptionsOf } from "../../command.ts";
import { date, duration } from "../../flags.ts";
import type { Session } from "../../session.ts";
import { repeated } from "../../shared-options.ts";

const defaultMinAgeMs = 10_000;

/** Declares what `settle` and `settle plan` both take. */
export const addSettleOptions = (command: Command) =>
  command
    .option(
      "--inbox <directory>",
      "where files lie: members/ merchants/ products/ orders/ withdrawals/ results/ (default: ACCRUE_INBOX)",
    )
    .addOption(
      date("--until <date>", "the last business date to settle (default: yesterday in the platform's time zone)"),
    )
    .addOption(duration("--min-age <time>", "leave a file alone that was changed so shortly ago (default: 10s)"))
    .option(
      "--expect <pattern>",
      "a file that has to come for every date, such as 'orders/pos-{date}*.csv'; repeatable (default: ACCRUE_EXPECT)",
      repeated,
    )
    .option("--incomplete", "settle and close dates although an expected file is missing, or a file was set aside");

/** What the options and settings say of a settlement's work. */
export function settleWork({ settings }: Session, options: OptionsOf<typeof addSettleOptions>): NightInput {
  const { inbox, until, minAge = defaultMinAgeMs, expect, incomplete = false } = options;
  const { value, origin } = expect === undefined ? settings.expect : { value: expect, origin: "--expect" };
  return {
    inbox: inbox ?? settings.inbox.value,
    until,
    quietMs: minAge,
    expected: value.map((pattern) => parseExpectedFile(pattern, origin)),
    isIncomplete: incomplete,
  };
}

import { isAbsolute, join, resolve } from "node:path";
import { userInfo } from "node:os";
import type { Command } from "@commander-js/extra-typings";
import { Command as UntypedCommand } from "commander";
import { requirePingUrl } from "../../../night/ping.ts";
import {
  crontabLines,
  environmentLines,
  systemdUnits,
  type ScheduleFile,
  type SchedulePlan,
} from "../../../night/schedule.ts";
import { isTimeZone } from "../../../shared/business-date.ts";
import { usageError } from "../../../shared/errors.ts";
import { packageRoot } from "../../../files/package-root.ts";
import { defineCommand, type OptionsOf } from "../../command.ts";
import { parsed } from "../../flags.ts";
import { addSharedOptions } from "../../shared-options.ts";
import type { Session } from "../../session.ts";
import { command as settleCommand } from "../settle.ts";

const program = join(packageRoot, "bin/accrue.js");

const configure = (command: Command) =>
  command
    .argument("[option...]", "behind --: more options for `accrue settle`, all paths absolute")
    .option("--cron", "print crontab lines")
    .option("--systemd", "print a systemd service and timer")
    .addOption(parsed("--at <HH:MM>", "when to start, in the platform's time zone", readTime).default("00:30"))
    .option("--time-zone <zone>", "that zone (default: asked of the database)", readZone)
    .option("--environment-file <file>", "NAME=value lines, for what is secret", "/etc/accrue/settle.env")
    .option("--log <file>", "where cron's output goes (default: in accrue's own directory)")
    .option("--user <name>", "who it runs as (default: you)")
    .option("--inbox <directory>", "handed to `accrue settle` (default: ACCRUE_INBOX)");

function readTime(text: string): string {
  if (/^([01]\d|2[0-3]):[0-5]\d$/.test(text)) return text;
  throw usageError("invalid_time", `--at ${text} is no time of day`, { hint: "write it like 00:30" });
}

function readZone(text: string): string {
  if (isTimeZone(text)) return text;
  throw usageError("invalid_time_zone", `--time-zone ${text}: this machine knows no zone of that name`, {
    hint: "write it like Asia/Shanghai",
  });
}

export const command = defineCommand({
  examples: [
    ["accrue settle schedule --cron", "lines for `crontab -e`"],
    ["accrue settle schedule --systemd --at 01:15 --inbox /srv/inbox", "a service and its timer"],
    [
      "accrue settle schedule --cron -- --metrics-file /var/lib/node_exporter/accrue.prom",
      "hand more options to `accrue settle`",
    ],
  ],
  configure,
  run: async (session, [more], options) => {
    if ((options.cron === true) === (options.systemd === true)) {
      throw usageError("schedule_kind_missing", "say for which scheduler: --cron or --systemd", {
        hint: "one of the two",
      });
    }
    const plan = await planOf(session, options, more);
    const jobs: readonly ScheduleFile[] =
      options.cron === true ? [{ path: "crontab", text: crontabLines(plan) }] : systemdUnits(plan);
    const files = [...environmentLines(plan), ...jobs];
    await session.ui.show(files, (page) => {
      for (const { path, text } of files) {
        if (files.length > 1) page.line(`# ${path}`);
        page.line(text);
        if (path !== files.at(-1)?.path) page.line();
      }
    });
  },
});

async function planOf(
  session: Session,
  { at, timeZone, environmentFile, log, user, inbox }: OptionsOf<typeof configure>,
  more: readonly string[],
): Promise<SchedulePlan> {
  const runsAs = user ?? userInfo().username;
  const paths = {
    environmentFile: resolve(environmentFile),
    logFile: resolve(log ?? join(session.paths.stateDir, "settle.log")),
  };
  const { words, pingUrl } = withoutPing(more);
  const handed = settleOptionsOf(words);
  const inboxPath = handed.inbox === undefined ? (inbox ?? session.settings.inbox.value) : undefined;
  const given = [...(inboxPath === undefined ? [] : ["--inbox", resolve(inboxPath)]), ...words];
  const environment = environmentOf(session, pingUrl);
  // A line break in any of them would end the line that it stands in.
  const odd = [runsAs, paths.environmentFile, paths.logFile, ...given, ...Object.values(environment)].find((word) =>
    /\p{Cc}/u.test(word),
  );
  if (odd !== undefined) {
    throw usageError("schedule_word_invalid", `${JSON.stringify(odd)} cannot stand in a schedule`, {
      hint: "leave out line breaks and other control characters",
    });
  }
  return {
    command: [process.execPath, program, "settle", "--yes", "--no-input", "--log-format", "json", ...given],
    at,
    zone: timeZone ?? (await session.open()).zone,
    ...paths,
    user: runsAs,
    isEmbedded: session.settings.databaseUrl.value === undefined,
    environment,
  };
}

/** A scheduler starts with next to no environment: what it has to be given so that it works where this command does. */
const environmentOf = (
  { paths: { home }, settings: { secretKey } }: Session,
  pingUrl: string | undefined,
): SchedulePlan["environment"] => ({
  ...(home === undefined ? {} : { ACCRUE_HOME: home }),
  ...(secretKey.origin === "ACCRUE_SECRET_KEY_FILE" && secretKey.value?.kind === "file"
    ? { ACCRUE_SECRET_KEY_FILE: resolve(secretKey.value.path) }
    : {}),
  ...(pingUrl === undefined ? {} : { ACCRUE_PING_URL: requirePingUrl(pingUrl, "--ping").href }),
});

/**
 * Reads the options that are for `accrue settle`, so that a mistake in them is reported now, and not night after night in a
 * log.
 *
 * @throws what commander throws for an option there is not; a usage error for a path that depends on where cron starts
 */
function settleOptionsOf(words: readonly string[]) {
  const settle = new UntypedCommand()
    .exitOverride()
    .helpOption(false)
    .configureOutput({ outputError: () => {} });
  const declared = settleCommand.configure!(addSharedOptions(settle) as unknown as Command);
  const places = declared.parse(words, { from: "user" }).opts();
  const { inbox, metricsFile, report = [] } = places;
  const relative = [inbox, metricsFile, ...report].find((path) => path !== undefined && !isAbsolute(path));
  if (relative === undefined) return places;
  throw usageError(
    "schedule_path_relative",
    `${relative} is no absolute path: where a scheduler starts is somewhere else`,
    { hint: `write it like ${resolve(relative)}` },
  );
}

/** Takes `--ping URL` out of the options for `accrue settle`: a command line shows it to everybody on the machine. */
function withoutPing(words: readonly string[]): {
  readonly words: readonly string[];
  readonly pingUrl: string | undefined;
} {
  const at = words.findIndex((word) => word === "--ping" || word.startsWith("--ping="));
  if (at < 0) return { words, pingUrl: undefined };
  const isApart = words[at] === "--ping";
  return {
    words: words.toSpliced(at, isApart ? 2 : 1),
    pingUrl: isApart ? (words[at + 1] ?? "") : words[at]!.slice("--ping=".length),
  };
}

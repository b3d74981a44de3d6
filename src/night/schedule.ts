import { dirname } from "node:path";
import { shellWord } from "../shared/shell-word.ts";

/** What a scheduler needs to settle every night on this machine. */
export interface SchedulePlan {
  /** The command line, all paths absolute: node, the program, its arguments. */
  readonly command: readonly string[];
  /** When to start, `HH:MM` in `zone`. */
  readonly at: string;
  /** The platform's time zone, an IANA name. */
  readonly zone: string;
  /** A file of NAME=value lines with the database and its secrets, which must not be on a command line. */
  readonly environmentFile: string;
  /** Where cron's output goes; systemd has its journal. */
  readonly logFile: string;
  /** The user that it runs as. */
  readonly user: string;
  /** The embedded server is the database: the first command starts it, and it outlives that command. */
  readonly isEmbedded: boolean;
  /** The names of other variables that this file needs: paths and secrets. */
  readonly environment: Readonly<Record<string, string>>;
}

/** A file to be installed. */
export interface ScheduleFile {
  readonly path: string;
  readonly text: string;
}

const unitName = "accrue-settle";

/** cron ends a line at an unescaped percent sign. */
const cronText = (text: string): string => text.replaceAll("%", "\\%");

/** One word of ExecStart=: quoted, with systemd's specifiers and variables escaped. */
const unitWord = (word: string): string => {
  const escaped = word.replaceAll("%", "%%").replaceAll("$", "$$$$").replaceAll("\\", "\\\\").replaceAll('"', '\\"');
  return /^[\w./:=@+,-]+$/.test(word) ? word : `"${escaped}"`;
};

/** A value that systemd reads to the end of the line. */
const unitValue = (value: string): string => value.replaceAll("%", "%%");

/** A comment that names the other variables of the environment file; none when there are none. */
export const environmentLines = ({ environmentFile, environment }: SchedulePlan): readonly ScheduleFile[] => {
  const lines = Object.entries(environment).map(
    ([name, value]) => `${name}="${value.replaceAll(/["\\`$]/gu, "\\$&")}"`,
  );
  return lines.length === 0 ? [] : [{ path: environmentFile, text: lines.join("\n") }];
};

/**
 * The lines for a user's crontab. The time is in the platform's zone where cron knows CRON_TZ (cronie does, Debian's
 * does not); the dates that are settled do not depend on it. No lock file is needed: the database allows one run only.
 */
export function crontabLines({ command, at, zone, environmentFile, logFile }: SchedulePlan): string {
  const [hour, minute] = at.split(":").map(Number);
  // The log is opened first, so that a missing environment file is reported in it.
  const intoLog = `mkdir -p ${shellWord(dirname(logFile))}; exec >> ${shellWord(logFile)} 2>&1`;
  const settle = `${intoLog}; set -a; . ${shellWord(environmentFile)}; set +a; exec ${command.map(shellWord).join(" ")}`;
  return [
    "# accrue: settles every business date that is over. Fired twice, or on two machines: one works, the other exits 75.",
    `# ${cronText(environmentFile)} (mode 0600) holds DATABASE_URL=… and what else is secret, one NAME=value a line, quoted as a shell wants it.`,
    "# A cron without CRON_TZ (Debian's) reads the time in the host's zone: earlier or later, but never another date.",
    `CRON_TZ=${zone}`,
    `${minute} ${hour} * * * ${cronText(settle)}`,
  ].join("\n");
}

/** A systemd service and its timer; a night that was missed while the machine was off is run at boot. */
export function systemdUnits(plan: SchedulePlan): readonly ScheduleFile[] {
  return [
    { path: `/etc/systemd/system/${unitName}.service`, text: serviceUnit(plan) },
    { path: `/etc/systemd/system/${unitName}.timer`, text: timerUnit(plan) },
  ];
}

const serviceUnit = ({ command, environmentFile, user, isEmbedded }: SchedulePlan): string =>
  [
    "[Unit]",
    "Description=accrue: settle every business date that is over",
    "Wants=network-online.target",
    "After=network-online.target postgresql.service",
    "",
    "[Service]",
    "Type=oneshot",
    `User=${unitValue(user)}`,
    "# Mode 0600: DATABASE_URL=… and what else is secret, one NAME=value a line.",
    `EnvironmentFile=${unitValue(environmentFile)}`,
    `ExecStart=${command.map(unitWord).join(" ")}`,
    "# 3: done, with a few rejected rows. A file that failed or is missing is none of these, and fails the unit. 75: another machine settles tonight.",
    "SuccessExitStatus=3 75",
    "# SIGTERM reaches the program alone, which stops at the next safe edge.",
    `KillMode=${isEmbedded ? "process" : "mixed"}`,
    "TimeoutStartSec=infinity",
    "TimeoutStopSec=10min",
    "NoNewPrivileges=true",
  ].join("\n");

const timerUnit = ({ at, zone }: SchedulePlan): string =>
  [
    "[Unit]",
    "Description=accrue: every night, in the platform's time zone",
    "",
    "[Timer]",
    `OnCalendar=*-*-* ${at}:00 ${zone}`,
    "Persistent=true",
    "AccuracySec=1min",
    "",
    "[Install]",
    "WantedBy=timers.target",
  ].join("\n");

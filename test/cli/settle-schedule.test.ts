import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { crontabLines, systemdUnits, type SchedulePlan } from "../../src/night/schedule.ts";
import { accrue, accrueInProcess } from "../support/cli.ts";
import { testDatabase } from "../support/database.ts";
import { scratchDirectory, writeScratch } from "../support/files.ts";

const database = await testDatabase();

const plan: SchedulePlan = {
  command: ["/usr/bin/node", "/opt/accrue/bin/accrue.js", "settle"],
  at: "00:30",
  zone: "Asia/Shanghai",
  environmentFile: "/etc/accrue/settle.env",
  logFile: "/var/log/accrue.log",
  user: "accrue",
  isEmbedded: false,
  environment: {},
};

/** What cron hands to the shell: the line behind its five fields, up to the first bare percent sign. */
const shellCommandOf = (crontab: string): string => {
  const line = crontab.split("\n").find((one) => /^\d/u.test(one))!;
  return line
    .split(" ")
    .slice(5)
    .join(" ")
    .split(/(?<!\\)%/u)[0]!
    .replaceAll("\\%", "%");
};

describe("what cron runs", () => {
  test("is the command with its words as they are, in the file's environment, its output at the end of the log", () => {
    const directory = scratchDirectory();
    const odd = 'it\'s 100% $HOME "a" \\ 中文';
    const environmentFile = writeScratch(`${odd}.env`, "DATABASE_URL='postgres://u:p%40ss@h/d'\n", directory);
    const logFile = join(directory, odd, "not", "there", "yet.log");
    const script = writeScratch(
      "tell.mjs",
      "console.log(process.env.DATABASE_URL, JSON.stringify(process.argv.slice(2))); console.error('told')",
      directory,
    );
    const lines = crontabLines({
      ...plan,
      command: [process.execPath, script, "settle", odd],
      environmentFile,
      logFile,
    });
    const told = `postgres://u:p%40ss@h/d ${JSON.stringify(["settle", odd])}\ntold\n`;
    for (const log of [told, `${told}${told}`]) {
      execFileSync("/bin/sh", ["-c", shellCommandOf(lines)], { env: { PATH: "/usr/bin:/bin" } });
      expect(readFileSync(logFile, "utf8")).toBe(log);
    }
  });

  test("tells the log when its environment file is not there, and does nothing", () => {
    const logFile = join(scratchDirectory(), "settle.log");
    const lines = crontabLines({ ...plan, command: ["echo", "done"], environmentFile: "/no/such/settle.env", logFile });
    expect(() => execFileSync("/bin/sh", ["-c", shellCommandOf(lines)])).toThrow("Command failed");
    expect(readFileSync(logFile, "utf8")).toMatch(/^[^\n]*\/no\/such\/settle\.env[^\n]*\n$/u);
  });

  test("starts at the minute and hour of the platform's zone", () => {
    expect(
      crontabLines({ ...plan, at: "07:05" })
        .split("\n")
        .slice(-2),
    ).toEqual([
      "CRON_TZ=Asia/Shanghai",
      "5 7 * * * mkdir -p /var/log; exec >> /var/log/accrue.log 2>&1; set -a; . /etc/accrue/settle.env; set +a; exec /usr/bin/node /opt/accrue/bin/accrue.js settle",
    ]);
  });
});

describe("what systemd runs", () => {
  const unit = (changes: Partial<SchedulePlan> = {}) =>
    systemdUnits({ ...plan, ...changes })
      .map(({ text }) => text)
      .join("\n");

  test("starts in the platform's zone, and makes up for a night the machine was off", () => {
    expect(unit()).toContain("OnCalendar=*-*-* 00:30:00 Asia/Shanghai\nPersistent=true");
  });

  test("takes percent, dollar, quotes and backslashes in a word for what they are", () => {
    expect(unit({ command: ["/opt/my node/node", '50% $x "q" \\'] })).toContain(
      'ExecStart="/opt/my node/node" "50%% $$x \\"q\\" \\\\"\n',
    );
    expect(unit({ environmentFile: "/etc/a%b.env" })).toContain("EnvironmentFile=/etc/a%%b.env\n");
  });

  test("leaves an embedded server running that the night started", () => {
    expect(unit()).toContain("KillMode=mixed\n");
    expect(unit({ isEmbedded: true })).toContain("KillMode=process\n");
  });
});

describe("accrue settle schedule", () => {
  test("asks the database for the platform's zone, and names everything by its absolute path", async () => {
    const { stdout, exitCode } = await accrueInProcess(
      ["settle", "schedule", "--cron", "--inbox", "in", "--log", "night.log", "--", "--metrics-file", "/m/accrue.prom"],
      { database },
    );
    expect(exitCode).toBe(0);
    expect(stdout).toContain("CRON_TZ=Asia/Shanghai\n");
    const words = shellCommandOf(stdout).split(" ");
    expect(words).toContain(process.execPath);
    expect(words).toContain(join(process.cwd(), "bin/accrue.js"));
    expect(words).toContain(join(process.cwd(), "in"));
    expect(words).toContain(join(process.cwd(), "night.log"));
    expect(stdout).toContain(" settle --yes --no-input --log-format json --inbox ");
    expect(stdout).toMatch(/ --metrics-file \/m\/accrue\.prom$/mu);
  });

  test.each([["--ping", "https://hc-ping.com/it's-secret"], ["--ping=https://hc-ping.com/it's-secret"]])(
    "puts a check's URL, which is as good as a password, into the environment file and into no command line: %s",
    async (...ping) => {
      for (const kind of ["--cron", "--systemd"]) {
        const { stdout } = await accrueInProcess([
          "settle",
          "schedule",
          kind,
          "--time-zone",
          "UTC",
          "--json",
          "--",
          "--min-age",
          "1m",
          ...ping,
          "--wait",
          "10m",
        ]);
        const [environment, ...jobs] = JSON.parse(stdout) as { path: string; text: string }[];
        expect(environment).toMatchObject({
          path: "/etc/accrue/settle.env",
          text: expect.stringMatching(/\nACCRUE_PING_URL="https:\/\/hc-ping\.com\/it's-secret"$/u) as string,
        });
        expect(jobs[0]!.text).toContain(" --min-age 1m --wait 10m");
        expect(jobs.map(({ text }) => text).join("")).not.toContain("secret-");
        expect(
          execFileSync("/bin/sh", ["-c", `${environment!.text}; printf %s "$ACCRUE_PING_URL"`], { encoding: "utf8" }),
        ).toBe("https://hc-ping.com/it's-secret");
      }
    },
  );

  test("needs no database when it is told the zone, and gives scripts the files one by one", async () => {
    const { stdout } = await accrueInProcess([
      "settle",
      "schedule",
      "--systemd",
      "--time-zone",
      "Europe/Berlin",
      "--user",
      "ops",
      "--json",
    ]);
    const files = JSON.parse(stdout) as { path: string; text: string }[];
    expect(files.map(({ path }) => path)).toEqual([
      "/etc/accrue/settle.env",
      "/etc/systemd/system/accrue-settle.service",
      "/etc/systemd/system/accrue-settle.timer",
    ]);
    expect(files[1]!.text).toContain("User=ops\n");
    expect(files[2]!.text).toContain("Europe/Berlin");
  });

  test("has the night work where this command does: in the same home, with the same key, on the same inbox", async () => {
    const home = join(scratchDirectory(), 'an "odd" $home');
    const schedule = async (...words: string[]) => {
      const { stdout } = await accrueInProcess(
        ["settle", "schedule", "--cron", "--time-zone", "UTC", "--json", "--", ...words],
        { env: { ACCRUE_HOME: home, ACCRUE_SECRET_KEY_FILE: "secret.key", ACCRUE_INBOX: "/srv/inbox" } },
      );
      return JSON.parse(stdout) as { path: string; text: string }[];
    };
    const [environment, job] = await schedule();
    expect(
      execFileSync("/bin/sh", ["-c", `${environment!.text}; printf %s "$ACCRUE_HOME $ACCRUE_SECRET_KEY_FILE"`], {
        encoding: "utf8",
      }),
    ).toBe(`${home} ${join(process.cwd(), "secret.key")}`);
    expect(job!.text).toMatch(/ --inbox \/srv\/inbox$/u);
    const [, other] = await schedule("--inbox", "/srv/other");
    expect(other!.text).toMatch(/ --log-format json --inbox \/srv\/other$/u);
  });

  test("reads its file for the environment itself: node takes an option --env-file for its own, wherever it stands", async () => {
    const { stdout, exitCode } = await accrue([
      "settle",
      "schedule",
      "--systemd",
      "--time-zone",
      "UTC",
      "--environment-file",
      "/srv/not/there.env",
    ]);
    expect(exitCode).toBe(0);
    expect(stdout).toContain("EnvironmentFile=/srv/not/there.env\n");
  });

  test.each([
    [[], "schedule_kind_missing", "--cron or --systemd"],
    [["--cron", "--systemd"], "schedule_kind_missing", "--cron or --systemd"],
    [["--cron", "--at", "24:00"], "invalid_time", "--at 24:00 is no time of day"],
    [["--cron", "--time-zone", "Mars/Base"], "invalid_time_zone", "no zone of that name"],
    [["--cron", "--time-zone", "UTC", "--", "--ping"], "invalid_ping_url", "--ping does not give the URL of a check"],
    [
      ["--cron", "--time-zone", "UTC", "--", "--metric-file", "/m/accrue.prom"],
      "usage",
      "unknown option '--metric-file'",
    ],
    [["--cron", "--time-zone", "UTC", "--", "tonight"], "usage", "too many arguments"],
    [
      ["--cron", "--time-zone", "UTC", "--", "--report", "/r/a.csv", "--report", "night.html"],
      "schedule_path_relative",
      "night.html is no absolute path",
    ],
    [["--cron", "--time-zone", "UTC", "--inbox", "a\nb"], "schedule_word_invalid", "cannot stand in a schedule"],
  ])("%j is refused", async (options, code, message) => {
    const { stderr, exitCode } = await accrueInProcess(["settle", "schedule", "--json", ...options]);
    expect(exitCode).toBe(2);
    const { error } = JSON.parse(stderr) as { error: { code: string; message: string } };
    expect(error.code).toBe(code);
    expect(error.message).toContain(message);
  });
});

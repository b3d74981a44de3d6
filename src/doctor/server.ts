import { reading, type Database } from "../db/database.ts";
import { clockSkewLimitMs } from "../shared/clock.ts";
import { AccrueError } from "../shared/errors.ts";
import { lowestServerMajor, serverMajor } from "../shared/server-version.ts";
import { connectionFacts, judgeConnection } from "./connection.ts";
import { durableSettings, ok, unknown, wrong, type Check } from "./model.ts";
import { judgeSettings, settingNames } from "./settings.ts";
import { loadFacts, serverFacts, serverTime, type ServerFacts } from "./sql.ts";

const serverCheckNames = [
  "connection",
  "server version",
  "server role",
  "server encoding",
  "server durability",
  "clock",
  ...settingNames,
] as const;

/**
 * Opens the database and checks the server.
 *
 * @returns the checks, and the database when it can be read
 */
export async function checkServer(
  open: () => Promise<Database>,
  clock: () => Date,
): Promise<{ checks: readonly Check[]; db: Database | undefined }> {
  try {
    const db = await open();
    const facts = await reading(() => serverFacts(db));
    const skew = await reading(() => checkClock(db, clock));
    return {
      db,
      checks: [
        ok("server", "reachable"),
        judgeConnection(connectionFacts(db)),
        ...judgeServer(facts),
        skew,
        ...judgeSettings(await reading(() => loadFacts(db))),
      ],
    };
  } catch (error) {
    if (!(error instanceof AccrueError) || error.kind === "interrupted") throw error;
    const lost = wrong(
      "server",
      error.message,
      "nothing works without its database",
      error.hint ?? "check DATABASE_URL",
    );
    return {
      db: undefined,
      checks: [lost, ...serverCheckNames.map((name) => unknown(name, "the server cannot be asked"))],
    };
  }
}

/** Judges the facts of the server. */
export const judgeServer = (facts: ServerFacts): readonly Check[] => [
  checkVersion(facts),
  checkRole(facts),
  checkEncoding(facts),
  checkDurability(facts),
];

function checkVersion({ version, versionNum }: ServerFacts): Check {
  const found = `PostgreSQL ${version}`;
  return serverMajor(versionNum) >= lowestServerMajor
    ? ok("server version", found)
    : wrong(
        "server version",
        found,
        `accrue is made for PostgreSQL ${lowestServerMajor} and newer`,
        "upgrade the server",
      );
}

function checkRole({ isStandby, replicationRole }: ServerFacts): Check {
  if (isStandby) {
    return wrong("server role", "a standby", "it takes no writes", "point DATABASE_URL at the primary server");
  }
  if (replicationRole !== "origin") {
    return wrong(
      "server role",
      `session_replication_role is ${replicationRole}`,
      "the guards of append-only tables do not fire then",
      "reset session_replication_role for this user and database",
    );
  }
  return ok("server role", "primary");
}

function checkEncoding({ encoding }: ServerFacts): Check {
  return encoding === "UTF8"
    ? ok("server encoding", encoding)
    : wrong(
        "server encoding",
        encoding,
        "names in Chinese cannot be stored",
        "create the database with ENCODING 'UTF8'",
      );
}

function checkDurability(facts: ServerFacts): Check {
  const settings = {
    fsync: facts.fsync,
    full_page_writes: facts.fullPageWrites,
    synchronous_commit: facts.synchronousCommit,
  };
  const unsafe = Object.entries(settings).filter(([name, value]) => !durableSettings[name]!.includes(value));
  const tell = (entries: readonly (readonly [string, string])[]) =>
    entries.map(([name, value]) => `${name} = ${value}`).join(", ");
  if (unsafe.length === 0) return ok("server durability", tell(Object.entries(settings)));
  return wrong(
    "server durability",
    tell(unsafe),
    "after a crash, granted points and paid withdrawals may be gone",
    `set ${unsafe.map(([name]) => `${name} = on`).join(", ")} in the server's settings`,
  );
}

/** Compares the server's clock with this host's clock at the middle of the query. */
async function checkClock(db: Database, clock: () => Date): Promise<Check> {
  const before = clock().getTime();
  const there = (await serverTime(db)).getTime();
  const skewMs = there - (before + clock().getTime()) / 2;
  const seconds = Math.round(Math.abs(skewMs) / 1000);
  const found =
    seconds === 0
      ? "the server's and this host's agree"
      : `the server is ${seconds} s ${skewMs < 0 ? "behind" : "ahead of"} this host`;
  if (Math.abs(skewMs) <= clockSkewLimitMs) return ok("clock", found);
  return wrong("clock", found, "commands that need the time are refused: clock_skewed", "let NTP set both clocks");
}

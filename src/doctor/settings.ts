import { formatBytes, mebibyte } from "../shared/bytes.ts";
import { ok, warning, wrong, type Check } from "./model.ts";
import type { LoadFacts } from "./sql.ts";

/** A setting of the server that decides how long a night takes; where the server falls short, it is slower, not wrong. */
interface WantedSetting {
  readonly name: string;
  readonly found: (facts: LoadFacts) => string;
  readonly isMet: (facts: LoadFacts) => boolean;
  readonly why: string;
  readonly hint: string;
}

const change = (setting: string, value: string, when: string) =>
  `ALTER SYSTEM SET ${setting} = ${value}, as a superuser, then ${when}`;

const reload = "SELECT pg_reload_conf()";

/** What a night of a million orders wants. The embedded server starts with all of it. */
export const wantedSettings: readonly WantedSetting[] = [
  {
    name: "shared_buffers",
    found: ({ sharedBuffersBytes }) => formatBytes(sharedBuffersBytes),
    isMet: ({ sharedBuffersBytes }) => sharedBuffersBytes >= 256 * mebibyte,
    why: "a night comes back to pages of keys and balances that a smaller cache has written out and forgotten by then",
    hint: change(
      "shared_buffers",
      "'256MB'",
      "restart the server: more on a machine with much memory, up to a quarter",
    ),
  },
  {
    name: "max_wal_size",
    found: ({ maxWalBytes }) => formatBytes(maxWalBytes),
    isMet: ({ maxWalBytes }) => maxWalBytes >= 4096 * mebibyte,
    why: "each time so much log is full there is a checkpoint, and every page that changes after it is logged whole again",
    hint: change("max_wal_size", "'4GB'", reload),
  },
  {
    name: "checkpoint_timeout",
    found: ({ checkpointSeconds }) => `${checkpointSeconds} s`,
    isMet: ({ checkpointSeconds }) => checkpointSeconds >= 900,
    why: "a long night has a checkpoint each time it passes, and logs every page that changes after it whole again",
    hint: change("checkpoint_timeout", "'15min'", reload),
  },
  {
    name: "random_page_cost",
    found: ({ randomPageCost }) => randomPageCost,
    isMet: ({ randomPageCost }) => Number(randomPageCost) <= 2,
    why: "look-ups by index are planned as for a disk that turns: large tables are read whole where some pages would do",
    hint: `${change("random_page_cost", "1.1", reload)}; leave it where the data does lie on such a disk`,
  },
  {
    name: "autovacuum",
    found: ({ autovacuum, unvacuumed }) =>
      unvacuumed.length === 0 ? autovacuum : `${autovacuum}, but not for ${unvacuumed.join(", ")}`,
    isMet: ({ autovacuum, unvacuumed }) => autovacuum === "on" && unvacuumed.length === 0,
    why: "old versions of rows pile up and plans are made for the tables as they were: each night is slower than the last",
    hint: `${change("autovacuum", "on", reload)}; for a table ALTER TABLE … RESET (autovacuum_enabled)`,
  },
];

/** Compares the settings of the server with what a night wants of them. */
export const judgeSettings = (facts: LoadFacts): readonly Check[] => [
  ...wantedSettings.map((setting) => {
    const found = setting.found(facts);
    return setting.isMet(facts) ? ok(setting.name, found) : warning(setting.name, found, setting.why, setting.hint);
  }),
  judgeCollation(facts),
];

/** The names of the checks of `judgeSettings`, in its order. */
export const settingNames: readonly string[] = [...wantedSettings.map(({ name }) => name), "collation"];

/** Indexes over texts hold the order of one version of the collation; C has one version for ever. */
function judgeCollation({ collation, isBytewise, collationVersion, actualCollationVersion }: LoadFacts): Check {
  const name = "collation";
  if (isBytewise) return ok(name, collation);
  if (collationVersion !== actualCollationVersion) {
    return wrong(
      name,
      `${collation}, made by version ${collationVersion ?? "unknown"}, and the system has ${actualCollationVersion ?? "unknown"}`,
      "indexes may be in another order than the server now expects: rows are not found, and a number can be given twice",
      "as the owner: REINDEX DATABASE, then ALTER DATABASE … REFRESH COLLATION VERSION",
    );
  }
  return warning(
    name,
    collation,
    "numbers and names are compared by the rules of a language: sorts and look-ups are slower, and an upgrade of the " +
      "system can put indexes out of order",
    "create the database with LOCALE 'C' TEMPLATE template0, and move the data there with pg_dump",
  );
}

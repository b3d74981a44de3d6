import { reading, type Database } from "../db/database.ts";
import { requireCurrentSchema, schemaState } from "../db/migrate.ts";
import { AccrueError } from "../shared/errors.ts";
import { formatInstant, isTimeZone } from "../shared/business-date.ts";
import { guardsAreInPlace } from "../verification/guard-checks.ts";
import { checkAccountKey } from "./account-key.ts";
import { ok, unknown, wrong, type Check, type KeyLooks } from "./model.ts";
import { checkGroupRoles, checkPrivileges } from "./privileges.ts";
import { checkStripeKey } from "./stripe-key.ts";
import { platformFacts, serverOffsetSeconds, staleGrantSlot } from "./sql.ts";

const laterNames = [
  "privileges",
  "group roles",
  "platform",
  "time zone",
  "guards",
  "grant slot",
  "account key",
  "stripe key",
] as const;

/** Checks the content of the database; without `db`, all are reported as not checked. */
export async function checkContent(
  db: Database | undefined,
  clock: () => Date,
  { secretKeyId, isStripeKeySet }: KeyLooks,
): Promise<readonly Check[]> {
  if (db === undefined) return ["schema", ...laterNames].map((name) => unknown(name, "the server cannot be asked"));
  return reading(async () => {
    const schema = await checkSchema(db);
    if (schema.status !== "ok")
      return [schema, ...laterNames.map((name) => unknown(name, "the schema is not the one this version knows"))];
    const { timeZone, policies } = await platformFacts(db);
    const zone =
      timeZone === null
        ? unknown("time zone", "the platform is not set up")
        : await checkTimeZone(db, timeZone, clock());
    return [
      schema,
      await checkPrivileges(db),
      await checkGroupRoles(db),
      checkPlatform(timeZone, policies),
      zone,
      await checkGuards(db),
      await checkGrantSlot(db, timeZone ?? "UTC"),
      await checkAccountKey(db, secretKeyId),
      await checkStripeKey(db, isStripeKeySet),
    ];
  });
}

async function checkSchema(db: Database): Promise<Check> {
  try {
    await requireCurrentSchema(db);
    return ok("schema", `version ${(await schemaState(db)).applied}`);
  } catch (error) {
    if (!(error instanceof AccrueError) || error.kind !== "schema") throw error;
    return wrong(
      "schema",
      error.message,
      "no command but `accrue init` works on it",
      error.hint ?? "run `accrue init`",
    );
  }
}

function checkPlatform(timeZone: string | null, policies: number): Check {
  if (timeZone !== null && policies > 0)
    return ok("platform", `business dates are in ${timeZone}, ${policies} ${policies === 1 ? "policy" : "policies"}`);
  return wrong("platform", "not set up", "there are no rates to grant points by", "run `accrue init`");
}

/** Checks that host and server have the same rules for the time zone: both turn times into business dates. */
async function checkTimeZone(db: Database, zone: string, now: Date): Promise<Check> {
  const why = "the business date of an order would be wrong";
  if (!isTimeZone(zone))
    return wrong("time zone", `this host does not know ${zone}`, why, "install a Node with full ICU data");
  for (const at of samples(now)) {
    const there = await serverOffsetSeconds(db, zone, at);
    if (there === undefined)
      return wrong("time zone", `the server does not know ${zone}`, why, "update the server's time zone data");
    const here = hostOffsetSeconds(zone, at);
    if (here === there) continue;
    const found = `${zone} on ${at.toISOString().slice(0, 10)} is ${here} s from UTC here and ${there} s on the server`;
    return wrong("time zone", found, why, "update the time zone data of this host's Node and of the server");
  }
  return ok("time zone", `${zone} is the same here and on the server`);
}

/**
 * A day of every month from a year ago to a year from now, to find differences in daylight saving and changed rules.
 */
function samples(now: Date): readonly Date[] {
  return Array.from(
    { length: 25 },
    (_, month) => new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - 12 + month, 15, 12)),
  );
}

function hostOffsetSeconds(zone: string, at: Date): number {
  return (Date.parse(`${formatInstant(at, zone).replace(" ", "T")}Z`) - at.getTime()) / 1000;
}

async function checkGuards(db: Database): Promise<Check> {
  const { checked, violations } = await guardsAreInPlace(db.sql);
  if (violations.length === 0)
    return ok("guards", `${checked} tables, functions and sequences are as this version made them`);
  const named = violations.map(({ object, part, expected, found }) =>
    found === null
      ? `${object}: ${part} is missing`
      : `${object}: ${part} is ${expected === null ? "none of this version's" : "changed"} (${found})`,
  );
  return wrong(
    "guards",
    named.join(", "),
    "what is money or authority could be changed unseen",
    "find out who did that, undo it (ALTER TABLE … ENABLE TRIGGER …, REVOKE …), and run `accrue verify`",
  );
}

async function checkGrantSlot(db: Database, zone: string): Promise<Check> {
  const slot = await staleGrantSlot(db);
  if (slot === undefined) return ok("grant slot", "no grant run was left unfinished");
  return wrong(
    "grant slot",
    `grant run ${slot.runId} of ${slot.operator} on ${slot.host}, begun ${formatInstant(slot.takenAt, zone)}, ended without finishing`,
    "the orders it had left have no points yet",
    "run `accrue grant run` for its business date: it takes over where that one stopped",
  );
}

import { recordAction } from "../db/audit.ts";
import type { Context } from "../db/context.ts";
import { inTransaction } from "../db/database.ts";
import { migrate } from "../db/migrate.ts";
import { refusedError, usageError } from "../shared/errors.ts";
import { initialTerms } from "../domain/policies/model.ts";
import { putPolicy } from "../domain/policies/sql.ts";
import { isTimeZone } from "../shared/business-date.ts";

/** What `accrue init` found and did. */
export interface InitReport {
  readonly applied: readonly string[];
  readonly timeZone: string;
}

/**
 * Creates or migrates the schema and sets the platform up; repeating it changes nothing.
 *
 * @param zone the platform's time zone for a new database; on an existing one it must be the same, or undefined
 * @throws refused when the zone differs from the stored one: business dates are data and cannot be reinterpreted
 */
export async function initPlatform(context: Omit<Context, "zone">, zone: string | undefined): Promise<InitReport> {
  if (zone !== undefined && !isTimeZone(zone)) {
    throw usageError("invalid_time_zone", `"${zone}" is no IANA time zone`, { hint: "write it like Asia/Shanghai" });
  }
  const applied = await migrate(context.db, context.signal);
  const timeZone = await inTransaction(context.db, async (tx) => {
    const now = context.clock();
    const created = await tx`
      INSERT INTO platform (platform_id, time_zone, created_at) VALUES (1, ${zone ?? "Asia/Shanghai"}, ${now})
      ON CONFLICT DO NOTHING`;
    if (created.count === 1)
      await putPolicy(tx, { ...initialTerms, effectiveFrom: "0001-01-01", setBy: context.operator.name, setAt: now });
    const [stored] = await tx<{ timeZone: string }[]>`SELECT time_zone FROM platform`;
    if (created.count === 1 || applied.length > 0) {
      await recordAction(tx, context, {
        action: "platform.init",
        subjectKind: "platform",
        subject: "platform",
        details: { migrations: applied.length, time_zone: stored!.timeZone },
      });
    }
    return stored!.timeZone;
  });
  if (zone !== undefined && zone !== timeZone) {
    throw refusedError("time_zone_fixed", `this database's business dates are in ${timeZone}, not ${zone}`, {
      hint: "the time zone is set once, by the first `accrue init`",
    });
  }
  return { applied, timeZone };
}

import { recordAction } from "../db/audit.ts";
import type { Context, Operator } from "../db/context.ts";
import { inTransaction, type Database } from "../db/database.ts";
import { migrate, schemaState } from "../db/migrate.ts";
import { operatorAtWork, type Claim } from "../domain/operators/at-work.ts";
import { roleNotAllowed } from "../domain/operators/refusals.ts";
import { addFirstOperator } from "../domain/operators/register.ts";
import { hasOperators } from "../domain/operators/sql.ts";
import { refusedError, usageError } from "../shared/errors.ts";
import { initialTerms } from "../domain/policies/model.ts";
import { putPolicy } from "../domain/policies/sql.ts";
import { isTimeZone } from "../shared/business-date.ts";

/** What `accrue init` found and did. */
export interface InitReport {
  readonly applied: readonly string[];
  readonly timeZone: string;
  /** Who was registered as the first operator; null where somebody was already. */
  readonly firstOperator: string | null;
}

/**
 * Creates or migrates the schema and sets the platform up; repeating it changes nothing. Whoever does it first is
 * registered as admin; later whoever migrates is an admin.
 *
 * @param zone the platform's time zone for a new database; on an existing one it must be the same, or undefined
 * @throws refused when the zone differs from the stored one: business dates are data and cannot be reinterpreted;
 *   `role_not_allowed`
 */
export async function initPlatform(
  context: Omit<Context, "zone" | "operator">,
  claim: Claim,
  zone: string | undefined,
): Promise<InitReport> {
  if (zone !== undefined && !isTimeZone(zone)) {
    throw usageError("invalid_time_zone", `"${zone}" is no IANA time zone`, { hint: "write it like Asia/Shanghai" });
  }
  const known = await knownOperator(context.db, claim);
  const applied = await migrate(context.db, context.signal);
  const operator = known ?? { ...claim, role: "admin", identity: "asserted" };
  const { timeZone, isFirst } = await inTransaction(context.db, async (tx) => {
    const isFirst = known === undefined && (await addFirstOperator(tx, operator));
    const now = context.clock();
    const created = await tx`
      INSERT INTO platform (platform_id, time_zone, created_at) VALUES (1, ${zone ?? "Asia/Shanghai"}, ${now})
      ON CONFLICT DO NOTHING`;
    if (created.count === 1)
      await putPolicy(tx, { ...initialTerms, effectiveFrom: "0001-01-01", setBy: operator.name, setAt: now }, null);
    const [stored] = await tx<{ timeZone: string }[]>`SELECT time_zone FROM platform`;
    // Of several at once one is the first, and records it.
    if (isFirst || (known !== undefined && applied.length > 0)) {
      await recordAction(
        tx,
        { operator },
        {
          action: "platform.init",
          subjectKind: "platform",
          subject: "platform",
          details: {
            migrations: applied.length,
            time_zone: stored!.timeZone,
            ...(isFirst ? { admin: operator.name } : {}),
          },
        },
      );
    }
    return { timeZone: stored!.timeZone, isFirst };
  });
  if (zone !== undefined && zone !== timeZone) {
    throw refusedError("time_zone_fixed", `this database's business dates are in ${timeZone}, not ${zone}`, {
      hint: "the time zone is set once, by the first `accrue init`",
    });
  }
  return { applied, timeZone, firstOperator: isFirst ? operator.name : null };
}

/** The operator at work, where there is something to migrate and anybody is registered. */
async function knownOperator(db: Database, claim: Claim): Promise<Operator | undefined> {
  // In this order: another `init` may do both meanwhile.
  if (!(await hasOperators(db.sql)) || (await schemaState(db)).state === "current") return undefined;
  const operator = await operatorAtWork(db.sql, claim);
  if (operator.role !== "admin") throw roleNotAllowed("to migrate the database", operator, ["admin"]);
  return operator;
}

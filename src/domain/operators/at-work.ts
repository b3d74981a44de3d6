import type { Operator } from "../../db/context.ts";
import type { Sql } from "../../db/database.ts";
import { notThisOperator, operatorSuspended, operatorUnknown, registryEmpty } from "./refusals.ts";
import { claimants, operatorNames } from "./sql.ts";

/** Who says they are at work. */
export interface Claim {
  readonly name: string;
  readonly host: string;
  /** Whether somebody gave the name; else it is the OS user's, which a login role goes before. */
  readonly isGiven: boolean;
}

/**
 * Finds the operator at work in the registry: whoever the session's login role is (*proven*), else whoever has the name
 * and no login role of their own (*asserted*).
 *
 * @throws refused `operator_unknown`, `operator_suspended`, `operator_not_this_login`, `operators_absent`
 */
export async function operatorAtWork(sql: Sql, { name, host, isGiven }: Claim): Promise<Operator> {
  const { sessionUser, named, own } = await claimants(sql, name);
  if (own !== undefined && isGiven && own.name !== name)
    throw notThisOperator(name, sessionUser, `that is operator ${own.name}'s`);
  const found = own ?? named;
  if (found === undefined) {
    const names = await operatorNames(sql);
    throw names.length === 0 ? registryEmpty() : operatorUnknown(name, names);
  }
  if (own === undefined && found.loginRole !== null)
    throw notThisOperator(name, sessionUser, `${name} works through the login role ${found.loginRole}`);
  if (found.state !== "active") throw operatorSuspended(found);
  return { name: found.name, host, role: found.role, identity: own === undefined ? "asserted" : "proven" };
}

import type { Context } from "../../db/context.ts";
import { reading, type Sql } from "../../db/database.ts";
import { identityNotProven } from "./refusals.ts";

/**
 * Refuses an approver whom nobody vouches for, where the policy in force wants more than a name. The database has the
 * rule, and holds approvals to it as well.
 *
 * @throws refused `identity_not_proven`
 */
export async function requireProvenIdentity(sql: Sql, { operator, clock }: Context): Promise<void> {
  if (operator.identity === "proven") return;
  const [row] = await sql<{ isDemanded: boolean }[]>`SELECT demands_proven_identity(${clock()}) AS is_demanded`;
  if (row!.isDemanded) throw identityNotProven(operator);
}

/** The same outside of a transaction, before a reviewer is asked anything. */
export const requireProvenReviewer = (context: Context): Promise<void> =>
  reading(() => requireProvenIdentity(context.db.sql, context));

import type { Sql } from "../../db/database.ts";
import type { Row } from "../../db/rows.ts";
import { where } from "../../db/where.ts";
import { actionSubjects, type ActionSubject } from "../../shared/action-subjects.ts";
import type { BusinessDate } from "../../shared/business-date.ts";
import type { PageQuery } from "../../shared/page.ts";

/** What an operator did, or was refused, as it was recorded. */
export interface ActionRow extends Omit<Row<"operatorActions">, "details"> {
  readonly details: Record<string, unknown>;
}

/** What a search of the records can be narrowed to. */
export interface ActionFilter {
  readonly operator?: string | undefined;
  readonly action?: string | undefined;
  readonly subjectKind?: ActionSubject | undefined;
  readonly subject?: string | undefined;
  readonly host?: string | undefined;
  readonly from?: BusinessDate | undefined;
  readonly to?: BusinessDate | undefined;
  /** Only what was shown in full that else is masked. */
  readonly reveals?: boolean | undefined;
  /** Only what was refused. */
  readonly refusals?: boolean | undefined;
}

/**
 * One page of records, the newest first. A subject alone is looked up under every kind, which its index begins with.
 *
 * @param zone the zone that the dates are in
 */
export async function selectActions(
  sql: Sql,
  filter: ActionFilter,
  zone: string,
  { after, limit }: PageQuery<bigint>,
): Promise<readonly ActionRow[]> {
  const { operator, action, subjectKind, subject, host, from, to, reveals, refusals } = filter;
  const kinds = subjectKind === undefined ? actionSubjects : [subjectKind];
  const wanted = where(sql, [
    operator !== undefined && sql`operator = ${operator}`,
    action !== undefined && sql`action = ${action}`,
    (subjectKind !== undefined || subject !== undefined) && sql`subject_kind = ANY(${[...kinds]}::text[])`,
    subject !== undefined && sql`subject = ${subject}`,
    host !== undefined && sql`host = ${host}`,
    from !== undefined && sql`at >= (${from}::text)::date::timestamp AT TIME ZONE ${zone}`,
    to !== undefined && sql`at < ((${to}::text)::date + 1)::timestamp AT TIME ZONE ${zone}`,
    reveals === true && sql`action LIKE '%.reveal'`,
    refusals === true && sql`action LIKE '%.refuse'`,
    after !== undefined && sql`action_id < ${after}`,
  ]);
  return sql<ActionRow[]>`SELECT * FROM operator_actions WHERE ${wanted} ORDER BY action_id DESC LIMIT ${limit}`;
}

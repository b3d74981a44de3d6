import type { Sql } from "../db/database.ts";
import { skeletonOf } from "../shared/text.ts";
import { namedViolations, type Findings } from "./model.ts";

type Standing = {
  readonly operator: string;
  readonly skeleton: string;
  readonly is: string;
  readonly recorded: string | null;
};

/**
 * Each operator is as they were last recorded to be, and looks like nobody else. They are few, so what their names look
 * like is reckoned here, by the same rule as when one is registered.
 */
export async function operatorsAreRecorded(sql: Sql): Promise<Findings> {
  const rows = await sql<Standing[]>`
    WITH records AS (
      SELECT subject AS name, action_id, details FROM operator_actions WHERE subject_kind = 'operator'
      UNION ALL
      SELECT details->>'admin', action_id, '{"role": "admin", "state": "active"}' FROM operator_actions
      WHERE action = 'platform.init' AND details ? 'admin'
    ), last AS (SELECT DISTINCT ON (name) name, details FROM records ORDER BY name, action_id DESC)
    SELECT o.name AS operator, o.skeleton, concat_ws(' ', o.role, o.state, o.login_role) AS is,
      concat_ws(' ', l.details->>'role', l.details->>'state', l.details->>'login_role') AS recorded
    FROM operators o LEFT JOIN last l USING (name) ORDER BY o.name`;
  const wrong = rows.filter(
    ({ operator, skeleton, is, recorded }) => is !== recorded || skeleton !== skeletonOf(operator),
  );
  return { checked: BigInt(rows.length), found: BigInt(wrong.length), violations: wrong.slice(0, namedViolations) };
}

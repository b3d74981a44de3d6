import type { Sql } from "../db/database.ts";
import { formatYuan } from "../shared/money.ts";
import { findingsOf, namedViolations, type Findings } from "./model.ts";

/**
 * What is carried of each archive, by member and by date, comes to what was archived, and nothing is carried of one that
 * is attached again. What the files say is held against it when they are attached.
 */
export async function archivesAddUp(sql: Sql): Promise<Findings> {
  type Row = {
    archiveNo: number;
    figure: string;
    archived: bigint;
    byMember: bigint | null;
    byDate: bigint | null;
    found: bigint;
  };
  const rows = await sql<Row[]>`
    SELECT x.*, count(*) OVER () AS found FROM (
      SELECT a.archive_no, f.* FROM history_archives a
      LEFT JOIN (SELECT archive_no, sum(orders)::bigint AS orders, sum(available_points)::bigint AS points,
          sum(clawed_back_points)::bigint AS clawed_back
        FROM carried_points GROUP BY archive_no) p USING (archive_no)
      LEFT JOIN (SELECT archive_no, sum(first_entries)::bigint AS orders, sum(entries)::bigint AS entries,
          sum(available_points)::bigint AS points, sum(contributed_fen + clawed_back_fen)::bigint AS contribution_fen,
          coalesce(-sum(available_points) FILTER (WHERE kind = 'clawback'), 0)::bigint AS clawed_back
        FROM carried_entries GROUP BY archive_no) e USING (archive_no)
      CROSS JOIN LATERAL (VALUES
        ('orders', a.orders, p.orders, e.orders),
        ('entries', a.entries, a.entries, e.entries),
        ('points', a.available_points, p.points, e.points),
        ('clawed back', e.clawed_back, p.clawed_back, e.clawed_back),
        ('contribution', a.contribution_fen, a.contribution_fen, e.contribution_fen)
      ) f (figure, archived, by_member, by_date)
      WHERE CASE WHEN a.attached_at IS NULL THEN (f.by_member, f.by_date) IS DISTINCT FROM (f.archived, f.archived)
        ELSE num_nonnulls(p.orders, e.orders) > 0 END
    ) x ORDER BY archive_no, figure LIMIT ${namedViolations}`;
  const [all] = await sql<{ count: bigint }[]>`SELECT count(*) AS count FROM history_archives`;
  return findingsOf(all!.count, rows, ({ archiveNo, figure, ...sums }) => {
    const text = (one: bigint | null) => (one !== null && figure === "contribution" ? formatYuan(one) : one);
    return {
      archive_no: archiveNo,
      figure,
      archived: text(sums.archived),
      by_member: text(sums.byMember),
      by_date: text(sums.byDate),
    };
  });
}

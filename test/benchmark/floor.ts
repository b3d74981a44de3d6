import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createDatabase, dropDatabases, onDatabase } from "../support/admin.ts";
import { timed, type Measured } from "./measure.ts";
import { checkpoint, onPlain } from "./side-by-side.ts";

/** What a night writes for each order, in the order in which it writes it. */
const written = ["order_keys", "orders", "points_entries"] as const;

/**
 * The least that a night can take on a server: the very rows that it wrote, copied in binary into a twin of the database
 * it began with, with all its keys and guards, and one UPDATE of the balances. Nothing is read from a file, looked up,
 * judged, reckoned, verified or closed.
 *
 * @param night the database that the night wrote to
 * @param scene what it was a copy of; has no orders
 */
export async function floorOf(server: string, night: string, scene: string): Promise<Measured> {
  // The server writes and reads these files itself.
  const directory = mkdtempSync(join(tmpdir(), "accrue-floor-"));
  chmodSync(directory, 0o777);
  const twin = `${scene}_floor`;
  const copies = (way: "TO" | "FROM") =>
    written.map((table) =>
      way === "TO"
        ? `COPY (SELECT * FROM ${table}) TO '${join(directory, table)}' (FORMAT binary)`
        : `COPY ${table} FROM '${join(directory, table)}' (FORMAT binary)`,
    );
  try {
    await onPlain(onDatabase(server, night), async (sql) => {
      for (const copy of copies("TO")) await sql.unsafe(copy);
    });
    await createDatabase(server, twin, scene);
    await checkpoint(server);
    return await timed(() =>
      onPlain(onDatabase(server, twin), async (sql) => {
        for (const copy of copies("FROM")) await sql.unsafe(copy);
        await sql.unsafe(`
          SET work_mem = '64MB';
          UPDATE balances b SET available_points = available_points + e.points
          FROM (SELECT member_id, sum(available_points)::bigint AS points FROM points_entries GROUP BY member_id ORDER BY member_id) e
          WHERE b.member_id = e.member_id`);
      }),
    );
  } finally {
    await dropDatabases(server, [twin]);
    rmSync(directory, { recursive: true, force: true });
  }
}

import type { Sql } from "./client.ts";

/**
 * The condition that the session which a slot `s` names still lives. Backend pid and start time tell it, so a pid that the
 * system gave out again does not count as alive. A session of another database user hides its start time: then its pid alone
 * has to do, for a living run must never be taken for dead.
 */
export const holderLives = (sql: Sql) => sql`
  EXISTS (SELECT FROM pg_stat_activity a WHERE a.pid = s.backend_pid AND coalesce(a.backend_start = s.backend_started_at, true))`;

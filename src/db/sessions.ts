import { reading, type Database } from "./database.ts";

/** Another session on the server, in any database. */
export interface OtherSession {
  readonly pid: number;
  /** Its application_name: `accrue`, `psql`. */
  readonly application: string;
  readonly since: Date;
}

/** The other sessions on the server, the oldest first. */
export const otherSessions = ({ sql }: Pick<Database, "sql">): Promise<readonly OtherSession[]> =>
  reading(
    () => sql<OtherSession[]>`
  SELECT pid, coalesce(nullif(application_name, ''), 'a program without a name') AS application, backend_start AS since
  FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() ORDER BY backend_start`,
  );

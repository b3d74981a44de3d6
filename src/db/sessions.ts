import { reading, type Database } from "./database.ts";

/** A session of somebody else on the server, whatever database it is in. */
export interface OtherSession {
  readonly pid: number;
  /** What it says that it is: `accrue`, `psql`. */
  readonly application: string;
  readonly since: Date;
}

/** Who else is connected to the server, the longest first. */
export const otherSessions = ({ sql }: Pick<Database, "sql">): Promise<readonly OtherSession[]> => reading(() => sql<OtherSession[]>`
  SELECT pid, coalesce(nullif(application_name, ''), 'a program without a name') AS application, backend_start AS since
  FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() ORDER BY backend_start`);

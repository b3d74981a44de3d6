import { actionsOf, type RecordedAction } from "../../db/audit.ts";
import type { Context } from "../../db/context.ts";
import { reading } from "../../db/database.ts";
import { refusedError } from "../../shared/errors.ts";
import { oneMore, pageOf, type Page, type PageQuery } from "../../shared/page.ts";
import { findRun, selectRuns, type GrantRun, type RunFilter } from "./run-sql.ts";

/** Lists grant runs, the newest first, a page at a time. */
export async function listGrantRuns(
  { db }: Pick<Context, "db">,
  filter: RunFilter,
  query: PageQuery<bigint>,
): Promise<Page<GrantRun, bigint>> {
  return pageOf(await reading(() => selectRuns(db.sql, filter, oneMore(query))), query.limit, ({ runId }) => runId);
}

/** A grant run with the actions of operators on it. */
export interface GrantRunStory {
  readonly run: GrantRun;
  readonly actions: readonly RecordedAction[];
}

/**
 * Reads one grant run.
 *
 * @throws refused `grant_run_unknown`
 */
export async function showGrantRun(context: Pick<Context, "db">, runId: bigint): Promise<GrantRunStory> {
  return reading(async () => {
    const run = await findRun(context.db.sql, runId);
    if (run === undefined)
      throw refusedError("grant_run_unknown", `there is no grant run ${runId}`, {
        hint: "`accrue grant list` shows them",
      });
    return { run, actions: await actionsOf(context, "grant_run", String(runId)) };
  });
}

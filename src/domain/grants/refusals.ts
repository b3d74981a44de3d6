import type { Sql } from "../../db/database.ts";
import { slotHolder } from "../../db/run-slots.ts";
import { busyError, type AccrueError } from "../../shared/errors.ts";

/** The refusal of a run beside another one, which it names. */
export async function alreadyRunning(sql: Sql): Promise<AccrueError> {
  const holder = await slotHolder(sql, "grant");
  const who =
    holder === undefined
      ? ""
      : `: run ${holder.runId} of ${holder.operator} on ${holder.host}, since ${holder.takenAt.toISOString()}`;
  return busyError("grant_run_busy", `another grant run is at work${who}`, {
    hint: "try again when it has ended (`accrue grant list`)",
    details: holder === undefined ? {} : { run_id: Number(holder.runId), operator: holder.operator, host: holder.host },
  });
}

/** The end of a run that is not the one run any more. */
export const lostSlot = (runId: bigint): AccrueError =>
  busyError(
    "grant_run_lost",
    `run ${runId} is not the one grant run any more: its connection was replaced or another run took over`,
    { hint: "what it committed stays; run the same command again to finish the rest" },
  );

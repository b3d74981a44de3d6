import { countsDocument, fileDocument } from "./documents.ts";
import type { SettlementEvent } from "./events.ts";

/** The end of a run is logged as the summary of the night. */
export type LoggedEvent = Exclude<SettlementEvent, { type: "run_ended" }>;

/** The level and text of an event's log line. */
export const eventFields = (event: LoggedEvent): Readonly<Record<string, unknown>> => {
  const base = { event: event.type, run_id: event.runId };
  if (event.type === "run_started") return { ...base, took_over_run_id: event.tookOver ?? null };
  if (event.type === "file") return { ...base, step: "import", file: fileDocument(event.file) };
  const place = { ...base, step_no: event.stepNo, step: event.step, business_date: event.businessDate ?? null };
  return event.type === "step_started"
    ? place
    : { ...place, state: event.state, seconds: event.seconds, counts: countsDocument(event.counts) };
};

/** An event in words. */
export function eventText(event: LoggedEvent): string {
  if (event.type === "run_started") return `settlement run ${event.runId} begins`;
  if (event.type === "file") return `${event.file.folder}/${event.file.name}: ${event.file.outcome}`;
  const step = `${event.step}${event.businessDate === undefined ? "" : ` of ${event.businessDate}`}`;
  return event.type === "step_started" ? `${step} begins` : `${step}: ${event.state}`;
}

import type { SettledFile, SettlementSummary, StepReport } from "../../../night/events.ts";
import type { Page } from "../../../ui/page.ts";
import { countText } from "../../import-view.ts";

/** Lays out what a settlement came to, also one that ended early. */
export function settlementPage(page: Page, summary: SettlementSummary): void {
  const { runId, state, closed, files, earlier, steps, tookOver, seconds } = summary;
  page.heading(state === "complete" ? `settlement run ${runId}` : `settlement run ${runId}: ${state}`);
  page.facts([
    [
      "closed",
      closed.length === 0
        ? state === "complete"
          ? "no date: all are closed"
          : "no date"
        : closed.length === 1
          ? closed[0]
          : `${closed[0]} to ${closed.at(-1)}, ${closed.length} dates`,
    ],
    ["took over", tookOver === undefined ? undefined : `the rest of run ${tookOver}, which died`],
    ["took", `${seconds} s`],
  ]);
  if (files.length + earlier.length > 0) filesTable(page, files, earlier);
  const dates = grantsOf(summary);
  if (dates.length > 0) datesTable(page, dates, steps);
  for (const { counts } of steps.filter(({ step, state }) => step === "bill" && state === "done"))
    page.line(`merchants are billed: ${countText(Number(counts["bills"]))} bills`);
  const expired = steps.reduce((sum, { counts }) => sum + Number(counts["proposals"] ?? 0), 0);
  if (expired > 0) page.line(`proposals that nobody decided about in time: ${countText(expired)}`);
  for (const { counts } of steps.filter(({ step, state }) => step === "suspend" && state === "done")) {
    const codes = Object.keys(counts["overdue_days"] as Readonly<Record<string, number>>);
    const more = Number(counts["merchants"]) - codes.length;
    page.line(`merchants are suspended, overdue too long: ${codes.join(", ")}${more > 0 ? ` and ${more} more` : ""}`);
  }
  for (const { businessDate, counts } of dates)
    lateLine(page, businessDate!, counts["late_orders"] as Readonly<Record<string, number>> | undefined);
}

/** Whether a settlement came to anything that a person should see. */
export const hasDoneSomething = (summary: SettlementSummary): boolean =>
  summary.files.length > 0 || grantsOf(summary).length > 0;

const grantsOf = ({ steps }: SettlementSummary): readonly StepReport[] =>
  steps.filter(({ step, state }) => step === "grant" && state === "done");

function filesTable(page: Page, own: readonly SettledFile[], earlier: readonly SettledFile[]): void {
  const files = [...earlier, ...own];
  const outcomeText = (file: SettledFile): string =>
    earlier.includes(file)
      ? `before, import ${file.importId}`
      : file.earlierImportId === undefined
        ? file.outcome
        : `${file.outcome}, known as import ${file.earlierImportId}`;

  page.table(
    [
      { heading: "file", keeps: "end", atLeast: 24 },
      { heading: "outcome" },
      { heading: "read", align: "right" },
      { heading: "inserted", align: "right" },
      { heading: "updated", align: "right" },
      { heading: "rejected", align: "right" },
    ],
    files.map((file) => [
      `${file.folder}/${file.name}`,
      outcomeText(file),
      countText(file.read),
      countText(file.inserted),
      countText(file.updated),
      countText(file.rejected),
    ]),
  );
  for (const { folder, name, outcome, reason, path, rejected, rejectsFile } of files) {
    if (outcome === "waiting") page.line(`${folder}/${name} is left for next time: ${reason}`);
    if (outcome === "unread") page.line(`${folder}/${name} is not read: ${reason}`);
    if (outcome === "failed") page.line(`${folder}/${name} is now ${path}: ${reason}`);
    if (rejected > 0) page.line(`${folder}/${name}: ${countText(rejected)} rejected, see ${rejectsFile}`);
  }
}

const figure = (step: StepReport | undefined, name: string): string => {
  const value = step?.counts[name];
  return typeof value === "bigint" || typeof value === "number"
    ? Number(value).toLocaleString("en-US")
    : String(value ?? "");
};

function datesTable(page: Page, grants: readonly StepReport[], steps: readonly StepReport[]): void {
  const stepOf = (date: string | undefined, name: StepReport["step"]) =>
    steps.find(({ businessDate, step }) => businessDate === date && step === name);
  page.table(
    [
      { heading: "date", key: true },
      { heading: "orders", align: "right" },
      { heading: "granted", align: "right" },
      { heading: "clawed back", align: "right" },
      { heading: "fund", align: "right" },
      { heading: "expired", align: "right" },
      { heading: "verified", align: "right" },
    ],
    grants.map((grant) => [
      grant.businessDate!,
      figure(grant, "orders"),
      figure(grant, "points_granted"),
      figure(grant, "points_clawed_back"),
      figure(grant, "fund"),
      figure(stepOf(grant.businessDate, "expire"), "requests"),
      figure(stepOf(grant.businessDate, "verify"), "checked"),
    ]),
  );
}

function lateLine(page: Page, date: string, late: Readonly<Record<string, number>> = {}): void {
  const origins = Object.entries(late).map(([origin, orders]) => `${countText(orders)} of ${origin}`);
  if (origins.length > 0) page.line(`${date} took orders that came late: ${origins.join(", ")}`);
}

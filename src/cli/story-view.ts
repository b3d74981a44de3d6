import type { RecordedAction } from "../db/audit.ts";
import { formatInstant } from "../shared/business-date.ts";
import type { Page } from "../ui/page.ts";
import { documentsOf, tableOf, type Field, type Fields, type Thing } from "./fields.ts";

/** What is shown of each record: who did what when, and from where. */
export const recordedFields: Fields<RecordedAction> = {
  at: { of: ({ at }) => at, heading: "time", key: true },
  operator: { of: ({ operator }) => operator, rank: 2 },
  identity: { of: ({ identity }) => identity, rank: 3 },
  host: { of: ({ host }) => host, rank: 3 },
  action: { of: ({ action }) => action, key: true },
  details: { of: ({ details }) => details, text: ({ details }) => detailsText(details), atLeast: 24 },
};

const recordedActions: Thing<RecordedAction> = { fields: recordedFields };

/** The field of a thing that says who did what with it when. */
export const actionsField: Field<{ readonly actions: readonly RecordedAction[] }> = {
  of: ({ actions }) => documentsOf(recordedActions, actions),
};

/** Lays out who did what when. */
export function actionsSection(page: Page, actions: readonly RecordedAction[], zone: string): void {
  if (actions.length > 0) tableOf(page.line().heading("Who did what when"), recordedActions, actions, zone);
}

/** Who did something, and when; undefined where nobody did. */
export const byText = (operator: string | null, at: Date | null, zone: string): string | undefined =>
  operator === null ? undefined : `${operator}, ${formatInstant(at!, zone)}`;

const detailsText = (details: Record<string, unknown>): string =>
  Object.entries(details)
    .filter(([, value]) => value !== null)
    .map(([key, value]) => `${key}=${String(value)}`)
    .join(" ");

/**
 * What a command that brings something into a state says: the state, or that it was so already.
 *
 * @param change what is only worth telling of a change: ` (was active)`
 */
export function outcomeText(state: string, isChanged: boolean, isDry: boolean, change = ""): string {
  const prefix = isDry ? "dry run: " : "";
  return isChanged ? `${prefix}${state}${change}` : `${prefix}${state} already; nothing to do`;
}

import type { RecordedAction } from "../db/audit.ts";
import { formatInstant } from "../shared/business-date.ts";
import type { Page } from "../ui/page.ts";

/** Recorded actions as JSON has them. */
export const actionDocuments = (actions: readonly RecordedAction[]) =>
  actions.map(({ at, operator, host, action, details }) => ({ at: at.toISOString(), operator, host, action, details }));

/** Lays out who did what when. */
export function actionsSection(page: Page, actions: readonly RecordedAction[], zone: string): void {
  if (actions.length === 0) return;
  page.line().heading("Who did what when").table(
    [{ heading: "time", key: true }, { heading: "operator", rank: 2 }, { heading: "host", rank: 3 }, { heading: "action", key: true }, { heading: "details", atLeast: 24 }],
    actions.map(({ at, operator, host, action, details }) => [formatInstant(at, zone), operator, host, action, detailsText(details)]),
  );
}

const detailsText = (details: Record<string, unknown>): string =>
  Object.entries(details).filter(([, value]) => value !== null).map(([key, value]) => `${key}=${String(value)}`).join(" ");

/**
 * What a command that brings something into a state says: the state, or that it was so already.
 *
 * @param change what is only worth telling of a change: ` (was active)`
 */
export function outcomeText(state: string, isChanged: boolean, isDry: boolean, change = ""): string {
  const prefix = isDry ? "dry run: " : "";
  return isChanged ? `${prefix}${state}${change}` : `${prefix}${state} already; nothing to do`;
}

/** A yes or no, as pages show it. */
export const yesOrNo = (value: boolean): string => (value ? "yes" : "no");

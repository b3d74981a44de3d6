import { fundFen } from "../../../domain/grants/model.ts";
import type { GrantRunStory } from "../../../domain/grants/read.ts";
import type { Waits } from "../../../domain/grants/feed-sql.ts";
import type { GrantRun } from "../../../domain/grants/run-sql.ts";
import { formatInstant } from "../../../shared/business-date.ts";
import type { Page } from "../../../ui/page.ts";
import { factsOf, figure, yuan, type Fields, type Thing } from "../../fields.ts";

/** What a run skipped, in words; undefined where it was nothing. */
export const skippedText = ({
  skippedOrders,
  skippedPoints,
}: Pick<GrantRun, "skippedOrders" | "skippedPoints">): string | undefined =>
  skippedOrders === 0n
    ? undefined
    : `${skippedOrders} ${skippedOrders === 1n ? "order" : "orders"} of closed members, ${skippedPoints} points`;

/** What a page says of orders whose points wait for their merchants' money; undefined where none do. */
export const waitingText = ({ waitingOrders }: Pick<GrantRun, "waitingOrders">): string | undefined =>
  waitingOrders === 0n
    ? undefined
    : `${waitingOrders} ${waitingOrders === 1n ? "order" : "orders"} until the merchants have paid`;

/** What a page says of orders that wait for evidence of their payment; undefined where none do. */
export const unevidencedText = ({ unevidencedOrders }: Pick<GrantRun, "unevidencedOrders">): string | undefined =>
  unevidencedOrders === 0n
    ? undefined
    : `${unevidencedOrders} ${unevidencedOrders === 1n ? "order" : "orders"} until a channel shows the payment`;

/** What orders wait for that no run settles yet, in words; undefined where none do. */
export function waitsText({ collection, evidence, delay }: Waits): string | undefined {
  const parts = [
    waitingText({ waitingOrders: collection }),
    unevidencedText({ unevidencedOrders: evidence }),
    delay === 0n ? undefined : `${delay} ${delay === 1n ? "order" : "orders"} until the grant delay is over`,
  ].filter((part) => part !== undefined);
  return parts.length === 0 ? undefined : parts.join(", ");
}

const fields: Fields<GrantRun> = {
  run_id: figure((run) => run.runId, { heading: "run" }),
  business_date: { of: (run) => run.businessDate, key: true },
  status: { of: (run) => run.status },
  orders: figure((run) => run.orders, { label: "orders settled" }),
  members: figure((run) => run.members),
  points_granted: figure((run) => run.pointsGranted, { heading: "granted" }),
  points_clawed_back: figure((run) => run.pointsClawedBack, { heading: "clawed back" }),
  contribution: yuan((run) => run.contributionFen, { label: "merchants contribute" }),
  fund: yuan(fundFen, { label: "into the points fund" }),
  skipped_orders: figure((run) => run.skippedOrders, { label: "skipped", fact: skippedText }),
  skipped_points: figure((run) => run.skippedPoints),
  waiting_orders: figure((run) => run.waitingOrders, { label: "waiting", fact: waitingText }),
  unevidenced_orders: figure((run) => run.unevidencedOrders, { label: "no evidence", fact: unevidencedText }),
  operator: {
    of: (run) => run.operator,
    heading: "by",
    rank: 2,
    label: "by",
    fact: (run) => `${run.operator} on ${run.host}`,
  },
  host: { of: (run) => run.host },
  started_at: { of: (run) => run.startedAt, key: true, label: "started" },
  finished_at: { of: (run) => run.finishedAt, key: true, label: "finished" },
};

/** A grant run as it is recorded. */
export const grantRun: Thing<GrantRun> = {
  fields,
  columns: ["run_id", "business_date", "status", "orders", "points_granted", "points_clawed_back", "operator"],
};

type ShownRun = GrantRun & GrantRunStory;

/** A grant run's story as its fields take it. */
export const shownRun = (story: GrantRunStory): ShownRun => ({ ...story.run, ...story });

/** A grant run, and what operators did to it. */
export const grantRunStory: Thing<ShownRun> = {
  fields: {
    ...fields,
    actions: { of: ({ actions }) => actions.map(({ at, operator, host, action }) => ({ at, operator, host, action })) },
  },
  facts: [
    "status",
    "operator",
    "started_at",
    "finished_at",
    "orders",
    "members",
    "points_granted",
    "points_clawed_back",
    "contribution",
    "fund",
    "skipped_orders",
    "waiting_orders",
    "unevidenced_orders",
  ],
};

/** Lays out a grant run. */
export function grantRunPage(page: Page, run: ShownRun, zone: string): void {
  page.heading(`grant run ${run.runId} for ${run.businessDate}`).facts(factsOf(grantRunStory, run, zone));
  for (const { at, operator, action } of run.actions) page.line(`${formatInstant(at, zone)}  ${operator}  ${action}`);
}

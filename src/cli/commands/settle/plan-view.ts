import type { NightInput } from "../../../night/ahead.ts";
import { planSettlement, type SettlementPlan } from "../../../night/plan.ts";
import type { Page } from "../../../ui/page.ts";
import { isConfirmed } from "../../confirm.ts";
import { countText } from "../../import-view.ts";
import type { Session } from "../../session.ts";

/** What takes a plan to whoever is to see it. */
type Show = (document: unknown, render: (page: Page) => void) => Promise<void>;

/**
 * Whether a person at a terminal wants what the plan says, which is shown first. Nobody is asked where there is nothing
 * to do.
 */
export async function isPlanAgreed(session: Session, input: NightInput): Promise<boolean> {
  const { dates, files } = await showPlan(session, input, (_document, render) => session.ui.tell(render));
  if (dates.length === 0 && files.length === 0) return true;
  const steps = [
    ...(files.length === 0 ? [] : [`import ${countText(files.length)} ${files.length === 1 ? "file" : "files"}`]),
    ...(dates.length === 0
      ? []
      : [`settle and close ${dates.length === 1 ? dates[0] : `${dates[0]} to ${dates.at(-1)}`}`]),
  ].join(", ");
  return isConfirmed(session.ui, { text: `${steps.charAt(0).toUpperCase()}${steps.slice(1)}?` }, undefined);
}

const isLate = ({ lastClosed }: SettlementPlan, date: string): boolean =>
  lastClosed !== undefined && date <= lastClosed;

/** The plan as `--json` prints it. */
function planDocument(plan: SettlementPlan) {
  const { files, strays, dates, missing, failed, lastClosed, orders, staleRequests, expiringProposals } = plan;
  return {
    dry_run: true,
    dates,
    last_closed: lastClosed ?? null,
    stale_requests: staleRequests ?? null,
    expiring_proposals: expiringProposals,
    files: files.map(({ folder, name, sizeBytes, waitsFor }) => ({
      folder,
      name,
      bytes: sizeBytes,
      waits_for: waitsFor ?? null,
    })),
    unread: strays.map(({ folder, name, reason }) => ({ folder, name, reason })),
    missing: missing.map(({ businessDate, pattern, waits }) => ({
      business_date: businessDate,
      pattern,
      waits: waits ?? null,
    })),
    failed: failed.map(({ folder, name, reason, runId }) => ({ folder, name, reason, run_id: runId })),
    orders: orders.map(({ businessDate, orders: count, firstOrders }) => ({
      business_date: businessDate,
      orders: count,
      first: firstOrders,
      late: isLate(plan, businessDate),
    })),
  };
}

/** Shows what a settlement would do, and does nothing. */
export async function showPlan(
  session: Session,
  input: NightInput,
  show: Show = (document, render) => session.ui.show(document, render),
): Promise<SettlementPlan> {
  const plan = await planSettlement(await session.openToRead(), input);
  const { files, strays, dates, missing, failed, lastClosed, orders, staleRequests, expiringProposals } = plan;
  await show(planDocument(plan), (page) => {
    page.facts([
      [
        "dates to settle",
        dates.length === 0
          ? "none: all are closed"
          : dates.length === 1
            ? dates[0]
            : `${dates[0]} to ${dates.at(-1)}, ${dates.length} dates`,
      ],
      ["closed up to", lastClosed],
      ["stale requests", staleRequests === undefined ? undefined : countText(staleRequests)],
      ["proposals to expire", expiringProposals === 0 ? undefined : countText(expiringProposals)],
      ["files", files.length === 0 ? undefined : countText(files.length)],
    ]);
    if (files.length > 0) {
      page.table(
        [{ heading: "file", keeps: "end", atLeast: 24 }, { heading: "bytes", align: "right" }, { heading: "" }],
        files.map(({ folder, name, sizeBytes, waitsFor }) => [
          `${folder}/${name}`,
          countText(sizeBytes),
          waitsFor === undefined ? "" : `left for next time: ${waitsFor}`,
        ]),
      );
      page.line("what these files bring comes to the orders below");
    }
    for (const { businessDate, pattern } of missing) page.line(`${pattern} has not come for ${businessDate}`);
    for (const { folder, name, reason } of failed)
      page.line(
        `${folder}/${name} was set aside${input.isIncomplete === true ? "" : ", and no date is settled before it has come again"}: ${reason}`,
      );
    for (const { folder, name, reason } of strays) page.line(`${folder}/${name} is not read: ${reason}`);
    if (orders.length > 0) {
      page.table(
        [{ heading: "orders of", key: true }, { heading: "waiting", align: "right" }, { heading: "" }],
        orders.map(({ businessDate, orders: count, firstOrders }) => [
          businessDate,
          countText(Number(count)),
          isLate(plan, businessDate)
            ? `closed: settled in the next open date${firstOrders === 0n ? " (changes only)" : ""}`
            : "",
        ]),
      );
    }
  });
  return plan;
}

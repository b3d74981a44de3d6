import type { ListedMember } from "../../../domain/members/list-sql.ts";
import type { MemberStory } from "../../../domain/members/show.ts";
import type { MemberRow } from "../../../domain/members/sql.ts";
import type { OrderCount, StatementEntry } from "../../../domain/members/statement-sql.ts";
import { formatInstant } from "../../../shared/business-date.ts";
import { formatYuan } from "../../../shared/money.ts";
import type { Page } from "../../../ui/page.ts";
import { actionDocuments, actionsSection, yesOrNo } from "../../story-view.ts";

/** A member's own facts as JSON has them. */
export const memberFacts = (member: MemberRow) => ({
  member_no: member.memberNo,
  name: member.name,
  phone: member.phone,
  email: member.email,
  status: member.status,
  identity_verified: member.identityVerifiedAt !== null,
});

/** One member of a list. */
export const listedMemberDocument = (member: ListedMember) => ({
  member_no: member.memberNo,
  name: member.name,
  phone: member.phone,
  email: member.email,
  status: member.status,
  identity_verified: member.isVerified,
  available: member.availablePoints,
  held: member.heldPoints,
  registered_at: member.registeredAt.toISOString(),
});

const entryDocument = (entry: StatementEntry) => ({
  at: entry.at.toISOString(),
  business_date: entry.businessDate,
  kind: entry.kind,
  source: entry.source,
  order_no: entry.orderNo,
  withdrawal_no: entry.withdrawalNo,
  available: entry.availablePoints,
  held: entry.heldPoints,
  available_after: entry.availableAfter,
  held_after: entry.heldAfter,
});

const ordersDocument = (orders: readonly OrderCount[]) =>
  Object.fromEntries(
    (["pending", "paid", "closed"] as const).map((status) => [status, orders.find((one) => one.status === status)?.orders ?? 0]),
  );

/** The whole story of one member. */
export const memberDocument = ({ member, balance, orders, openWithdrawals, entries, actions }: MemberStory) => ({
  ...memberFacts(member),
  available: balance.availablePoints,
  held: balance.heldPoints,
  identity_verified_at: member.identityVerifiedAt?.toISOString() ?? null,
  has_password: member.hasPassword,
  registered_by: member.registeredBy,
  registered_at: member.registeredAt.toISOString(),
  import_id: member.importId,
  orders: ordersDocument(orders),
  open_withdrawals: openWithdrawals.map(({ withdrawalNo, points }) => ({ withdrawal_no: withdrawalNo, points })),
  entries: entries.map(entryDocument),
  actions: actionDocuments(actions),
});

/** Entries of a statement as JSON has them. */
export const entryDocuments = (entries: readonly StatementEntry[]) => entries.map(entryDocument);

const signed = (points: bigint): string => (points > 0n ? `+${points}` : points.toString());

/** Lays out points entries with the balance after each. */
export function entriesTable(page: Page, entries: readonly StatementEntry[], more?: string): void {
  page.table(
    [
      { heading: "date", key: true }, { heading: "kind" }, { heading: "order / withdrawal", key: true },
      { heading: "available", align: "right" }, { heading: "held", align: "right" },
      { heading: "available after", align: "right" }, { heading: "held after", align: "right" },
    ],
    entries.map((entry) => [
      entry.businessDate, entry.kind, explains(entry),
      signed(entry.availablePoints), signed(entry.heldPoints), entry.availableAfter.toString(), entry.heldAfter.toString(),
    ]),
    more,
  );
}

const explains = ({ source, orderNo, withdrawalNo }: StatementEntry): string =>
  withdrawalNo ?? (source === null || source === "default" ? orderNo ?? "" : `${source} ${orderNo}`);

/** Lays out the whole story of one member. */
export function memberPage(page: Page, story: MemberStory, zone: string): void {
  const { member, balance, orders, openWithdrawals, entries, actions } = story;
  page.heading(`Member ${member.memberNo}`).facts([
    ["name", member.name],
    ["phone", member.phone ?? undefined],
    ["email", member.email ?? undefined],
    ["status", member.status],
    ["identity verified", member.identityVerifiedAt === null ? "no" : `yes, ${formatInstant(member.identityVerifiedAt, zone)}`],
    ["password set", yesOrNo(member.hasPassword)],
    ["registered", `${formatInstant(member.registeredAt, zone)} by ${member.registeredBy}${member.importId === null ? "" : `, import ${member.importId}`}`],
    ["available", `${balance.availablePoints} points`],
    ["held", `${balance.heldPoints} points`],
    ["orders", ordersText(orders)],
    ["open withdrawals", openWithdrawals.map(({ withdrawalNo, points }) => `${withdrawalNo} (${points} points)`).join(", ") || "none"],
  ]);
  if (entries.length > 0) {
    entriesTable(page.line().heading("Latest points entries"), entries, `all of them: accrue member statement ${member.memberNo}`);
  }
  actionsSection(page, actions, zone);
}

function ordersText(orders: readonly OrderCount[]): string {
  const texts = orders.map(({ status, orders: count, netFen }) => `${count} ${status} (${formatYuan(netFen)} yuan net)`);
  return texts.join(", ") || "none";
}

import type { ListedMember } from "../../../domain/members/list-sql.ts";
import type { MemberStory } from "../../../domain/members/show.ts";
import type { OrderCount, StatementEntry } from "../../../domain/members/statement-sql.ts";
import { formatInstant } from "../../../shared/business-date.ts";
import { formatYuan } from "../../../shared/money.ts";
import { signedPoints } from "../../../shared/number-text.ts";
import type { Page } from "../../../ui/page.ts";
import { documentsOf, factsOf, figure, id, tableOf, type Thing } from "../../fields.ts";
import { actionsField, actionsSection } from "../../story-view.ts";

/** One member of a list. */
export const listedMember: Thing<ListedMember> = {
  fields: {
    member_no: id((one) => one.memberNo),
    name: { of: (one) => one.name },
    phone: { of: (one) => one.phone, isId: true, rank: 2 },
    email: { of: (one) => one.email, rank: 3 },
    status: { of: (one) => one.status },
    identity_verified: { of: (one) => one.isVerified, heading: "verified" },
    available: figure((one) => one.availablePoints),
    held: figure((one) => one.heldPoints),
    registered_at: { of: (one) => one.registeredAt, key: true },
  },
  columns: ["member_no", "name", "phone", "email", "status", "identity_verified", "available", "held"],
};

const explains = ({ source, orderNo, withdrawalNo, proposalNo, reasonClass, reference }: StatementEntry): string =>
  withdrawalNo ??
  (proposalNo === null ? undefined : [reasonClass, reference ?? proposalNo].join(" ").replaceAll("_", " ")) ??
  (source === null || source === "default" ? (orderNo ?? "") : `${source} ${orderNo}`);

/** An entry that moved a member's points, with the balance after it. */
export const statementEntry: Thing<StatementEntry> = {
  fields: {
    at: { of: (entry) => entry.at },
    business_date: { of: (entry) => entry.businessDate, heading: "date", key: true },
    kind: { of: (entry) => entry.kind },
    source: { of: (entry) => entry.source },
    order_no: id((entry) => entry.orderNo, { heading: "explained by", text: explains }),
    withdrawal_no: id((entry) => entry.withdrawalNo),
    proposal_no: id((entry) => entry.proposalNo),
    reason_class: { of: (entry) => entry.reasonClass },
    reference: { of: (entry) => entry.reference, isId: true },
    available: figure((entry) => entry.availablePoints, { text: (entry) => signedPoints(entry.availablePoints) }),
    held: figure((entry) => entry.heldPoints, { text: (entry) => signedPoints(entry.heldPoints) }),
    available_after: figure((entry) => entry.availableAfter),
    held_after: figure((entry) => entry.heldAfter),
  },
  columns: ["business_date", "kind", "order_no", "available", "held", "available_after", "held_after"],
};

/** Entries of a statement as JSON has them. */
export const entryDocuments = (entries: readonly StatementEntry[]) => documentsOf(statementEntry, entries);

/** Lays out points entries with the balance after each. */
export const entriesTable = (page: Page, entries: readonly StatementEntry[], more?: string): void =>
  tableOf(page, statementEntry, entries, "", { more });

const ordersDocument = (orders: readonly OrderCount[]) => ({
  pending: 0,
  paid: 0,
  closed: 0,
  ...Object.fromEntries(orders.map(({ status, orders: count }) => [status, count])),
});

function ordersText(orders: readonly OrderCount[]): string {
  const texts = orders.map(
    ({ status, orders: count, netFen }) =>
      `${count} ${status}${netFen === null ? "" : ` (${formatYuan(netFen)} yuan net)`}`,
  );
  return texts.join(", ") || "none";
}

const openText = (open: MemberStory["openWithdrawals"]): string =>
  open.map(({ withdrawalNo, points }) => `${withdrawalNo} (${points} points)`).join(", ") || "none";

const originText = (importId: bigint | null): string => (importId === null ? "" : `, import ${importId}`);

/** The whole story of one member. */
export const memberStory: Thing<MemberStory> = {
  fields: {
    member_no: id(({ member }) => member.memberNo),
    name: { of: ({ member }) => member.name },
    phone: { of: ({ member }) => member.phone, isId: true },
    email: { of: ({ member }) => member.email },
    status: { of: ({ member }) => member.status },
    identity_verified: { of: ({ member }) => member.identityVerifiedAt !== null },
    available: {
      of: ({ balance }) => balance.availablePoints,
      fact: ({ balance }) => `${balance.availablePoints} points`,
    },
    held: { of: ({ balance }) => balance.heldPoints, fact: ({ balance }) => `${balance.heldPoints} points` },
    identity_verified_at: {
      of: ({ member }) => member.identityVerifiedAt,
      label: "identity verified",
      fact: ({ member: { identityVerifiedAt: at } }, zone) => (at === null ? "no" : `yes, ${formatInstant(at, zone)}`),
    },
    has_password: { of: ({ member }) => member.hasPassword, label: "password set" },
    registered_by: { of: ({ member }) => member.registeredBy },
    registered_at: {
      of: ({ member }) => member.registeredAt,
      label: "registered",
      fact: ({ member }, zone) =>
        `${formatInstant(member.registeredAt, zone)} by ${member.registeredBy}${originText(member.importId)}`,
    },
    import_id: { of: ({ member }) => member.importId },
    orders: { of: ({ orders }) => ordersDocument(orders), fact: ({ orders }) => ordersText(orders) },
    open_withdrawals: {
      of: ({ openWithdrawals }) =>
        openWithdrawals.map(({ withdrawalNo, points }) => ({ withdrawal_no: withdrawalNo, points })),
      fact: ({ openWithdrawals }) => openText(openWithdrawals),
    },
    entries: { of: ({ entries }) => entryDocuments(entries) },
    actions: actionsField,
  },
  facts: [
    "name",
    "phone",
    "email",
    "status",
    "identity_verified_at",
    "has_password",
    "registered_at",
    "available",
    "held",
    "orders",
    "open_withdrawals",
  ],
};

/** Lays out the whole story of one member. */
export function memberPage(page: Page, story: MemberStory, zone: string): void {
  const {
    member: { memberNo },
    entries,
    actions,
  } = story;
  page.heading(`Member ${memberNo}`).facts(factsOf(memberStory, story, zone));
  if (entries.length > 0) {
    entriesTable(
      page.line().heading("Latest points entries"),
      entries,
      `all of them: accrue member statement ${memberNo}`,
    );
  }
  actionsSection(page, actions, zone);
}

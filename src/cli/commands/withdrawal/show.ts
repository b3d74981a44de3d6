import { maskName } from "../../../domain/members/model.ts";
import { formatInstant } from "../../../shared/business-date.ts";
import { formatYuan } from "../../../shared/money.ts";
import { formatRate } from "../../../shared/rates.ts";
import type { Page } from "../../../ui/page.ts";
import { showWithdrawal, type WithdrawalStory } from "../../../domain/withdrawals/show.ts";
import { defineCommand } from "../../command.ts";
import { actionDocuments, actionsSection } from "../../story-view.ts";
import { accountFacts, payeeText, statusText, withdrawalDocument } from "./view.ts";

export const command = defineCommand({
  examples: [
    ["accrue withdrawal show W00000001", "its facts, its points entries and journal lines, and who did what when"],
    ["accrue withdrawal show W00000001 --json", "for scripts"],
  ],
  configure: (command) =>
    command.argument("<withdrawal-no>", "the withdrawal's number"),
  run: async (session, [withdrawalNo = ""]) => {
    const context = await session.open();
    const story = await showWithdrawal(context, withdrawalNo);
    await session.ui.show(storyDocument(story), (page) => storyPage(page, story, context.zone));
  },
});

const amountText = (unit: "fen" | "points", amount: bigint): string => (unit === "fen" ? formatYuan(amount) : amount.toString());

const storyDocument = ({ withdrawal, origin, account, entries, journal, actions }: WithdrawalStory) => ({
  ...withdrawalDocument(withdrawal),
  member_name: maskName(withdrawal.memberName),
  request_no: withdrawal.requestNo,
  import_id: origin?.importId ?? null,
  line: origin?.line ?? null,
  account: account === undefined ? null : accountFacts(account),
  fee_rate: formatRate(withdrawal.feeBps),
  business_date: withdrawal.businessDate,
  first_approved_by: withdrawal.firstApprovedBy,
  approved_by: withdrawal.approvedBy,
  entries: entries.map((entry) => ({
    entry_no: entry.entryNo,
    kind: entry.kind,
    available: entry.availablePoints,
    held: entry.heldPoints,
    business_date: entry.businessDate,
    created_at: entry.createdAt.toISOString(),
  })),
  journal: journal.map(({ journalId, kind, operator, businessDate, postedAt, lines }) => ({
    journal_id: journalId,
    kind,
    operator,
    business_date: businessDate,
    posted_at: postedAt.toISOString(),
    lines: lines.map(({ account, unit, amount }) => ({ account, unit: unit === "fen" ? "yuan" : unit, amount: unit === "fen" ? formatYuan(amount) : amount })),
  })),
  actions: actionDocuments(actions),
});

function storyPage(page: Page, { withdrawal, origin, account, entries, journal, actions }: WithdrawalStory, zone: string): void {
  const by = (operator: string, at: Date) => `${operator}, ${formatInstant(at, zone)}`;
  page.heading(`Withdrawal ${withdrawal.withdrawalNo}`).facts([
    ["member", `${withdrawal.memberNo} ${maskName(withdrawal.memberName)}`],
    ["status", statusText(withdrawal)],
    ["points", withdrawal.points.toString()],
    ["gross", `${formatYuan(withdrawal.grossFen)} yuan`],
    ["fee", `${formatYuan(withdrawal.feeFen)} yuan (${formatRate(withdrawal.feeBps)})`],
    ["net", `${formatYuan(withdrawal.netFen)} yuan`],
    ["paid to", account === undefined ? "no account: nobody said where to" : payeeText(account)],
    ["business date", withdrawal.businessDate],
    ["request", origin === undefined ? undefined : `${withdrawal.requestNo}, of import ${origin.importId}, line ${origin.line}`],
    ["requested by", by(withdrawal.requestedBy, withdrawal.requestedAt)],
    ["first approved by", withdrawal.firstApprovedBy ?? undefined],
    ["approved by", withdrawal.approvedBy ?? undefined],
    ["decided by", withdrawal.decidedBy === null ? undefined : by(withdrawal.decidedBy, withdrawal.decidedAt!)],
    ["reason", withdrawal.reason ?? undefined],
  ]);
  page.line().heading("Points entries").table(
    [{ heading: "kind" }, { heading: "available", align: "right" }, { heading: "held", align: "right" }, { heading: "business date", key: true }],
    entries.map(({ kind, availablePoints, heldPoints, businessDate }) => [kind, availablePoints.toString(), heldPoints.toString(), businessDate]),
  );
  page.line().heading("Journal").table(
    [{ heading: "transaction", align: "right" }, { heading: "kind" }, { heading: "account" }, { heading: "amount", align: "right" }, { heading: "unit" }],
    journal.flatMap(({ journalId, kind, lines }) =>
      lines.map(({ account, unit, amount }) => [journalId.toString(), kind, account, amountText(unit, amount), unit === "fen" ? "yuan" : unit])),
  );
  actionsSection(page, actions, zone);
}

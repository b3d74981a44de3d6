import { showWithdrawal, type WithdrawalStory } from "../../../domain/withdrawals/show.ts";
import type { JournalRecord } from "../../../domain/ledger/sql.ts";
import type { WithdrawalEntry, WithdrawalRow } from "../../../domain/withdrawals/read-sql.ts";
import { formatYuan } from "../../../shared/money.ts";
import { formatRate } from "../../../shared/rates.ts";
import type { Page } from "../../../ui/page.ts";
import { documentsOf, factsOf, figure, id, tableOf, type Thing } from "../../fields.ts";
import { defineShow } from "../../show.ts";
import { actionsField, actionsSection } from "../../story-view.ts";
import { accountFacts, payeeText, withdrawalFields } from "./view.ts";

const pointsEntry: Thing<WithdrawalEntry> = {
  fields: {
    entry_no: { of: (entry) => entry.entryNo },
    kind: { of: (entry) => entry.kind },
    available: figure((entry) => entry.availablePoints),
    held: figure((entry) => entry.heldPoints),
    business_date: { of: (entry) => entry.businessDate, key: true },
    created_at: { of: (entry) => entry.createdAt },
  },
  columns: ["kind", "available", "held", "business_date"],
};

type JournalLine = JournalRecord["lines"][number] & Pick<JournalRecord, "journalId" | "kind">;

const unitOf = ({ unit }: JournalLine): string => (unit === "fen" ? "yuan" : unit);

const journalLine: Thing<JournalLine> = {
  fields: {
    transaction: figure((line) => line.journalId),
    kind: { of: (line) => line.kind },
    account: { of: (line) => line.account },
    amount: figure(({ unit, amount }) => (unit === "fen" ? formatYuan(amount) : amount)),
    unit: { of: unitOf },
  },
};

const journalDocument = (journal: JournalRecord) => ({
  journal_id: journal.journalId,
  kind: journal.kind,
  operator: journal.operator,
  business_date: journal.businessDate,
  posted_at: journal.postedAt,
  lines: documentsOf(journalLine, linesOf(journal)).map(({ account, unit, amount }) => ({ account, unit, amount })),
});

const linesOf = ({ journalId, kind, lines }: JournalRecord): readonly JournalLine[] =>
  lines.map((line) => Object.assign({ journalId, kind }, line));

type Shown = WithdrawalRow & WithdrawalStory;

const withdrawalStory: Thing<Shown> = {
  fields: {
    ...withdrawalFields,
    member_no: id((one) => one.memberNo, { label: "member", fact: (one) => `${one.memberNo} ${one.memberName}` }),
    fee: {
      of: (one) => formatYuan(one.feeFen),
      fact: (one) => `${formatYuan(one.feeFen)} yuan (${formatRate(one.feeBps)})`,
    },
    member_name: { of: (one) => one.memberName },
    request_no: id((one) => one.requestNo, {
      label: "request",
      fact: ({ origin, requestNo }) =>
        origin === undefined
          ? (requestNo ?? undefined)
          : `${requestNo}, of import ${origin.importId}, line ${origin.line}`,
    }),
    import_id: { of: ({ origin }) => origin?.importId ?? null },
    line: { of: ({ origin }) => origin?.line ?? null },
    account: {
      of: ({ account }) => (account === undefined ? null : accountFacts(account)),
      label: "paid to",
      fact: ({ account }) => (account === undefined ? "no account: nobody said where to" : payeeText(account)),
    },
    fee_rate: { of: (one) => formatRate(one.feeBps) },
    business_date: { of: (one) => one.businessDate },
    first_approved_by: { of: (one) => one.firstApprovedBy },
    approved_by: { of: (one) => one.approvedBy },
    entries: { of: ({ entries }) => documentsOf(pointsEntry, entries) },
    journal: { of: ({ journal }) => journal.map(journalDocument) },
    actions: actionsField,
  },
  facts: [
    "member_no",
    "status",
    "points",
    "gross",
    "fee",
    "net",
    "account",
    "business_date",
    "request_no",
    "requested_by",
    "first_approved_by",
    "approved_by",
    "decided_by",
    "reason",
  ],
};

export const command = defineShow({
  examples: [
    ["accrue withdrawal show W00000001", "its facts, its points entries and journal lines, and who did what when"],
    ["accrue withdrawal show W00000001 --json", "for scripts"],
  ],
  thing: withdrawalStory,
  page: storyPage,
  configure: (command) => command.argument("<withdrawal-no>", "the withdrawal's number"),
  get:
    (_options, [withdrawalNo]) =>
    async (context) => {
      const story = await showWithdrawal(context, withdrawalNo);
      return { ...story.withdrawal, ...story };
    },
});

function storyPage(page: Page, story: Shown, zone: string): void {
  page.heading(`Withdrawal ${story.withdrawalNo}`).facts(factsOf(withdrawalStory, story, zone));
  tableOf(page.line().heading("Points entries"), pointsEntry, story.entries, zone);
  tableOf(page.line().heading("Journal"), journalLine, story.journal.flatMap(linesOf), zone);
  actionsSection(page, story.actions, zone);
}

import { lineNoOf } from "../../../domain/statements/model.ts";
import type { ListedStatement, StatementLine } from "../../../domain/statements/read-sql.ts";
import { formatInstant } from "../../../shared/business-date.ts";
import { formatYuan } from "../../../shared/money.ts";
import { figure, id, yuan, type Thing } from "../../fields.ts";

/** A statement of one of the platform's own accounts. */
export const statement: Thing<ListedStatement> = {
  fields: {
    import_id: figure((one) => one.importId, { heading: "import", key: true }),
    money_account: { of: (one) => one.moneyAccount, heading: "account" },
    own_account: { of: (one) => one.ownAccount, isId: true, label: "of account" },
    file: { of: (one) => one.file },
    first_at: { of: (one) => one.firstAt, heading: "from", label: "from" },
    last_at: { of: (one) => one.lastAt, heading: "to", label: "to" },
    opening: yuan((one) => one.openingFen, { fact: (one) => `${formatYuan(one.openingFen)} yuan` }),
    total: yuan((one) => one.totalFen),
    closing: yuan((one) => one.closingFen, { fact: (one) => `${formatYuan(one.closingFen)} yuan` }),
    lines: figure((one) => one.lines, { fact: (one) => `${one.lines}, ${one.newLines} of them new` }),
    new_lines: figure((one) => one.newLines, { heading: "new" }),
    gap_after: { of: (one) => one.gapAfter },
    gap: figure(({ gapFen }) => (gapFen === null ? null : formatYuan(gapFen)), {
      heading: "missing before",
      label: "missing before",
      fact: ({ gapFen, gapAfter }, zone) =>
        gapFen === null ? undefined : `${formatYuan(gapFen)} yuan moved since ${formatInstant(gapAfter!, zone)}`,
    }),
    operator: {
      of: (one) => one.operator,
      label: "imported by",
      fact: (one, zone) => `${one.operator} at ${formatInstant(one.takenAt, zone)}`,
    },
    taken_at: { of: (one) => one.takenAt },
  },
  columns: ["import_id", "money_account", "first_at", "last_at", "opening", "closing", "lines", "new_lines", "gap"],
  facts: ["file", "own_account", "first_at", "last_at", "opening", "closing", "lines", "gap", "operator"],
};

/** The channel's own number of a line; null where it has none. */
const channelNoOf = (lineKey: string): string | null => (lineKey.startsWith("~") ? null : lineKey);

/** A line of a statement. */
export const statementLine: Thing<StatementLine> = {
  fields: {
    line: id((one) => lineNoOf(one.lineId)),
    money_account: { of: (one) => one.moneyAccount },
    channel_no: { of: (one) => channelNoOf(one.lineKey), isId: true },
    occurred_at: { of: (one) => one.occurredAt, heading: "time" },
    amount: yuan((one) => one.amountFen),
    balance: yuan((one) => one.balanceFen),
    kind: { of: (one) => one.kind },
    counterparty: {
      of: (one) => one.counterparty,
      isId: true,
      text: (one) => one.counterpartyName ?? one.counterparty ?? "",
    },
    counterparty_name: { of: (one) => one.counterpartyName },
    reference: { of: (one) => one.reference, isId: true, rank: 2 },
    channel_ref: { of: (one) => one.channelRef, isId: true },
    remark: { of: (one) => one.remark, rank: 2 },
  },
  columns: ["line", "occurred_at", "amount", "balance", "kind", "counterparty", "reference", "remark"],
};

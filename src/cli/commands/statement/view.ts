import { lineNoOf } from "../../../domain/statements/model.ts";
import type { ListedStatement, StatementLine } from "../../../domain/statements/read-sql.ts";
import { formatYuan } from "../../../shared/money.ts";

/** A statement as JSON has it. */
export const statementDocument = (one: ListedStatement) => ({
  import_id: one.importId,
  money_account: one.moneyAccount,
  own_account: one.ownAccount,
  file: one.file,
  first_at: one.firstAt.toISOString(),
  last_at: one.lastAt.toISOString(),
  opening: formatYuan(one.openingFen),
  total: formatYuan(one.totalFen),
  closing: formatYuan(one.closingFen),
  lines: one.lines,
  new_lines: one.newLines,
  gap_after: one.gapAfter?.toISOString() ?? null,
  gap: one.gapFen === null ? null : formatYuan(one.gapFen),
  operator: one.operator,
  taken_at: one.takenAt.toISOString(),
});

/** The channel's own number of a line; null where it has none. */
const channelNoOf = (lineKey: string): string | null => (lineKey.startsWith("~") ? null : lineKey);

/** A line of a statement as JSON has it. */
export const lineDocument = (line: StatementLine) => ({
  line: lineNoOf(line.lineId),
  money_account: line.moneyAccount,
  channel_no: channelNoOf(line.lineKey),
  occurred_at: line.occurredAt.toISOString(),
  amount: formatYuan(line.amountFen),
  balance: formatYuan(line.balanceFen),
  kind: line.kind,
  counterparty: line.counterparty,
  counterparty_name: line.counterpartyName,
  reference: line.reference,
  channel_ref: line.channelRef,
  remark: line.remark,
});

import type { BusinessDate } from "../../shared/business-date.ts";
import { refusedError, usageError, type AccrueError } from "../../shared/errors.ts";
import { formatYuan, type Fen } from "../../shared/money.ts";
import { lineNoOf, type ChainLine } from "./model.ts";

/** The refusal of a statement that does not lead from one balance to the next: something is missing, or was changed. */
export const doesNotAddUp = ({ line, amountFen, balanceFen }: ChainLine, beforeFen: Fen): AccrueError =>
  refusedError(
    "statement_does_not_add_up",
    `line ${line}: ${formatYuan(amountFen)} yuan leave ${formatYuan(balanceFen)}, so ${formatYuan(balanceFen - amountFen)} stood before it, but the line before it leaves ${formatYuan(beforeFen)}`,
    {
      hint: "nothing was imported: a row is missing or was changed; fetch the statement from the channel again",
      details: {
        line,
        amount: formatYuan(amountFen),
        balance: formatYuan(balanceFen),
        balance_before: formatYuan(beforeFen),
      },
    },
  );

/** The refusal of a statement that begins with lines in no order which come back to where they began. */
export const orderUnknown = (day: BusinessDate): AccrueError =>
  refusedError(
    "statement_order_unknown",
    `the lines of ${day} stand in no order and end where they begin, so nothing says which came last`,
    {
      hint: "nothing was imported; export the statement in the order of time, or from an earlier day on",
      details: { business_date: day },
    },
  );

export const otherCurrency = (line: number, currency: string): AccrueError =>
  refusedError("statement_currency", `line ${line} is in ${currency}: the platform's accounts are kept in yuan`, {
    hint: "nothing was imported; import the statement of the account in CNY",
    details: { line, currency },
  });

/** The refusal of a statement whose rows are of several accounts. */
export const severalAccounts = (line: number, own: string, other: string): AccrueError =>
  refusedError("statement_of_several_accounts", `line ${line} is of account ${other}, those before it of ${own}`, {
    hint: "nothing was imported; export one account at a time",
    details: { line, own_account: own, other_account: other },
  });

/** The refusal of a statement that is, by its own account number or its lines, one of another money account. */
export const anotherAccount = (moneyAccount: string, of: string, facts: Record<string, string | number>): AccrueError =>
  refusedError("statement_of_another_account", `this is no statement of ${moneyAccount}: ${of}`, {
    hint: "nothing was imported; say which account it is of with --account",
    details: { money_account: moneyAccount, ...facts },
  });

/** The refusal of a statement that is written as another channel writes them. */
export const otherChannel = (moneyAccount: string, channel: string, profile: string): AccrueError =>
  refusedError(
    "statement_of_other_channel",
    `${moneyAccount} is an account at ${channel}, and the file is a statement of ${profile}`,
    {
      hint: "say which account it is of with --account, or how it is to be read with --profile",
      details: { money_account: moneyAccount, channel, profile },
    },
  );

/** The refusal of a line whose number is known with other content, or comes twice. */
export const lineConflict = ({
  line,
  lineNo,
  lineId,
}: {
  readonly line: number;
  readonly lineNo: string;
  readonly lineId: bigint | null;
}): AccrueError =>
  refusedError(
    "statement_line_conflict",
    lineId === null
      ? `line ${line}: number ${lineNo} stands in the file twice`
      : `line ${line}: number ${lineNo} is line ${lineNoOf(lineId)} already, with another amount, time or balance`,
    {
      hint:
        lineId === null
          ? "nothing was imported; export the statement again"
          : "nothing was imported; `accrue statement show` shows what was imported before",
      details: { line, line_no: lineNo, known_as: lineId === null ? null : lineNoOf(lineId) },
    },
  );

export const moneyAccountNeeded = (): AccrueError =>
  usageError("money_account_needed", "it is not said which account the statement is of", {
    hint: "give --account NAME; `accrue money-account list` shows them",
  });

/** The refusal of a statement without a running balance, where nobody said what stood before and after it. */
export const balanceNotStated = (): AccrueError =>
  usageError("statement_without_balance", "the statement does not say what stands on the account after each line", {
    hint: "give what its summary says stood before and after: --opening 0.00 --closing 120.50",
  });

/** The refusal of stated balances where the statement has its own. */
export const balanceStatedTwice = (): AccrueError =>
  usageError("statement_has_balance", "the statement says itself what stands on the account after each line", {
    hint: "leave --opening and --closing out",
  });

/** The refusal of a statement whose lines do not lead from what was said to have stood before to what stood after. */
export const totalDiffers = (openingFen: Fen, totalFen: Fen, closingFen: Fen): AccrueError =>
  refusedError(
    "statement_total_differs",
    `${formatYuan(openingFen)} yuan and lines of ${formatYuan(totalFen)} come to ${formatYuan(openingFen + totalFen)}, and not to ${formatYuan(closingFen)}`,
    {
      hint: "nothing was imported: a row is missing, or the balances are those of another span; compare them with the report's summary",
      details: { opening: formatYuan(openingFen), total: formatYuan(totalFen), closing: formatYuan(closingFen) },
    },
  );

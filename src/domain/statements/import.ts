import type { Transaction } from "../../db/database.ts";
import { takeNumbers } from "../../db/numbers.ts";
import type { ImportKind, MergedAtEnd, MergeEnd, MergeFacts, StatementFacts } from "../../imports/kind.ts";
import { createTable } from "../../imports/sql.ts";
import { nameOf } from "../../imports/columns.ts";
import { settledOpeningLines, statementLines } from "../ledger/model.ts";
import { postCollections, postJournal } from "../ledger/sql.ts";
import { moneyAccountUnknown } from "../money-accounts/refusals.ts";
import { lockMoneyAccount } from "../money-accounts/sql.ts";
import { businessDateOf, formatInstant, type BusinessDate } from "../../shared/business-date.ts";
import { formatYuan } from "../../shared/money.ts";
import { statementColumns, type StatementColumn } from "./columns.ts";
import {
  areWithoutBalance,
  conflictingLine,
  countNew,
  endsIn,
  extentOf,
  fileOrder,
  firstBreak,
  foreignLine,
  hasStatement,
  insertLines,
  insertStatement,
  judgeLines,
  lineOfAnotherAccount,
  linesOfDay,
  otherOwnAccount,
  ownAccounts,
  setBalances,
  splitFees,
  stagedDays,
  timeOrders,
  unreadRecords,
  type StatementExtent,
} from "./import-sql.ts";
import { saysBalance, stagedLine, statementRowReader } from "./import-row.ts";
import { chainOf, statementNoOf, type Ends } from "./model.ts";
import { findStatement, gapsOf } from "./read-sql.ts";
import { channelOfProfile, statementProfiles } from "./profiles.ts";
import {
  anotherAccount,
  balanceNotStated,
  balanceStatedTwice,
  doesNotAddUp,
  lineConflict,
  orderUnknown,
  otherChannel,
  otherCurrency,
  severalAccounts,
  totalDiffers,
} from "./refusals.ts";

const staging = { table: "staged_statement_lines", columns: stagedLine.map(nameOf) };

/**
 * A statement of one of the platform's own accounts. It goes in whole or not at all: each line has to lead from the
 * balance that the one before it leaves to its own, and a line that an earlier statement had is a duplicate. With it,
 * the account `bank` carries what stands on the money account by the statement that ends last; the other side is in
 * suspense until it is known what the money was for. With the first one of an account, its opening collections stand
 * against what stood there before.
 *
 * Refused: `money_account_unknown`, `statement_of_other_channel`, `statement_currency`,
 * `statement_of_several_accounts`, `statement_of_another_account`, `statement_does_not_add_up`,
 * `statement_line_conflict`; `too_many_rejects` for a row that cannot be read. Of a statement without a running balance:
 * `statement_total_differs`, and usage errors `statement_without_balance`, `statement_has_balance`.
 *
 * @param stated what stood before and after, as somebody read it in the summary of a file without a running balance
 */
export const statementKind = (moneyAccount: string, stated?: Ends): ImportKind<StatementColumn> => ({
  kind: "statements",
  options:
    stated === undefined ? {} : { opening: formatYuan(stated.openingFen), closing: formatYuan(stated.closingFen) },
  columns: statementColumns,
  profiles: statementProfiles,
  needs: (profile) => ["occurred_at", ...(saysBalance(profile) ? (["balance"] as const) : [])],
  isWhole: true,
  guessing: async () => ({ elsewhere: (await import("./elsewhere.ts")).statementsElsewhere }),
  staging: () => staging,
  rowReader: statementRowReader,
  refuseOther: async (tx, earlierImportId) => {
    const earlier = await findStatement(tx, earlierImportId);
    if (earlier !== undefined && earlier.moneyAccount !== moneyAccount) {
      throw anotherAccount(moneyAccount, `import ${earlierImportId} took it in as one of ${earlier.moneyAccount}`, {
        of: earlier.moneyAccount,
      });
    }
  },
  begin: async (tx, facts) => {
    const channel = await lockMoneyAccount(tx, moneyAccount);
    if (channel === undefined) throw moneyAccountUnknown(moneyAccount);
    const written = channelOfProfile[facts.profile.name];
    if (written !== undefined && written !== channel) throw otherChannel(moneyAccount, channel, facts.profile.name);
    await createTable(tx, staging.table, ["record integer", "line integer", "is_refused boolean", ...stagedLine]);
    return { finish: (end) => takeStatement(tx, { moneyAccount, stated }, facts, end) };
  },
});

/** Takes in the statement whose lines are staged. */
async function takeStatement(
  tx: Transaction,
  { moneyAccount, stated }: { readonly moneyAccount: string; readonly stated: Ends | undefined },
  facts: MergeFacts,
  { reject }: MergeEnd<StatementColumn>,
): Promise<MergedAtEnd> {
  const unread = await unreadRecords(tx);
  if (unread.length > 0) await reject(unread.map((record) => ({ record, refusal: undefined })));
  await splitFees(tx);
  const extent = await extentOf(tx);
  if (extent === undefined) return { inserted: 0, updated: 0, duplicate: 0 };
  const ownAccount = await requireOwn(tx, moneyAccount);
  const isStated = !(await areWithoutBalance(tx));
  if (isStated && stated !== undefined) throw balanceStatedTwice();
  const ends = isStated ? await requireChain(tx, extent, facts.zone) : await requireStated(tx, extent, stated);
  await judgeLines(tx, moneyAccount, isStated);
  const conflict = await conflictingLine(tx);
  if (conflict !== undefined) throw lineConflict(conflict);
  const foreign = await lineOfAnotherAccount(tx, moneyAccount);
  if (foreign !== undefined)
    throw anotherAccount(moneyAccount, `line ${foreign.line}, ${foreign.lineNo}, is one of ${foreign.of}`, {
      line: foreign.line,
      of: foreign.of,
    });
  const { rows: newRows, lines: newLines } = await countNew(tx);
  const firstId = newLines === 0 ? 0n : await takeNumbers(tx, "statement_line", newLines);
  const isFirst = !(await hasStatement(tx, moneyAccount));
  await insertLines(tx, moneyAccount, facts.importId, facts.zone, firstId);
  const [businessDate, { importId, operator, now }] = [businessDateOf(facts.now, facts.zone), facts];
  const bookedFen = await insertStatement(tx, {
    importId,
    moneyAccount,
    ownAccount,
    ...extent,
    ...ends,
    newLines,
    businessDate,
    operator,
    takenAt: now,
  });
  await postJournal(
    tx,
    { kind: "statement", documentNo: statementNoOf(importId), businessDate, operator, postedAt: now },
    statementLines(bookedFen, moneyAccount),
  );
  if (isFirst) {
    const openings = tx`c.is_opening AND c.state = 'confirmed' AND c.money_account = ${moneyAccount}`;
    await postCollections(tx, { businessDate, operator, postedAt: now }, openings, settledOpeningLines);
  }
  return {
    inserted: newRows,
    updated: 0,
    duplicate: extent.rows - newRows,
    statement: await factsOf(tx, moneyAccount, ends, facts.zone),
  };
}

async function factsOf(
  tx: Transaction,
  moneyAccount: string,
  { openingFen, closingFen }: Ends,
  zone: string,
): Promise<StatementFacts> {
  const gaps = await gapsOf(tx, moneyAccount);
  return {
    money_account: moneyAccount,
    opening: formatYuan(openingFen),
    closing: formatYuan(closingFen),
    gaps: gaps.map(({ after, before, amountFen }) => ({
      after: formatInstant(after, zone),
      before: formatInstant(before, zone),
      amount: formatYuan(amountFen),
    })),
  };
}

/**
 * Holds what the file says of its account against what is known of it. Gives the account's number, where the file has
 * it.
 */
async function requireOwn(tx: Transaction, moneyAccount: string): Promise<string | null> {
  const foreign = await foreignLine(tx);
  if (foreign !== undefined) throw otherCurrency(foreign.line, foreign.currency);
  const [own, other] = await ownAccounts(tx);
  if (own === undefined) return null;
  if (other !== undefined) throw severalAccounts(other.line, own.ownAccount, other.ownAccount);
  const known = await otherOwnAccount(tx, moneyAccount, own.ownAccount);
  if (known === undefined) return own.ownAccount;
  const of =
    known.moneyAccount === moneyAccount
      ? `its statements are of ${known.ownAccount}, this one of ${own.ownAccount}`
      : `${own.ownAccount} is ${known.moneyAccount}`;
  throw anotherAccount(moneyAccount, of, { own_account: own.ownAccount });
}

/** Holds lines without a running balance to what was said to have stood before and after them. */
async function requireStated(tx: Transaction, { totalFen }: StatementExtent, stated: Ends | undefined): Promise<Ends> {
  if (stated === undefined) throw balanceNotStated();
  const { openingFen, closingFen } = stated;
  if (openingFen + totalFen !== closingFen) throw totalDiffers(openingFen, totalFen, closingFen);
  await setBalances(tx, openingFen);
  return stated;
}

/**
 * Finds what stood before the first line and after the last one, by following the balances from line to line: by time;
 * where the lines of a day are in no order, by what leads where; or in the order of the file, whatever its times say.
 */
async function requireChain(tx: Transaction, { isNewestFirst }: StatementExtent, zone: string): Promise<Ends> {
  for (const order of timeOrders(tx, isNewestFirst))
    if ((await firstBreak(tx, order)) === undefined) return endsIn(tx, order);
  const { ends, circleOn } = await chainOfDays(tx, zone);
  if (ends !== undefined) return ends;
  const written = fileOrder(tx, isNewestFirst);
  const broken = await firstBreak(tx, written);
  if (broken === undefined) return endsIn(tx, written);
  throw circleOn === undefined ? doesNotAddUp(broken, broken.beforeFen) : orderUnknown(circleOn);
}

/**
 * What stood before and after lines of which only the days are believed. No ends where a day's lines do not follow from
 * those before; nor where those of the first day end where they begin (`circleOn`): they may begin at any of their
 * balances, and which of them is left then is anybody's guess.
 */
async function chainOfDays(
  tx: Transaction,
  zone: string,
): Promise<{ readonly ends?: Ends | undefined; readonly circleOn?: BusinessDate }> {
  let ends: Ends | undefined;
  for (const day of await stagedDays(tx, zone)) {
    const found = chainOf(await linesOfDay(tx, day, zone), ends?.closingFen);
    if (found === undefined) return {};
    if (ends === undefined && found.openingFen === found.closingFen) return { circleOn: day };
    ends = { openingFen: ends?.openingFen ?? found.openingFen, closingFen: found.closingFen };
  }
  return { ends };
}

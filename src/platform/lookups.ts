import type { Sql } from "../db/database.ts";
import { formatYuan } from "../shared/money.ts";
import {
  accountRows,
  grantRunRows,
  importRows,
  merchantRows,
  numberRows,
  payoutBatchRows,
  withdrawalRows,
} from "./lookups-sql.ts";

/** What somebody is about to name. */
export interface Lookup {
  readonly sql: Sql;
  /** How its number begins, as far as it is written. */
  readonly prefix: string;
  /** The numbers of other things that are already named, by the placeholders of the command's help: `member-no`. */
  readonly given: ReadonlyMap<string, string>;
}

/** A number or code, and what distinguishes it from others. */
export interface Found {
  readonly value: string;
  readonly about?: string;
}

const plain = (numbers: readonly string[]): readonly Found[] => numbers.map((value) => ({ value }));

/*
 * Each of these gives the newest things whose number begins so, at most 50, and the first one: a shell writes what all
 * candidates begin with, and must not write what only the newest do.
 */

export const members = async ({ sql, prefix }: Lookup): Promise<readonly Found[]> =>
  plain(await numberRows(sql, "member_numbers", "member_no", prefix));

export const orders = async ({ sql, prefix }: Lookup): Promise<readonly Found[]> =>
  plain(await numberRows(sql, "order_keys", "order_no", prefix));

export const payouts = async ({ sql, prefix }: Lookup): Promise<readonly Found[]> =>
  plain(await numberRows(sql, "payout_detail_keys", "detail_no", prefix));

export const merchants = async ({ sql, prefix }: Lookup): Promise<readonly Found[]> =>
  (await merchantRows(sql, prefix)).map(({ merchantCode, name }) => ({ value: merchantCode, about: name }));

/** @param statuses only those in one of these states; all where it is undefined */
export async function withdrawals({ sql, prefix }: Lookup, statuses?: readonly string[]): Promise<readonly Found[]> {
  const rows = await withdrawalRows(sql, prefix, statuses);
  return rows.map((one) => ({ value: one.withdrawalNo, about: `${one.status}, ${formatYuan(one.grossFen)} yuan` }));
}

export async function payoutBatches({ sql, prefix }: Lookup): Promise<readonly Found[]> {
  const rows = await payoutBatchRows(sql, prefix);
  return rows.map((one) => ({ value: one.batchNo, about: `${one.channel}, ${one.businessDate}` }));
}

export async function imports({ sql, prefix }: Lookup): Promise<readonly Found[]> {
  const rows = await importRows(sql, prefix);
  return rows.map((one) => ({ value: one.importId, about: `${one.kind}, ${one.file}` }));
}

export async function grantRuns({ sql, prefix }: Lookup): Promise<readonly Found[]> {
  const rows = await grantRunRows(sql, prefix);
  return rows.map((one) => ({ value: one.runId, about: `${one.businessDate}, ${one.status}` }));
}

/** The open accounts of the member that is already named; none as long as there is none. */
export async function accountsOfMember({ sql, given }: Lookup): Promise<readonly Found[]> {
  const memberNo = given.get("member-no");
  if (memberNo === undefined) return [];
  const rows = await accountRows(sql, memberNo);
  return rows.map((one) => ({ value: one.accountId, about: `${one.channel} ${one.numberMasked}` }));
}

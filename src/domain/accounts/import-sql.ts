import type { Sql, Transaction } from "../../db/database.ts";
import type { Channel } from "./model.ts";

/** A staged row: its number and holder are sealed for the way, as one text. */
export interface StagedAccount {
  readonly record: number;
  readonly memberNo: string;
  readonly channel: Channel;
  readonly numberMasked: string;
  readonly payeeSealed: string;
  readonly bankName: string | null;
  readonly branchCode: string | null;
}

export async function createStaging(tx: Transaction): Promise<void> {
  await tx`
    CREATE TEMP TABLE staged_accounts (
      record integer, line integer, pass integer, member_no text, channel text, number_masked text, payee_sealed text,
      bank_name text, branch_code text
    ) ON COMMIT DROP`;
}

/** The staged rows of one pass, in the order of the file. */
export async function stagedAccounts(sql: Sql, pass: number): Promise<readonly StagedAccount[]> {
  return sql<StagedAccount[]>`
    SELECT record, member_no, channel, number_masked, payee_sealed, bank_name, branch_code
    FROM staged_accounts WHERE pass = ${pass} ORDER BY record`;
}

import type { Sql } from "../../db/database.ts";
import type { Channel } from "./model.ts";

/** A staged row. */
export interface StagedAccount {
  readonly record: number;
  readonly memberNo: string;
  readonly channel: Channel;
  readonly numberMasked: string;
  readonly payeeSealed: string;
  readonly bankName: string | null;
  readonly branchCode: string | null;
}

/** The staged rows, in the order of the file. */
export const stagedAccounts = (sql: Sql): Promise<readonly StagedAccount[]> => sql<StagedAccount[]>`
  SELECT record, member_no, channel, number_masked, payee_sealed, bank_name, branch_code FROM staged_accounts
  ORDER BY record`;

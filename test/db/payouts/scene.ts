import type { Channel } from "../../../src/domain/accounts/model.ts";
import { SecretBox } from "../../../src/domain/accounts/secret-box.ts";
import { sealAccount } from "../../../src/domain/accounts/secrets.ts";
import type { Database } from "../../../src/db/database.ts";
import { inTransaction } from "../../../src/db/database.ts";
import { decideWithdrawals } from "../../../src/domain/withdrawals/decide.ts";
import { requestWithdrawal } from "../../../src/domain/withdrawals/request.ts";
import { contextOf } from "../../support/money/ground.ts";
import { addMember, addMerchant, grant, record, sell, type MemberFacts } from "../../support/money/people.ts";

/** The key that the stories' accounts are sealed under. */
export const secretKey = Buffer.alloc(32, 7);
export const box = new SecretBox(secretKey);

/** Where somebody is paid to. */
export interface PayeeFacts {
  readonly channel?: Channel;
  readonly number?: string;
  readonly holder?: string;
  readonly bankName?: string;
  readonly branchCode?: string | null;
}

const numbers: Readonly<Record<Channel, string>> = {
  alipay: "13800001111",
  wechat: "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o",
  bank: "6222020000000000018",
  stripe: "acct_1MTfjCQ9PRzxEwkZ",
};

/**
 * Writes a payout account, the default, as it is stored, whatever the number or name: a guard of the files must not
 * rest on a guard of accounts.
 */
export async function addPayee(db: Database, memberNo: string, facts: PayeeFacts = {}): Promise<bigint> {
  const {
    channel = "alipay",
    number = numbers[channel],
    holder = "张三",
    bankName = "招商银行",
    branchCode = "308100005027",
  } = facts;
  return inTransaction(db, async (tx) => {
    const [row] = await tx<{ memberId: bigint; accountId: bigint }[]>`
      SELECT member_id, nextval('id_seq') AS account_id FROM member_numbers WHERE member_no = ${memberNo}`;
    const sealed = sealAccount(box, row!, { number, holder });
    await tx`
      INSERT INTO payout_accounts (member_id, account_id, channel, number_masked, bank_name, branch_code, key_id, number_sealed, holder_sealed,
                                   number_digest, is_default, default_at, added_by, added_at)
      VALUES (${row!.memberId}, ${row!.accountId}, ${channel}, '****', ${channel === "bank" ? bankName : null}, ${channel === "bank" ? branchCode : null},
              ${sealed.keyId}, ${sealed.numberSealed}, ${sealed.holderSealed}, ${box.digest(channel, number)}, true, '2026-01-01', 'setup', '2026-01-01')`;
    await record(tx, "account.add", "member", memberNo, { account_id: Number(row!.accountId), number: "****" });
    return row!.accountId;
  });
}

/**
 * A member with points, of which some are asked for and approved, to be paid to an account.
 *
 * @param payee null for a member who never said where to
 * @returns the withdrawal's number
 */
export async function approvedWithdrawal(
  db: Database,
  points: bigint,
  payee: PayeeFacts | null = {},
  facts: MemberFacts = {},
): Promise<{ memberNo: string; withdrawalNo: string }> {
  const [one] = await approvedWithdrawals(db, points, [payee], facts);
  return one!;
}

/** The same of as many members as there are payees (`P0001` and on), granted by one run and approved at once. */
export async function approvedWithdrawals(
  db: Database,
  points: bigint,
  payees: readonly (PayeeFacts | null)[],
  facts: MemberFacts = {},
): Promise<readonly { memberNo: string; withdrawalNo: string }[]> {
  const earned: { memberNo: string; payee: PayeeFacts | null }[] = [];
  const [before] = await db.sql<{ members: number }[]>`
    SELECT count(*)::integer AS members FROM members WHERE member_no ~ '^P[0-9]{4}$'`;
  const merchantId = await addMerchant(db, `S${Math.random()}`);
  for (const [index, payee] of payees.entries()) {
    const memberNo = `P${(before!.members + index + 1).toString().padStart(4, "0")}`;
    await addMember(db, memberNo, { ...facts, ...(payee?.holder === undefined ? {} : { name: payee.holder }) });
    await sell(db, memberNo, { amountFen: (points + 100n) * 500n, merchantId });
    earned.push({ memberNo, payee });
  }
  await grant(db);
  const requested: { memberNo: string; withdrawalNo: string }[] = [];
  for (const { memberNo, payee } of earned) {
    if (payee !== null) await addPayee(db, memberNo, payee);
    const { withdrawalNo } = await requestWithdrawal(contextOf(db, "alice"), { memberNo, points });
    requested.push({ memberNo, withdrawalNo });
  }
  const withdrawalNos = requested.map(({ withdrawalNo }) => withdrawalNo);
  await decideWithdrawals(contextOf(db, "bob"), { name: "approve", withdrawalNos });
  return requested;
}

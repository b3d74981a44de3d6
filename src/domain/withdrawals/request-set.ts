import { isSameName } from "../accounts/model.ts";
import type { Transaction } from "../../db/database.ts";
import { holdNumbers } from "../../db/numbers.ts";
import { leastCoverage } from "../ledger/fund-sql.ts";
import { holdLines } from "../ledger/model.ts";
import { openWithdrawals } from "../ledger/memoranda-sql.ts";
import { postPerPoint } from "../ledger/sql.ts";
import { fundMoney } from "../ledger/totals-sql.ts";
import { policyOn } from "../policies/sql.ts";
import { businessDateOf, type BusinessDate } from "../../shared/business-date.ts";
import type { Policy } from "../../shared/policy.ts";
import { withdrawalNoOf } from "./model.ts";
import { judgeRequests, type Judgement } from "./request-rule.ts";
import {
  insertWithdrawals,
  lockBalances,
  nextWithdrawalIds,
  platformPointsOn,
  selectAsked,
  type AskedFacts,
  type AskedRows,
  type NewWithdrawal,
} from "./request-sql.ts";

/** The requesting operator, the time, and the zone of business dates. */
export interface Requesting {
  readonly operator: string;
  readonly at: Date;
  readonly zone: string;
  /** The file that they come in. */
  readonly importId?: bigint;
  /** Opens the holder's name that a file gives, where it gives one. */
  readonly holderOf?: (sealed: string) => string;
}

/** The accepted requests as they were written, and the refused ones. */
export interface RequestedSet {
  readonly policy: Policy;
  readonly businessDate: BusinessDate;
  readonly written: readonly NewWithdrawal[];
  readonly judged: readonly Judgement[];
}

/**
 * Requests a set of withdrawals in a few statements: for each that the rule accepts, freezes the amounts, moves the
 * points from available to held, and posts the hold. The temporary table of `createNewWithdrawals` has to exist.
 *
 * @param asked the rows to request; they are read more than once, and must not change meanwhile
 * @param isOpen selects the rows that the rule is applied to
 */
export async function requestSet(
  tx: Transaction,
  asked: AskedRows,
  { operator, at, zone, importId, holderOf }: Requesting,
  isOpen: (one: AskedFacts) => boolean = () => true,
): Promise<RequestedSet & { readonly asked: readonly AskedFacts[] }> {
  const businessDate = businessDateOf(at, zone);
  const policy = await policyOn(tx, businessDate);
  // Requests run one after the other: their numbers have no gaps, and together they must not exceed a limit of the
  // platform. Locked before any balance, so that a waiting request holds nothing that the running one may need.
  await holdNumbers(tx, "withdrawal");
  await lockBalances(tx, asked);
  const facts = await selectAsked(tx, asked, businessDate);
  const named = facts.filter(isOpen).map((one) => Object.assign(one, { isHolderOther: isHolderOther(one, holderOf) }));
  const { grossFen: openGrossFen } = await openWithdrawals(tx);
  const judged = judgeRequests(named, {
    policy,
    businessDate,
    now: at,
    zone,
    freeFundFen: (await fundMoney(tx)) - openGrossFen,
    openGrossFen,
    leastCoverage: await leastCoverage(tx, policy, businessDate),
    platformPoints: policy.maxPlatformDailyPoints !== null ? await platformPointsOn(tx, businessDate) : 0n,
  });
  const written = await numbered(tx, judged);
  if (written.length > 0) {
    await insertWithdrawals(
      tx,
      written,
      { policy, businessDate, requestedBy: operator, requestedAt: at, importId: importId ?? null },
      asked,
    );
    await postPerPoint(
      tx,
      { kind: "hold", businessDate, operator, postedAt: at },
      holdLines,
      tx`SELECT journal_id, withdrawal_no, points FROM new_withdrawals`,
    );
  }
  return { asked: facts, policy, businessDate, written, judged };
}

const isHolderOther = ({ holderSealed, memberName }: AskedFacts, holderOf: Requesting["holderOf"]): boolean =>
  holderSealed !== null && !isSameName(holderOf!(holderSealed), memberName ?? "");

async function numbered(tx: Transaction, judged: readonly Judgement[]): Promise<readonly NewWithdrawal[]> {
  const taken = judged.filter((one) => one.refusal === undefined);
  const ids = await nextWithdrawalIds(tx, taken.length);
  return taken.map(
    (
      { asked: { record, points, accountId, accountChannel }, memberId, grossFen, feeFen, netFen, approvalsNeeded },
      index,
    ) => {
      const { withdrawalId, sequence, journalId } = ids[index]!;
      return {
        record,
        memberId,
        points,
        grossFen,
        feeFen,
        netFen,
        approvalsNeeded,
        accountId,
        accountChannel,
        withdrawalId,
        journalId,
        withdrawalNo: withdrawalNoOf(sequence),
      };
    },
  );
}

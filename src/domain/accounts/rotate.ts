import { setImmediate as breathe } from "node:timers/promises";
import { recordAction } from "../../db/audit.ts";
import type { Context } from "../../db/context.ts";
import { inTransaction, reading, type Transaction } from "../../db/database.ts";
import { AccrueError, refusedError, usageError } from "../../shared/errors.ts";
import {
  accountsUnder,
  keysInUse,
  putUnderKey,
  takeKeys,
  type ResealedAccount,
  type SealedAccount,
} from "./key-sql.ts";
import { keyIdOf, SecretBox } from "./secret-box.ts";
import { revealAccount, sealAccount } from "./secrets.ts";

/** The key to give up and the key to use from now on; and how many accounts go over in one transaction. */
export interface KeyChange {
  readonly from: Buffer;
  readonly to: Buffer;
  readonly batchAccounts?: number;
}

/** What a change of keys did, and what is left to do. */
export interface KeyChangeReport {
  readonly fromKey: string;
  readonly toKey: string;
  readonly rotated: number;
  /** Accounts that do not open under the key they name, and stay under it; not more than 20 are named. */
  readonly unreadable: number;
  readonly unreadableAccounts: readonly bigint[];
  /** Accounts under keys that are neither of the two. */
  readonly underOtherKeys: bigint;
}

const defaultBatchAccounts = 500;
const namedAccounts = 20;

/**
 * Seals every account of one key anew under another, digests included, in batches of one transaction each. May be
 * stopped or killed anywhere and run again: each row says which key it is under.
 *
 * @throws a usage error, `same_secret_key`; refused, `secret_key_unused`, when accounts are under neither key;
 *   the signal's reason between two batches
 */
export async function rotateKey(
  context: Context,
  { from, to, batchAccounts = defaultBatchAccounts }: KeyChange,
): Promise<KeyChangeReport> {
  const [fromKey, toKey] = [keyIdOf(from), keyIdOf(to)];
  if (fromKey === toKey)
    throw usageError("same_secret_key", `the old and the new key are the same, ${toKey}`, {
      hint: "`accrue db new-key` makes another one",
    });
  const total = await accountsToRotate(context, fromKey, toKey);
  const box = new SecretBox(to, [from]);
  const unreadableAccounts: bigint[] = [];
  let [rotated, unreadable] = [0, 0];
  let last: Pick<SealedAccount, "memberId" | "accountId"> | undefined = { memberId: 0n, accountId: 0n };
  while (last !== undefined) {
    context.signal.throwIfAborted();
    const batch: Batch = await inTransaction(
      context.db,
      (tx) => rotateBatch(tx, context, box, fromKey, last!, batchAccounts),
      context.ending,
    );
    last = batch.last;
    rotated += batch.rotated;
    unreadable += batch.unreadable.length;
    unreadableAccounts.push(...batch.unreadable.slice(0, namedAccounts - unreadableAccounts.length));
    context.onProgress({ phase: "sealing accounts anew", done: rotated + unreadable, total, unit: "rows" });
  }
  const underOtherKeys = (await reading(() => keysInUse(context.db.sql))).reduce(
    (sum, { keyId, accounts }) => (keyId === fromKey || keyId === toKey ? sum : sum + accounts),
    0n,
  );
  return { fromKey, toKey, rotated, unreadable, unreadableAccounts, underOtherKeys };
}

/**
 * How many accounts are under the old key. A key that none is under, while others are under a third, is the wrong one.
 */
async function accountsToRotate({ db }: Context, fromKey: string, toKey: string): Promise<number> {
  const keys = await reading(() => keysInUse(db.sql));
  const under = keys.find(({ keyId }) => keyId === fromKey);
  const stranger = keys.find(({ keyId }) => keyId !== fromKey && keyId !== toKey);
  if (under === undefined && stranger !== undefined) {
    throw refusedError(
      "secret_key_unused",
      `no payout account is sealed under the old key, ${fromKey}; ${stranger.accounts} are under ${stranger.keyId}`,
      {
        hint: "give the key that they are under as the old one: ACCRUE_SECRET_KEY_OLD or its file",
        details: { old: fromKey, in_use: stranger.keyId },
      },
    );
  }
  return Number(under?.accounts ?? 0n);
}

interface Batch {
  readonly rotated: number;
  readonly unreadable: readonly bigint[];
  /** Where the next batch begins; undefined when this was the last. */
  readonly last: Pick<SealedAccount, "memberId" | "accountId"> | undefined;
}

async function rotateBatch(
  tx: Transaction,
  context: Context,
  box: SecretBox,
  fromKey: string,
  after: Pick<SealedAccount, "memberId" | "accountId">,
  limit: number,
): Promise<Batch> {
  await takeKeys(tx);
  const accounts = await accountsUnder(tx, fromKey, after, limit);
  await breathe(); // sealing keeps the thread busy: a signal is heard between two batches
  const outcomes = accounts.map((account) => resealed(box, fromKey, account));
  const sealed = outcomes.filter((one) => one !== undefined);
  const rotated = sealed.length === 0 ? 0 : await putUnderKey(tx, sealed, fromKey, box.keyId);
  if (rotated > 0) {
    await recordAction(tx, context, {
      action: "db.rotate-key",
      subjectKind: "platform",
      subject: "platform",
      details: { from: fromKey, to: box.keyId, accounts: rotated },
    });
  }
  const unreadable = accounts.filter((_, index) => outcomes[index] === undefined).map(({ accountId }) => accountId);
  return { rotated, unreadable, last: accounts.length < limit ? undefined : accounts.at(-1) };
}

/** The account under the new key; undefined when it does not open under the old one. */
function resealed(box: SecretBox, fromKey: string, account: SealedAccount): ResealedAccount | undefined {
  try {
    const secrets = revealAccount(box, Object.assign({ keyId: fromKey }, account));
    return {
      ...account,
      ...sealAccount(box, account, secrets),
      numberDigest: box.digest(account.channel, secrets.number),
    };
  } catch (error) {
    if (error instanceof AccrueError && error.code === "account_unreadable") return undefined;
    throw error;
  }
}

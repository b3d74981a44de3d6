import { recordAction } from "../../db/audit.ts";
import type { Context } from "../../db/context.ts";
import { inTransaction, type Sql } from "../../db/database.ts";
import { holdNumbers, takeNumbers } from "../../db/numbers.ts";
import { merchantUnknown } from "../merchants/merchant-errors.ts";
import { findMerchant } from "../merchants/sql.ts";
import { moneyAccountUnknown } from "../money-accounts/refusals.ts";
import { findMoneyAccount, selectMoneyAccounts } from "../money-accounts/sql.ts";
import { businessDateOf, type BusinessDate } from "../../shared/business-date.ts";
import { usageError } from "../../shared/errors.ts";
import { formatYuan, type Fen } from "../../shared/money.ts";
import { idProblem, normalId, textProblem } from "../../shared/text.ts";
import { collectionNoOf } from "./model.ts";
import { amountRefusal, moneyAccountNotSaid, receivedInFuture, referenceTaken } from "./refusals.ts";
import { findByReference, findCollection, insertCollection, type Collection } from "./sql.ts";

/** What an operator says came from a merchant. */
export interface CollectionInput {
  readonly merchantCode: string;
  readonly amountFen: Fen;
  readonly receivedOn: BusinessDate;
  /** What the payer or the bank calls the payment; recorded twice, it is the same collection. */
  readonly reference: string;
  /** What proves it. */
  readonly proof: string;
  /** On which of the platform's accounts it came in; not needed while there is one. */
  readonly moneyAccount?: string | undefined;
  /** Money that came before collections were kept here. */
  readonly isOpening?: boolean;
}

/** The collection, and whether this call recorded it. */
export interface RecordedCollection {
  readonly collection: Collection;
  readonly isNew: boolean;
}

/**
 * Records money that came from a merchant. It counts once another operator has confirmed it. The reference makes it
 * safe to repeat: the same again changes nothing.
 *
 * @throws usage errors: `collection_not_positive`, `invalid_collection` (reference or proof), `money_account_needed`;
 *   refused: `collection_too_large`, `collection_in_future`, `merchant_unknown`, `money_account_missing`,
 *   `money_account_unknown`, `collection_reference_taken`
 */
export async function recordCollection(context: Context, input: CollectionInput): Promise<RecordedCollection> {
  const { merchantCode, amountFen, receivedOn, proof, isOpening = false } = input;
  const reference = normalId(input.reference);
  const refusal = amountRefusal(amountFen);
  if (refusal !== undefined) throw refusal;
  requireTexts(reference, proof);
  const today = businessDateOf(context.clock(), context.zone);
  if (receivedOn > today) throw receivedInFuture(receivedOn, today);
  return inTransaction(
    context.db,
    async (tx) => {
      // Recordings go one after the other, for their numbers have no gaps: two of one reference cannot pass each other.
      await holdNumbers(tx, "collection");
      const moneyAccount = await moneyAccountOf(tx, input.moneyAccount);
      const present = await findByReference(tx, reference);
      if (present !== undefined) {
        if (!isSame(present, { ...input, moneyAccount, isOpening })) throw referenceTaken(present);
        return { collection: present, isNew: false };
      }
      const merchant = await findMerchant(tx, merchantCode);
      if (merchant === undefined) throw merchantUnknown(merchantCode);
      const collectionNo = collectionNoOf(await takeNumbers(tx, "collection"));
      const [recordedBy, recordedAt] = [context.operator.name, context.clock()];
      await insertCollection(tx, {
        collectionNo,
        merchantId: merchant.merchantId,
        moneyAccount,
        amountFen,
        receivedOn,
        reference,
        proof,
        isOpening,
        recordedBy,
        recordedAt,
      });
      await recordAction(tx, context, {
        action: "collection.record",
        subjectKind: "collection",
        subject: collectionNo,
        details: { merchant_code: merchantCode, amount: formatYuan(amountFen), reference },
      });
      return { collection: (await findCollection(tx, collectionNo))!, isNew: true };
    },
    context.ending,
  );
}

function requireTexts(reference: string, proof: string): void {
  const problem = idProblem("a reference", reference, 100) ?? textProblem("a proof", proof, 200);
  if (problem !== undefined)
    throw usageError("invalid_collection", problem, {
      hint: "give what the bank's statement says, and where it is kept",
    });
}

async function moneyAccountOf(sql: Sql, name: string | undefined): Promise<string> {
  if (name === undefined) {
    const names = (await selectMoneyAccounts(sql)).map(({ moneyAccount }) => moneyAccount);
    if (names.length === 1) return names[0]!;
    throw moneyAccountNotSaid(names);
  }
  if ((await findMoneyAccount(sql, name)) === undefined) throw moneyAccountUnknown(name);
  return name;
}

const isSame = (
  one: Collection,
  { merchantCode, amountFen, receivedOn, moneyAccount, isOpening }: CollectionInput,
): boolean =>
  one.merchantCode === merchantCode &&
  one.amountFen === amountFen &&
  one.receivedOn === receivedOn &&
  one.moneyAccount === moneyAccount &&
  one.isOpening === isOpening;

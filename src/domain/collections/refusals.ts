import { formatInstant, type BusinessDate } from "../../shared/business-date.ts";
import { refusedError, usageError, type AccrueError } from "../../shared/errors.ts";
import { formatYuan, maxAmountFen, type Fen } from "../../shared/money.ts";
import type { Collection } from "./sql.ts";

/** The refusal of an amount that nobody can have paid in. */
export function amountRefusal(amountFen: Fen): AccrueError | undefined {
  if (amountFen <= 0n) {
    return usageError(
      "collection_not_positive",
      `a collection of ${formatYuan(amountFen)} yuan: money that came in is above zero`,
      {
        hint: "what was paid in by mistake is not taken back by a collection below zero: reject it, or give it back by a payout",
      },
    );
  }
  if (amountFen <= maxAmountFen) return undefined;
  return refusedError(
    "collection_too_large",
    `a collection of ${formatYuan(amountFen)} yuan is over the ${formatYuan(maxAmountFen)} that one may come to`,
    {
      hint: "look at the amount again; what really is larger is recorded in parts",
      details: { amount: formatYuan(amountFen) },
    },
  );
}

export const receivedInFuture = (receivedOn: BusinessDate, today: BusinessDate): AccrueError =>
  refusedError("collection_in_future", `money cannot have been received on ${receivedOn}: it is ${today}`, {
    hint: "give the date on the bank's statement",
  });

/** The refusal of a reference that stands for another collection. */
export const referenceTaken = ({
  collectionNo,
  reference,
  merchantCode,
  amountFen,
  receivedOn,
}: Collection): AccrueError =>
  refusedError(
    "collection_reference_taken",
    `reference ${reference} is collection ${collectionNo} already: ${formatYuan(amountFen)} yuan of merchant ${merchantCode}, received on ${receivedOn}`,
    {
      hint: "one payment has one reference; `accrue collection show` shows what was recorded",
      details: { reference, collection_no: collectionNo },
    },
  );

/** The refusal where it is not said on which account the money came in, and not plain either. */
export const moneyAccountNotSaid = (names: readonly string[]): AccrueError =>
  names.length === 0
    ? refusedError("money_account_missing", "the platform has no money account yet that it could have come in on", {
        hint: "`accrue money-account add` adds one",
      })
    : usageError("money_account_needed", `money comes in on ${names.join(", ")}: say on which`, {
        hint: `give --into ${names[0]!}, or another one`,
      });

export const collectionUnknown = (collectionNo: string): AccrueError =>
  refusedError("collection_unknown", `there is no collection ${collectionNo}`, {
    hint: "`accrue collection list` shows their numbers",
    details: { collection_no: collectionNo },
  });

export const collectionDecided = (
  { collectionNo, state, decidedBy, decidedAt }: Collection,
  zone: string,
): AccrueError =>
  refusedError(
    "collection_already_decided",
    `collection ${collectionNo} is ${state} already, by ${decidedBy} at ${formatInstant(decidedAt!, zone)}`,
    {
      hint: "nothing was changed; `accrue collection show` shows its story",
      details: { collection_no: collectionNo, state },
    },
  );

export const makerIsChecker = ({ collectionNo, recordedBy }: Collection): AccrueError =>
  refusedError(
    "maker_is_checker",
    `collection ${collectionNo} was recorded by ${recordedBy}, who cannot confirm it too`,
    {
      hint: "another operator has to confirm it (--operator says who is at work)",
      details: { collection_no: collectionNo },
    },
  );

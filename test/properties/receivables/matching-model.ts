import { merchants, Receivables, sum, type Merchant, type ModelBill } from "./receivables-model.ts";

/* What statements say and what it was for: a list of lines, and one of collections. One account of the platform's. */

/** Money that two operators noted; a line may show it, once. */
export interface ModelCollection {
  readonly collectionNo: string;
  readonly merchant: Merchant;
  readonly fen: bigint;
  readonly reference: string;
  state: "unseen" | "seen" | "void";
}

/** What a part of a line is: money of a merchant that was made of it, a collection that was noted, or written off. */
type Part = { readonly fen: bigint } & (
  { readonly of: Merchant } | { readonly seen: ModelCollection } | { readonly isLost: true }
);

export interface ModelLine {
  readonly no: string;
  readonly at: string;
  readonly fen: bigint;
  /** The bill that its remark names, and whose account it came from. */
  readonly bill?: string | undefined;
  readonly payer?: Merchant | undefined;
  parts: Part[];
}

/** What a line is matched with by hand. */
export type ModelThing = { readonly bill: ModelBill } | { readonly collection: ModelCollection };

interface Claim {
  readonly line: ModelLine;
  readonly merchant: Merchant;
}

export const openOf = (line: ModelLine): bigint => line.fen - sum(line.parts.map(({ fen }) => fen));
const isOnly = <T>(all: readonly T[], isLike: (one: T) => boolean): boolean => all.filter(isLike).length === 1;

/** Receivables, and the lines and collections by which they are paid. */
export class Matching extends Receivables {
  readonly collections: ModelCollection[] = [];
  readonly lines: ModelLine[] = [];

  endDay(): void {
    this.endDayAfter(() => this.reconcile());
  }

  /** Money that was noted by hand. */
  note(collection: ModelCollection): void {
    this.collections.push(collection);
    this.collect(collection.merchant, collection.fen);
  }

  match(line: ModelLine | undefined, thing: ModelThing, isForced: boolean): string {
    if (line === undefined) return "line_unknown";
    const lineFen = openOf(line);
    if (lineFen === 0n) return "line_matched";
    if ("collection" in thing && thing.collection.state !== "unseen") return "thing_not_expected";
    const fen = "bill" in thing ? this.open(thing.bill) : thing.collection.fen;
    if (fen === 0n) return "thing_not_expected";
    if (lineFen < 0n) return "match_direction";
    const rest = lineFen - fen;
    if (isForced && rest === 0n) return "match_not_refused";
    if (!isForced && rest < 0n) return "match_too_large";
    if ("bill" in thing) this.#make(line, thing.bill.merchant, fen);
    else this.#see(line, thing.collection);
    if (isForced) line.parts.push({ fen: rest, isLost: true });
    return "done";
  }

  #make(line: ModelLine, merchant: Merchant, fen: bigint): void {
    this.collect(merchant, fen);
    line.parts.push({ fen, of: merchant });
  }

  #see(line: ModelLine, collection: ModelCollection): void {
    collection.state = "seen";
    line.parts.push({ fen: collection.fen, seen: collection });
  }

  makeLineVoid(line: ModelLine | undefined): string {
    if (line === undefined) return "line_unknown";
    const fen = openOf(line);
    if (fen === 0n) return "line_matched";
    line.parts.push({ fen, isLost: true });
    return "done";
  }

  makeVoid(collection: ModelCollection): string {
    if (collection.state !== "unseen") return "thing_not_expected";
    collection.state = "void";
    this.collect(collection.merchant, -collection.fen);
    return "done";
  }

  unmatch(line: ModelLine | undefined): string {
    if (line === undefined) return "line_unknown";
    if (line.parts.length === 0) return "line_not_matched";
    for (const part of line.parts) {
      if ("of" in part) this.collect(part.of, -part.fen);
      if ("seen" in part) part.seen.state = "unseen";
    }
    line.parts = [];
    return "done";
  }

  /** Matches what rules can tell: by a collection's reference, by the number of a bill, by the payer's account. */
  reconcile(): void {
    this.#seeCollections((line, { reference }) => line.no === reference);
    this.#seeCollections((line, { merchant }) => this.#billOf(line)?.merchant === merchant);
    this.#claim(this.#claimsByBill());
    this.#seeCollections((line, { merchant }) => line.payer === merchant);
    this.#claim(this.#claimsByPayer());
  }

  #billOf(line: ModelLine): ModelBill | undefined {
    return this.bills.find(({ billNo }) => billNo === line.bill);
  }

  #openLines(): readonly ModelLine[] {
    return this.lines.filter((line) => openOf(line) !== 0n);
  }

  /** A line and a collection of one amount belong together where neither belongs to another one as well. */
  #seeCollections(isOf: (line: ModelLine, collection: ModelCollection) => boolean): void {
    const pairs = this.#openLines().flatMap((line) =>
      this.collections
        .filter((one) => one.state === "unseen" && one.fen === openOf(line) && isOf(line, one))
        .map((collection) => ({ line, collection })),
    );
    for (const { line, collection } of pairs)
      if (isOnly(pairs, (one) => one.line === line) && isOnly(pairs, (one) => one.collection === collection))
        this.#see(line, collection);
  }

  /** Lines that name a bill come to what is open of it, or of it and all older ones. */
  #claimsByBill(): readonly Claim[] {
    const named = this.#openLines().filter(({ bill }) => bill !== undefined);
    return this.bills.flatMap((bill) => {
      const lines = named.filter((line) => line.bill === bill.billNo);
      const fen = sum(lines.map(openOf));
      const { merchant } = bill;
      const isTheirs =
        this.open(bill) > 0n &&
        [this.open(bill), this.openUpTo(bill)].includes(fen) &&
        lines.every(({ payer = merchant }) => payer === merchant);
      return isTheirs ? lines.map((line) => ({ line, merchant })) : [];
    });
  }

  /** All of a payer's lines come to all that it owes; or one, and no other, to what is open of a bill. */
  #claimsByPayer(): readonly Claim[] {
    return merchants.flatMap((merchant) => {
      const lines = this.#openLines().filter(
        (line) => line.payer === merchant && (this.#billOf(line)?.merchant ?? merchant) === merchant,
      );
      const dues = new Set(this.billsOf(merchant).flatMap((bill) => [this.open(bill), this.openUpTo(bill)]));
      const isAll = sum(lines.map(openOf)) === this.openOfAll(merchant);
      const theirs = lines.filter(
        (line) => isAll || (isOnly(lines, (one) => openOf(one) === openOf(line)) && dues.has(openOf(line))),
      );
      return theirs.map((line) => ({ line, merchant }));
    });
  }

  /** Nothing is taken of a merchant whose claims come to more than it owes. */
  #claim(claims: readonly Claim[]): void {
    for (const merchant of merchants) {
      const lines = claims.filter((claim) => claim.merchant === merchant).map(({ line }) => line);
      if (sum(lines.map(openOf)) <= this.openOfAll(merchant))
        for (const line of lines) this.#make(line, merchant, openOf(line));
    }
  }

  /** What stands on the accounts of the journal, in fen. */
  accounts(pointsBefore: bigint): Readonly<Record<string, bigint>> {
    const { receivableFen, contributedFen, writtenOffFen } = this.booked;
    const fundFen = 100n * (this.points + pointsBefore);
    const lost = this.lines.flatMap(({ parts }) => parts.filter((part) => "isLost" in part)).map(({ fen }) => fen);
    const unseen = this.collections.filter(({ state }) => state === "unseen").map(({ fen }) => fen);
    return {
      contributions_receivable: receivableFen,
      points_fund: -fundFen,
      platform_share: fundFen - contributedFen,
      bank: sum(this.lines.map(({ fen }) => fen)) + sum(unseen),
      suspense: -sum(this.lines.map(openOf)),
      write_offs: writtenOffFen - sum(lost),
    };
  }
}

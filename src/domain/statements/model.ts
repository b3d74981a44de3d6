import type { Fen } from "../../shared/money.ts";
import { numberText } from "../../shared/number-text.ts";

/** The number of a line as people read it out: L00000001. */
export const lineNoOf = (lineId: bigint): string => numberText("L", lineId);

/** A line's id by its number, or undefined for another text. */
export function lineIdOf(text: string): bigint | undefined {
  const digits = /^L(\d{1,18})$/i.exec(text.trim())?.[1];
  return digits === undefined ? undefined : BigInt(digits);
}

/** What a statement is called in the journal, by the import that brought it. */
export const statementNoOf = (importId: bigint): string => `import ${importId}`;

/** A line as far as the running balance goes. */
export interface ChainLine {
  /** Physical line of the file. */
  readonly line: number;
  readonly amountFen: Fen;
  readonly balanceFen: Fen;
}

/** The balances before the first of some lines, and after the last. */
export interface Ends {
  readonly openingFen: Fen;
  readonly closingFen: Fen;
}

const startOf = ({ amountFen, balanceFen }: ChainLine): Fen => balanceFen - amountFen;

/**
 * Finds out whether lines in any order can follow each other, each from the balance that the one before leaves: as a
 * walk over balances that takes each line once. There is one if every balance is left as often as it is reached, but
 * for the first and the last, and all lines hang together.
 *
 * @param lines at least one
 * @param openingFen what stood before them, where that is known
 * @returns undefined where there is no such walk
 */
export function chainOf(lines: readonly ChainLine[], openingFen: Fen | undefined): Ends | undefined {
  const surplus = new Map<Fen, number>();
  const count = (balance: Fen, by: number) => surplus.set(balance, (surplus.get(balance) ?? 0) + by);
  for (const line of lines) {
    count(startOf(line), 1);
    count(line.balanceFen, -1);
  }
  const first = openingFen ?? [...surplus].find(([, left]) => left > 0)?.[0] ?? startOf(lines[0]!);
  const closing = [...surplus].find(([, left]) => left < 0)?.[0] ?? first;
  if (closing !== first) {
    count(first, -1);
    count(closing, 1);
  }
  if ([...surplus.values()].some((left) => left !== 0)) return undefined;
  const reached = reachedFrom(first, lines);
  return lines.every((line) => reached.has(startOf(line))) ? { openingFen: first, closingFen: closing } : undefined;
}

/** The balances that lines lead to, one after the other, from a first one. */
function reachedFrom(first: Fen, lines: readonly ChainLine[]): ReadonlySet<Fen> {
  const next = new Map<Fen, Fen[]>();
  for (const line of lines) {
    const targets = next.get(startOf(line));
    if (targets === undefined) next.set(startOf(line), [line.balanceFen]);
    else targets.push(line.balanceFen);
  }
  const reached = new Set([first]);
  const waiting = [first];
  for (let balance = waiting.pop(); balance !== undefined; balance = waiting.pop()) {
    for (const target of next.get(balance) ?? []) {
      if (reached.has(target)) continue;
      reached.add(target);
      waiting.push(target);
    }
  }
  return reached;
}

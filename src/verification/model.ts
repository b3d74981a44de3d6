import { formatYuan, type Fen } from "../shared/money.ts";

/** One violation of an invariant, for people: a number or code, and the figures that do not agree. */
export type Violation = Readonly<Record<string, string | number | bigint | boolean | null>>;

/** The result of a check. */
export interface Findings {
  /** How many things were checked. */
  readonly checked: bigint;
  /** How many of them violate the invariant; `violations` has the first of them. */
  readonly found: bigint;
  readonly violations: readonly Violation[];
  /** A figure worth knowing although nothing is broken. */
  readonly facts?: Readonly<Record<string, string>>;
}

/** How many violations a check lists; the rest are counted. */
export const namedViolations = 20;

/**
 * The findings of a query that returns violations.
 *
 * @param rows at most `namedViolations` of them, each with `found`, the count of all
 * @param describe turns a row into a violation
 */
export function findingsOf<Row extends { readonly found: bigint }>(
  checked: bigint,
  rows: readonly Row[],
  describe: (row: Omit<Row, "found">) => Violation,
): Findings {
  return { checked, found: rows[0]?.found ?? 0n, violations: rows.map(describe) };
}

/** The findings where nothing is wrong. */
export const noneOf = (checked: bigint): Findings => ({ checked, found: 0n, violations: [] });

/** An amount in a violation: yuan, or null where there is none. */
export const yuanOrNull = (amountFen: Fen | null): string | null => (amountFen === null ? null : formatYuan(amountFen));

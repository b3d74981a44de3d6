import type { Command } from "commander";
import { isBusinessDate, type BusinessDate } from "../shared/business-date.ts";
import { usageError } from "../shared/errors.ts";
import { parseYuan, type Fen } from "../shared/money.ts";

export interface PageOptions {
  readonly limit?: string;
  readonly after?: string;
}

const maxLimit = 10_000;
const defaultLimit = 50;

/** Adds `--limit` and `--after` to a list. */
export const addPageOptions = (command: Command, keyName: string): Command =>
  command
    .option("--limit <rows>", `at most this many rows, up to ${maxLimit} (default: ${defaultLimit})`)
    .option("--after <key>", `the page behind this ${keyName}`);

/** Reads `--limit`. */
export function limitOf({ limit }: PageOptions): number {
  if (limit === undefined) return defaultLimit;
  const rows = /^\d{1,5}$/.test(limit) ? Number(limit) : 0;
  if (rows < 1 || rows > maxLimit) throw usageError("invalid_limit", `--limit ${limit}: give a number from 1 to ${maxLimit}`);
  return rows;
}

/** Reads an optional business date. */
export function dateOption(flag: string, text: string | undefined): BusinessDate | undefined {
  if (text === undefined || isBusinessDate(text)) return text;
  throw usageError("invalid_business_date", `${flag} ${text}: no business date`, { hint: "write it like 2026-01-31" });
}

/** Reads an optional amount of yuan. */
export function amountOption(flag: string, text: string | undefined): Fen | undefined {
  if (text === undefined) return undefined;
  const fen = parseYuan(text);
  if (fen === undefined || fen < 0n) throw usageError("invalid_amount", `${flag} ${text}: no amount of yuan`, { hint: "write it like 100 or 99.50" });
  return fen;
}

/** Said under a list when there is another page. */
export const moreText = (hasMore: boolean, lastKey: string | undefined): string | undefined =>
  hasMore && lastKey !== undefined ? `more: --after ${lastKey}` : undefined;

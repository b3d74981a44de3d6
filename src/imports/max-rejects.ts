import { refusedError, usageError, type AccrueError } from "../shared/errors.ts";
import type { RejectExample } from "./rejected-rows.ts";

/** How many rejects are too many: more than a number of rows, more than a share of the rows read, or more than both. */
export type MaxRejects =
  { readonly rows: number; readonly bps?: number } | { readonly rows?: undefined; readonly bps: number };

/**
 * Reads `100` or `2.5%`.
 *
 * @throws AccrueError `invalid_max_rejects` (usage)
 */
export function parseMaxRejects(text: string): MaxRejects {
  if (/^\d{1,9}$/.test(text)) return { rows: Number(text) };
  const [, whole, decimals = ""] = /^(\d{1,3})(?:\.(\d{1,2}))?%$/.exec(text) ?? [];
  const bps = Number(whole) * 100 + Number(decimals.padEnd(2, "0"));
  if (whole === undefined || bps > 10_000) {
    throw usageError("invalid_max_rejects", `--max-rejects ${text}: neither a number of rows nor a share of them`, {
      hint: "write it like 100 (rows) or 2.5% (of the rows read)",
    });
  }
  return { bps };
}

/** None: for files that go in whole or not at all. */
export const noRejects: MaxRejects = { rows: 0 };

/** Whether a number of rejects is passed already: that can be said at any row. */
export const passesRows = (max: MaxRejects | undefined, rejected: number): boolean =>
  max?.rows !== undefined && max.bps === undefined && rejected > max.rows;

/** Whether a share is passed: that can only be said when everything has been read. */
export const passesShare = (max: MaxRejects | undefined, rejected: number, read: number): boolean =>
  max?.bps !== undefined && rejected > (max.rows ?? 0) && rejected * 10_000 > max.bps * read;

/** What was met before a file was refused. */
export interface RefusedFile {
  readonly file: string;
  readonly read: number;
  readonly rejected: number;
  readonly reasons: readonly (readonly [code: string, rows: number])[];
  readonly examples: readonly RejectExample[];
}

/** The refusal of a whole file, with the reasons and examples of them: there is no rejects file to look into. */
export function tooManyRejects(max: MaxRejects, { file, read, rejected, reasons, examples }: RefusedFile): AccrueError {
  const count = (rows: number) => rows.toLocaleString("en-US");
  const allowed = [max.rows === undefined ? [] : [count(max.rows)], max.bps === undefined ? [] : [`${max.bps / 100}%`]]
    .flat()
    .join(" rows and ");
  const rule = max === noRejects ? "such a file goes in whole or not at all" : `--max-rejects allows ${allowed}`;
  const lines = [
    `${file}: ${count(rejected)} of the first ${count(read)} rows rejected, ${rule}; nothing of it was imported`,
    ...reasons.map(([code, rows]) => `  ${count(rows)} x ${code}`),
    ...examples.map(
      ({ line, column, message }) => `  line ${line}${column === undefined ? "" : `, ${column}`}: ${message}`,
    ),
  ];
  return refusedError("too_many_rejects", lines.join("\n"), {
    hint:
      max === noRejects
        ? "fetch the file anew from where it came from"
        : "mend the file, or allow more; --dry-run --rejects PATH writes all rejected rows without importing anything",
    details: { file, read, rejected, reasons: Object.fromEntries(reasons), examples },
  });
}

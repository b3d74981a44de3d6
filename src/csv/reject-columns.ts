import { unguardedCell } from "../shared/text.ts";

/** The columns that a rejects file has beside those of its origin. Like every column with a leading `_`, never read. */
export const rejectColumns = ["_record", "_line", "_column", "_reason"] as const;

/** Whether a header is that of a rejects file. */
export const isRejectsHeader = (header: readonly string[]): boolean =>
  rejectColumns.every((name) => header.includes(name));

/** The cells of a row of a rejects file as they were in its origin: without the guards against formulas. */
export const originalCells = (cells: readonly string[]): string[] => cells.map(unguardedCell);

/**
 * Stands in a rejects file where a row had no cell at all. A blank would turn a row that was cut short into a good one
 * when the file is imported again unmended; this one is refused until somebody fills it in.
 */
export const missingCell = "<missing>";

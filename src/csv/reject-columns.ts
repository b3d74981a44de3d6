/** The columns that a rejects file has beside those of its origin. Like every column with a leading `_`, never read. */
export const rejectColumns = ["_record", "_line", "_column", "_reason"] as const;

/**
 * Stands in a rejects file where a row had no cell at all. A blank would turn a row that was cut short into a good one
 * when the file is imported again unmended; this one is refused until somebody fills it in.
 */
export const missingCell = "<missing>";

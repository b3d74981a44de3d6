/** Why one cell or one row cannot be used. It rejects that row alone, never the file. */
export type ProblemCode =
  | "empty"
  | "control_character"
  | "look_alike"
  | "too_long"
  | "scientific_notation"
  | "zeroed_tail"
  | "encrypted"
  | "masked"
  | "not_an_amount"
  | "not_a_number"
  | "too_many_decimals"
  | "negative"
  | "too_large"
  | "not_points"
  | "not_a_time"
  | "ambiguous_date"
  | "two_digit_year"
  | "impossible_date"
  | "year_out_of_range"
  | "not_a_rate"
  | "not_a_boolean"
  | "too_few_cells"
  | "too_many_cells"
  | "cell_too_long"
  | "record_too_long"
  | "nul_character"
  | "malformed_quote";

/**
 * What a reader returns in place of a value. It is a class so that a hot loop can tell it from a value with
 * `instanceof` and a good cell costs no wrapper object.
 */
export class CellProblem {
  readonly code: ProblemCode;
  /** A sentence for the operator: what was met and what would do. */
  readonly message: string;

  constructor(code: ProblemCode, message: string) {
    this.code = code;
    this.message = message;
  }
}

/** Something wrong with a whole row; `columnIndex` points at the cell to look at, where there is one. */
export class RowProblem extends CellProblem {
  readonly columnIndex: number | undefined;

  constructor(code: ProblemCode, message: string, columnIndex?: number) {
    super(code, message);
    this.columnIndex = columnIndex;
  }
}

const maxShownLength = 40;

/** Quotes a cell for a message: one line, no control characters, cut when long. */
export function showCell(cell: string): string {
  const shown = cell.length > maxShownLength ? `${cell.slice(0, maxShownLength)}…` : cell;
  return JSON.stringify(shown);
}

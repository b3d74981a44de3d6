import type { ColumnSpec } from "../csv/table-format.ts";

/** Something that a row can say: its native names, and none where only other systems' files have it. */
export interface KindColumn<Key extends string = string> extends ColumnSpec<Key> {
  /** What helps to fill it in, in the help of the import: `(yuan)`, `: yes/no 是/否`. */
  readonly note?: string;
  /** What a profile's words for it may mean; any text where this is not said. */
  readonly meanings?: readonly string[];
  /** Columns that together stand in for one that is needed. */
  readonly standIns?: readonly Key[];
  /** Whether it is a part of what rows are known by. */
  readonly isKey?: boolean;
  /** Its cells are nobody's business: of a rejected row the database keeps all but these. */
  readonly isPrivate?: boolean;
}

/** Some rows of a list, and the key that the next ones come after; undefined where these were the last. */
export interface Page<Row, Key = string> {
  readonly rows: readonly Row[];
  readonly next: Key | undefined;
}

/** Which page of a list: at most so many rows, after a key. */
export interface PageQuery<Key = string> {
  readonly after?: Key | undefined;
  readonly limit: number;
}

/** How many rows to ask for: one more than the page has shows that it is not the last. */
export const oneMore = <Key>(query: PageQuery<Key>): PageQuery<Key> => ({ ...query, limit: query.limit + 1 });

/** The page of rows of which one more was asked for. */
export function pageOf<Row, Key>(found: readonly Row[], limit: number, keyOf: (row: Row) => Key): Page<Row, Key> {
  const rows = found.slice(0, limit);
  return { rows, next: found.length > limit ? keyOf(rows.at(-1)!) : undefined };
}

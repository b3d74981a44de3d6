/** Whether two operators' names are the same person's, ignoring case and width of letters (maker is not checker). */
export const isSameOperator = (one: string, other: string): boolean => foldedName(one) === foldedName(other);

/** The names that are the same operator's. */
export const namesAmong = (names: readonly string[], operator: string): readonly string[] =>
  names.filter((name) => isSameOperator(name, operator));

const foldedName = (name: string): string => name.normalize("NFKC").toLowerCase().trim();

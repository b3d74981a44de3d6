/** Quotes a text as one word of a POSIX shell. */
export const shellWord = (word: string): string =>
  /^[\w./:=@+,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;

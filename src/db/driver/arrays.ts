/** One type of arrays, in the form that the driver takes it. */
interface ArrayType {
  readonly to: number;
  readonly from: readonly number[];
  readonly serialize: (items: unknown) => string;
  readonly parse: (literal: string) => unknown[];
}

/** Ids of array types in every PostgreSQL, with what reads one item. */
const items: Readonly<Record<number, (text: string) => unknown>> = {
  1000: (text) => text === "t", // boolean
  1003: String, // name
  1005: Number, // smallint
  1007: Number, // integer
  1009: String, // text
  1016: BigInt, // bigint
  1182: String, // date
  1185: (text) => new Date(text), // timestamptz
};

/**
 * The types of arrays that are sent and read. By itself the driver asks each new connection for them, in a query that
 * nobody awaits (porsager/postgres#1192, #1205): where that fails, and a short statement_timeout is enough, the
 * rejection is uncaught and arrays are sent in another form from then on.
 */
export const arrayTypes: Readonly<Record<string, ArrayType>> = Object.fromEntries(
  Object.entries(items).map(([oid, parseItem]) => [
    `array${oid}`,
    {
      to: Number(oid),
      from: [Number(oid)],
      serialize: arrayLiteral,
      parse: (literal) => arrayItems(literal, parseItem),
    },
  ]),
);

/** `{"a","b\"c",NULL}`; what is no array is taken for a literal already. */
function arrayLiteral(given: unknown): string {
  if (!Array.isArray(given)) return String(given);
  const itemText = (item: unknown): string => {
    if (item === null) return "NULL";
    if (item === undefined) throw new TypeError("an item of an array parameter is undefined");
    const text = item instanceof Date ? item.toISOString() : String(item);
    return `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
  };
  return `{${given.map(itemText).join(",")}}`;
}

/** The items of a literal of one dimension, as the server writes it. */
function arrayItems(literal: string, parseItem: (text: string) => unknown): unknown[] {
  return [...literal.slice(1, -1).matchAll(/"((?:[^"\\]|\\.)*)"|[^,]+/gsu)].map(([bare, quoted]) => {
    if (quoted === undefined) return bare === "NULL" ? null : parseItem(bare);
    return parseItem(quoted.replace(/\\(.)/gsu, "$1"));
  });
}

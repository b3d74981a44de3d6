/** One JSON document, on one line. A bigint in it is an integer (points, ids); amounts are already texts in yuan. */
export function toJson(document: unknown): string {
  return JSON.stringify(document, (_key, value: unknown) => {
    if (typeof value !== "bigint") return value;
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : value.toString();
  });
}

import { visibleJson } from "../shared/text.ts";

/**
 * One JSON document, on one line, with nothing in it that a terminal would follow or hide. A bigint in it is an integer
 * (points, ids); amounts are already texts in yuan.
 */
export function toJson(document: unknown): string {
  const json = JSON.stringify(document, (_key, value: unknown) => {
    if (typeof value !== "bigint") return value;
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : value.toString();
  });
  return visibleJson(json);
}

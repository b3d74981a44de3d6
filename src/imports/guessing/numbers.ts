/** A number as a cell writes it. */
export interface NumberSeen {
  /** What stands before and after it, such as `$` and `EUR`. */
  readonly before: string;
  readonly after: string;
  readonly isBelowZero: boolean;
  /** Its value, where it is written without any mark. */
  readonly whole: number | undefined;
  /** What stands before its decimals; `unclear` where that could stand between thousands as well. */
  readonly mark: "point" | "comma" | "unclear" | undefined;
}

const signsBefore = ["us$", "hk$", "nt$", "r$", "$", "€", "£", "₩", "₽", "￥", "¥", "cny", "rmb", "usd", "eur", "jpy"];
const signsAfter = ["元", "円", "원", "€", "$", "£", "cny", "rmb", "usd", "eur", "jpy", "chf", "分"];
const maxLength = 40;
const groupsByComma = /^\d{1,3}(?:,\d{3})+$/;
const groupsByPoint = /^\d{1,3}(?:\.\d{3})+$/;

/** What a cell writes as a number; undefined where it is none. */
export function numberIn(cell: string): NumberSeen | undefined {
  if (cell.length > maxLength) return undefined;
  let text = cell.trim();
  const sign = /^[+-]/.exec(text)?.[0] ?? "";
  text = text.slice(sign.length).trim();
  const lower = text.toLowerCase();
  const before = text.slice(0, signsBefore.find((one) => lower.startsWith(one))?.length ?? 0);
  text = text.slice(before.length).trim();
  const after = text.slice(text.length - (signsAfter.find((one) => lower.endsWith(one))?.length ?? 0));
  text = text.slice(0, text.length - after.length).trim();
  const inner = /^[+-]/.exec(text)?.[0] ?? "";
  text = text.slice(inner.length);
  if (!/^\d[\d.,'’ \u00a0\u202f]*$/.test(text)) return undefined;
  const isWhole = /^\d+$/.test(text);
  return {
    before,
    after,
    isBelowZero: sign === "-" || inner === "-",
    whole: isWhole && text.length < 16 ? Number(text) : undefined,
    mark: isWhole ? undefined : markIn(text),
  };
}

function markIn(text: string): NumberSeen["mark"] {
  const comma = text.lastIndexOf(",");
  const point = text.lastIndexOf(".");
  if (comma === -1 && point === -1) return undefined;
  // What begins with a zero has no thousands.
  if (text.startsWith("0")) return comma > point ? "comma" : "point";
  if (comma !== -1 && point !== -1) return comma > point ? "comma" : "point";
  if (comma !== -1) return groupsByComma.test(text) ? (text.indexOf(",") === comma ? "unclear" : "point") : "comma";
  return groupsByPoint.test(text) ? (text.indexOf(".") === point ? "unclear" : "comma") : "point";
}

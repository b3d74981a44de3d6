/** Text that is markup already: what the `markup` tag made. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Inserted = string | number | bigint | Markup | readonly Markup[];

const escapes: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Control characters may not stand in a document; Unicode has pictures of them. */
const pictureOf = (character: string): string =>
  character === "\u007f" ? "\u2421" : String.fromCodePoint(0x2400 + character.codePointAt(0)!);

const escaped = (text: string): string =>
  text
    .replace(/\p{Cc}/gu, (one) => (one < "\u0080" ? pictureOf(one) : "\ufffd"))
    .replace(/[&<>"']/g, (one) => escapes[one]!);

/** Writes HTML or SVG: what is inserted is escaped, for text and for quoted attributes, unless it is markup itself. */
export function markup(strings: TemplateStringsArray, ...inserted: readonly Inserted[]): Markup {
  return new Markup(strings.reduce((text, string, index) => text + textOf(inserted[index - 1]!) + string));
}

function textOf(value: Inserted): string {
  if (value instanceof Markup) return value.text;
  return typeof value === "object" ? value.map(({ text }) => text).join("") : escaped(String(value));
}

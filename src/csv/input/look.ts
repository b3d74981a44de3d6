import { decodeStrictly } from "./encodings.ts";

/** What a file is when it is no text, and what to do about it. */
export interface ForeignFormat {
  readonly what: string;
  readonly hint: string;
}

const saveAsCsv = "open it and save it as CSV UTF-8, then import that";
const unpack = "unpack it and import the CSV file within";

/** A workbook: met often enough to deserve words of its own, and a zip archive from the outside. */
export const workbook: ForeignFormat = { what: "an Excel workbook", hint: saveAsCsv };

/** First bytes, in hexadecimal, of what people hand over in place of a CSV file. */
const formats: readonly (readonly [start: string, what: string, hint: string])[] = [
  ["d0cf11e0a1b11ae1", "an old Excel workbook (.xls) or another Office document", saveAsCsv],
  ["504b0304", "a zip archive within an archive", unpack],
  ["1f8b", "a gzip file within an archive", unpack],
  ["25504446", "a PDF document", "ask for the data as CSV"],
  ["377abcaf271c", "a 7z archive", unpack],
  ["526172211a07", "a RAR archive", unpack],
  ["425a68", "a bzip2 file", unpack],
  ["fd377a585a00", "an xz file", unpack],
  ["28b52ffd", "a zstd file", unpack],
  ["89504e47", "a picture", "ask for the data as CSV"],
  ["ffd8ff", "a picture", "ask for the data as CSV"],
  ["fffe0000", "text in UTF-32", saveAsCsv],
  ["0000feff", "text in UTF-32", saveAsCsv],
];

/** What texts that are no tables begin with, after a byte-order mark and blanks. */
const textFormats: readonly (readonly [start: RegExp, what: string, hint: string])[] = [
  [
    /^<(?:!doctype|!--|html|head|meta|body|table|style|\?xml)/,
    "a page in HTML or XML, which may be called .xls",
    saveAsCsv,
  ],
  [/^(?:\[\s*)?\{\s*"/, "JSON", "ask for the data as CSV"],
];
const markInLatin1 = "\u00ef\u00bb\u00bf";

/** Tells by its first bytes what is certainly no table of the encodings that are read. */
export function foreignFormat(start: Buffer): ForeignFormat | undefined {
  const hex = start.toString("hex", 0, 8);
  const text = start.toString("latin1", 0, 200).replace(markInLatin1, "").trimStart().toLowerCase();
  const found = formats.find(([magic]) => hex.startsWith(magic)) ?? textFormats.find(([begin]) => begin.test(text));
  return found === undefined ? undefined : { what: found[1], hint: found[2] };
}

/**
 * Tells UTF-16 that has no byte-order mark: its commas, digits and line ends have a NUL byte each, all on the same
 * side. It has to be asked before UTF-8 is tried, in which a NUL is a character.
 */
export function utf16WithoutMark(start: Buffer): "utf-16le" | "utf-16be" | undefined {
  const nuls = [0, 0];
  for (const [index, byte] of start.entries()) if (byte === 0) nuls[index % 2]! += 1;
  const [even, odd] = nuls as [number, number];
  if ((even + odd) * 10 < start.length) return undefined;
  if (odd > even * 9) return "utf-16le";
  return even > odd * 9 ? "utf-16be" : undefined;
}

/** What a guess calls the encoding of Western Europe. */
export const western = "Latin-1 (Windows-1252)";

/** Other encodings that Chinese and Japanese systems write. */
const otherLabels = [
  ["big5", "Big5"],
  ["shift_jis", "Shift-JIS"],
] as const;

/**
 * What bytes that are neither UTF-8 nor GB18030 could be: those encodings that can read all of the first lines. Nothing
 * is guessed where the first lines are fine, because then the file is rather damaged further on.
 */
export function guessEncoding(start: Buffer, faultOffset: number): readonly string[] {
  const lines = start.subarray(0, start.lastIndexOf(0x0a) + 1);
  if (faultOffset >= lines.length) return [];
  if (isWestern(lines)) return [western];
  return otherLabels.filter(([label]) => isReadable(lines, label)).map(([, name]) => name);
}

/** Western text has its few accented letters one at a time, next to plain ones. */
function isWestern(text: Buffer): boolean {
  let isPairSeen = false;
  for (let at = 1; at < text.length; at += 1) isPairSeen ||= text[at]! >= 0x80 && text[at - 1]! >= 0x80;
  return !isPairSeen;
}

const signs1252 = new Set([
  0x80, 0x85, 0x91, 0x92, 0x93, 0x94, 0x95, 0x96, 0x97, 0xa0, 0xa1, 0xa3, 0xa9, 0xaa, 0xab, 0xae, 0xb0, 0xb4, 0xba,
  0xbb, 0xbf,
]);

/** Whether a byte is ASCII, an accented letter in Windows-1252, or one of the signs that stand in its texts. */
const isIn1252Text = (byte: number): boolean =>
  byte < 0x80 || (byte >= 0xc0 && byte !== 0xd7 && byte !== 0xf7) || signs1252.has(byte);

/**
 * Whether two bytes are one of the commonest characters of GB18030: its punctuation, or one of the first 3,755 of GB
 * 2312.
 */
const isCommonHanzi = (lead: number, trail: number): boolean =>
  trail >= 0xa1 && ((lead >= 0xa1 && lead <= 0xa3) || (lead >= 0xb0 && lead <= 0xd7));

/**
 * Whether valid GB18030 is rather Windows-1252. An accented letter before a plain one is a rare Chinese character, so
 * Western words give nothing but rare ones, and Chinese text has bytes that no Western word has.
 *
 * @param bytes from the first character on that is not ASCII
 */
export function looksWestern(bytes: Buffer): boolean {
  const seen = { characters: 0, common: 0, strange: 0 };
  let at = 0;
  while (at < bytes.length) {
    const lead = bytes[at]!;
    const trail = bytes[at + 1] ?? 0;
    at += lead < 0x80 ? 1 : 2;
    if (lead < 0x80) continue;
    seen.characters += 1;
    if (isCommonHanzi(lead, trail)) seen.common += 1;
    if (!isIn1252Text(lead) || !isIn1252Text(trail)) seen.strange += 1;
  }
  return seen.common * 2 < seen.characters && seen.strange * 10 <= seen.characters;
}

const kana = /[\u3041-\u3096\u30a1-\u30fa]/u;
/** Leads of the commoner half of Big5, of its punctuation and of none other. */
const isCommonBig5 = (lead: number): boolean => lead >= 0xa1 && lead <= 0xc6;

/**
 * What valid GB18030 rather is, Big5 or Shift-JIS: its characters are rare ones in GB18030, and common ones there.
 *
 * @param bytes from the first character on that is not ASCII
 */
export function looksOther(bytes: Buffer): { readonly label: string; readonly name: string } | undefined {
  const seen = { characters: 0, common: 0, ofBig5: 0 };
  for (let at = 0; at < bytes.length; at += 1) {
    const lead = bytes[at]!;
    if (lead < 0x80) continue;
    at += 1;
    seen.characters += 1;
    if (isCommonHanzi(lead, bytes[at] ?? 0)) seen.common += 1;
    if (isCommonBig5(lead)) seen.ofBig5 += 1;
  }
  if (seen.common * 2 >= seen.characters) return undefined;
  const whole = bytes.subarray(0, bytes.lastIndexOf(0x0a) + 1 || bytes.length);
  const [big5, shiftJis] = otherLabels;
  if (kana.test(decodeStrictly(shiftJis[0], whole) ?? "")) return { label: shiftJis[0], name: shiftJis[1] };
  return seen.ofBig5 * 10 >= seen.characters * 8 && isReadable(whole, big5[0])
    ? { label: big5[0], name: big5[1] }
    : undefined;
}

function isReadable(bytes: Buffer, label: string): boolean {
  const text = decodeStrictly(label, bytes);
  // Bytes that a decoder has no character for come out as private ones of its own.
  return text !== undefined && !/\p{Private_Use}/u.test(text);
}

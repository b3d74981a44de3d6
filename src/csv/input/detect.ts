import { usageError, type AccrueError } from "../../shared/errors.ts";
import { charsets, decodeStrictly, type Charset, type Encoding, type EncodingName } from "./encodings.ts";
import { fileChanged, notText } from "./errors.ts";
import { foreignFormat, guessEncoding, looksOther, looksWestern, utf16WithoutMark, western } from "./look.ts";
import { InvalidBytes, StrictDecoder } from "./strict-decoder.ts";
import { Utf8Evidence } from "./utf8-evidence.ts";

/** The unpacked bytes of an input, from the front at every call. */
export type Content = () => AsyncGenerator<Buffer, void, undefined>;

/** How the bytes of a content are to be read. */
export interface Decoding {
  readonly encoding: Encoding;
  readonly charset: Charset;
}

const sampleBytes = 4096;
/** How much is read to tell the words of one encoding from those of another. */
const foreignBytes = 64 * 1024;
const bytesShown = 4;
/** How far a word is followed that is shown. */
const wordBytes = 20;
const betweenWords = /[\s,;"]/;
/** The byte-order mark, as it is decoded. */
const markText = "\ufeff";

/**
 * Finds the encoding of a content by its byte-order mark, else as strict UTF-8, else as strict GB18030, each held
 * against all of it: valid UTF-8 Chinese is often valid GB18030 as well, and a file may be plain ASCII for a long way.
 * One that could be either, and in which nothing speaks for UTF-8, is refused, and so is valid GB18030 that looks like
 * Western words in Windows-1252, or like Big5 or Shift-JIS: no name is stored as another on a guess.
 *
 * @param name the input, for messages
 * @param asked the encoding that the operator names, which is then the only one tried
 * @throws AccrueError (usage): `csv_not_text`, `csv_encoding_contradicted`, `csv_encoding_invalid`,
 *   `csv_encoding_unknown`, `csv_encoding_ambiguous`
 */
export async function detectEncoding(
  content: Content,
  name: string,
  asked: EncodingName | undefined,
): Promise<Decoding> {
  const sample = await bytesAt(content, 0, sampleBytes);
  const format = foreignFormat(sample);
  if (format !== undefined) throw notText(name, format);
  const marked = Object.values(charsets).find(
    ({ mark }) => mark.length > 0 && sample.subarray(0, mark.length).equals(mark),
  );
  if (asked !== undefined && marked !== undefined && marked.name !== asked) throw contradicted(name, asked, marked);
  const given = marked ?? (asked === undefined ? undefined : charsets[asked]);
  if (given !== undefined) {
    const fault = await firstFault(content, given);
    if (fault !== undefined) throw invalid(name, given, await placeOf(content, fault), asked);
    return { encoding: marked?.name === "utf-8" ? "utf-8-bom" : given.name, charset: given };
  }
  const wide = utf16WithoutMark(sample);
  if (wide !== undefined) throw unmarked(name, wide);
  const evidence = new Utf8Evidence();
  const utf8Fault = await firstFault(content, charsets["utf-8"], (text) => evidence.add(text));
  if (utf8Fault === undefined && evidence.doubtful === undefined) return utf8;
  const gb18030Fault = await firstFault(content, charsets.gb18030);
  if (utf8Fault === undefined) {
    if (gb18030Fault === undefined) throw ambiguous(name, evidence.doubtful!);
    return utf8;
  }
  if (gb18030Fault === undefined) {
    const foreign = await bytesAt(content, utf8Fault.offset, foreignBytes);
    const word = await wordAt(content, utf8Fault.offset);
    if (looksWestern(foreign)) throw rather1252(name, word);
    const other = looksOther(foreign);
    if (other !== undefined) throw ratherOther(name, word, other);
    return { encoding: "gb18030", charset: charsets.gb18030 };
  }
  const guesses = guessEncoding(sample, gb18030Fault.offset);
  throw unknown(name, await placeOf(content, utf8Fault), await placeOf(content, gb18030Fault), guesses);
}

const utf8: Decoding = { encoding: "utf-8", charset: charsets["utf-8"] };

/** The text of a content, without byte-order mark. */
export async function* decode(
  content: Content,
  { charset }: Decoding,
  name: string,
): AsyncGenerator<string, void, undefined> {
  const decoder = new StrictDecoder(charset);
  let isStart = true;
  try {
    for await (const chunk of content()) {
      const text = String(decoder.decode(chunk));
      yield isStart && text.startsWith(markText) ? text.slice(markText.length) : text;
      isStart &&= text === "";
    }
    decoder.end();
  } catch (error) {
    // All of it was valid before: it has changed since. That would be found at its end, where this never comes.
    throw error instanceof InvalidBytes ? fileChanged(name) : error;
  }
}

async function firstFault(
  content: Content,
  charset: Charset,
  onText: (text: Buffer | string) => void = () => {},
): Promise<InvalidBytes | undefined> {
  const decoder = new StrictDecoder(charset);
  try {
    for await (const chunk of content()) onText(decoder.decode(chunk));
    decoder.end();
    return undefined;
  } catch (error) {
    if (error instanceof InvalidBytes) return error;
    throw error;
  }
}

/** So many bytes of a content from an offset on; fewer where it ends before. */
async function bytesAt(content: Content, offset: number, length: number): Promise<Buffer> {
  let found: Buffer = Buffer.alloc(0);
  let toSkip = offset;
  for await (const chunk of content()) {
    found = Buffer.concat([found, chunk.subarray(toSkip, toSkip + length - found.length)]);
    toSkip = Math.max(0, toSkip - chunk.length);
    if (found.length === length) break;
  }
  return found;
}

/** The bytes of the word around an offset. */
async function wordAt(content: Content, offset: number): Promise<Buffer> {
  const start = Math.max(0, offset - wordBytes);
  const around = (await bytesAt(content, start, 2 * wordBytes)).toString("latin1");
  const before = around
    .slice(0, offset - start)
    .split(betweenWords)
    .at(-1)!;
  const [behind] = around.slice(offset - start).split(betweenWords);
  return Buffer.from(`${before}${behind}`, "latin1");
}

/** Where bytes are invalid, for messages and for scripts. */
interface FaultPlace {
  readonly offset: number;
  /** Such as `byte 17 (d5 c5 c8 fd)`. */
  readonly text: string;
}

async function placeOf(content: Content, { offset, isCutOff }: InvalidBytes): Promise<FaultPlace> {
  const bytes = await bytesAt(content, offset, bytesShown);
  const shown = bytes.toString("hex").replace(/(..)(?!$)/g, "$1 ");
  return { offset, text: `byte ${offset} (${shown})${isCutOff ? ", where it ends inside a character" : ""}` };
}

const saveAgain = "save the file again as UTF-8 (in Excel: CSV UTF-8), then import that";

function contradicted(name: string, asked: EncodingName, marked: Charset): AccrueError {
  return usageError(
    "csv_encoding_contradicted",
    `${name} starts with the byte-order mark of ${marked.title}, and --encoding says ${charsets[asked].title}`,
    {
      hint: "leave --encoding out: a byte-order mark leaves no doubt",
      details: { file: name, marked: marked.name, asked },
    },
  );
}

function invalid(
  name: string,
  { name: encoding, title }: Charset,
  fault: FaultPlace,
  asked: EncodingName | undefined,
): AccrueError {
  const [who, wayOut] =
    asked === undefined
      ? ["its byte-order mark says", ""]
      : ["--encoding says", "leave --encoding out to have it found, or "];
  return usageError(
    "csv_encoding_invalid",
    `${name} is not valid ${title}, which ${who}: no character at ${fault.text}`,
    {
      hint: `the file is damaged there, or in another encoding; ${wayOut}${saveAgain}`,
      details: { file: name, encoding, byte_offset: fault.offset },
    },
  );
}

function unmarked(name: string, encoding: "utf-16le" | "utf-16be"): AccrueError {
  return usageError(
    "csv_encoding_unknown",
    `${name} looks like ${charsets[encoding].title} without a byte-order mark: every other byte is NUL`,
    {
      hint: `if it is, give --encoding ${encoding}; else ${saveAgain}`,
      details: { file: name, looks_like: [encoding] },
    },
  );
}

function ambiguous(name: string, bytes: Buffer): AccrueError {
  const [asUtf8, asGb18030] = [bytes.toString("utf8"), new TextDecoder("gb18030").decode(bytes)];
  const message = `${name} is valid UTF-8 ("${asUtf8}") and valid GB18030 ("${asGb18030}"), and nothing in it says which`;
  return usageError("csv_encoding_ambiguous", message, {
    hint: "look which of the two it should say, and give --encoding utf-8 or --encoding gb18030",
    details: { file: name, utf8: asUtf8, gb18030: asGb18030 },
  });
}

function rather1252(name: string, word: Buffer): AccrueError {
  const [asGb18030, as1252] = [decodeStrictly("gb18030", word) ?? "", decodeStrictly("windows-1252", word) ?? ""];
  return usageError(
    "csv_encoding_ambiguous",
    `${name} is valid GB18030 ("${asGb18030}"), but looks like Windows-1252 ("${as1252}")`,
    {
      hint: "look which of the two it should say, and give --encoding gb18030 or --encoding windows-1252",
      details: { file: name, gb18030: asGb18030, windows_1252: as1252 },
    },
  );
}

function ratherOther(
  name: string,
  word: Buffer,
  { label, name: title }: { readonly label: string; readonly name: string },
): AccrueError {
  const [asGb18030, asOther] = [decodeStrictly("gb18030", word) ?? "", decodeStrictly(label, word) ?? ""];
  return usageError(
    "csv_encoding_ambiguous",
    `${name} is valid GB18030 ("${asGb18030}"), but looks like ${title} ("${asOther}")`,
    {
      hint: `if it is ${title}, ${saveAgain}; if it is not, give --encoding gb18030`,
      details: { file: name, gb18030: asGb18030, [label]: asOther },
    },
  );
}

function unknown(
  name: string,
  utf8Fault: FaultPlace,
  gb18030Fault: FaultPlace,
  guesses: readonly string[],
): AccrueError {
  const guess = guesses.length === 0 ? "" : `; it looks like ${guesses.join(" or ")}`;
  return usageError(
    "csv_encoding_unknown",
    `${name} is in no encoding that is read here: no UTF-8 at ${utf8Fault.text}, no GB18030 at ${gb18030Fault.text}${guess}`,
    {
      hint:
        guesses.length === 0
          ? `mend the bytes there, or ${saveAgain}`
          : guesses.includes(western)
            ? `if it is, give --encoding windows-1252; else ${saveAgain}`
            : saveAgain,
      details: {
        file: name,
        utf8_byte_offset: utf8Fault.offset,
        gb18030_byte_offset: gb18030Fault.offset,
        looks_like: guesses,
      },
    },
  );
}

import { usageError, type AccrueError } from "../../shared/errors.ts";
import { CharacterReader, InvalidBytes } from "./characters.ts";
import { fileChanged, notText } from "./errors.ts";
import { charsets, type Charset, type Encoding, type EncodingName } from "./encodings.ts";
import { foreignFormat, guessEncoding, utf16WithoutMark } from "./look.ts";
import { Utf8Evidence } from "./utf8-evidence.ts";

/** The unpacked bytes of an input, from the front at every call. */
export type Content = () => AsyncGenerator<Buffer, void, undefined>;

/** How the bytes of a content are to be read. */
export interface Decoding {
  readonly encoding: Encoding;
  readonly charset: Charset;
  /** Bytes of the byte-order mark in front. */
  readonly markLength: number;
}

const sampleBytes = 4096;

/**
 * Finds the encoding of a content by its byte-order mark, else as strict UTF-8, else as strict GB18030, each held
 * against all of it: valid UTF-8 Chinese is often valid GB18030 as well, and a file may be plain ASCII for a long way. One that
 * could be either, and in which nothing speaks for UTF-8, is refused: no name is stored as another on a guess.
 *
 * @param name the input, for messages
 * @param asked the encoding that the operator names, which is then the only one tried
 * @throws AccrueError (usage): `csv_not_text`, `csv_encoding_contradicted`, `csv_encoding_invalid`, `csv_encoding_unknown`,
 *   `csv_encoding_ambiguous`
 */
export async function detectEncoding(content: Content, name: string, asked: EncodingName | undefined): Promise<Decoding> {
  const sample = await startOf(content);
  const format = foreignFormat(sample);
  if (format !== undefined) throw notText(name, format);
  const marked = Object.values(charsets).find(({ mark }) => sample.subarray(0, mark.length).equals(mark));
  if (asked !== undefined && marked !== undefined && marked.name !== asked) throw contradicted(name, asked, marked);
  const given = marked ?? (asked === undefined ? undefined : charsets[asked]);
  if (given !== undefined) {
    const fault = await firstFault(content, given, marked);
    if (fault === undefined) return decodingOf(given, marked);
    throw invalid(name, given, fault, asked);
  }
  const wide = utf16WithoutMark(sample);
  if (wide !== undefined) throw unmarked(name, wide);
  const evidence = new Utf8Evidence();
  const utf8Fault = await firstFault(content, charsets["utf-8"], undefined, (text) => evidence.add(text));
  if (utf8Fault === undefined && evidence.doubtful === undefined) return decodingOf(charsets["utf-8"], undefined);
  const gb18030Fault = await firstFault(content, charsets.gb18030, undefined);
  if (utf8Fault === undefined) {
    if (gb18030Fault === undefined) throw ambiguous(name, evidence.doubtful!);
    return decodingOf(charsets["utf-8"], undefined);
  }
  if (gb18030Fault === undefined) return decodingOf(charsets.gb18030, undefined);
  throw unknown(name, utf8Fault, gb18030Fault, guessEncoding(sample, gb18030Fault.offset));
}

/** The text of a content, without byte-order mark. */
export async function* decode(content: Content, { charset, markLength }: Decoding, name: string): AsyncGenerator<string, void, undefined> {
  const characters = new CharacterReader(charset, markLength);
  try {
    for await (const chunk of content()) {
      const text = characters.push(chunk);
      yield typeof text === "string" ? text : text.toString("utf8");
    }
    characters.end();
  } catch (error) {
    // All of it was valid before: it has changed since. That would be found at its end, where this never comes.
    throw error instanceof InvalidBytes ? fileChanged(name) : error;
  }
}

const decodingOf = (charset: Charset, marked: Charset | undefined): Decoding => ({
  encoding: charset.name === "utf-8" && marked !== undefined ? "utf-8-bom" : charset.name,
  charset,
  markLength: marked?.mark.length ?? 0,
});

async function startOf(content: Content): Promise<Buffer> {
  let start: Buffer = Buffer.alloc(0);
  for await (const chunk of content()) {
    start = Buffer.concat([start, chunk.subarray(0, sampleBytes)]);
    if (start.length >= sampleBytes) break;
  }
  return start;
}

async function firstFault(
  content: Content,
  charset: Charset,
  marked: Charset | undefined,
  onText: (text: Buffer | string) => void = () => {},
): Promise<InvalidBytes | undefined> {
  const characters = new CharacterReader(charset, marked?.mark.length ?? 0);
  try {
    for await (const chunk of content()) onText(characters.push(chunk));
    characters.end();
    return undefined;
  } catch (error) {
    if (error instanceof InvalidBytes) return error;
    throw error;
  }
}

const saveAgain = "save the file again as UTF-8 (in Excel: CSV UTF-8), then import that";

function contradicted(name: string, asked: EncodingName, marked: Charset): AccrueError {
  return usageError("csv_encoding_contradicted", `${name} starts with the byte-order mark of ${marked.title}, and --encoding says ${charsets[asked].title}`, {
    hint: "leave --encoding out: a byte-order mark leaves no doubt",
    details: { file: name, marked: marked.name, asked },
  });
}

function invalid(name: string, { name: encoding, title }: Charset, fault: InvalidBytes, asked: EncodingName | undefined): AccrueError {
  const [who, wayOut] = asked === undefined ? ["its byte-order mark says", ""] : ["--encoding says", "leave --encoding out to have it found, or "];
  return usageError("csv_encoding_invalid", `${name} is not valid ${title}, which ${who}: no character at ${fault.place}`, {
    hint: `the file is damaged there, or in another encoding; ${wayOut}${saveAgain}`,
    details: { file: name, encoding, byte_offset: fault.offset },
  });
}

function unmarked(name: string, encoding: "utf-16le" | "utf-16be"): AccrueError {
  return usageError("csv_encoding_unknown", `${name} looks like ${charsets[encoding].title} without a byte-order mark: every other byte is NUL`, {
    hint: `if it is, give --encoding ${encoding}; else ${saveAgain}`,
    details: { file: name, looks_like: [encoding] },
  });
}

function ambiguous(name: string, bytes: Buffer): AccrueError {
  const [asUtf8, asGb18030] = [bytes.toString("utf8"), new TextDecoder("gb18030").decode(bytes)];
  const message = `${name} is valid UTF-8 ("${asUtf8}") and valid GB18030 ("${asGb18030}"), and nothing in it says which`;
  return usageError("csv_encoding_ambiguous", message, {
    hint: "look which of the two it should say, and give --encoding utf-8 or --encoding gb18030",
    details: { file: name, utf8: asUtf8, gb18030: asGb18030 },
  });
}

function unknown(name: string, utf8Fault: InvalidBytes, gb18030Fault: InvalidBytes, guesses: readonly string[]): AccrueError {
  const guess = guesses.length === 0 ? "" : `; it looks like ${guesses.join(" or ")}`;
  return usageError(
    "csv_encoding_unknown",
    `${name} is in no encoding that is read here: no UTF-8 at ${utf8Fault.place}, no GB18030 at ${gb18030Fault.place}${guess}`,
    {
      hint: guesses.length === 0 ? `mend the bytes there, or ${saveAgain}` : saveAgain,
      details: { file: name, utf8_byte_offset: utf8Fault.offset, gb18030_byte_offset: gb18030Fault.offset, looks_like: guesses },
    },
  );
}

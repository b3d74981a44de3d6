import { AccrueError } from "../../shared/errors.ts";
import { decode, detectEncoding, type Content, type Decoding } from "./detect.ts";
import type { Encoding, EncodingName } from "./encodings.ts";
import { notText } from "./errors.ts";
import { gunzip, isGzip } from "./gzip.ts";
import { workbook } from "./look.ts";
import { openRaw, type CsvInput, type FileIdentity, type RawFile, type RawOptions } from "./raw-file.ts";
import type { ZipEntry } from "./zip.ts";

export interface InputOptions extends RawOptions {
  /** Read as this, and strictly; found from the bytes when not given. */
  readonly encoding?: EncodingName | undefined;
}

/** One text of an input: all of a file, or an entry of an archive. */
export class InputText {
  /** For messages. */
  readonly name: string;
  /** Name within the archive; undefined for a file that is none. */
  readonly entry: string | undefined;
  readonly #content: Content;
  readonly #decoding: Decoding;

  constructor(name: string, entry: string | undefined, content: Content, decoding: Decoding) {
    this.name = name;
    this.entry = entry;
    this.#content = content;
    this.#decoding = decoding;
  }

  get encoding(): Encoding {
    return this.#decoding.encoding;
  }

  /**
   * The text without byte-order mark, cut between any two characters; from its front at every call.
   *
   * @throws AccrueError (usage) `file_changed` when it is no longer what it was when it was opened, `csv_cannot_read`;
   *   the signal's reason when aborted
   */
  chunks(): AsyncGenerator<string, void, undefined> {
    return decode(this.#content, this.#decoding, this.name);
  }
}

/** An input that has been read through once: it is known what it is, and it can be read any number of times. */
export interface Input {
  readonly name: string;
  /** Of the raw bytes, packed as they may be. */
  readonly identity: FileIdentity;
  readonly texts: readonly InputText[];
  /** Members of an archive that hold no text to read: a clause for each. */
  readonly passedOver: readonly string[];
  /** Raw bytes read in the present pass. */
  readonly bytesRead: number;
  close(): Promise<void>;
}

/**
 * Opens an input and reads it through once: hash, size, and the encoding of its text, or of each text of a zip archive.
 * Packed files are recognized by their first bytes, not by their names.
 *
 * @throws AccrueError (usage): `csv_cannot_open`, `csv_cannot_read`, `spool_failed`, `archive_damaged`,
 *   `unpacked_too_large`, `zip_…`, and what `detectEncoding` throws; the signal's reason when aborted
 */
export async function openInput(input: CsvInput, options: InputOptions = {}): Promise<Input> {
  const raw = await openRaw(input, options);
  try {
    const start = await raw.start();
    const { texts, passedOver } = isZip(start)
      ? await surveyZip(raw, options.encoding)
      : await surveyFile(raw, isGzip(start), options.encoding);
    return {
      name: raw.name,
      identity: raw.identity!,
      texts,
      passedOver,
      get bytesRead() {
        return raw.bytesRead;
      },
      close: () => raw.close(),
    };
  } catch (error) {
    await raw.close();
    throw error;
  }
}

/** Whether bytes are a zip archive, an empty one included. */
const isZip = (start: Buffer): boolean => ["504b0304", "504b0506"].includes(start.toString("hex", 0, 4));

type Survey = Pick<Input, "texts" | "passedOver">;

async function surveyFile(raw: RawFile, isPacked: boolean, asked: EncodingName | undefined): Promise<Survey> {
  const content: Content = () => (isPacked ? gunzip(raw) : raw.whole());
  const decoding = await detectEncoding(content, raw.name, asked);
  return { texts: [new InputText(raw.name, undefined, content, decoding)], passedOver: [] };
}

async function surveyZip(raw: RawFile, asked: EncodingName | undefined): Promise<Survey> {
  await raw.finishPass();
  // What reads archives takes as long to load as everything else that reads files, and most files are none.
  const { listZip } = await import("./zip.ts");
  const entries = await listZip(raw);
  const candidates = entries.filter(({ name }) => isTextName(name));
  if (candidates.length === 0) refuseWorkbook(raw.name, entries);
  const texts: InputText[] = [];
  const passedOver = entries
    .filter((entry) => !candidates.includes(entry))
    .map(({ name }) => `${name} is no .csv or .txt file`);
  for (const entry of candidates) {
    const name = `${raw.name} (${entry.name})`;
    try {
      const decoding = await detectEncoding(entry.content, name, asked);
      texts.push(new InputText(name, entry.name, () => unchanged(raw, entry), decoding));
    } catch (error) {
      // A note in another encoding beside the bill is no reason to refuse the bill.
      const isOfMember = error instanceof AccrueError && error.kind === "usage" && error.code !== "csv_cannot_read";
      if (!isOfMember || candidates.length === 1) throw error;
      passedOver.push(error.message);
    }
  }
  return { texts, passedOver };
}

/** Hidden files and the shadows that macOS adds (`__MACOSX/._x.csv`) are none that anybody meant to send. */
const isTextName = (name: string): boolean =>
  /(^|\/)[^./][^/]*\.(csv|txt)$/i.test(name) && !name.startsWith("__MACOSX/");

/** An entry's bytes, and at their end the proof that the archive is still the one that was surveyed. */
async function* unchanged(raw: RawFile, entry: ZipEntry): AsyncGenerator<Buffer, void, undefined> {
  yield* entry.content();
  await raw.finishPass();
}

function refuseWorkbook(name: string, entries: readonly ZipEntry[]): void {
  if (entries.some((entry) => entry.name === "xl/workbook.xml")) throw notText(name, workbook);
}

import { Readable } from "node:stream";
import { crc32 } from "node:zlib";
import { fromRandomAccessReaderPromise, RandomAccessReader, type Entry, type ZipFile } from "yauzl";
import { AccrueError, usageError } from "../../shared/errors.ts";
import { decodeStrictly } from "./encodings.ts";
import { damaged } from "./errors.ts";
import { refuseExpansion } from "./expansion.ts";
import type { RawFile } from "./raw-file.ts";

/** A file in an archive. */
export interface ZipEntry {
  readonly name: string;
  /** Its unpacked bytes, from the front at every call. */
  content(): AsyncGenerator<Buffer, void, undefined>;
}

/** More than any platform ships; a list of millions would be an attack on memory. */
const maxEntries = 1000;

/**
 * Lists the files of an archive, directories left out.
 *
 * @throws AccrueError (usage): `archive_damaged`, `zip_too_many_members`, `zip_encrypted`, `zip_overlapping_members`,
 *   `unpacked_too_large`
 */
export async function listZip(raw: RawFile): Promise<ZipEntry[]> {
  return guard(raw, "", async () => {
    const zip = await fromRandomAccessReaderPromise(new RangeReader(raw), raw.sizeBytes, {
      autoClose: false,
      decodeStrings: false,
    });
    if (zip.entryCount > maxEntries) throw tooMany(raw.name, zip.entryCount);
    const files: ZipEntry[] = [];
    const entries: Entry[] = [];
    for await (const entry of zip.eachEntry()) entries.push(entry);
    refuseOverlap(raw.name, entries);
    // These sizes are only claimed; an entry that has another is damaged, which its reader finds out.
    refuseExpansion(
      raw.name,
      raw.sizeBytes,
      entries.reduce((bytes, { uncompressedSize }) => bytes + uncompressedSize, 0),
    );
    for (const entry of entries) {
      const name = nameOf(entry);
      if (name.endsWith("/")) continue;
      if (entry.isEncrypted()) throw encrypted(raw.name, name);
      files.push({ name, content: () => unpack(raw, zip, entry, name) });
    }
    return files;
  });
}

/** Bytes of an entry's own header, whatever its name and its extra fields add. */
const localHeaderBytes = 30;

/** Refuses entries that share bytes: no tool writes them so, and each byte could be unpacked a thousand times. */
function refuseOverlap(name: string, entries: readonly Entry[]): void {
  const inOrder = entries.toSorted((one, other) => one.relativeOffsetOfLocalHeader - other.relativeOffsetOfLocalHeader);
  let end = 0;
  for (const entry of inOrder) {
    const start = entry.relativeOffsetOfLocalHeader;
    if (start < end) throw overlapping(name, nameOf(entry));
    end = start + localHeaderBytes + entry.compressedSize;
  }
}

async function* unpack(
  raw: RawFile,
  zip: ZipFile,
  entry: Entry,
  name: string,
): AsyncGenerator<Buffer, void, undefined> {
  raw.startPass();
  const chunks = (await guard(raw, name, () => zip.openReadStreamPromise(entry)))[
    Symbol.asyncIterator
  ]() as AsyncIterator<Buffer>;
  let checksum = 0;
  try {
    for (;;) {
      const step = await guard(raw, name, () => chunks.next());
      if (step.done === true) break;
      raw.throwIfAborted(); // a few packed bytes may be many unpacked ones
      checksum = crc32(step.value, checksum);
      yield step.value;
    }
  } finally {
    await chunks.return?.();
  }
  if (checksum !== entry.crc32)
    throw damaged(raw.name, "zip archive", ` in ${name}`, new Error("the checksum does not match"));
}

/** Reading fails in our own words; what else goes wrong is the archive's fault. */
async function guard<Result>(raw: RawFile, entry: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    raw.throwIfAborted();
    if (error instanceof AccrueError) throw error;
    throw damaged(raw.name, "zip archive", entry === "" ? "" : ` in ${entry}`, error);
  }
}

class RangeReader extends RandomAccessReader {
  readonly #raw: RawFile;

  constructor(raw: RawFile) {
    super();
    this.#raw = raw;
  }

  override _readStreamForRange(start: number, end: number): Readable {
    return Readable.from(this.#raw.range(start, end), { objectMode: false });
  }
}

/** Chinese tools write names in GBK; the flag that says UTF-8 is not to be relied on either way. */
function nameOf({ fileNameRaw }: Entry): string {
  return (
    decodeStrictly("utf-8", fileNameRaw) ?? decodeStrictly("gb18030", fileNameRaw) ?? fileNameRaw.toString("latin1")
  );
}

function tooMany(name: string, entries: number): AccrueError {
  return usageError(
    "zip_too_many_members",
    `${name} has ${entries} members; at most ${maxEntries} are looked through`,
    { hint: "unpack it and import the CSV file within", details: { file: name, members: entries } },
  );
}

function overlapping(name: string, entry: string): AccrueError {
  return usageError(
    "zip_overlapping_members",
    `${name} has members that share bytes with each other, ${entry} among them: no tool writes a zip archive so`,
    {
      hint: "ask who sent it what is in it; unpack it yourself and import the CSV file within if it is right",
      details: { file: name, member: entry },
    },
  );
}

function encrypted(name: string, entry: string): AccrueError {
  return usageError("zip_encrypted", `${name} is protected with a password (${entry})`, {
    hint: "unpack it with its password and import the CSV file within",
    details: { file: name, member: entry },
  });
}

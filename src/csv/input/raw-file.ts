import { createHash } from "node:crypto";
import { constants, createReadStream, openSync } from "node:fs";
import { open, stat, type FileHandle } from "node:fs/promises";
import { Socket } from "node:net";
import { Readable } from "node:stream";
import { cannotOpen, cannotRead, fileChanged, toOpenError } from "./errors.ts";
import { spool } from "./spool.ts";

/** Where bytes come from: a file's path, or `-` for standard input. */
export interface CsvInput {
  readonly path: string;
  /** What `-` reads; the process's own standard input when not given. */
  readonly stdin?: Readable;
  /** The regular file that somebody found there: anything else of that name by now, a link above all, is not opened. */
  readonly found?: FoundFile;
}

/** What tells a file from any other, whatever its name. */
export interface FoundFile {
  readonly dev: number;
  readonly ino: number;
}

/** What identifies the content of a file. */
export interface FileIdentity {
  /** Lower-case hexadecimal. */
  readonly sha256: string;
  readonly sizeBytes: number;
}

const defaultChunkBytes = 64 * 1024;
const startBytes = 4;

/** The name of an input in messages. */
const inputName = (path: string): string => (path === "-" ? "standard input" : path);

export interface RawOptions {
  readonly signal?: AbortSignal | undefined;
  /**
   * Told while an input is read for the first time: bytes so far, and of how many where that is known (of a pipe it is
   * not).
   */
  readonly onSurvey?: ((bytesRead: number, totalBytes?: number) => void) | undefined;
  /** How much is read at a time. What is read does not depend on it. */
  readonly chunkBytes?: number;
}

/** An open file that can be read any number of times, or the copy of a pipe. */
export class RawFile {
  readonly name: string;
  readonly sizeBytes: number;
  readonly #handle: FileHandle;
  readonly #options: RawOptions;
  #identity: FileIdentity | undefined;
  #isThrough = false;
  #bytesRead = 0;

  constructor(name: string, handle: FileHandle, sizeBytes: number, options: RawOptions) {
    this.name = name;
    this.sizeBytes = sizeBytes;
    this.#handle = handle;
    this.#options = options;
  }

  /** In the present pass, and never more than the file had when it was opened. */
  get bytesRead(): number {
    return Math.min(this.#bytesRead, this.sizeBytes);
  }

  /** Hash and size; undefined until one pass has come to its end. */
  get identity(): FileIdentity | undefined {
    return this.#identity;
  }

  /**
   * All bytes, front to back. Every pass is hashed, and must find what the first one found.
   *
   * @throws AccrueError (usage) `file_changed`, `csv_cannot_read`; the signal's reason when aborted
   */
  async *whole(): AsyncGenerator<Buffer, void, undefined> {
    this.startPass();
    const hash = createHash("sha256");
    for await (const chunk of this.range(0, Infinity)) {
      hash.update(chunk);
      if (this.#identity === undefined) this.#options.onSurvey?.(this.bytesRead, this.sizeBytes);
      yield chunk;
    }
    const identity = { sha256: hash.digest("hex"), sizeBytes: this.#bytesRead };
    this.#identity ??= identity;
    if (this.#identity.sha256 !== identity.sha256) throw fileChanged(this.name);
    this.#isThrough = true;
  }

  /** Counts from zero again. */
  startPass(): void {
    this.#bytesRead = 0;
    this.#isThrough = false;
  }

  /** Makes sure that the present pass has seen all bytes, where what unpacks them needed no more of them. */
  async finishPass(): Promise<void> {
    if (this.#isThrough) return;
    const bytes = this.whole();
    while ((await bytes.next()).done !== true);
  }

  /**
   * The bytes from offset `start` up to `end`, or to the end of the file.
   *
   * @throws AccrueError `csv_cannot_read` (usage); the signal's reason when aborted
   */
  async *range(start: number, end: number): AsyncGenerator<Buffer, void, undefined> {
    const { chunkBytes = defaultChunkBytes } = this.#options;
    for (let at = start; at < end;) {
      this.throwIfAborted();
      const chunk = Buffer.allocUnsafeSlow(Math.min(chunkBytes, end - at));
      const { bytesRead } = await this.#handle.read(chunk, 0, chunk.length, at).catch((error: unknown) => {
        throw cannotRead(this.name, error);
      });
      if (bytesRead === 0) return;
      at += bytesRead;
      this.#bytesRead += bytesRead;
      yield chunk.subarray(0, bytesRead);
    }
  }

  /** The first bytes: enough to tell an archive by. */
  async start(): Promise<Buffer> {
    const chunks: Buffer[] = [];
    for await (const chunk of this.range(0, startBytes)) chunks.push(chunk);
    return Buffer.concat(chunks);
  }

  throwIfAborted(): void {
    this.#options.signal?.throwIfAborted();
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }
}

/**
 * Opens an input. What cannot be read twice (standard input, a pipe) is copied to a temporary file first.
 *
 * @throws AccrueError (usage): `csv_cannot_open`, `csv_cannot_read`, `spool_failed`, `file_changed`; the signal's
 * reason when aborted
 */
export async function openRaw(input: CsvInput, options: RawOptions): Promise<RawFile> {
  options.signal?.throwIfAborted();
  const name = inputName(input.path);
  const opened = input.path === "-" ? (input.stdin ?? process.stdin) : await openInputPath(input);
  const handle = opened instanceof Readable ? await spool(opened, name, options.signal, options.onSurvey) : opened;
  const { size } = await handle.stat();
  return new RawFile(name, handle, size, options);
}

const openInputPath = ({ path, found }: CsvInput): Promise<FileHandle | Readable> =>
  found === undefined ? openPath(path) : openFound(path, found);

async function openFound(path: string, { dev, ino }: FoundFile): Promise<FileHandle> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(
    (error: unknown) => {
      throw error instanceof Error && "code" in error && error.code === "ELOOP"
        ? fileChanged(path)
        : toOpenError(path, error);
    },
  );
  const stats = await handle.stat();
  if (stats.isFile() && stats.dev === dev && stats.ino === ino) return handle;
  await handle.close();
  throw fileChanged(path);
}

async function openPath(path: string): Promise<FileHandle | Readable> {
  try {
    const stats = await stat(path);
    if (stats.isDirectory()) throw cannotOpen(path, "it is a directory");
    if (stats.isFile()) return await open(path, constants.O_RDONLY);
    // Opened like a file, a pipe would wait for its writer in a way that no interrupt can end.
    if (stats.isFIFO())
      return new Socket({ fd: openSync(path, constants.O_RDONLY | constants.O_NONBLOCK), writable: false });
    return createReadStream(path);
  } catch (error) {
    throw toOpenError(path, error);
  }
}

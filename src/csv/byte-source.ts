import { createHash, type Hash } from "node:crypto";
import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { addAbortSignal, type Readable } from "node:stream";
import { usageError, type AccrueError } from "../shared/errors.ts";

/** Where bytes come from: a file's path, or `-` for standard input. */
export interface CsvInput {
  readonly path: string;
  /** What `-` reads; the process's own standard input when not given. */
  readonly stdin?: Readable;
}

/** What identifies the content of a file. */
export interface FileIdentity {
  /** Lower-case hexadecimal. */
  readonly sha256: string;
  readonly sizeBytes: number;
}

const chunkBytes = 256 * 1024;

/** The name of an input in messages. */
export const inputName = (path: string): string => (path === "-" ? "standard input" : path);

/** The raw bytes of one input, hashed and counted as they pass. */
export class ByteSource {
  readonly name: string;
  /** Known for regular files only. */
  readonly totalBytes: number | undefined;
  readonly #stream: Readable;
  readonly #signal: AbortSignal | undefined;
  readonly #iterator: AsyncIterator<unknown>;
  readonly #hash: Hash = createHash("sha256");
  #bytesRead = 0;
  #identity: FileIdentity | undefined;

  constructor(name: string, stream: Readable, totalBytes: number | undefined, signal: AbortSignal | undefined) {
    this.name = name;
    this.totalBytes = totalBytes;
    // Without this, an input that sends nothing could not be interrupted.
    this.#stream = signal === undefined ? stream : addAbortSignal(signal, stream);
    this.#signal = signal;
    this.#iterator = stream[Symbol.asyncIterator]();
  }

  get bytesRead(): number {
    return this.#bytesRead;
  }

  /** Hash and size of the whole input; undefined until `next` has returned undefined. */
  get identity(): FileIdentity | undefined {
    return this.#identity;
  }

  /**
   * The next bytes, or undefined at the end.
   *
   * @throws AccrueError `csv_cannot_read` (usage) when the system fails to read; the signal's reason when it was aborted
   */
  async next(): Promise<Buffer | undefined> {
    this.#signal?.throwIfAborted();
    let step: IteratorResult<unknown>;
    try {
      step = await this.#iterator.next();
    } catch (error) {
      this.#signal?.throwIfAborted();
      throw cannotRead(this.name, error);
    }
    if (step.done === true) {
      this.#identity ??= { sha256: this.#hash.digest("hex"), sizeBytes: this.#bytesRead };
      return undefined;
    }
    const bytes = toBuffer(step.value);
    this.#hash.update(bytes);
    this.#bytesRead += bytes.length;
    return bytes;
  }

  /** Lets go of the input, read to its end or not. */
  close(): void {
    // A stream destroyed while it is being read reports an error to nobody: there is nothing left to tell.
    this.#stream.on("error", () => {});
    this.#stream.destroy();
  }
}

function toBuffer(chunk: unknown): Buffer {
  if (Buffer.isBuffer(chunk)) return chunk;
  if (chunk instanceof Uint8Array) return Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  return Buffer.from(String(chunk), "utf8");
}

/**
 * Opens an input for reading once, front to back.
 *
 * @throws AccrueError `csv_cannot_open` (usage) when the path is missing, a directory, or not readable
 */
export async function openBytes(input: CsvInput, signal?: AbortSignal): Promise<ByteSource> {
  signal?.throwIfAborted();
  if (input.path === "-") {
    return new ByteSource(inputName("-"), input.stdin ?? process.stdin, undefined, signal);
  }
  try {
    const handle = await open(input.path, constants.O_RDONLY);
    const stats = await handle.stat();
    if (stats.isDirectory()) {
      await handle.close();
      throw cannotOpen(input.path, "it is a directory");
    }
    const stream = handle.createReadStream({ highWaterMark: chunkBytes });
    return new ByteSource(input.path, stream, stats.isFile() ? stats.size : undefined, signal);
  } catch (error) {
    throw toOpenError(input.path, error);
  }
}

/** Hash and size of a file without parsing it: tells a file that was imported before in a fraction of the time. */
export async function identifyFile(path: string, signal?: AbortSignal): Promise<FileIdentity> {
  const source = await openBytes({ path }, signal);
  try {
    while ((await source.next()) !== undefined);
    return source.identity!;
  } finally {
    source.close();
  }
}

const openReasons: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  ENOTDIR: "a part of the path is not a directory",
  EISDIR: "it is a directory",
  EACCES: "this user may not read it",
  EPERM: "this user may not read it",
  EMFILE: "too many files are open",
  ENAMETOOLONG: "the name is too long",
  ELOOP: "its symbolic links go round in a circle",
};

function systemCode(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

function toOpenError(path: string, error: unknown): unknown {
  const code = systemCode(error);
  // An error that is no answer of the system (ours, or a bug) goes on as it is.
  if (code === undefined || !/^E[A-Z]+$/.test(code)) return error;
  return cannotOpen(path, openReasons[code] ?? code, error);
}

function cannotOpen(path: string, reason: string, cause?: unknown): AccrueError {
  return usageError("csv_cannot_open", `cannot open ${path}: ${reason}`, {
    hint: "check the path; - reads standard input",
    details: { file: path },
    cause,
  });
}

function cannotRead(name: string, cause: unknown): AccrueError {
  const reason = systemCode(cause) ?? (cause instanceof Error ? cause.message : String(cause));
  return usageError("csv_cannot_read", `reading ${name} failed: ${reason}`, {
    hint: "nothing of this file was kept; check the disk or the program that feeds it, then run the command again",
    details: { file: name },
    cause,
  });
}

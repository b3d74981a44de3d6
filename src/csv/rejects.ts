import { createHash, type Hash } from "node:crypto";
import { open, rename, rm, stat, type FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import { usageError, type AccrueError } from "../shared/errors.ts";
import { writeProblem } from "../shared/write-problem.ts";
import { RejectsEncoder, type Reject } from "./rejects-text.ts";
import { temporaryPathFor } from "../files/temporary-file.ts";

/**
 * Where the rejects of an input go by default: beside it, `orders.csv` to `orders.rejects.csv`; those of standard input
 * into the working directory.
 *
 * @param kind what was imported, such as `orders`
 */
export function defaultRejectsPath(inputPath: string, kind: string): string {
  if (inputPath === "-") return `accrue-${kind}.rejects.csv`;
  return `${inputPath.replace(/\.csv$/i, "")}.rejects.csv`;
}

const flushLength = 64 * 1024;

/**
 * The file of the rows that an import did not take: the original header and cells and four columns that say why. It
 * comes to be at the first reject, under a temporary name beside its target. `prepare` makes it safe before the
 * database commits, so that a full disk is met while everything can still be rolled back; `publish` gives it its name
 * afterwards, so that an older file of that name is only replaced by the rejects of something that was imported.
 */
export class RejectsWriter {
  readonly path: string;
  readonly #encoder: RejectsEncoder;
  #temporaryPath: string | undefined;
  #handle: FileHandle | undefined;
  readonly #maxBytes: number;
  #bytes = 0;
  readonly #hash: Hash = createHash("sha256");
  #sha256: string | undefined;
  #text = "";
  #rows = 0;

  /**
   * @param path where the file will be
   * @param header the original header cells
   * @param maxBytes what the file may grow to
   */
  constructor(path: string, header: readonly string[], maxBytes = Infinity) {
    this.path = path;
    this.#maxBytes = maxBytes;
    this.#encoder = new RejectsEncoder(header);
  }

  /** Rows written so far. */
  get rows(): number {
    return this.#rows;
  }

  /**
   * Appends rows; resolves when there is room for more.
   *
   * @throws AccrueError (usage) `rejects_unwritable`, `rejects_too_large`
   */
  async write(rejects: readonly Reject[]): Promise<void> {
    for (const reject of rejects) {
      this.#text += this.#encoder.header() + this.#encoder.row(reject);
      this.#rows += 1;
      if (this.#text.length < flushLength) continue;
      await this.#guard(() => this.#flush());
      if (this.#bytes > this.#maxBytes) throw tooLarge(this.path, this.#maxBytes);
    }
  }

  /**
   * Puts everything safely on disk, still under the temporary name. Nothing may be written afterwards.
   *
   * @returns the SHA-256 of the file; undefined when no row was rejected, and so there is no file
   * @throws AccrueError `rejects_unwritable` (usage)
   */
  async prepare(): Promise<string | undefined> {
    if (this.#rows === 0) return undefined;
    await this.#guard(async () => {
      await this.#flush();
      await this.#handle!.sync();
      await this.#close();
    });
    this.#sha256 ??= this.#hash.digest("hex");
    return this.#sha256;
  }

  /**
   * Gives the prepared file its name.
   *
   * @returns where the file is: under its temporary name when the system refuses the other, for then the rows it holds
   *   are rejected all the same; undefined when there is none
   */
  async publish(): Promise<string | undefined> {
    const temporaryPath = this.#temporaryPath;
    if (temporaryPath === undefined) return undefined;
    this.#temporaryPath = undefined;
    try {
      await rename(temporaryPath, this.path);
      await syncDirectory(dirname(this.path));
      return this.path;
    } catch {
      return temporaryPath;
    }
  }

  /** Removes what was written, if anything. Safe to call at any time, more than once, and after `publish`. */
  async discard(): Promise<void> {
    await this.#close().catch(() => {});
    if (this.#temporaryPath !== undefined) await rm(this.#temporaryPath, { force: true });
    this.#temporaryPath = undefined;
    this.#text = "";
    this.#rows = 0;
  }

  async #flush(): Promise<void> {
    if (this.#text === "") return;
    if (this.#handle === undefined) {
      await refuseDirectory(this.path);
      const temporaryPath = temporaryPathFor(this.path);
      // Rejected rows hold names and phone numbers: for their owner only. `wx`: never through somebody else's file.
      this.#handle = await open(temporaryPath, "wx", 0o600);
      this.#temporaryPath = temporaryPath;
    }
    const bytes = Buffer.from(this.#text, "utf8");
    await this.#handle.writeFile(bytes);
    this.#hash.update(bytes);
    this.#bytes += bytes.length;
    this.#text = "";
  }

  async #close(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    await handle?.close();
  }

  async #guard(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      // What went wrong first is what the operator has to know, even if cleaning up fails as well.
      await this.discard().catch(() => {});
      throw unwritable(this.path, error);
    }
  }
}

/** Met here, it can still be helped: the file takes its name when everything else is done. */
async function refuseDirectory(path: string): Promise<void> {
  const stats = await stat(path).catch(() => undefined);
  if (stats?.isDirectory() === true) throw Object.assign(new Error(`${path} is a directory`), { code: "EISDIR" });
}

/** Makes a rename durable. Not every directory can be opened or synced; the file itself is safe by then. */
async function syncDirectory(path: string): Promise<void> {
  const handle = await open(path, "r").catch(() => undefined);
  await handle?.sync().catch(() => {});
  await handle?.close();
}

/** Rows of a byte or two become lines of a hundred. */
function tooLarge(path: string, maxBytes: number): AccrueError {
  const message = `the rejects file ${path} would have more than ${maxBytes.toLocaleString("en-US")} bytes, many times what was read; nothing of the input was imported`;
  return usageError("rejects_too_large", message, {
    hint: "check that the file is what it should be; --explain shows how its first rows are read",
    details: { file: path, max_bytes: maxBytes },
  });
}

function unwritable(path: string, cause: unknown): AccrueError {
  return usageError("rejects_unwritable", `cannot write the rejects file ${path}: ${writeProblem(cause)}`, {
    hint: "make room or choose another place for the rejects file; without it no rejected row could be mended",
    details: { file: path },
    cause,
  });
}

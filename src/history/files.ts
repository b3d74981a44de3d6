import { createHash, randomBytes } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { writePacked, type PackedFile } from "../files/packed.ts";
import { syncDirectory } from "../files/replace-file.ts";
import { refusedError, usageError, type AccrueError } from "../shared/errors.ts";
import { writeProblem } from "../shared/write-problem.ts";
import { archivedTables, type ArchivedTable } from "./archive-sql.ts";

/** One file of an archive: rows in COPY text format, packed with gzip. */
export interface ArchiveFile extends PackedFile {
  readonly file: string;
  readonly columns: readonly string[];
  readonly rows: string;
}

/** `manifest.json` of an archive. Numbers that may be large are text. */
export interface Manifest {
  readonly format: 1;
  readonly archive_no: number;
  readonly first_id: string;
  readonly end_id: string;
  readonly before_date: string;
  readonly archived_at: string;
  readonly files: Readonly<Record<ArchivedTable, ArchiveFile>>;
}

/** An archive whose files are on disk under their last name. */
export interface WrittenArchive {
  readonly directory: string;
  readonly manifestSha256: string;
  readonly bytes: number;
}

/**
 * A directory of an archive that is being written: `accrue-history-NUMBER-…` in another one. It has another name until
 * all is on disk; what a killed attempt has left is nobody's, and may be deleted.
 */
export class ArchiveDirectory {
  readonly #last: string;
  readonly #part: string;

  private constructor(last: string) {
    this.#last = last;
    this.#part = `${last}.part`;
  }

  /** @throws a usage error `history_unwritable` */
  static async create(within: string, archiveNo: number): Promise<ArchiveDirectory> {
    const name = `accrue-history-${archiveNo.toString().padStart(4, "0")}-${randomBytes(4).toString("hex")}`;
    const directory = new ArchiveDirectory(join(resolve(within), name));
    await mkdir(directory.#part, { mode: 0o700 }).catch((error: unknown) => {
      throw unwritable(within, error);
    });
    return directory;
  }

  /** @throws errors of the source as they are, of the disk as a usage error `history_unwritable` */
  async write(
    table: ArchivedTable,
    source: AsyncIterable<Buffer>,
    columns: readonly string[],
    rows: bigint,
  ): Promise<ArchiveFile> {
    const file = `${table}.copy.gz`;
    const target = createWriteStream(join(this.#part, file), { flags: "wx", mode: 0o600, flush: true });
    let diskError: unknown;
    target.once("error", (error) => (diskError = error));
    const packed = await writePacked(source, target).catch((error: unknown) => {
      throw diskError === undefined ? error : unwritable(this.#last, diskError);
    });
    return { file, columns, rows: `${rows}`, ...packed };
  }

  /** Writes the manifest, and gives the directory its last name. */
  async finish(manifest: Manifest): Promise<WrittenArchive> {
    const text = `${JSON.stringify(manifest, null, 2)}\n`;
    try {
      await writeFile(join(this.#part, manifestFile), text, { flag: "wx", mode: 0o600, flush: true });
      await syncDirectory(this.#part);
      await rename(this.#part, this.#last);
      await syncDirectory(resolve(this.#last, ".."));
    } catch (error) {
      throw unwritable(this.#last, error);
    }
    const bytes = archivedTables.reduce((sum, table) => sum + manifest.files[table].bytes, text.length);
    return { directory: this.#last, manifestSha256: sha256Of(text), bytes };
  }

  /** Removes what was written, under either name. */
  async remove(): Promise<void> {
    for (const path of [this.#part, this.#last]) await rm(path, { recursive: true, force: true });
  }
}

const manifestFile = "manifest.json";

const sha256Of = (text: string): string => createHash("sha256").update(text).digest("hex");

const unwritable = (path: string, cause: unknown): AccrueError =>
  usageError("history_unwritable", `cannot write to ${path}: ${writeProblem(cause)}`, {
    hint: "nothing was archived; --directory names where archives are kept",
  });

/**
 * Reads the manifest of an archive.
 *
 * @param sha256 what the database recorded of it
 * @throws refused `history_files_missing`, `history_files_changed`
 */
export async function readManifest(directory: string, sha256: string): Promise<Manifest> {
  const text = await readFile(join(directory, manifestFile), "utf8").catch((error: unknown) => {
    throw filesMissing(directory, error);
  });
  if (sha256Of(text) !== sha256) throw filesChanged(join(directory, manifestFile));
  const manifest = JSON.parse(text) as Manifest;
  for (const table of archivedTables) {
    const path = join(directory, manifest.files[table].file);
    const { size } = await stat(path).catch((error: unknown) => {
      throw filesMissing(path, error);
    });
    if (size !== manifest.files[table].bytes) throw filesChanged(path);
  }
  return manifest;
}

/**
 * The rows of a file of an archive, in COPY text format, piece by piece.
 *
 * @throws refused `history_files_changed` at the end of a file that is not what was written
 */
export async function* rowsOf(directory: string, { file, sha256 }: ArchiveFile): AsyncGenerator<Buffer> {
  const path = join(directory, file);
  const hash = createHash("sha256");
  const unpacked = createGunzip({ chunkSize: 256 * 1024 });
  const reading = pipeline(
    createReadStream(path, { highWaterMark: 256 * 1024 }),
    async function* (pieces: AsyncIterable<Buffer>) {
      for await (const piece of pieces) {
        hash.update(piece);
        yield piece;
      }
    },
    unpacked,
  );
  reading.catch(() => {}); // awaited below
  try {
    yield* unpacked as AsyncIterable<Buffer>;
    await reading;
  } catch {
    throw filesChanged(path);
  }
  if (hash.digest("hex") !== sha256) throw filesChanged(path);
}

const filesMissing = (path: string, cause: unknown): AccrueError =>
  refusedError("history_files_missing", `cannot read ${path}: ${writeProblem(cause)}`, {
    hint: "nothing was changed; --from names the directory where the archive is now",
  });

const filesChanged = (path: string): AccrueError =>
  refusedError("history_files_changed", `${path} is not what was written when the orders were archived`, {
    hint: "nothing was changed; take another copy of the archive: --from DIRECTORY",
  });

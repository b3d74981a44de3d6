import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import type { ReadStream } from "node:fs";
import { createGunzip } from "node:zlib";
import { AccrueError, refusedError, usageError } from "../../../shared/errors.ts";
import { descriptionIn, descriptionPath, manifestPath, type BackupDescription } from "./format.ts";
import { manifestProblem, type FileFacts } from "./manifest.ts";
import { readTar, TarError, type TarEntry } from "./tar.ts";

/** Receives the contents of a backup, in their order. */
export interface BackupSink {
  /** Called first. Throws to refuse the backup. */
  describe(description: BackupDescription): void;
  directory(path: string): Promise<void>;
  file(path: string, content: AsyncIterable<Buffer>): Promise<void>;
}

export interface ReadOptions {
  readonly signal: AbortSignal;
  /** Called with the number of bytes read so far. */
  readonly onProgress: (doneBytes: number) => void;
}

const pieceBytes = 256 * 1024;

/** Longest description and manifest that are read into memory; a manifest has about 200 bytes a file. */
const maxTextBytes = 64 * 1024 * 1024;

/**
 * Reads a backup to its end and verifies its checksums: of each file, of their list, and of the whole. Only when it
 * returns has the sink received a complete backup.
 *
 * @throws a usage error, `backup_unreadable`; refused, `backup_unknown` for what is no backup, `backup_damaged`; what
 *   the sink throws; the signal's reason when it aborts
 */
export async function readBackup(
  path: string,
  sink: BackupSink,
  { signal, onProgress }: ReadOptions,
): Promise<BackupDescription> {
  const source = createReadStream(path, { signal, highWaterMark: pieceBytes });
  const unpacked = source.on("error", (error) => unpacked.destroy(error)).pipe(createGunzip({ chunkSize: pieceBytes }));
  source.on("data", () => onProgress(source.bytesRead));
  let isKnown = false;
  const describe = (description: BackupDescription) => {
    isKnown = true;
    sink.describe(description);
  };
  try {
    return await takeEntries(readTar(unpacked), { ...sink, describe });
  } catch (error) {
    signal.throwIfAborted();
    throw typed(path, source, error, isKnown);
  } finally {
    source.destroy();
    unpacked.destroy();
  }
}

async function takeEntries(entries: AsyncGenerator<TarEntry>, sink: BackupSink): Promise<BackupDescription> {
  const first = await entries.next();
  const description =
    first.done !== true && first.value.path === descriptionPath ? descriptionIn(await textOf(first.value)) : undefined;
  if (description === undefined) throw new TarError("it does not say that it is one");
  sink.describe(description);
  const found = new Map<string, FileFacts>();
  let manifest: string | undefined;
  for await (const entry of entries) {
    const name = entry.path.replaceAll(/^\.\/|\/$/gu, "");
    if (manifest !== undefined) throw new TarError("something follows its manifest");
    if (name === manifestPath) manifest = await textOf(entry);
    else if (!isInside(name) || entry.kind === "other")
      throw new TarError(`"${name}" in it is neither a file nor a directory of a database`);
    else if (entry.kind === "directory") await sink.directory(name);
    else found.set(name, await takeFile(name, entry, sink));
  }
  const problem = manifest === undefined ? "it has no manifest" : manifestProblem(manifest, found);
  if (problem !== undefined) throw new TarError(problem);
  return description;
}

async function takeFile(name: string, { content }: TarEntry, sink: BackupSink): Promise<FileFacts> {
  const hash = createHash("sha256");
  let sizeBytes = 0;
  const counted = async function* () {
    for await (const bytes of content) {
      hash.update(bytes);
      sizeBytes += bytes.length;
      yield bytes;
    }
  };
  await sink.file(name, counted());
  return { sizeBytes, sha256: hash.digest("hex") };
}

async function textOf({ content, sizeBytes }: TarEntry): Promise<string> {
  if (sizeBytes > maxTextBytes) throw new TarError("its manifest is too large");
  const pieces: Buffer[] = [];
  for await (const piece of content) pieces.push(piece);
  return Buffer.concat(pieces).toString("utf8");
}

/** Whether a path stays below the directory that it is unpacked in. */
const isInside = (path: string): boolean =>
  path !== "" && path.split("/").every((part) => part !== "" && part !== "." && part !== ".." && !/[\0\\]/u.test(part));

function typed(path: string, source: ReadStream, error: unknown, isKnown: boolean): unknown {
  if (error instanceof AccrueError) return error;
  if (source.errored !== null)
    return usageError("backup_unreadable", `cannot read the backup ${path}: ${source.errored.message}`, {
      hint: "check the path",
    });
  const why = damageOf(error);
  if (why === undefined) return error;
  return isKnown
    ? refusedError("backup_damaged", `the backup ${path} is damaged: ${why}; nothing was restored`, {
        hint: "take another copy of it, or an older backup",
        cause: error,
      })
    : refusedError("backup_unknown", `${path} is no backup that this accrue can read: ${why}`, {
        hint: "`accrue db backup` makes them; one of a newer accrue needs that one",
        cause: error,
      });
}

function damageOf(error: unknown): string | undefined {
  if (error instanceof TarError) return error.message;
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === "Z_BUF_ERROR") return "it is cut off";
  return code?.startsWith("Z_") === true ? message : undefined;
}

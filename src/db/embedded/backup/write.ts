import { accessSync, constants, createWriteStream, existsSync, readdirSync, rmSync } from "node:fs";
import { open, rename } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { Writable } from "node:stream";
import { writePacked } from "../../../files/packed.ts";
import { AccrueError, refusedError, usageError } from "../../../shared/errors.ts";
import { writeProblem } from "../../../shared/write-problem.ts";
import { takeBaseBackup } from "./base-backup.ts";
import { descriptionPath, manifestPath, type BackupDescription } from "./format.ts";
import { tarEnd, tarFile } from "./tar.ts";

/** What a backup is made of, and where it goes. */
export interface BackupOrder {
  readonly socketDirectory: string;
  readonly file: string;
  /** Makes the copy and discards it, without writing the file. */
  readonly isRehearsal: boolean;
  readonly description: BackupDescription;
  readonly signal: AbortSignal;
  readonly onProgress: (doneBytes: number, totalBytes: number) => void;
}

/** A backup that was written. */
export interface WrittenBackup {
  readonly sizeBytes: number;
  /** Of its contents. */
  readonly dataBytes: number;
  readonly sha256: string;
}

/**
 * Refuses a path that a backup cannot be written to, before the server does any work.
 *
 * @throws refused `backup_file_exists`: a backup is never replaced; a usage error `backup_unwritable`
 */
export function requireNewFile(file: string): void {
  if (existsSync(file)) {
    throw refusedError("backup_file_exists", `${file} is there already, and a backup is never replaced`, {
      hint: "name a file that does not exist yet",
    });
  }
  try {
    accessSync(dirname(file), constants.W_OK);
  } catch (error) {
    throw unwritable(file, error);
  }
}

/**
 * Writes a backup of a running server to a new file, of mode 0600. It has another name until it is complete and on
 * disk.
 *
 * @throws those of `requireNewFile` and `takeBaseBackup`; nothing is left then
 */
export async function writeBackup(order: BackupOrder): Promise<WrittenBackup> {
  const { file, signal } = order;
  requireNewFile(file);
  if (order.isRehearsal) return copyTo(new Writable({ write: (_bytes, _encoding, done) => done() }), order);
  removeParts(file);
  const part = partOf(file, process.pid);
  try {
    const written = await copyTo(createWriteStream(part, { flags: "wx", mode: 0o600, flush: true }), order);
    signal.throwIfAborted();
    requireNewFile(file);
    await rename(part, file);
    await sync(dirname(file), "r");
    return written;
  } catch (error) {
    rmSync(part, { force: true });
    signal.throwIfAborted();
    throw error instanceof AccrueError ? error : unwritable(file, error);
  }
}

async function copyTo(target: Writable, order: BackupOrder): Promise<WrittenBackup> {
  const counts = { dataBytes: 0 };
  const { bytes: sizeBytes, sha256 } = await writePacked(archiveOf(order, counts), target);
  return { ...counts, sizeBytes, sha256 };
}

/** The description, the server's archive and its manifest, as one archive that `tar` unpacks to a data directory. */
async function* archiveOf(
  { socketDirectory, description, signal, onProgress }: BackupOrder,
  counts: { dataBytes: number },
): AsyncGenerator<Buffer> {
  const now = new Date(description.taken_at);
  yield tarFile(descriptionPath, Buffer.from(`${JSON.stringify(description)}\n`), now);
  const manifest: Buffer[] = [];
  let totalBytes = 0;
  // The end of the server's archive is held back, to put its manifest before it.
  let held: Buffer = Buffer.alloc(0);
  for await (const piece of takeBaseBackup(socketDirectory, signal)) {
    if (piece.kind === "size") totalBytes += piece.bytes;
    if (piece.kind === "manifest") manifest.push(piece.bytes);
    if (piece.kind !== "archive") continue;
    const bytes = Buffer.concat([held, piece.bytes]);
    const end = Math.max(0, bytes.length - tarEnd.length);
    held = bytes.subarray(end);
    counts.dataBytes += end;
    onProgress(counts.dataBytes, Math.max(totalBytes, counts.dataBytes));
    yield bytes.subarray(0, end);
  }
  if (!held.equals(tarEnd)) throw new Error("the server's archive has no end");
  yield tarFile(manifestPath, Buffer.concat(manifest), now);
  yield tarEnd;
}

/** One name for each process, so that two at once do not write into the same file. */
const partOf = (file: string, pid: number): string => join(dirname(file), `.${basename(file)}.${pid}.part`);

/** Removes what killed commands left of a backup of this name. */
function removeParts(file: string): void {
  const [before, after] = [`.${basename(file)}.`, ".part"];
  for (const name of readdirSync(dirname(file))) {
    const pid =
      name.startsWith(before) && name.endsWith(after) ? Number(name.slice(before.length, -after.length)) : Number.NaN;
    if (Number.isInteger(pid) && (pid === process.pid || !isAlive(pid))) rmSync(partOf(file, pid), { force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

async function sync(path: string, flags: string): Promise<void> {
  const handle = await open(path, flags);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function unwritable(file: string, cause: unknown): unknown {
  if (!(cause instanceof Error && "code" in cause)) return cause;
  return usageError("backup_unwritable", `cannot write the backup ${file}: ${writeProblem(cause)}`, {
    hint: "nothing was written; name a file in a directory that you can write to, with room for it",
    cause,
  });
}

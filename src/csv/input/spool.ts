import { randomBytes } from "node:crypto";
import { open, rm, type FileHandle } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { addAbortSignal, type Readable } from "node:stream";
import { AccrueError } from "../../shared/errors.ts";
import { cannotRead, cannotSpool } from "./errors.ts";

/**
 * Copies a stream into a temporary file, so that it can be read more than once. The file has no name any more when this
 * returns: whatever becomes of the process, nothing is left behind.
 *
 * @param name the input, for messages
 * @param onBytes called with the number of bytes so far
 * @throws AccrueError (usage): `csv_cannot_read`, `spool_failed`; the signal's reason when aborted
 */
export async function spool(
  stream: Readable,
  name: string,
  signal?: AbortSignal,
  onBytes?: (bytes: number) => void,
): Promise<FileHandle> {
  const directory = tmpdir();
  const failed = (error: unknown) => {
    throw cannotSpool(name, directory, error);
  };
  const handle = await openNameless(directory).catch(failed);
  // Without this, an input that sends nothing could not be interrupted.
  if (signal !== undefined) addAbortSignal(signal, stream);
  try {
    let bytes = 0;
    for await (const chunk of stream) {
      const data = toBuffer(chunk);
      await handle.writeFile(data).catch(failed);
      bytes += data.length;
      onBytes?.(bytes);
    }
    return handle;
  } catch (error) {
    await handle.close();
    signal?.throwIfAborted();
    throw error instanceof AccrueError ? error : cannotRead(name, error);
  } finally {
    // A stream destroyed while it is being read reports an error to nobody: there is nothing left to tell.
    stream.on("error", () => {}).destroy();
  }
}

/** A new file for its owner only, since rows hold names and phone numbers. */
async function openNameless(directory: string): Promise<FileHandle> {
  const path = join(directory, `accrue-${randomBytes(8).toString("hex")}.tmp`);
  const handle = await open(path, "wx+", 0o600);
  await rm(path);
  return handle;
}

function toBuffer(chunk: unknown): Buffer {
  if (Buffer.isBuffer(chunk)) return chunk;
  if (chunk instanceof Uint8Array) return Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  return Buffer.from(String(chunk), "utf8");
}

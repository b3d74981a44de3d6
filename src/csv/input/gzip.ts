import { pipeline, Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { AccrueError } from "../../shared/errors.ts";
import { damaged } from "./errors.ts";
import { refuseExpansion } from "./expansion.ts";
import type { RawFile } from "./raw-file.ts";

/** Whether bytes are the start of a gzip file. */
export const isGzip = (start: Buffer): boolean => start.toString("hex", 0, 2) === "1f8b";

const unpackedChunkBytes = 64 * 1024;

/**
 * The unpacked bytes of a gzip file; several members in a row are one content.
 *
 * @throws AccrueError (usage) `archive_damaged`, `unpacked_too_large`, and what reading the file throws
 */
export async function* gunzip(raw: RawFile): AsyncGenerator<Buffer, void, undefined> {
  const unpacker = createGunzip({ chunkSize: unpackedChunkBytes });
  let unpackedBytes = 0;
  // Errors of both reach whoever iterates the unpacker; there they are told apart.
  pipeline(Readable.from(raw.whole(), { objectMode: false }), unpacker, () => {});
  try {
    for await (const chunk of unpacker) {
      raw.throwIfAborted(); // a few packed bytes may be many unpacked ones
      unpackedBytes += (chunk as Buffer).length;
      refuseExpansion(raw.name, raw.sizeBytes, unpackedBytes);
      yield chunk as Buffer;
    }
    await refuseTrailing(raw, unpacker.bytesWritten);
    await raw.finishPass();
  } catch (error) {
    if (error instanceof AccrueError || !isZlibError(error)) throw error;
    throw damaged(
      raw.name,
      "gzip file",
      ` after ${raw.bytesRead} of ${raw.sizeBytes} bytes, which gave ${unpackedBytes} unpacked`,
      error,
    );
  }
}

/** zlib stops reading at zeros, which some tools pad with. Anything after them would be dropped without a word. */
async function refuseTrailing(raw: RawFile, end: number): Promise<void> {
  for await (const chunk of raw.range(end, raw.sizeBytes)) {
    if (!chunk.every((byte) => byte === 0))
      throw damaged(raw.name, "gzip file", ` behind byte ${end}`, new Error("bytes that are no gzip member"));
  }
}

const isZlibError = (error: unknown): boolean =>
  error instanceof Error && "code" in error && String(error.code).startsWith("Z_");

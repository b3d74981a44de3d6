/** Files and directories in a tar archive, as PostgreSQL writes them: ustar, names of at most 99 bytes. */
export interface TarEntry {
  readonly path: string;
  readonly kind: "file" | "directory" | "other";
  readonly sizeBytes: number;
  /** To be read to its end, or not at all, before the next entry is asked for. */
  readonly content: AsyncIterable<Buffer>;
}

/** The bytes are not such an archive. */
export class TarError extends Error {}

const blockBytes = 512;
const kinds: Readonly<Record<string, TarEntry["kind"]>> = { "0": "file", "\0": "file", "5": "directory" };

/** The end of an archive: two empty blocks. */
export const tarEnd = Buffer.alloc(2 * blockBytes);

/** A file in an archive: header, content, and padding. */
export function tarFile(path: string, content: Buffer, modifiedAt: Date): Buffer {
  const head = Buffer.alloc(blockBytes);
  head.write(path, 0, 100);
  for (const [at, digits, value] of [
    [100, 7, 0o600],
    [108, 7, 0],
    [116, 7, 0],
    [124, 11, content.length],
    [136, 11, Math.floor(modifiedAt.getTime() / 1000)],
  ] as const) {
    head.write(value.toString(8).padStart(digits, "0"), at);
  }
  head.write("0", 156);
  head.write("ustar\u000000", 257, "latin1");
  head.write(`${checksumOf(head).toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return Buffer.concat([head, content, Buffer.alloc(padding(content.length))]);
}

/** The sum of a header's bytes, the field of the sum itself counted as spaces. */
const checksumOf = (head: Buffer): number =>
  head.reduce((sum, byte, at) => sum + (at >= 148 && at < 156 ? 0x20 : byte), 0);

const padding = (sizeBytes: number): number => (blockBytes - (sizeBytes % blockBytes)) % blockBytes;

/**
 * Reads an archive, entry by entry, in memory that does not depend on it.
 *
 * @throws TarError, also for one that ends too early
 */
export async function* readTar(source: AsyncIterable<Buffer>): AsyncGenerator<TarEntry> {
  const bytes = new ByteReader(source);
  for (;;) {
    const head = await bytes.exactly(blockBytes);
    if (head.every((byte) => byte === 0)) break;
    if (octal(head, 148, 8) !== checksumOf(head)) throw new TarError("a header in it does not have its checksum");
    const sizeBytes = octal(head, 124, 12);
    const path = head.toString("utf8", 0, 100).replace(/\0.*$/su, "");
    let isRead = false;
    const content = async function* () {
      isRead = true;
      yield* bytes.upTo(sizeBytes);
    };
    yield {
      path,
      kind: kinds[String.fromCharCode(head[156]!)] ?? "other",
      sizeBytes,
      content: { [Symbol.asyncIterator]: content },
    };
    if (!isRead) for await (const _piece of bytes.upTo(sizeBytes)) continue;
    await bytes.exactly(padding(sizeBytes));
  }
  // Bytes after the end mean nothing, but the checksum of the whole is verified only when all are read.
  await bytes.toEnd();
}

const octal = (head: Buffer, at: number, length: number): number =>
  Number.parseInt(head.toString("latin1", at, at + length).replace(/[\0 ]+$/u, "") || "0", 8);

class ByteReader {
  readonly #source: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Buffer>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  async exactly(length: number): Promise<Buffer> {
    const pieces: Buffer[] = [];
    for await (const piece of this.upTo(length)) pieces.push(piece);
    return Buffer.concat(pieces);
  }

  async *upTo(length: number): AsyncGenerator<Buffer> {
    for (let left = length; left > 0;) {
      if (this.#rest.length === 0) await this.#more();
      const piece = this.#rest.subarray(0, left);
      this.#rest = this.#rest.subarray(piece.length);
      left -= piece.length;
      yield piece;
    }
  }

  async toEnd(): Promise<void> {
    while (!(await this.#source.next()).done) continue;
  }

  async #more(): Promise<void> {
    const { done, value } = await this.#source.next();
    if (done === true) throw new TarError("it ends in the middle");
    this.#rest = value;
  }
}

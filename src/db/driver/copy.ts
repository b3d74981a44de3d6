import type { Readable, Writable } from "node:stream";
import { finished } from "node:stream/promises";
import type { Transaction } from "./client.ts";

/**
 * Copies rows in COPY text format into a table. Resolves when the server has taken all of them, rejects at once with
 * the server's own error when it refuses any.
 *
 * postgres.js resolves a COPY query with its stream, so an error that the server sends later lands on a promise that is
 * already resolved and would be lost (porsager/postgres#1173); the stream then never ends. The query's `reject` is what
 * the driver calls with it: pointed at the stream, it ends the stream with that error.
 *
 * @param target table and columns, `staged_orders (line, order_no)`; never from user input
 * @param chunks pieces of COPY text, cut anywhere
 */
export async function copyIn(
  tx: Transaction,
  target: string,
  chunks: Iterable<Buffer | string> | AsyncIterable<Buffer>,
): Promise<void> {
  const query = tx.unsafe(`copy ${target} from stdin`);
  const stream: Writable = await query.writable();
  (query as unknown as { reject(error: Error): void }).reject = (error) => stream.destroy(error);
  const done = finished(stream);
  done.catch(() => {}); // it is awaited below; until then a failure must not count as unhandled
  try {
    for await (const chunk of chunks) {
      if (stream.destroyed) break;
      if (!stream.write(chunk)) await drained(stream);
    }
  } catch (error) {
    // Of a copy that is cut off the server keeps nothing.
    stream.destroy(error as Error);
  }
  if (!stream.destroyed) stream.end();
  await done;
}

/** Waits until the stream takes more, or has ended: a destroyed stream never drains. */
function drained(stream: Writable): Promise<void> {
  return new Promise((resolve) => {
    const finish = () => {
      stream.off("drain", finish).off("close", finish);
      resolve();
    };
    stream.on("drain", finish).on("close", finish);
    if (stream.destroyed) finish();
  });
}

/**
 * The rows of a query in COPY text format, piece by piece; ends with the server's own error when it fails. The driver
 * resolves the query with its stream, as it does in `copyIn`, and pauses the connection while the stream is full: where
 * that is at its end, or the stream is given up, nobody lets the connection go on. So this does, at the end, when what was
 * not wanted is read and dropped: the driver refuses other statements until then.
 *
 * @param query never from user input
 */
export async function* copyOut(tx: Transaction, query: string): AsyncGenerator<Buffer> {
  const copy = tx.unsafe(`copy (${query}) to stdout`);
  const stream: Readable = await copy.readable();
  (copy as unknown as { reject(error: Error): void }).reject = (error) => stream.destroy(error);
  try {
    yield* stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
  } finally {
    // Not at once: a stream flows when it has noticed that nobody reads it any more.
    setImmediate(() => stream.resume());
    await finished(stream).catch(() => {});
    stream._read(0); // the driver's own, which lets the connection go on
  }
}

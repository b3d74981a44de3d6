import type { Writable } from "node:stream";
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
export async function copyIn(tx: Transaction, target: string, chunks: Iterable<Buffer | string>): Promise<void> {
  const query = tx.unsafe(`copy ${target} from stdin`);
  const stream: Writable = await query.writable();
  (query as unknown as { reject(error: Error): void }).reject = (error) => stream.destroy(error);
  const done = finished(stream);
  done.catch(() => {}); // it is awaited below; until then a failure must not count as unhandled
  for (const chunk of chunks) {
    if (stream.destroyed) break;
    if (!stream.write(chunk)) await drained(stream);
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

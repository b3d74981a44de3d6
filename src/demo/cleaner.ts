import { rmSync } from "node:fs";
import { dropDatabase, type DemoPlace } from "./place.ts";

/** What the demo writes into the pipe when its place is to stay. */
export const keepWord = "keep";

/**
 * Cleans up after a demo as soon as the pipe from it closes: drops its database, or stops its embedded server, and
 * removes its home. This runs in a process of its own, so nothing is left however the demo ends: done, interrupted once
 * or twice, its terminal closed, or killed.
 *
 * @param input the pipe: the place as one line of JSON (it may hold a password, so it is no argument), then, perhaps,
 * `keepWord`
 */
export async function cleanUpWhenOver(input: AsyncIterable<Buffer>, env: NodeJS.ProcessEnv): Promise<void> {
  const pieces: Buffer[] = [];
  for await (const piece of input) pieces.push(piece);
  const [line = "", word] = Buffer.concat(pieces).toString("utf8").split("\n");
  if (line === "" || word === keepWord) return;
  const place = JSON.parse(line) as DemoPlace;
  // A server that could not be stopped keeps its files; a home without one can always go.
  if (place.server === undefined) {
    await stopServer(place, env);
    remove(place.home);
    return;
  }
  try {
    await dropDatabase(place.server, env); // first: a command that still runs has no more to write then
  } finally {
    remove(place.home);
  }
}

async function stopServer({ paths }: DemoPlace, env: NodeJS.ProcessEnv): Promise<void> {
  const [{ stopEmbeddedServer }, { findServerFiles }] = await Promise.all([
    import("../db/embedded/stop.ts"),
    import("../db/embedded/layout.ts"),
  ]);
  await stopEmbeddedServer({ paths, env });
  // Where the home is closed to the server's account, its files are elsewhere.
  const root = findServerFiles(paths)?.root;
  if (root !== undefined) remove(root);
}

const remove = (directory: string): void => rmSync(directory, { recursive: true, force: true, maxRetries: 10 });

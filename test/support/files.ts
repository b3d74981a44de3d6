import { mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inject } from "vitest";

/** A new directory for a test's files; it goes with the test run. */
export function scratchDirectory(): string {
  return mkdtempSync(join(inject("scratch"), "scratch-"));
}

/** Writes a file into a directory (a new one, when none is given) and returns its path. */
export function writeScratch(name: string, content: string | Uint8Array, directory = scratchDirectory()): string {
  const path = join(directory, name);
  writeFileSync(path, content);
  return path;
}

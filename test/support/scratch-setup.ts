import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { cleanUpWhenOrphaned } from "./server.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** A directory for whatever tests write; it goes with the run. */
    scratch: string;
  }
}

/** Before all tests, once for all projects: a directory for their files. Afterwards it is gone. */
export default function setup(project: TestProject): undefined | (() => void) {
  const root = project.vitest.getRootProject();
  if (root.getProvidedContext().scratch !== undefined) return undefined;
  const directory = mkdtempSync(join(tmpdir(), "accrue-test-"));
  if (process.getuid?.() === 0) chmodSync(directory, 0o711); // servers of tests run as an unprivileged user, who must get through
  const release = cleanUpWhenOrphaned(directory);
  root.provide("scratch", directory);
  return () => {
    release();
    rmSync(directory, { recursive: true, force: true });
  };
}

import { chmodSync, chownSync, mkdtempSync, renameSync, statfsSync } from "node:fs";
import { totalmem } from "node:os";
import { join } from "node:path";
import { mebibyte } from "../../shared/bytes.ts";
import { unreachableError } from "../../shared/errors.ts";
import type { ServerAccount } from "./account.ts";
import { readNote, syncDirectory, type ServerFiles } from "./layout.ts";
import { SERVER_DATABASE, SERVER_USER } from "./postmaster.ts";
import { runProgram, tail, type ServerPackage } from "./programs.ts";

/**
 * Creates the data directory with its database, under another name that is then renamed: a data directory that exists
 * is complete.
 *
 * @throws unreachable embedded_server_init_failed with initdb's output
 */
export const createCluster = async (
  runtime: string,
  files: ServerFiles,
  account: ServerAccount,
  signal: AbortSignal | undefined,
): Promise<void> => {
  const aside = mkdtempSync(join(files.root, "data.tmp-"));
  if (account.switches) chownSync(aside, account.uid, account.gid);
  chmodSync(aside, 0o700);
  const settings = Object.entries(initialSettings()).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const initdb = await runProgram(
    join(runtime, "bin", "initdb"),
    [
      "-D",
      aside,
      "-U",
      SERVER_USER,
      "--encoding=UTF8",
      "--locale=C",
      "--auth-local=peer",
      "--auth-host=reject",
      "--no-instructions",
      ...settings,
    ],
    { account, signal },
  );
  if (!initdb.ok) throw initError("initdb", initdb.outcome, initdb.output);
  // In single-user mode, so that the database exists before the data directory has its name.
  const create = await runProgram(
    join(runtime, "bin", "postgres"),
    ["--single", "-D", aside, "-c", "exit_on_error=on", "template1"],
    { account, signal, input: `CREATE DATABASE ${SERVER_DATABASE}\n` },
  );
  if (!create.ok) throw initError("creating the database", create.outcome, create.output);
  renameSync(aside, files.data);
  syncDirectory(files.root);
};

const initError = (what: string, outcome: string, output: string): Error =>
  unreachableError(
    "embedded_server_init_failed",
    `the embedded PostgreSQL server could not be set up: ${what} failed (${outcome})`,
    {
      hint: "the details say why; or set DATABASE_URL to a PostgreSQL server (15 or newer)",
      details: { output: tail(output) },
    },
  );

/**
 * Settings that a new cluster's postgresql.conf gets, where an operator may change them: few checkpoints, for bulk
 * loads; look-ups planned for a disk without moving parts; no statements and values in the log. Full-page images stay
 * uncompressed: these programs know pglz only, which takes 0.5 ms a page, and a night after years of orders writes to
 * every page of their keys.
 */
const initialSettings = (): Record<string, string> => ({
  shared_buffers: `${sharedBuffersMebibytes()}MB`,
  max_wal_size: "4GB",
  checkpoint_timeout: "15min",
  random_page_cost: "1.1",
  timezone: "UTC",
  log_timezone: "UTC",
  log_checkpoints: "off",
  log_min_error_statement: "panic",
  log_error_verbosity: "terse",
  dynamic_shared_memory_type: hasRoomForSharedMemory() ? "posix" : "mmap",
});

/** A quarter of the memory, at most 256 MiB: PostgreSQL uses the system's file cache for the rest. */
const sharedBuffersMebibytes = (): number => {
  const limit = process.constrainedMemory();
  const memory = limit > 0 ? Math.min(limit, totalmem()) : totalmem();
  return Math.max(16, Math.min(256, Math.floor(memory / 4 / mebibyte)));
};

/** Containers often have 64 MiB of /dev/shm, which a parallel hash join of a large night outgrows. */
const hasRoomForSharedMemory = (): boolean => {
  if (process.platform !== "linux") return true;
  try {
    const { blocks, bsize } = statfsSync("/dev/shm");
    return blocks * bsize >= 512 * mebibyte;
  } catch {
    return false;
  }
};

/**
 * Refuses to start programs of one major version on data of another.
 *
 * @throws unreachable embedded_server_version_mismatch
 */
export const checkDataVersion = (files: ServerFiles, programs: ServerPackage): void => {
  const found = readNote(join(files.data, "PG_VERSION")) ?? "unknown";
  if (found === programs.major) return;
  throw unreachableError(
    "embedded_server_version_mismatch",
    `the database in ${files.data} is of PostgreSQL ${found}, and the installed server programs are of ${programs.version}; nothing was changed`,
    {
      hint: `install the accrue version that wrote it, and move the data with pg_dump; or set ACCRUE_HOME to start an empty one`,
      details: { data_directory: files.data, data_version: found, programs_version: programs.version },
    },
  );
};

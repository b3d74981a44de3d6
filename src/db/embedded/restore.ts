import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { lchown, mkdir, open, rename } from "node:fs/promises";
import { join } from "node:path";
import { refusedError } from "../../shared/errors.ts";
import type { ServerAccount } from "./account.ts";
import type { BackupDescription } from "./backup/format.ts";
import { readBackup, type BackupSink, type ReadOptions } from "./backup/read.ts";
import {
  WORKSPACE,
  asUnusable,
  filesBelow,
  finishReplacement,
  isDirectory,
  layOutServer,
  makeDirectory,
  prepareSocketDirectory,
  syncDirectory,
  type ServerFiles,
} from "./layout.ts";
import { takeLock } from "./lock.ts";
import { isServerProcess, knock, readPostmaster } from "./postmaster.ts";
import { findServerPackage, installRuntime, removeLeftovers, type ServerPackage } from "./programs.ts";
import { describeServer, type EmbeddedServer, type EmbeddedServerOptions } from "./running.ts";
import { removeWorkspaces, startServer } from "./start.ts";
import { endServer } from "./stop.ts";

/** What is to be restored, and what becomes of data that is there. */
export interface RestoreOrder<Proof> extends ReadOptions {
  readonly server: EmbeddedServerOptions;
  readonly file: string;
  /** Whether data that is there may be put aside. Without it, restoring goes to an empty home only. */
  readonly mayReplace: boolean;
  /** Everything but the last step: the restored data is looked at and thrown away, and the home stays as it is. */
  readonly isRehearsal: boolean;
  /** Looks at the restored database, which runs by itself, out of everybody's sight. Throws to refuse it. */
  readonly prove: (server: EmbeddedServer, description: BackupDescription) => Promise<Proof>;
}

/** A backup that was restored. */
export interface Restored<Proof> {
  readonly description: BackupDescription;
  readonly proof: Proof;
  readonly dataDirectory: string;
  /** Where the data is that was there before. */
  readonly putAside: string | undefined;
}

/**
 * Restores a backup as the data of this home. All of it happens in a workspace beside the data: unpacking, recovery,
 * the proof. Only then does the data take its place, by renaming; whatever ends this before leaves the home as it was.
 *
 * @throws refused `restore_data_exists`, `restore_server_running`, `backup_version_mismatch`; those of `readBackup` and
 *   of starting a server; what the proof throws
 */
export const restoreBackup = async <Proof>(order: RestoreOrder<Proof>): Promise<Restored<Proof>> => {
  const { paths } = order.server;
  makeDirectory(paths.dataDir);
  const release = await takeLock(order.server, () => Promise.resolve(undefined));
  if (typeof release !== "function") throw new Error("nothing but the lock can come of it");
  try {
    return await restoreLocked(order);
  } catch (error) {
    throw asUnusable(error, paths.dataDir);
  } finally {
    release();
  }
};

const restoreLocked = async <Proof>(order: RestoreOrder<Proof>): Promise<Restored<Proof>> => {
  const { server, isRehearsal } = order;
  const { files, account } = layOutServer(server.paths);
  if (!isRehearsal) await requireRoom(files, order.mayReplace);
  const programs = findServerPackage(server.packagesFrom ?? import.meta.url);
  await removeWorkspaces(files);
  if (!(await isRunning(files))) await removeLeftovers(files, programs);
  const runtime = await installRuntime(programs, files);
  const workspace = makeWorkspace(files, account);
  try {
    const description = await unpack(order, workspace, account, programs);
    const proof = await tryOut(order, { workspace, account, runtime, description });
    const putAside = isRehearsal ? undefined : await takePlace(files, workspace);
    return { description, proof, dataDirectory: files.data, putAside };
  } finally {
    await endServer(workspace, undefined);
    rmSync(workspace.root, { recursive: true, force: true, maxRetries: 3 });
  }
};

const requireRoom = async (files: ServerFiles, mayReplace: boolean): Promise<void> => {
  if (!isDirectory(files.data)) return;
  if (!mayReplace) {
    throw refusedError(
      "restore_data_exists",
      `there is a database in ${files.data}, and a backup is never restored over one`,
      {
        hint: "--replace puts it aside, under another name, and the backup in its place; --dry-run tries the backup out without touching it",
        details: { data_directory: files.data },
      },
    );
  }
  if (!(await isRunning(files))) return;
  throw refusedError("restore_server_running", "the embedded server is running", {
    hint: "when nobody works with it any more, `accrue db stop`, then run the same command again",
  });
};

const isRunning = async (files: ServerFiles): Promise<boolean> => {
  const postmaster = readPostmaster(files);
  return (
    postmaster !== undefined &&
    (isServerProcess(postmaster.pid, files) || (await knock(postmaster.socketDirectory)) !== "absent")
  );
};

const makeWorkspace = (files: ServerFiles, account: ServerAccount): ServerFiles => {
  const root = mkdtempSync(join(files.root, WORKSPACE));
  if (account.switches) chmodSync(root, 0o711); // the account has to get at its data, and at nothing else
  return filesBelow(root);
};

/** Everything belongs to root until all is there, so that the account can plant no link on the way. */
const unpack = async <Proof>(
  order: RestoreOrder<Proof>,
  { data }: ServerFiles,
  account: ServerAccount,
  programs: ServerPackage,
): Promise<BackupDescription> => {
  const directories = [data];
  await mkdir(data, { mode: 0o700 });
  const sink: BackupSink = {
    describe: (description) => requireSameMajor(description, programs),
    directory: async (path) => {
      directories.push(join(data, path));
      await mkdir(join(data, path), { mode: 0o700 });
    },
    file: async (path, content) => {
      const handle = await open(join(data, path), "wx", 0o600);
      try {
        for await (const bytes of content) await handle.writeFile(bytes);
        if (account.switches) await handle.chown(account.uid, account.gid);
      } finally {
        await handle.close();
      }
    },
  };
  const description = await readBackup(order.file, sink, order);
  if (account.switches)
    for (const directory of directories.toReversed()) await lchown(directory, account.uid, account.gid);
  return description;
};

const requireSameMajor = ({ server_version: version }: BackupDescription, programs: ServerPackage): void => {
  if (version.split(".")[0] === programs.major) return;
  throw refusedError(
    "backup_version_mismatch",
    `the backup is of PostgreSQL ${version}, and the installed server programs are of ${programs.version}`,
    {
      hint: "install the accrue version that made it, restore it there, and move the data with pg_dump",
      details: { backup_version: version, programs_version: programs.version },
    },
  );
};

interface Trial {
  readonly workspace: ServerFiles;
  readonly account: ServerAccount;
  readonly runtime: string;
  readonly description: BackupDescription;
}

/**
 * Starts a server on the restored data, which recovers it, has it looked at, and stops it: what is left is whole and on
 * disk.
 */
const tryOut = async <Proof>(
  { server, prove }: RestoreOrder<Proof>,
  { workspace, account, runtime, description }: Trial,
): Promise<Proof> => {
  const { env, signal } = server;
  const socketDirectory = prepareSocketDirectory(workspace, account, env);
  await startServer({ runtime, files: workspace, account, socketDirectory, signal, onNote: () => {} });
  const proof = await prove(describeServer(workspace, socketDirectory), description);
  signal?.throwIfAborted();
  await endServer(workspace, signal);
  return proof;
};

/**
 * Puts the restored data in the place of what is there. When this is killed between the two renamings, what was there
 * comes back with the next command (see `finishReplacement`).
 */
const takePlace = async (files: ServerFiles, workspace: ServerFiles): Promise<string | undefined> => {
  if (isDirectory(files.data)) await rename(files.data, files.leaving);
  await rename(workspace.data, files.data);
  syncDirectory(files.root);
  return finishReplacement(files);
};

import type { Stats } from "node:fs";
import { mkdir, open, readdir, rename, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { writeProblem } from "../shared/write-problem.ts";
import { inboxMissing, inboxUnwritable } from "./refusals.ts";

/** The folders of an inbox, in the order in which their files are taken in: what others refer to comes first. */
export const inboxFolders = ["members", "merchants", "products", "orders", "withdrawals", "results"] as const;
export type InboxFolder = (typeof inboxFolders)[number];

/** A file of the inbox as it stood at one look. */
export interface InboxFile {
  readonly folder: InboxFolder;
  readonly name: string;
  readonly path: string;
  readonly sizeBytes: number;
  readonly mtimeMs: number;
  /** Why it is left for next time: it may not be complete. */
  readonly waitsFor: string | undefined;
}

/** Names that programs give to what they have not finished writing. */
const unfinishedName = /^\.|\.(?:part|tmp|temp|partial|filepart|crdownload)$|~$/iu;

/**
 * Looks at what lies in an inbox, in the order in which it will be taken in: by folder, then by name. Folders that are not there
 * are empty.
 *
 * @param quietMs a file that was changed so shortly ago may still be being written
 * @throws a usage error when the inbox itself is no directory that can be read
 */
export async function lookAtInbox(inbox: string, quietMs: number): Promise<readonly InboxFile[]> {
  const found = await stat(inbox).catch((error: unknown) => {
    throw inboxMissing(inbox, readProblem(error));
  });
  if (!found.isDirectory()) throw inboxMissing(inbox, "it is no directory");
  const files: InboxFile[] = [];
  for (const folder of inboxFolders) {
    for (const name of await namesIn(join(inbox, folder))) {
      const path = join(inbox, folder, name);
      const stats = await stat(path).catch(() => undefined);
      if (stats?.isFile() !== true) continue;
      files.push({ folder, name, path, sizeBytes: stats.size, mtimeMs: stats.mtimeMs, waitsFor: waitsFor(name, stats, quietMs) });
    }
  }
  return files;
}

/** Something that lies in an inbox where no settlement will ever take it in. */
export interface Stray {
  /** `.` for the inbox itself. */
  readonly folder: string;
  /** A directory's ends in a slash. */
  readonly name: string;
  readonly path: string;
  readonly reason: string;
}

/**
 * Finds what somebody laid where nothing is read: files beside the folders, folders of another name, folders in folders. They
 * would lie there for ever, and nobody would know. Hidden names and empty folders are nobody's files.
 */
export async function straysIn(inbox: string): Promise<readonly Stray[]> {
  const strays: Stray[] = [];
  const looked: readonly (readonly [folder: string, known: readonly string[]])[] = [[".", [...inboxFolders, "done", "failed"]], ...inboxFolders.map((folder) => [folder, []] as const)];
  for (const [folder, known] of looked) {
    for (const name of await namesIn(join(inbox, folder))) {
      const path = join(inbox, folder, name);
      if (name.startsWith(".") || known.includes(name)) continue;
      const isDirectory = (await stat(path).catch(() => undefined))?.isDirectory() === true;
      if (isDirectory ? await isEmpty(path) : folder !== ".") continue;
      strays.push({ folder, name: isDirectory ? `${name}/` : name, path, reason: `only files in ${inboxFolders.map((one) => `${one}/`).join(", ")} are` });
    }
  }
  return strays;
}

/** A directory that cannot be looked into counts as empty: `lost+found` of a volume is one. */
const isEmpty = async (path: string): Promise<boolean> => (await readdir(path).catch(() => [])).length === 0;

async function namesIn(directory: string): Promise<readonly string[]> {
  try {
    return (await readdir(directory)).sort();
  } catch (error) {
    if (codeOf(error) === "ENOENT") return [];
    throw inboxMissing(directory, readProblem(error));
  }
}

function waitsFor(name: string, { mtimeMs }: Stats, quietMs: number): string | undefined {
  if (unfinishedName.test(name)) return "its name says that it is not complete";
  // The distance, not the age: the clock of a file server may be ahead.
  return Math.abs(Date.now() - mtimeMs) < quietMs ? "it was changed a moment ago" : undefined;
}

/** Whether a file is, by size and time, what it was at the look. */
export async function isUnchanged({ path, sizeBytes, mtimeMs }: InboxFile): Promise<boolean> {
  const stats = await stat(path).catch(() => undefined);
  return stats !== undefined && stats.size === sizeBytes && stats.mtimeMs === mtimeMs;
}

/** Where a file goes, and what lies beside it there. */
export interface FilePlace {
  readonly path: string;
  readonly reportPath: string;
  readonly rejectsPath: string;
}

/** Finds a place for a file below `done` or `failed`. A name that is taken is numbered: nothing is ever replaced. */
export async function placeFor(inbox: string, outcome: "done" | "failed", { folder, name }: InboxFile): Promise<FilePlace> {
  const directory = join(inbox, outcome, folder);
  await writing(directory, () => mkdir(directory, { recursive: true }));
  const [stem, ending] = splitName(name);
  for (let number = 1; ; number += 1) {
    const base = number === 1 ? stem : `${stem}-${number}`;
    const path = join(directory, `${base}${ending}`);
    if ((await stat(path).catch(() => undefined)) !== undefined) continue;
    return { path, reportPath: join(directory, `${base}${ending}.report.json`), rejectsPath: join(directory, `${base}.rejects.csv`) };
  }
}

/** `orders.csv.gz` is `orders` and `.csv.gz`. */
function splitName(name: string): readonly [stem: string, ending: string] {
  const [ending = ""] = /(?:\.[a-z0-9]{1,4}){1,2}$/iu.exec(name) ?? [];
  return ending === name ? [name, ""] : [name.slice(0, name.length - ending.length), ending];
}

/**
 * Writes a file's report and moves the file beside it. The report comes first, and both are on disk when this returns: a file
 * that has left the inbox has its report.
 */
export async function moveWithReport(file: InboxFile, place: FilePlace, report: unknown): Promise<void> {
  await writing(dirname(place.path), async () => {
    const temporary = join(dirname(place.path), `.${file.name}.report.tmp`);
    const handle = await open(temporary, "w", 0o600);
    try {
      await handle.writeFile(`${JSON.stringify(report, undefined, 2)}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, place.reportPath);
    await rename(file.path, place.path);
    for (const directory of [dirname(place.path), dirname(file.path)]) await syncDirectory(directory);
  });
}

async function syncDirectory(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function writing<T>(directory: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw inboxUnwritable(directory, writeProblem(error), error);
  }
}

const readProblem = (error: unknown): string => readProblems[codeOf(error)] ?? codeOf(error);

const readProblems: Readonly<Record<string, string>> = {
  ENOENT: "there is no such directory",
  ENOTDIR: "it is no directory",
  EACCES: "this user may not read it",
};

const codeOf = (error: unknown): string => (error instanceof Error && "code" in error ? String(error.code) : String(error));

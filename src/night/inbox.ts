import type { Stats } from "node:fs";
import { lstat, mkdir, readdir, rename, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { replaceFile, syncDirectory } from "../files/replace-file.ts";
import { usageError, type AccrueError } from "../shared/errors.ts";
import { fileKinds, type InboxFolder } from "../shared/file-kinds.ts";
import { visibleJson } from "../shared/text.ts";
import { writeProblem } from "../shared/write-problem.ts";

/** The folders of an inbox, in the order in which their files are imported: what others refer to comes first. */
export const inboxFolders: readonly InboxFolder[] = fileKinds.flatMap(({ folder }) => folder ?? []);

/**
 * The folder whose files lie in folders of their own, one for each of the platform's own accounts:
 * `statements/icbc-8812/january.csv`.
 */
const byAccount: InboxFolder = "statements";

/** A file of the inbox when it was listed. */
export interface InboxFile {
  readonly folder: InboxFolder;
  /** Its name in that folder; of a statement, with that of the money account before it. */
  readonly name: string;
  readonly path: string;
  readonly dev: number;
  readonly ino: number;
  readonly sizeBytes: number;
  readonly mtimeMs: number;
  /** Why it waits for the next run: it may not be complete. */
  readonly waitsFor: string | undefined;
}

/** Names that programs give to incomplete files. */
const unfinishedName = /^\.|\.(?:part|tmp|temp|partial|filepart|crdownload)$|~$/iu;

/**
 * Lists the files of an inbox in the order in which they are imported: by folder, then by name. Missing folders count
 * as empty. Only regular files are listed: a link could have any file read that this user may read.
 *
 * @param quietMs a file that was changed less than this before may still be written, and waits
 * @throws usage errors: `inbox_unreadable` when the inbox itself is no directory that can be read, `inbox_unsafe` where
 *   a folder of it is a link or somebody else's
 */
export async function listInbox(inbox: string, quietMs: number): Promise<readonly InboxFile[]> {
  const found = await stat(inbox).catch((error: unknown) => {
    throw inboxMissing(inbox, readProblem(error));
  });
  if (!found.isDirectory()) throw inboxMissing(inbox, "it is no directory");
  refuseStranger(inbox, found);
  for (const folder of workFolders) await requireOwnFolder(join(inbox, folder));
  const files: InboxFile[] = [];
  for (const folder of inboxFolders) {
    for (const name of await fileNamesIn(inbox, folder)) {
      const path = join(inbox, folder, name);
      const stats = await lstat(path).catch(() => undefined);
      if (stats?.isFile() !== true) continue;
      const { dev, ino, size, mtimeMs } = stats;
      files.push({
        folder,
        name,
        path,
        dev,
        ino,
        sizeBytes: size,
        mtimeMs,
        waitsFor: waitsFor(basename(name), stats, quietMs),
      });
    }
  }
  return files;
}

/** The names in a folder of the inbox; where its files lie in folders of their own, with the names of those. */
async function fileNamesIn(inbox: string, folder: InboxFolder): Promise<readonly string[]> {
  if (folder !== byAccount) return namesIn(join(inbox, folder));
  const names: string[] = [];
  for (const account of await accountFoldersIn(inbox)) {
    await requireOwnFolder(join(inbox, folder, account));
    for (const name of await namesIn(join(inbox, folder, account))) names.push(join(account, name));
  }
  return names;
}

/** The folders of money accounts. Links are none. */
async function accountFoldersIn(inbox: string): Promise<readonly string[]> {
  const folders: string[] = [];
  for (const name of await namesIn(join(inbox, byAccount))) {
    const stats = await lstat(join(inbox, byAccount, name)).catch(() => undefined);
    if (stats?.isDirectory() === true && !name.startsWith(".")) folders.push(name);
  }
  return folders;
}

const outcomes = ["done", "failed"] as const;

/** Every folder that a settlement reads from or moves files to. */
const workFolders = [
  ...inboxFolders,
  ...outcomes.flatMap((outcome) => [outcome, ...inboxFolders.map((folder) => join(outcome, folder))]),
];

/**
 * Refuses a folder that is a link or belongs to another user, who could redirect what is read from it or moved to it.
 */
async function requireOwnFolder(path: string): Promise<void> {
  const stats = await lstat(path).catch(() => undefined);
  if (stats === undefined) return;
  if (stats.isSymbolicLink()) throw inboxUnsafe(path, "it is a symbolic link");
  refuseStranger(path, stats);
}

function refuseStranger(path: string, { uid }: Stats): void {
  const own = process.geteuid?.() ?? uid;
  if (uid !== own && uid !== 0)
    throw inboxUnsafe(path, `it belongs to user ${uid}, who is neither this one (${own}) nor root`);
}

/** Something in an inbox where no settlement will ever import it. */
export interface Stray {
  /** `.` for the inbox itself. */
  readonly folder: string;
  /** A directory's ends in a slash. */
  readonly name: string;
  readonly path: string;
  readonly reason: string;
}

/**
 * Lists what lies where nothing is read: files beside the folders, folders of another name or in folders, links, pipes
 * and the like. They would stay there unnoticed. Hidden names and empty folders are ignored.
 */
export async function straysIn(inbox: string): Promise<readonly Stray[]> {
  const strays: Stray[] = [];
  const accounts = await accountFoldersIn(inbox);
  const looked: readonly (readonly [folder: string, known: readonly string[]])[] = [
    [".", [...inboxFolders, ...outcomes]],
    ...inboxFolders.map((folder) => [folder, folder === byAccount ? accounts : []] as const),
    ...accounts.map((account) => [join(byAccount, account), []] as const),
  ];
  for (const [folder, known] of looked) {
    for (const name of await namesIn(join(inbox, folder))) {
      const path = join(inbox, folder, name);
      if (name.startsWith(".") || known.includes(name)) continue;
      const stats = await lstat(path).catch(() => undefined);
      if (stats === undefined) continue;
      const isDirectory = stats.isDirectory();
      if (isDirectory ? await isEmpty(path) : folder !== "." && folder !== byAccount && stats.isFile()) continue;
      strays.push({ folder, name: isDirectory ? `${name}/` : name, path, reason: strayReason(stats) });
    }
  }
  return strays;
}

function strayReason(stats: Stats): string {
  if (stats.isSymbolicLink()) return "it is a symbolic link, and none is followed";
  if (stats.isFile() || stats.isDirectory())
    return `only files in ${inboxFolders.map((one) => (one === byAccount ? `${one}/<account>/` : `${one}/`)).join(", ")} are`;
  return `it is ${stats.isFIFO() ? "a pipe" : stats.isSocket() ? "a socket" : "a device"} and no file`;
}

/** A directory that cannot be read counts as empty, such as `lost+found` of a volume. */
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
  // The difference in either direction: the clock of a file server may be fast.
  return Math.abs(Date.now() - mtimeMs) < quietMs ? "it was changed a moment ago" : undefined;
}

/** Whether a file is the same as when it was listed, with the same size and time. */
export async function isUnchanged({ path, dev, ino, sizeBytes, mtimeMs }: InboxFile): Promise<boolean> {
  const stats = await lstat(path).catch(() => undefined);
  return (
    stats?.isFile() === true &&
    stats.dev === dev &&
    stats.ino === ino &&
    stats.size === sizeBytes &&
    stats.mtimeMs === mtimeMs
  );
}

/** The place that a file is moved to, and the files beside it. */
export interface FilePlace {
  readonly path: string;
  readonly reportPath: string;
  readonly rejectsPath: string;
}

/**
 * Finds a place for a file below `done` or `failed`. A taken name gets a number, for nothing is ever replaced. The
 * files contain data of members, so new folders are for their owner only.
 *
 * @throws usage errors: `inbox_unwritable`, `inbox_unsafe`
 */
export async function placeFor(
  inbox: string,
  outcome: (typeof outcomes)[number],
  { folder, name }: InboxFile,
): Promise<FilePlace> {
  const directory = dirname(join(inbox, outcome, folder, name));
  await writing(directory, () => mkdir(directory, { recursive: true, mode: 0o700 }));
  for (const path of [join(inbox, outcome), join(inbox, outcome, folder), directory]) await requireOwnFolder(path);
  const [stem, ending] = splitName(basename(name));
  for (let number = 1; ; number += 1) {
    const base = number === 1 ? stem : `${stem}-${number}`;
    const path = join(directory, `${base}${ending}`);
    if ((await lstat(path).catch(() => undefined)) !== undefined) continue;
    return {
      path,
      reportPath: join(directory, `${base}${ending}.report.json`),
      rejectsPath: join(directory, `${base}.rejects.csv`),
    };
  }
}

/** `orders.csv.gz` is `orders` and `.csv.gz`. */
function splitName(name: string): readonly [stem: string, ending: string] {
  const [ending = ""] = /(?:\.[a-z0-9]{1,4}){1,2}$/iu.exec(name) ?? [];
  return ending === name ? [name, ""] : [name.slice(0, name.length - ending.length), ending];
}

/**
 * Writes a file's report, then moves the file beside it; both are on disk when this returns. So a file that has left
 * the inbox has its report.
 */
export async function moveWithReport(file: InboxFile, place: FilePlace, report: unknown): Promise<void> {
  await writing(dirname(place.path), async () => {
    await replaceFile(place.reportPath, `${visibleJson(JSON.stringify(report, undefined, 2))}\n`, 0o600);
    await rename(file.path, place.path);
    for (const directory of [dirname(place.path), dirname(file.path)]) await syncDirectory(directory);
  });
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

const codeOf = (error: unknown): string =>
  error instanceof Error && "code" in error ? String(error.code) : String(error);

const inboxMissing = (path: string, problem: string): AccrueError =>
  usageError("inbox_unreadable", `cannot read the inbox ${path}: ${problem}`, {
    hint: "name a directory with folders such as orders/ and members/ (--inbox, ACCRUE_INBOX or `inbox` in the settings file)",
  });

const inboxUnsafe = (path: string, problem: string): AccrueError =>
  usageError("inbox_unsafe", `cannot work in ${path}: ${problem}`, {
    hint: "the inbox and the folders in it have to be directories of the user at work, or of root; whoever delivers files needs to write into orders/ and its like only",
    details: { path },
  });

const inboxUnwritable = (path: string, problem: string, cause: unknown): AccrueError =>
  usageError("inbox_unwritable", `cannot move files to ${path}: ${problem}`, {
    hint: "what was imported stays imported; mend the directory and run the same command again",
    cause,
  });

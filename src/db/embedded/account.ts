import { randomUUID } from "node:crypto";
import { chmodSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { dirname, join } from "node:path";
import { unreachableError } from "../../shared/errors.ts";

/** The operating system user that the server runs as. PostgreSQL refuses to run as root. */
export interface ServerAccount {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  /** True when this process is root and must change to the account; false when it already is this user. */
  readonly switches: boolean;
}

const UNPRIVILEGED_NAMES = ["postgres", "_postgres", "nobody"];

/** This process's user id; -1 where the platform has none (the server is refused there anyway). */
export const ownUid = (): number => process.getuid?.() ?? -1;

/**
 * The account a new server runs as: the user itself, or, for root, the first of `postgres` and `nobody` that exists.
 *
 * @throws unreachable embedded_server_no_account when root finds none of them
 */
export const accountForNewServer = (passwdFile = "/etc/passwd"): ServerAccount => {
  if (ownUid() !== 0) return ownAccount();
  const accounts = readAccounts(passwdFile);
  for (const name of UNPRIVILEGED_NAMES) {
    const found = accounts.find((account) => account.name === name && account.uid !== 0);
    if (found !== undefined) return found;
  }
  throw unreachableError(
    "embedded_server_no_account",
    `PostgreSQL does not run as root, and ${passwdFile} has no user ${UNPRIVILEGED_NAMES.join(", ")} to run it as`,
    { hint: "add one (`useradd --system postgres`), run accrue as an ordinary user, or set DATABASE_URL" },
  );
};

/**
 * The account that a server with existing data runs as: whoever owns the data.
 *
 * @throws unreachable embedded_server_wrong_owner when that is neither this user nor, for root, an unprivileged one
 */
export const accountForData = (dataDirectory: string): ServerAccount => {
  const { uid, gid } = statSync(dataDirectory);
  const self = ownUid();
  if (self !== 0 && uid === self) return ownAccount();
  const name = nameOf(uid);
  if (self === 0 && uid !== 0) return { name, uid, gid, switches: true };
  throw unreachableError(
    "embedded_server_wrong_owner",
    `the database in ${dataDirectory} belongs to user ${name}, and this command runs as ${nameOf(self)}`,
    {
      hint:
        uid === 0
          ? `PostgreSQL does not run as root: give the directory to an ordinary user with chown`
          : `run accrue as ${name} or root, or set ACCRUE_HOME to a directory of your own`,
      details: { data_directory: dataDirectory, owner: name },
    },
  );
};

const ownAccount = (): ServerAccount => {
  const uid = ownUid();
  return { name: nameOf(uid), uid, gid: process.getgid?.() ?? -1, switches: false };
};

const readAccounts = (passwdFile: string): ServerAccount[] =>
  readFileSync(passwdFile, "utf8")
    .split("\n")
    .map((line) => line.split(":"))
    .filter((fields) => /^-?\d+$/.test(fields[2] ?? "") && /^-?\d+$/.test(fields[3] ?? ""))
    .map((fields) => ({ name: fields[0] ?? "", uid: Number(fields[2]), gid: Number(fields[3]), switches: true }));

const nameOf = (uid: number): string => userName(uid) ?? `with uid ${uid}`;

/** The name that the system knows a user by; undefined when it knows none. */
export const userName = (uid: number): string | undefined => {
  try {
    if (uid === ownUid()) return userInfo().username;
    return readAccounts("/etc/passwd").find((account) => account.uid === uid)?.name;
  } catch {
    return undefined;
  }
};

/**
 * The topmost directory on the way to `directory` (itself included) which the account may not enter, or undefined when
 * it gets there. Parts that do not exist yet are ours to create, so they do not count.
 */
export const firstClosedDirectory = (directory: string, account: ServerAccount): string | undefined => {
  const parent = dirname(directory);
  const above = parent === directory ? undefined : firstClosedDirectory(parent, account);
  if (above !== undefined) return above;
  const stats = statSync(directory, { throwIfNoEntry: false });
  if (stats === undefined) return undefined;
  const searchBit = stats.uid === account.uid ? 0o100 : stats.gid === account.gid ? 0o010 : 0o001;
  return (stats.mode & searchBit) === 0 ? directory : undefined;
};

/** The files that say who may log in, by the names of the server's settings for them. */
export interface AccessFiles {
  readonly hba_file: string;
  readonly ident_file: string;
}

/**
 * Writes who may log in: root and the home's owner, by peer authentication, as whatever role they ask for. Nobody else,
 * not even the account that root's server runs as, which other programs run as, too (`nobody`).
 *
 * The files lie beside the data and are written before each start: data that was made under other rules gets these, and
 * the account cannot change them unless it owns the home.
 */
export const writeAccessFiles = (root: string): AccessFiles => {
  const names = [0, statSync(root).uid].map(userName).filter((name) => name !== undefined);
  const users = [...new Set(names)].map((name) => `accrue "${name}" all\n`).join("");
  const rules = ["all", "replication"].map((what) => `local ${what} all peer map=accrue\n`).join("");
  return {
    hba_file: replaced(join(root, "pg_hba.conf"), rules),
    ident_file: replaced(join(root, "pg_ident.conf"), users),
  };
};

/**
 * Writes a new file and renames it, so that root never writes through a link in somebody's home. Everybody may read it.
 */
const replaced = (path: string, lines: string): string => {
  const aside = `${path}.tmp-${randomUUID()}`;
  writeFileSync(aside, `# written by accrue before each start of the server\n${lines}`, { flag: "wx" });
  chmodSync(aside, 0o644); // whatever the umask left of it
  renameSync(aside, path);
  return path;
};

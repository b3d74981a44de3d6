import { chmodSync, renameSync, statSync, writeFileSync } from "node:fs";
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { userName } from "./account.ts";
import type { ServerFiles } from "./layout.ts";

/** The server's settings for who is let in: the two files, by the names of the settings that point to them. */
export interface AccessFiles {
  readonly hba_file: string;
  readonly ident_file: string;
}

/**
 * Writes down who is let in: root and the owner of the home, whom the kernel names to the server (peer), as whatever role
 * they ask for. Nobody else: not the account that the server runs as for root either, which is often shared (`nobody`).
 *
 * The files lie beside the data and are written before each start, so data that was made under other rules has these, and
 * the account cannot change them where it is not the home's owner.
 */
export const writeAccessFiles = (files: ServerFiles): AccessFiles => {
  const names = [0, statSync(files.root).uid].map(userName).filter((name) => name !== undefined);
  const users = [...new Set(names)].map((name) => `accrue "${name}" all\n`).join("");
  const rules = ["all", "replication"].map((what) => `local ${what} all peer map=accrue\n`).join("");
  return { hba_file: replaced(join(files.root, "pg_hba.conf"), rules), ident_file: replaced(join(files.root, "pg_ident.conf"), users) };
};

/** Through a new file: root must not write where a link in somebody's home leads. Everybody may read it, the server's account first. */
const replaced = (path: string, lines: string): string => {
  const aside = `${path}.tmp-${randomUUID()}`;
  writeFileSync(aside, `# written by accrue before each start of the server\n${lines}`, { flag: "wx" });
  chmodSync(aside, 0o644); // whatever the umask left of it
  renameSync(aside, path);
  return path;
};

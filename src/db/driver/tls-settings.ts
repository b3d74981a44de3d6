import { readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { SecureVersion } from "node:tls";
import { AccrueError, usageError } from "../../shared/errors.ts";

/** How much protection a connection must have, in libpq's words; without a word `prefer`. */
const modes = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"] as const;
export type TlsMode = (typeof modes)[number];

/** How a connection is encrypted, files read: what libpq's `ssl…` parameters and PGSSL… variables say. */
export interface TlsSettings {
  readonly mode: TlsMode;
  /** What signs servers' certificates; undefined when no certificate is checked, empty for those that Node knows. */
  readonly authorities: readonly string[] | undefined;
  /** Whether the certificate must name the host, too. */
  readonly isNameChecked: boolean;
  /** Whether TLS begins at once (PostgreSQL 17 and newer) instead of being asked for first. */
  readonly isDirect: boolean;
  readonly certificate?: string;
  readonly key?: string;
  readonly passphrase?: string;
  readonly revoked?: string;
  readonly lowestVersion?: SecureVersion;
  readonly highestVersion?: SecureVersion;
}

/** libpq's name of each parameter, its variable, and where its file lies by default. */
const parameters = {
  sslmode: { variable: "PGSSLMODE" },
  sslrootcert: { variable: "PGSSLROOTCERT", file: "root.crt" },
  sslcert: { variable: "PGSSLCERT", file: "postgresql.crt" },
  sslkey: { variable: "PGSSLKEY", file: "postgresql.key" },
  sslpassword: {},
  sslcrl: { variable: "PGSSLCRL", file: "root.crl" },
  sslnegotiation: { variable: "PGSSLNEGOTIATION" },
  ssl_min_protocol_version: { variable: "PGSSLMINPROTOCOLVERSION" },
  ssl_max_protocol_version: { variable: "PGSSLMAXPROTOCOLVERSION" },
} as const satisfies Readonly<Record<string, { readonly variable?: string; readonly file?: string }>>;
type Parameter = keyof typeof parameters;
type FileParameter = "sslrootcert" | "sslcert" | "sslkey" | "sslcrl";

/** Parameters that ask for protection which the driver cannot give, with the values that ask for none. */
const beyondUs: Readonly<Record<string, { readonly variable: string; readonly harmless: readonly string[] }>> = {
  channel_binding: { variable: "PGCHANNELBINDING", harmless: ["disable", "prefer"] },
  gssencmode: { variable: "PGGSSENCMODE", harmless: ["disable", "prefer"] },
  require_auth: { variable: "PGREQUIREAUTH", harmless: [] },
  sslcertmode: { variable: "PGSSLCERTMODE", harmless: ["allow"] },
  sslcompression: { variable: "PGSSLCOMPRESSION", harmless: ["0"] },
  sslcrldir: { variable: "PGSSLCRLDIR", harmless: [] },
  sslsni: { variable: "PGSSLSNI", harmless: ["1"] },
};

/** Takes the parameters for TLS out of a URL's: they are the client's, and the server knows none of them. */
export function takeTlsParameters(query: URLSearchParams): ReadonlyMap<string, string> {
  const taken = new Map([...query].filter(([name]) => name in parameters || name in beyondUs));
  for (const name of taken.keys()) query.delete(name);
  return taken;
}

/**
 * Reads how connections are to be encrypted, as libpq does: from a URL's parameters, else from the environment, else by
 * default; files that are not named lie in `~/.postgresql`. With a root certificate `require` checks the server's
 * certificate, too.
 *
 * @param inUrl the URL's parameters, as `takeTlsParameters` took them out
 * @throws a usage error for a value that is none, for a file that is named and cannot be read, for checking without
 *   anything to check against, and for protection that is asked for and cannot be given: none of them may pass in
 *   silence
 */
export function readTlsSettings(inUrl: ReadonlyMap<string, string>, env: NodeJS.ProcessEnv): TlsSettings {
  refuseWhatIsBeyondUs(inUrl, env);
  const given = new Given(inUrl, env);
  const root = given.value("sslrootcert");
  const mode = given.choice("sslmode", modes) ?? (root === "system" ? "verify-full" : "prefer");
  if (root === "system" && mode !== "verify-full") throw weak("sslrootcert=system", mode, "verify-full");
  const isDirect = given.choice("sslnegotiation", ["postgres", "direct"]) === "direct";
  if (isDirect && ["allow", "prefer", "disable"].includes(mode))
    throw weak("sslnegotiation=direct", mode, "require or more");
  const files = mode === "disable" ? undefined : readFiles(given, root, mode);
  const lowest = given.choice("ssl_min_protocol_version", versions);
  const highest = given.choice("ssl_max_protocol_version", versions);
  return {
    mode,
    isDirect,
    isNameChecked: mode === "verify-full",
    authorities: undefined,
    ...files,
    ...(lowest === undefined ? {} : { lowestVersion: lowest }),
    ...(highest === undefined ? {} : { highestVersion: highest }),
  };
}

const versions = ["TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"] as const;

function readFiles(given: Given, root: string | undefined, mode: TlsMode): Partial<TlsSettings> {
  const authority = root === "system" ? undefined : given.file("sslrootcert");
  if (mode.startsWith("verify") && root !== "system" && authority === undefined) {
    const nowhere = `there is no ${given.defaultPath("sslrootcert")}`;
    throw usageError(
      "tls_root_missing",
      `sslmode=${mode} has nothing to check the server's certificate against: ${nowhere}`,
      {
        hint: "name the certificate of the authority that signed the server's in sslrootcert or PGSSLROOTCERT; sslrootcert=system takes the public ones",
      },
    );
  }
  const certificate = given.file("sslcert");
  const key = certificate === undefined ? undefined : given.file("sslkey", isPrivate);
  if (certificate !== undefined && key === undefined) {
    throw usageError("tls_key_missing", "there is a certificate to log in with, and no key to it", {
      hint: "name its file in sslkey or PGSSLKEY",
    });
  }
  const passphrase = given.value("sslpassword");
  const revoked = authority === undefined ? undefined : given.file("sslcrl");
  return {
    authorities: root === "system" ? [] : authority === undefined ? undefined : [authority],
    ...(certificate === undefined ? {} : { certificate }),
    ...(key === undefined ? {} : { key }),
    ...(passphrase === undefined ? {} : { passphrase }),
    ...(revoked === undefined ? {} : { revoked }),
  };
}

/** What was given of the parameters, each from where libpq looks first. */
class Given {
  readonly #values = new Map<Parameter, { readonly text: string; readonly origin: string }>();
  readonly #home: string;

  constructor(inUrl: ReadonlyMap<string, string>, env: NodeJS.ProcessEnv) {
    this.#home = env["HOME"] ?? homedir();
    for (const [name, { variable }] of Object.entries(parameters) as [Parameter, { variable?: string }][]) {
      const [here, there] = [inUrl.get(name) ?? "", variable === undefined ? "" : (env[variable] ?? "")];
      if (here !== "") this.#values.set(name, { text: here, origin: name });
      else if (there !== "") this.#values.set(name, { text: there, origin: variable! });
    }
  }

  /** Where a file lies that is not named. */
  defaultPath(name: FileParameter): string {
    return join(this.#home, ".postgresql", parameters[name].file);
  }

  value(name: Parameter): string | undefined {
    return this.#values.get(name)?.text;
  }

  choice<Value extends string>(name: Parameter, values: readonly Value[]): Value | undefined {
    const { text, origin } = this.#values.get(name) ?? {};
    if (text === undefined) return undefined;
    const found = values.find((value) => value === text);
    if (found !== undefined) return found;
    throw usageError("tls_setting_invalid", `${origin}=${text} is none of ${values.join(", ")}`, {
      hint: "see `accrue help server`",
    });
  }

  /** The text of a file that is named, which must be there, or of the one that lies where it does by default. */
  file(name: FileParameter, check: (path: string) => void = () => {}): string | undefined {
    const { text, origin = name } = this.#values.get(name) ?? {};
    const path = text ?? this.defaultPath(name);
    try {
      const content = readFileSync(path, "utf8");
      check(path);
      return content;
    } catch (error) {
      if (error instanceof AccrueError) throw error;
      const { code, message } = error as NodeJS.ErrnoException;
      if (text === undefined && (code === "ENOENT" || code === "ENOTDIR")) return undefined;
      const which = text === undefined ? `${name} is by default` : `${origin} names`;
      throw usageError("tls_file_unreadable", `cannot read the file that ${which}: ${message}`, {
        hint: "check the path",
      });
    }
  }
}

/** A key is its owner's alone; root's may be read by a group. */
function isPrivate(path: string): void {
  const { mode, uid } = statSync(path);
  if ((mode & (uid === 0 ? 0o027 : 0o077)) === 0) return;
  const found = (mode & 0o777).toString(8).padStart(4, "0");
  throw usageError("tls_key_exposed", `the key file ${path} is not private (mode ${found})`, { hint: "chmod 600 it" });
}

function refuseWhatIsBeyondUs(inUrl: ReadonlyMap<string, string>, env: NodeJS.ProcessEnv): void {
  for (const [name, { variable, harmless }] of Object.entries(beyondUs)) {
    const value = inUrl.get(name) ?? env[variable] ?? "";
    if (value === "" || harmless.includes(value)) continue;
    throw usageError(
      "tls_setting_unsupported",
      `${inUrl.has(name) ? name : variable}=${value} asks for what this driver cannot do`,
      { hint: "leave it out; sslmode=verify-full with sslrootcert makes sure whom the connection leads to" },
    );
  }
}

const weak = (what: string, mode: TlsMode, needed: string): Error =>
  usageError("tls_setting_invalid", `${what} needs sslmode=${needed}, and it is ${mode}`, {
    hint: "see `accrue help server`",
  });

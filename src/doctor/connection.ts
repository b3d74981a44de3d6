import type { Database } from "../db/database.ts";
import type { ConnectionSecurity } from "../db/driver/tls.ts";
import { ok, warning, type Check } from "./model.ts";

const name = "connection";

/** The connection to the server: its place and its protection. */
export interface ConnectionFacts {
  /** Undefined for a Unix socket. */
  readonly host: string | undefined;
  readonly security: ConnectionSecurity | undefined;
}

/** Reads the connection from the driver's options and the last TLS handshake. */
export function connectionFacts({ sql, target }: Database): ConnectionFacts {
  const { host, path } = sql.options as unknown as { readonly host: readonly string[]; readonly path: string | false };
  return { host: path === false ? host.join(", ") : undefined, security: target.ways?.[0]?.last };
}

/** Judges the connection. */
export function judgeConnection({ host, security }: ConnectionFacts): Check {
  if (host === undefined) return ok(name, "a Unix socket of this machine");
  if (security?.encryption === undefined) {
    if (isThisMachine(host)) return ok(name, `in the clear to ${host}, within this machine`);
    return warning(
      name,
      `in the clear to ${host}`,
      "whoever sits in between reads names, amounts and what passwords are checked with, and can change them",
      "switch TLS on at the server, and set sslmode=verify-full with sslrootcert (`accrue help server`)",
    );
  }
  const { version, cipher } = security.encryption;
  return ok(name, `${version} to ${host}, ${cipher}; ${verifiedText[security.verified]}`);
}

const verifiedText: Readonly<Record<ConnectionSecurity["verified"], string>> = {
  no: "the server's certificate is not checked, and whoever sits in between can pose as it: sslmode=verify-full checks it",
  authority:
    "a trusted authority signed the server's certificate; that it is this host's is not checked: sslmode=verify-full does",
  name: "the server's certificate is this host's",
};

const isThisMachine = (host: string): boolean => /^(localhost|127(\.\d+){3}|::1)$/.test(host);

import { AccrueError, busyError, refusedError, schemaError, unreachableError } from "../shared/errors.ts";

/** Code and message of an error of postgres.js or node:net. */
interface DatabaseFault {
  readonly code: string;
  readonly message: string;
}

function faultOf(cause: unknown): DatabaseFault | undefined {
  if (!(cause instanceof Error)) return undefined;
  const { code } = cause as Error & { code?: unknown };
  if (typeof code !== "string") return undefined;
  return { code, message: cause.message };
}

/** Codes of Node's errors about certificates, keys and the TLS handshake. */
const tlsFailure = /^(DEPTH_ZERO_|SELF_SIGNED_|CERT_|UNABLE_TO_|HOSTNAME_MISMATCH|ERR_TLS_|ERR_SSL_|ERR_OSSL_|EPROTO$)/;

/** The SQLSTATE or system code of an error; undefined without one. */
export const codeOf = (thrown: unknown): string | undefined => faultOf(thrown)?.code;

/** Whether a connection failed because of its encryption. */
export const isTlsFailure = (thrown: unknown): boolean =>
  codeOf(thrown) === "TLS_UNAVAILABLE" || tlsFailure.test(codeOf(thrown) ?? "");

const lostConnectionCodes = new Set([
  "CONNECTION_CLOSED",
  "CONNECTION_ENDED",
  "CONNECTION_DESTROYED",
  "CONNECT_TIMEOUT",
  "ECONNREFUSED",
  "ECONNRESET",
  "ENOENT",
  "ENOTFOUND",
  "EPIPE",
  "EACCES",
  "ETIMEDOUT",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "57P01",
  "57P02",
  "57P03",
]);

const explain: readonly (readonly [pattern: RegExp, make: (fault: DatabaseFault, cause: unknown) => AccrueError])[] = [
  [
    /^(28|3D000)/,
    (fault, cause) =>
      unreachableError("database_refused_login", `the database refused the connection: ${fault.message}`, {
        hint: "check user, password and database name in DATABASE_URL (`accrue config show` names where it comes from)",
        cause,
      }),
  ],
  [
    /^53[124]00$/,
    (fault, cause) =>
      unreachableError(
        "database_out_of_space",
        `the database server ran out of disk or memory, or of what it allows: ${fault.message}`,
        { hint: "nothing of this step was kept; make room on the server and run the same command again", cause },
      ),
  ],
  [
    /^53/,
    (fault, cause) =>
      busyError("database_overloaded", `the database server has no room for another connection: ${fault.message}`, {
        hint: "try again later",
        cause,
      }),
  ],
  [
    /^(55P03|40001|40P01)$/,
    (fault, cause) =>
      busyError("database_contention", `another session holds what this needs: ${fault.message}`, {
        hint: "nothing of this step was kept; run the same command again",
        cause,
      }),
  ],
  [
    /^57014$/,
    (fault, cause) =>
      busyError("database_timeout", `the database cancelled a statement: ${fault.message}`, {
        hint: "nothing of this step was kept; raise statement_timeout for this user, or try again when the server is less busy",
        cause,
      }),
  ],
  [
    /^25006$/,
    (fault, cause) =>
      unreachableError("database_read_only", `the database takes no writes here: ${fault.message}`, {
        hint: "point DATABASE_URL at the primary server; what was open is rolled back",
        cause,
      }),
  ],
  [
    /^(42P01|42703|42883)$/,
    (fault, cause) =>
      schemaError("schema_mismatch", `the database's schema is not the one this version needs: ${fault.message}`, {
        hint: "run `accrue init`",
        cause,
      }),
  ],
  [
    /^TLS_UNAVAILABLE$/,
    (fault, cause) =>
      unreachableError(
        "database_without_tls",
        `the connection is not safe, and sslmode asks for that: ${fault.message}`,
        { hint: "switch TLS on at the server (ssl = on); sslmode=disable in DATABASE_URL talks in the clear", cause },
      ),
  ],
  [
    tlsFailure,
    (fault, cause) =>
      unreachableError("database_untrusted", `no safe connection to the database: ${fault.message}`, {
        hint: "name the authority that signed its certificate in sslrootcert (DATABASE_URL) or PGSSLROOTCERT, and the host as it is in the certificate; see `accrue help server`",
        cause,
      }),
  ],
  // Raised by the guards of `business_dates`.
  [
    /^ACC01$/,
    (fault, cause) =>
      refusedError("business_date_closed", fault.message, {
        hint: "`accrue settle status` shows which dates are open",
        cause,
      }),
  ],
  // Raised by the guards of who is at work.
  [
    /^ACC02$/,
    (fault, cause) =>
      refusedError("operator_refused", `the database refuses the operator: ${fault.message}`, {
        hint: "`accrue operator list` shows who may work as what; nothing of this step was kept",
        cause,
      }),
  ],
  [
    /^42501$/,
    (fault, cause) =>
      refusedError("database_forbidden", `the database user may not do this: ${fault.message}`, {
        hint: "`accrue doctor` says what this role lacks; its owner may do everything",
        cause,
      }),
  ],
];

/**
 * Turns an error of the driver into an AccrueError, by its SQLSTATE or system code. Never carries the statement or its
 * parameters, which may hold personal data.
 *
 * @returns an AccrueError, or anything else unchanged, which ends as a bug
 */
export function toAccrueError(cause: unknown): unknown {
  if (cause instanceof AccrueError) return cause;
  if (cause instanceof AggregateError && cause.errors.length > 0) return toAccrueError(cause.errors[0]);
  const fault = faultOf(cause);
  if (fault === undefined) return cause;
  if (lostConnectionCodes.has(fault.code) || fault.code.startsWith("08")) {
    return unreachableError(
      "database_unreachable",
      `cannot reach the database: ${fault.message.replace(/^write CONNECTION_CLOSED.*/su, "it closed the connection")}`,
      {
        hint: "what was open is rolled back; check that the server runs (if not, its log says why: a full disk ends it, too) and DATABASE_URL is right, then run the same command again",
        cause,
      },
    );
  }
  const found = explain.find(([pattern]) => pattern.test(fault.code));
  return found === undefined ? cause : found[1](fault, cause);
}

import type { ConnectionTarget } from "./database.ts";
import { Encryption } from "./driver/tls.ts";
import { readTlsSettings, takeTlsParameters } from "./driver/tls-settings.ts";

const defaultPort = 5432;

/**
 * Reads a postgres:// URL the way libpq does, its parameters for TLS and those of the environment, several hosts
 * (`postgres://user@a:5432,b:5433/accrue`) and Unix sockets included: `postgres:///accrue?host=/var/run/postgresql`,
 * `postgres://user@%2Fvar%2Frun%2Fpostgresql/accrue`. The driver knows no sockets in URLs, so the directory goes beside
 * it.
 *
 * @param env where libpq's PGSSL… variables are looked up
 * @returns undefined when the text is no such URL
 * @throws those of `readTlsSettings`
 */
export function targetFromUrl(text: string, env: NodeJS.ProcessEnv = {}): ConnectionTarget | undefined {
  const [, start = "", hosts, rest = ""] = urlParts.exec(text) ?? [];
  if (hosts === undefined) return undefined;
  if (hosts.includes(",")) return severalHosts(start, hosts.split(","), rest, env);
  // libpq takes a user without a host; the URL standard does not.
  const complete = text.replace(/^(postgres(?:ql)?:\/\/[^/@?#]*@)(?=[/?:]|$)/, "$1localhost");
  if (!URL.canParse(complete)) return undefined;
  const url = new URL(complete);
  const named = url.searchParams.get("host") ?? decodeURIComponent(url.hostname);
  const tls = takeTlsParameters(url.searchParams);
  if (!named.startsWith("/")) return { url: url.href, ways: waysOf(tls, env) };
  url.searchParams.delete("host");
  url.hostname = "localhost";
  return { url: url.href, host: named };
}

/**
 * The ways of encryption for connections to hosts, the preferred first, then libpq's fallback. Unix sockets are never
 * encrypted.
 */
export function waysOf(
  inUrl: ReadonlyMap<string, string>,
  env: NodeJS.ProcessEnv,
): readonly (Encryption | undefined)[] {
  const settings = readTlsSettings(inUrl, env);
  const ways = {
    disable: [undefined],
    allow: [undefined, new Encryption(settings)],
    prefer: [new Encryption(settings), undefined],
  };
  return settings.mode in ways ? ways[settings.mode as keyof typeof ways] : [new Encryption(settings)];
}

const urlParts = /^(postgres(?:ql)?:\/\/(?:[^/?#]*@)?)([^/?#]*)(.*)$/s;

/** Hosts, each with its port: the driver would give the first host's port to those without one. */
function severalHosts(
  start: string,
  hosts: readonly string[],
  rest: string,
  env: NodeJS.ProcessEnv,
): ConnectionTarget | undefined {
  if (!hosts.every((host) => /^[^:]+(?::\d+)?$/.test(host) && URL.canParse(start + host + rest))) return undefined;
  const named = hosts.map((host) => (host.includes(":") ? host : `${host}:${defaultPort}`)).join(",");
  const url = new URL(start + hosts[0]! + rest);
  const ways = waysOf(takeTlsParameters(url.searchParams), env);
  return { ways, url: start + named + url.pathname + url.search };
}

/** The same server's URL for another of its databases. */
export const urlOfDatabase = (url: string, database: string): string =>
  url.replace(
    urlParts,
    (_all, start: string, hosts: string, rest: string) =>
      `${start}${hosts}/${database}${rest.replace(/^\/[^?#]*/, "")}`,
  );

/** The URL of a server that listens on a socket in a directory: what `targetFromUrl` reads. */
export function socketUrl(server: {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
}): string {
  const url = new URL(`postgres://localhost:${server.port}/`);
  url.username = server.user;
  url.pathname = `/${server.database}`;
  url.searchParams.set("host", server.host);
  return url.href.replaceAll("%2F", "/");
}

import type { ConnectionTarget } from "./database.ts";

const defaultPort = 5432;

/**
 * Reads a postgres:// URL the way libpq does, several hosts (`postgres://user@a:5432,b:5433/accrue`) and Unix sockets included:
 * `postgres:///accrue?host=/var/run/postgresql`, `postgres://user@%2Fvar%2Frun%2Fpostgresql/accrue`. The driver knows no sockets
 * in URLs, so the directory goes beside it.
 *
 * @returns undefined when the text is no such URL
 */
export function targetFromUrl(text: string): ConnectionTarget | undefined {
  const [, start = "", hosts, rest = ""] = urlParts.exec(text) ?? [];
  if (hosts === undefined) return undefined;
  if (hosts.includes(",")) return severalHosts(start, hosts.split(","), rest);
  // libpq takes a user without a host; the URL standard does not.
  const complete = text.replace(/^(postgres(?:ql)?:\/\/[^/@?#]*@)(?=[/?:]|$)/, "$1localhost");
  if (!URL.canParse(complete)) return undefined;
  const url = new URL(complete);
  const named = url.searchParams.get("host") ?? decodeURIComponent(url.hostname);
  if (!named.startsWith("/")) return { url: complete };
  url.searchParams.delete("host");
  url.hostname = "localhost";
  return { url: url.href, host: named };
}

const urlParts = /^(postgres(?:ql)?:\/\/(?:[^/?#]*@)?)([^/?#]*)(.*)$/s;

/** Each with its port: the driver would give the first one's to all that name none. */
function severalHosts(start: string, hosts: readonly string[], rest: string): ConnectionTarget | undefined {
  if (!hosts.every((host) => /^[^:]+(?::\d+)?$/.test(host) && URL.canParse(start + host + rest))) return undefined;
  return { url: start + hosts.map((host) => (host.includes(":") ? host : `${host}:${defaultPort}`)).join(",") + rest };
}

/** The same server's URL for another of its databases. */
export const urlOfDatabase = (url: string, database: string): string =>
  url.replace(urlParts, (_all, start: string, hosts: string, rest: string) => `${start}${hosts}/${database}${rest.replace(/^\/[^?#]*/, "")}`);

/** The URL of a server that listens on a socket in a directory: what `targetFromUrl` reads. */
export function socketUrl(server: { readonly host: string; readonly port: number; readonly user: string; readonly database: string }): string {
  const url = new URL(`postgres://localhost:${server.port}/`);
  url.username = server.user;
  url.pathname = `/${server.database}`;
  url.searchParams.set("host", server.host);
  return url.href.replaceAll("%2F", "/");
}

import type { ConnectionTarget } from "./database.ts";

/**
 * Reads a postgres:// URL the way libpq does, Unix sockets included: `postgres:///accrue?host=/var/run/postgresql`,
 * `postgres://user@%2Fvar%2Frun%2Fpostgresql/accrue`. The driver knows no sockets in URLs, so the directory goes beside it.
 *
 * @returns undefined when the text is no such URL
 */
export function targetFromUrl(text: string): ConnectionTarget | undefined {
  if (!/^postgres(ql)?:\/\//.test(text)) return undefined;
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

/** The URL of a server that listens on a socket in a directory: what `targetFromUrl` reads. */
export function socketUrl(server: { readonly host: string; readonly port: number; readonly user: string; readonly database: string }): string {
  const url = new URL(`postgres://localhost:${server.port}/`);
  url.username = server.user;
  url.pathname = `/${server.database}`;
  url.searchParams.set("host", server.host);
  return url.href.replaceAll("%2F", "/");
}

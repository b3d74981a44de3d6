import { maskUrl } from "../../../config/mask-url.ts";
import { socketUrl } from "../../../db/url.ts";
import type { Session } from "../../session.ts";

/**
 * The URL of the database in use, its password hidden. Starts the embedded server when that is the one: a URL that
 * leads nowhere helps nobody.
 */
export async function shownUrl(session: Session): Promise<string> {
  const { value } = session.settings.databaseUrl;
  if (value !== undefined && value !== "") return maskUrl(value);
  const { options } = (await session.database()).sql;
  const { host, port, user, database } = options as unknown as {
    host: string[];
    port: number[];
    user: string;
    database: string;
  };
  const place = { host: host[0]!, port: port[0]!, user, database };
  if (place.host.startsWith("/")) return socketUrl(place);
  const url = new URL(`postgres://${place.host}:${place.port}/`);
  url.username = user;
  url.pathname = `/${database}`;
  return url.href;
}

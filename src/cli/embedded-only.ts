import { maskUrl } from "../config/mask-url.ts";
import type { Settings } from "../config/settings.ts";
import { refusedError } from "../shared/errors.ts";

/**
 * Refuses what accrue does for its own server alone.
 *
 * @param what "stop", "back up": what the server is not accrue's to do with
 * @param hint how it is done with a server of one's own, given how its programs are pointed to the database
 * @throws refused `server_not_embedded`
 */
export function requireEmbedded(
  { databaseUrl: { value, origin } }: Settings,
  what: string,
  hint: (place: string) => string,
): void {
  if (value === undefined) return;
  const place = origin === "DATABASE_URL" ? '"$DATABASE_URL"' : value === "" ? "" : `'${maskUrl(value)}'`;
  throw refusedError("server_not_embedded", `the server that ${origin} names is not accrue's to ${what}`, {
    hint: hint(place),
  });
}

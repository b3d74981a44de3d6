import { setTimeout as sleep } from "node:timers/promises";
import { usageError } from "../shared/errors.ts";

/** What is told of a run: as at healthchecks.io, under the check's URL with `/start`, with nothing, or with `/fail` behind it. */
export type PingKind = "start" | "success" | "fail";

export interface PingOptions {
  /** A UUID that ties the pings of one run together. */
  readonly rid: string;
  /** How long one attempt may take. */
  readonly timeoutMs?: number;
  readonly attempts?: number;
}

const suffixes: Readonly<Record<PingKind, string>> = { start: "/start", success: "", fail: "/fail" };

/** Receivers keep no more of a body. */
const maxBodyCharacters = 100_000;

/**
 * Reads the URL of a check.
 *
 * @param origin the option or setting that gives it
 * @throws a usage error: `invalid_ping_url`, which does not tell the URL: it is as good as a password
 */
export function requirePingUrl(text: string, origin: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === "https:" || url?.protocol === "http:") return url;
  throw usageError("invalid_ping_url", `${origin} does not give the URL of a check`, { hint: "write it like https://hc-ping.com/your-check" });
}

/**
 * Tells a monitor of a run. Never throws: a night is not lost because its monitor is.
 *
 * @param check its user and password, if it has any, are sent as HTTP's basic authentication
 * @returns why it did not get there, without the URL, which is as good as a password; undefined when it did
 */
export async function ping(check: URL, kind: PingKind, body: string, { rid, timeoutMs = 5_000, attempts = 3 }: PingOptions): Promise<string | undefined> {
  const { url, authorization } = withoutCredentials(check);
  url.pathname = url.pathname.replace(/\/$/, "") + suffixes[kind];
  url.searchParams.set("rid", rid);
  let problem: string | undefined;
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    if (attempt > 1) await sleep(250 * attempt);
    problem = await send(url, authorization, body.slice(0, maxBodyCharacters), timeoutMs);
    if (problem === undefined) return undefined;
  }
  return `ping ${kind} to ${url.host} failed ${attempts} times: ${problem}`;
}

/** `fetch` takes no URL with a user in it, and repeats the whole URL when it says so. */
function withoutCredentials(check: URL): { readonly url: URL; readonly authorization: Readonly<Record<string, string>> } {
  const url = new URL(check);
  const { username, password } = url;
  url.username = "";
  url.password = "";
  if (username === "" && password === "") return { url, authorization: {} };
  const credentials = Buffer.from(`${decoded(username)}:${decoded(password)}`).toString("base64");
  return { url, authorization: { authorization: `Basic ${credentials}` } };
}

/** A bare % stands for itself: passwords are pasted as they are. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

async function send(url: URL, authorization: Readonly<Record<string, string>>, body: string, timeoutMs: number): Promise<string | undefined> {
  try {
    const response = await fetch(url, {
      method: "POST", body, headers: { "content-type": "application/json", ...authorization }, signal: AbortSignal.timeout(timeoutMs),
      // Followed, it would carry the summary and the check's secret to a place that nobody named; and as a GET, without a body.
      redirect: "manual",
    });
    await response.body?.cancel();
    if (response.ok) return undefined;
    return response.status >= 300 && response.status < 400
      ? `HTTP ${response.status}: redirects are not followed; give the URL that it leads to`
      : `HTTP ${response.status}`;
  } catch (error) {
    const { name, cause } = error as Error;
    if (name === "TimeoutError") return `no answer in ${timeoutMs / 1000} s`;
    // What `fetch` itself says may repeat the URL; what the network said does not.
    return cause instanceof Error && cause.message !== "" ? cause.message : name;
  }
}

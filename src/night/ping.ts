import { setTimeout as sleep } from "node:timers/promises";
import { usageError } from "../shared/errors.ts";

/** The kind of ping, as at healthchecks.io: the check's URL with `/start`, as it is, or with `/fail` appended. */
export type PingKind = "start" | "success" | "fail";

export interface PingOptions {
  /** A UUID that ties the pings of one run together. */
  readonly rid: string;
  /** The time limit of one attempt. */
  readonly timeoutMs?: number;
  readonly attempts?: number;
}

const suffixes: Readonly<Record<PingKind, string>> = { start: "/start", success: "", fail: "/fail" };

/** Receivers keep no more of a body than this. */
const maxBodyCharacters = 100_000;

/**
 * Reads the URL of a check.
 *
 * @param origin the option or setting that gives it
 * @throws usage `invalid_ping_url`, without the URL, which is a secret
 */
export function requirePingUrl(text: string, origin: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === "https:" || url?.protocol === "http:") return url;
  throw usageError("invalid_ping_url", `${origin} does not give the URL of a check`, {
    hint: "write it like https://hc-ping.com/your-check",
  });
}

/**
 * Sends a ping to a monitor. Never throws, so that an unreachable monitor does not fail the night.
 *
 * @param check its user and password, if it has any, are sent as HTTP's basic authentication
 * @returns why it failed, without the URL, which is a secret; undefined when it arrived
 */
export async function ping(
  check: URL,
  kind: PingKind,
  body: string,
  { rid, timeoutMs = 5_000, attempts = 3 }: PingOptions,
): Promise<string | undefined> {
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

/** `fetch` refuses a URL with a user, and its error contains the whole URL. */
function withoutCredentials(check: URL): {
  readonly url: URL;
  readonly authorization: Readonly<Record<string, string>>;
} {
  const url = new URL(check);
  const { username, password } = url;
  url.username = "";
  url.password = "";
  if (username === "" && password === "") return { url, authorization: {} };
  const credentials = Buffer.from(`${decoded(username)}:${decoded(password)}`).toString("base64");
  return { url, authorization: { authorization: `Basic ${credentials}` } };
}

/** A % without two hex digits stands for itself: passwords may be pasted unencoded. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

async function send(
  url: URL,
  authorization: Readonly<Record<string, string>>,
  body: string,
  timeoutMs: number,
): Promise<string | undefined> {
  try {
    const response = await fetch(url, {
      method: "POST",
      body,
      headers: { "content-type": "application/json", ...authorization },
      signal: AbortSignal.timeout(timeoutMs),
      // A redirect would send the summary and the secret to another host, and as a GET, without the body.
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
    // The message of `fetch` may contain the URL; its cause, the network error, does not.
    return cause instanceof Error && cause.message !== "" ? cause.message : name;
  }
}

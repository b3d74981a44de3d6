import { userInfo } from "node:os";
import type { AccruePaths } from "./paths.ts";
import { readSettingsFile } from "./settings-file.ts";

/** A setting's value and where it comes from: `--operator`, `ACCRUE_OPERATOR`, the file's path, `default`. */
export interface Setting<Value> {
  readonly value: Value;
  readonly origin: string;
}

/** Where a secret key is to be read: it stands in the environment itself, or in a file. */
export type KeySource =
  { readonly kind: "text"; readonly text: string } | { readonly kind: "file"; readonly path: string };

export interface Settings {
  /** Undefined: the embedded server. An empty URL with origin `PG*`: the server that libpq's variables name. */
  readonly databaseUrl: Setting<string | undefined>;
  /** The server that is asked by commands which only read: a standby, or a primary. Undefined: the database itself. */
  readonly readUrl: Setting<string | undefined>;
  readonly operator: Setting<string>;
  /** How long the database may leave a question without an answer; `0s`: as long as it likes. */
  readonly timeout: Setting<string>;
  /** The directory that `settle` imports files from. Undefined: none. */
  readonly inbox: Setting<string | undefined>;
  /** The files that have to come for every date that `settle` closes, as patterns. */
  readonly expect: Setting<readonly string[]>;
  /** The URL that `settle` pings with its runs, a secret. Undefined: none. */
  readonly pingUrl: Setting<string | undefined>;
  /** What payout accounts are sealed under. Undefined: none, which will do as long as there are no accounts. */
  readonly secretKey: Setting<KeySource | undefined>;
  /** The key before, at hand while keys are changed. */
  readonly oldSecretKey: Setting<KeySource | undefined>;
  /** What payouts through Stripe are made with. */
  readonly stripeKey: Setting<KeySource | undefined>;
  readonly stripeApiBase: Setting<string>;
  readonly stripeCurrency: Setting<string>;
  /** A warning about the settings file itself, if any. */
  readonly fileWarning: string | undefined;
}

/**
 * Variables of the environment that hold a secret themselves, read here or by the driver. What accrue starts for others
 * (a night's hook) does not inherit them.
 */
const secretVariables: ReadonlySet<string> = new Set([
  "DATABASE_URL",
  "ACCRUE_READ_URL",
  "PGPASSWORD",
  "ACCRUE_PING_URL",
  "ACCRUE_SECRET_KEY",
  "ACCRUE_SECRET_KEY_OLD",
  "ACCRUE_STRIPE_KEY",
]);

/** An environment fit to be handed to a program that is not ours. */
export const withoutSecrets = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !secretVariables.has(name)));

/**
 * Resolves every setting: flag, then environment, then file, then default.
 *
 * @param uid the user at work; undefined where the system knows none
 * @throws the usage errors of reading the settings file
 */
export function loadSettings(
  flags: { operator?: string; timeout?: string; readUrl?: string },
  env: NodeJS.ProcessEnv,
  paths: AccruePaths,
  uid: number | undefined,
): Settings {
  const { entries: file, warning: fileWarning } = readSettingsFile(paths.configFile, uid);
  const first = <Value>(...candidates: readonly (readonly [Value | undefined, string])[]) => {
    const found = candidates.find(([value]) => value !== undefined && value !== "");
    return found === undefined ? undefined : ({ value: found[0] as Value, origin: found[1] } as const);
  };
  const noKey = { value: undefined, origin: "default" };
  const fromParts = env["PGHOST"] ?? env["PGSERVICE"] ?? env["PGDATABASE"];
  return {
    databaseUrl: first([env["DATABASE_URL"], "DATABASE_URL"]) ??
      (fromParts === undefined ? undefined : { value: "", origin: "PG*" }) ??
      first([file.database_url, paths.configFile]) ?? { value: undefined, origin: "default" },
    readUrl: first(
      [flags.readUrl, "--read-url"],
      [env["ACCRUE_READ_URL"], "ACCRUE_READ_URL"],
      [file.read_url, paths.configFile],
    ) ?? { value: undefined, origin: "default" },
    operator: first(
      [flags.operator, "--operator"],
      [env["ACCRUE_OPERATOR"], "ACCRUE_OPERATOR"],
      [file.operator, paths.configFile],
    ) ?? { value: userInfo().username, origin: "default" },
    timeout: first(
      [flags.timeout, "--timeout"],
      [env["ACCRUE_TIMEOUT"], "ACCRUE_TIMEOUT"],
      [file.timeout, paths.configFile],
    ) ?? { value: "1h", origin: "default" },
    inbox: first([env["ACCRUE_INBOX"], "ACCRUE_INBOX"], [file.inbox, paths.configFile]) ?? {
      value: undefined,
      origin: "default",
    },
    expect: wordsOf(first([env["ACCRUE_EXPECT"], "ACCRUE_EXPECT"], [file.expect, paths.configFile])),
    pingUrl: first([env["ACCRUE_PING_URL"], "ACCRUE_PING_URL"], [file.ping_url, paths.configFile]) ?? {
      value: undefined,
      origin: "default",
    },
    secretKey:
      first(
        [keyText(env["ACCRUE_SECRET_KEY"]), "ACCRUE_SECRET_KEY"],
        [keyFile(env["ACCRUE_SECRET_KEY_FILE"]), "ACCRUE_SECRET_KEY_FILE"],
        [keyFile(file.secret_key_file), paths.configFile],
      ) ?? noKey,
    oldSecretKey:
      first(
        [keyText(env["ACCRUE_SECRET_KEY_OLD"]), "ACCRUE_SECRET_KEY_OLD"],
        [keyFile(env["ACCRUE_SECRET_KEY_OLD_FILE"]), "ACCRUE_SECRET_KEY_OLD_FILE"],
      ) ?? noKey,
    stripeKey:
      first(
        [keyText(env["ACCRUE_STRIPE_KEY"]), "ACCRUE_STRIPE_KEY"],
        [keyFile(env["ACCRUE_STRIPE_KEY_FILE"]), "ACCRUE_STRIPE_KEY_FILE"],
        [keyFile(file.stripe_key_file), paths.configFile],
      ) ?? noKey,
    stripeApiBase: first(
      [env["ACCRUE_STRIPE_API_BASE"], "ACCRUE_STRIPE_API_BASE"],
      [file.stripe_api_base, paths.configFile],
    ) ?? { value: "https://api.stripe.com", origin: "default" },
    stripeCurrency: first(
      [env["ACCRUE_STRIPE_CURRENCY"], "ACCRUE_STRIPE_CURRENCY"],
      [file.stripe_currency, paths.configFile],
    ) ?? { value: "cny", origin: "default" },
    fileWarning,
  };
}

const wordsOf = (setting: Setting<string> | undefined): Setting<readonly string[]> =>
  setting === undefined
    ? { value: [], origin: "default" }
    : { value: setting.value.split(/\s+/u).filter((word) => word !== ""), origin: setting.origin };

const keyText = (text: string | undefined): KeySource | undefined =>
  text === undefined || text === "" ? undefined : { kind: "text", text };
const keyFile = (path: string | undefined): KeySource | undefined =>
  path === undefined || path === "" ? undefined : { kind: "file", path };

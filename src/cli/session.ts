import { hostname } from "node:os";
import { accruePaths } from "../config/paths.ts";
import { loadSettings, type Settings } from "../config/settings.ts";
import { recordRefusals } from "../db/audit.ts";
import type { Context, Operator } from "../db/context.ts";
import { reading, type ConnectionTarget, type Database } from "../db/database.ts";
import { reach, type Greeting } from "../db/greeting.ts";
import { requireCurrentSchema } from "../db/migrate.ts";
import { requireSameTime, serverNow } from "../db/server-clock.ts";
import { SilenceWatch } from "../db/driver/silence.ts";
import { ownServerTarget, targetAtHand, targetOf } from "../db/target.ts";
import { operatorAtWork, type Claim } from "../domain/operators/at-work.ts";
import { readOperatorName } from "../domain/operators/model.ts";
import { forbiddenTo, roleNotAllowed } from "../domain/operators/refusals.ts";
import { AccrueError, usageError } from "../shared/errors.ts";
import type { OperatorRole } from "../shared/operator-roles.ts";
import type { Ui } from "../ui/ui.ts";
import { revealingRoles } from "./command-roles.ts";
import { readDuration } from "./flags.ts";
import type { ManifestEntry } from "./manifest.ts";
import type { SessionOptions } from "./shared-options.ts";

/** What a test sets for a run of the program; outside of tests there is none, and no option or variable leads here. */
export interface Surroundings {
  /** In place of the server's clock. */
  readonly clock?: () => Date;
  /** In place of this machine's name. */
  readonly host?: string;
  /** After how long a person reads that the database is silent. */
  readonly silenceNoteMs?: number;
  /** How old what a standby shows may be before a person is warned of it. */
  readonly acceptedLagSeconds?: number;
}

const defaultSilenceNoteMs = 30_000;
const defaultAcceptedLagSeconds = 30;

interface Reached {
  readonly db: Database;
  readonly greeting: Greeting;
}

/** What one run of the program has at hand: its settings, its terminal and, once asked for, its database. */
export class Session {
  readonly ui: Ui;
  readonly settings: Settings;
  readonly signal: AbortSignal;
  readonly env: NodeJS.ProcessEnv;
  /** Whether nothing is to be kept (`--dry-run`): use cases roll back what they change. */
  readonly isDry: boolean;
  /** Whether a result is wanted as CSV, and which fields of it where not all are. */
  readonly isCsv: boolean;
  readonly fieldNames: readonly string[] | undefined;
  readonly #stop: AbortController;
  readonly #surroundings: Surroundings;
  readonly #command: Pick<ManifestEntry, "path" | "roles"> | undefined;
  #operator: Operator | undefined;
  #reached: Reached | undefined;
  #reachedToRead: Reached | undefined;

  /**
   * @param stop what ends this run, when a signal comes or the database is given up
   * @param command what is run, whose roles alone may work in this session; none completes command lines
   */
  constructor(
    ui: Ui,
    env: NodeJS.ProcessEnv,
    stop: AbortController,
    options: SessionOptions,
    surroundings: Surroundings = {},
    command?: Pick<ManifestEntry, "path" | "roles">,
  ) {
    this.#surroundings = surroundings;
    this.#command = command;
    this.ui = ui;
    this.env = env;
    this.isDry = options.dryRun === true;
    this.isCsv = options.csv === true;
    this.fieldNames = options.fields;
    this.signal = stop.signal;
    this.#stop = stop;
    this.settings = loadSettings(options, env, this.paths, process.getuid?.());
    if (this.settings.fileWarning !== undefined) ui.note(this.settings.fileWarning);
  }

  /** Where this run keeps what it keeps on disk. */
  get paths() {
    return accruePaths(this.env, process.getuid?.() ?? -1);
  }

  /** Who says they are at work; the registry says whether they are. */
  get claim(): Claim {
    const { value, origin } = this.settings.operator;
    return {
      name: readOperatorName(value),
      host: this.#surroundings.host ?? hostname(),
      isGiven: origin !== "default",
    };
  }

  /**
   * Opens the database without a look at its schema: for `init`, `db` and `doctor`. Starts the embedded server if that
   * is the one.
   */
  async database(): Promise<Database> {
    this.#reached ??= await this.#reach(
      await targetOf(this.settings, this.paths, this.env, this.signal, (text) => this.ui.note(text)),
    );
    return this.#reached.db;
  }

  /** The database, undefined where its server would have to be started. The caller closes it. */
  async databaseAtHand(): Promise<Database | undefined> {
    const target = await targetAtHand(this.settings, this.paths, this.env);
    return target === undefined ? undefined : (await reach(target)).db;
  }

  async #reach(target: ConnectionTarget): Promise<Reached> {
    this.ui.expectPage();
    const { origin, value } = this.settings.timeout;
    const silence = new SilenceWatch({
      noteAfterMs: this.#surroundings.silenceNoteMs ?? defaultSilenceNoteMs,
      limitMs: readDuration(origin, value),
      signal: this.signal,
      onNote: (text) => this.ui.event("warn", {}, text),
      onGivenUp: (error) => this.#stop.abort(error),
    });
    const reached = await reach({ ...target, silence });
    const { standbyLagSeconds = 0 } = reached.greeting;
    if (standbyLagSeconds > (this.#surroundings.acceptedLagSeconds ?? defaultAcceptedLagSeconds)) {
      const seconds = Math.ceil(standbyLagSeconds);
      this.ui.event(
        "warn",
        { standby_lag_seconds: seconds },
        `warning: this standby is ${seconds} s behind its primary`,
      );
    }
    return reached;
  }

  /** What the server said that was reached; undefined as long as none was. */
  get #greeting(): Greeting | undefined {
    return (this.#reached ?? this.#reachedToRead)?.greeting;
  }

  /** What time it is, by the server's clock; by this host's as long as no server was reached. */
  now(): Date {
    if (this.#surroundings.clock !== undefined) return this.#surroundings.clock();
    const greeting = this.#greeting;
    return greeting === undefined ? new Date() : serverNow(greeting);
  }

  /**
   * Opens the database, refuses any schema but this version's and whoever the registry does not let work, and gives use
   * cases what they may know.
   */
  async open(): Promise<Context> {
    return this.#open(await this.database());
  }

  /**
   * The same for a command that only reads: on the server that is set for that (`--read-url`), if one is.
   *
   * @param options its options: what is shown in full (`reveal`) is recorded, which only the database itself takes
   * @param asked an option that finds things by what is private in them, where one was given
   * @throws refused `role_not_allowed` for whoever may not see what is private
   */
  async openToRead({ reveal = false }: { readonly reveal?: boolean } = {}, asked?: string): Promise<Context> {
    const context = reveal ? await this.open() : await this.#openToRead();
    const option = reveal ? "--reveal" : asked;
    if (option !== undefined) await this.#requireRole(context, revealingRoles, ` ${option}`);
    return context;
  }

  async #openToRead(): Promise<Context> {
    const { value: url, origin } = this.settings.readUrl;
    if (url === undefined) return this.open();
    this.#reachedToRead ??= await this.#reach(ownServerTarget(url, origin, this.env));
    return this.#open(this.#reachedToRead.db);
  }

  #open(db: Database): Promise<Context> {
    return reading(async () => {
      await requireCurrentSchema(db);
      return this.contextOn(db);
    });
  }

  /**
   * What use cases may know but for who is at work and in which time zone.
   *
   * @throws refused `clock_skewed` when the clocks of this host and of the server are far apart
   */
  surroundingsOf(db: Database): Omit<Context, "zone" | "operator"> {
    const greeting = this.#greeting;
    if (greeting !== undefined && this.#surroundings.clock === undefined) requireSameTime(greeting);
    return {
      db,
      clock: () => this.now(),
      ending: this.isDry ? "rollback" : "commit",
      signal: this.signal,
      onProgress: (progress) => this.ui.progress(progress),
      onNote: (text) => this.ui.note(text),
    };
  }

  /**
   * The context of use cases on a database of this version's schema.
   *
   * @throws refused, for whoever the registry does not let work; `role_not_allowed` for whoever's role is none of those
   *   of the command
   */
  async contextOn(db: Database): Promise<Context> {
    const { claim } = this;
    const [platform] = await db.sql<{ timeZone: string }[]>`SELECT time_zone FROM platform`;
    if (platform === undefined) {
      throw usageError("platform_absent", "the database is migrated but not set up", { hint: "run `accrue init`" });
    }
    const operator = await operatorAtWork(db.sql, claim);
    this.#operator = operator;
    const context = { ...this.surroundingsOf(db), zone: platform.timeZone, operator };
    await this.#requireRole(context, this.#command?.roles);
    return context;
  }

  /** Refuses an operator whose role is not one of these, and records that. */
  async #requireRole(context: Context, roles: readonly OperatorRole[] | undefined, option = ""): Promise<void> {
    const { operator } = context;
    if (roles === undefined || roles.includes(operator.role)) return;
    const words = `${this.#command?.path.join(" ") ?? ""}${option}`;
    const refusal = roleNotAllowed(`\`accrue ${words}\``, operator, roles);
    const details = { role: operator.role, code: refusal.code };
    await recordRefusals(context, [{ action: "command.refuse", subjectKind: "command", subject: words, details }]);
    throw refusal;
  }

  /** What the database forbids, with who it forbids it to; any other error as it is. */
  named(error: unknown): unknown {
    const isForbidden = error instanceof AccrueError && error.code === "database_forbidden";
    return isForbidden && this.#operator !== undefined ? forbiddenTo(this.#operator, error) : error;
  }

  async close(): Promise<void> {
    this.ui.endProgress();
    await Promise.all([this.#reached?.db.close(), this.#reachedToRead?.db.close()]);
  }
}

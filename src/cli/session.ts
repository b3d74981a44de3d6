import { hostname } from "node:os";
import { accruePaths } from "../config/paths.ts";
import { loadSettings, type Settings } from "../config/settings.ts";
import type { Context, Operator } from "../db/context.ts";
import { connect, reading, type Database } from "../db/database.ts";
import { requireCurrentSchema } from "../db/migrate.ts";
import { targetOf } from "../db/target.ts";
import { usageError } from "../shared/errors.ts";
import type { Ui } from "../ui/ui.ts";
import type { SharedOptions } from "./shared-options.ts";

/** What one run of the program has at hand: its settings, its terminal and, once asked for, its database. */
export class Session {
  readonly ui: Ui;
  readonly settings: Settings;
  readonly signal: AbortSignal;
  readonly env: NodeJS.ProcessEnv;
  #database: Database | undefined;

  constructor(ui: Ui, env: NodeJS.ProcessEnv, signal: AbortSignal, options: SharedOptions) {
    this.ui = ui;
    this.env = env;
    this.signal = signal;
    this.settings = loadSettings(options.operator === undefined ? {} : { operator: options.operator }, env, this.paths, process.getuid?.());
    if (this.settings.fileWarning !== undefined) ui.note(this.settings.fileWarning);
  }

  /** Where this run keeps what it keeps on disk. */
  get paths() {
    return accruePaths(this.env, process.getuid?.() ?? -1);
  }

  /** Who is at work. Names are compared without case (maker is not checker), so they are kept trimmed and printable. */
  get operator(): Operator {
    const name = this.settings.operator.value.trim();
    if (!/^[^\p{C}]{1,64}$/u.test(name)) {
      throw usageError("invalid_operator", `"${name}" cannot be an operator's name: 1 to 64 printable characters`, {
        hint: "give --operator NAME or set ACCRUE_OPERATOR",
      });
    }
    return { name, host: hostname() };
  }

  /** Opens the database without a look at its schema: for `init`, `db` and `doctor`. Starts the embedded server if that is the one. */
  async database(): Promise<Database> {
    this.#database ??= connect(await targetOf(this.settings, this.paths, this.env, this.signal, (text) => this.ui.note(text)));
    return this.#database;
  }

  /** Opens the database, refuses any schema but this version's, and gives use cases what they may know. */
  async open(): Promise<Context> {
    const db = await this.database();
    return reading(async () => {
      await requireCurrentSchema(db);
      const [platform] = await db.sql<{ timeZone: string }[]>`SELECT time_zone FROM platform`;
      if (platform === undefined) {
        throw usageError("platform_absent", "the database is migrated but not set up", { hint: "run `accrue init`" });
      }
      return this.contextFor(db, platform.timeZone);
    });
  }

  /** The context of use cases on a database whose platform is known. */
  contextFor(db: Database, zone: string): Context {
    return {
      db,
      clock: () => new Date(),
      operator: this.operator,
      zone,
      signal: this.signal,
      onProgress: (progress) => this.ui.progress(progress),
      onNote: (text) => this.ui.note(text),
    };
  }

  async close(): Promise<void> {
    this.ui.endProgress();
    await this.#database?.close();
  }
}

import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { Command, OptionValues } from "@commander-js/extra-typings";
import { withoutSecrets } from "../../../config/settings.ts";
import { toAccrueError } from "../../../db/errors.ts";
import { runHook } from "../../../night/hook.ts";
import { nightDocument, nightEnvironment, nightSentence, type NightOutcome } from "../../../night/night-document.ts";
import { eventFields, eventText } from "../../../night/night-log.ts";
import { nightMetrics } from "../../../night/night-metrics.ts";
import { ping, requirePingUrl, type PingKind } from "../../../night/ping.ts";
import { replaceFile } from "../../../files/replace-file.ts";
import { countWaiting } from "../../../domain/approvals/read.ts";
import { totalOpen } from "../../../domain/reconciliation/read.ts";
import { reportFund } from "../../../reports/fund.ts";
import { reportNight } from "../../../night/report/night.ts";
import { requireReportFormat, writeNightReport } from "../../../night/report/file.ts";
import type { SettlementEvent, SettlementSummary } from "../../../night/events.ts";
import { settlementHistory } from "../../../night/history.ts";
import { AccrueError } from "../../../shared/errors.ts";
import { writeProblem } from "../../../shared/write-problem.ts";
import { toJson } from "../../../ui/json.ts";
import type { OptionsOf } from "../../command.ts";
import { exitCodeOf } from "../../exit-codes.ts";
import { addLogOption } from "../../log-option.ts";
import type { Session } from "../../session.ts";
import { repeated } from "../../shared-options.ts";
import { hasDoneSomething, settlementPage } from "./view.ts";

/** Declares the options for who is notified of a night, and how. */
export const addNightOptions = <Args extends unknown[], Options extends OptionValues>(
  command: Command<Args, Options>,
) =>
  addLogOption(
    command
      .option("--metrics-file <file>", "write Prometheus metrics there, for node_exporter's textfile collector")
      .option(
        "--ping <url>",
        "tell a monitor of start (/start), success and failure (/fail), as at healthchecks.io (default: ACCRUE_PING_URL, which no `ps` shows)",
      )
      .option("--on-success <command>", "run a shell command when all is settled, the summary as JSON on its stdin")
      .option("--on-failure <command>", "the same when it is not")
      .option("--report <file>", "write the newest night's report, by its name .html or .csv; repeatable", repeated),
  );

type NightOptions = OptionsOf<typeof addNightOptions<[], Record<never, never>>>;

/**
 * Does a night's work, and reports how it went to whoever the options name. What goes wrong in reporting is a warning:
 * it never changes what was settled, nor the exit code.
 *
 * @param work hands on the settlement's events, and gives the exit code
 */
export async function watchNight(
  session: Session,
  options: NightOptions,
  work: (onEvent: (event: SettlementEvent) => void) => Promise<number>,
): Promise<number> {
  const watch = new NightWatch(session, options);
  let exitCode: number;
  let failure: NightOutcome["failure"];
  try {
    exitCode = await work((event) => watch.take(event));
  } catch (cause) {
    const error: unknown = session.signal.aborted ? session.signal.reason : session.named(toAccrueError(cause));
    await watch.tellUnfinished();
    session.ui.error(error);
    exitCode = exitCodeOf(error);
    failure = {
      code: error instanceof AccrueError ? error.code : "bug",
      message: error instanceof Error ? error.message : String(error),
    };
  }
  // Where another settlement is at work, that one reports. Any other trouble that exits with 75 is reported.
  if (failure?.code !== "settlement_busy") await watch.end(exitCode, failure);
  return exitCode;
}

class NightWatch {
  readonly #session: Session;
  readonly #options: NightOptions;
  readonly #check: URL | undefined;
  readonly #rid = randomUUID();
  #startPing: Promise<void> = Promise.resolve();
  #summary: SettlementSummary | undefined;

  constructor(session: Session, options: NightOptions) {
    this.#session = session;
    this.#options = options;
    for (const path of options.report ?? []) requireReportFormat(path);
    const { value, origin } =
      options.ping === undefined ? session.settings.pingUrl : { value: options.ping, origin: "--ping" };
    this.#check = value === undefined ? undefined : requirePingUrl(value, origin);
  }

  take(event: SettlementEvent): void {
    if (event.type === "run_started") this.#startPing = this.#ping("start", toJson({ run_id: event.runId }));
    if (event.type === "run_ended") this.#summary = event.summary;
    else this.#session.ui.event("info", eventFields(event), eventText(event));
  }

  /**
   * A night that ends early has no result to show. What it did until then, files that were set aside and rows that were
   * rejected first of all, is reported all the same: no later run comes back to them.
   */
  async tellUnfinished(): Promise<void> {
    const { ui } = this.#session;
    const summary = this.#summary;
    if (ui.isForPeople && summary !== undefined && hasDoneSomething(summary))
      await ui.tell((page) => settlementPage(page, summary));
  }

  /** Tells everybody, one after the other; the log has the last word. */
  async end(exitCode: number, failure: NightOutcome["failure"]): Promise<void> {
    const outcome: NightOutcome = { exitCode, endedAt: this.#session.now(), summary: this.#summary, failure };
    const isSuccess = failure === undefined;
    const document = nightDocument(outcome);
    await this.#attempt("the report", () => this.#writeReports());
    const { metricsFile } = this.#options;
    if (metricsFile !== undefined)
      await this.#attempt(`the metrics file ${metricsFile}`, () => this.#writeMetrics(metricsFile, outcome));
    await this.#runHook(isSuccess ? this.#options.onSuccess : this.#options.onFailure, outcome, toJson(document));
    await this.#startPing;
    await this.#ping(isSuccess ? "success" : "fail", toJson(document));
    this.#session.ui.event(isSuccess ? "info" : "error", document, nightSentence(outcome));
  }

  /**
   * Reports the last date that the run came to, closed or not. When it came to none, the one that was closed last: the
   * run that closed it may have been killed before it could report.
   */
  async #writeReports(): Promise<void> {
    const paths = this.#options.report ?? [];
    if (this.#summary === undefined || paths.length === 0) return;
    const context = await this.#session.open();
    const date =
      this.#summary.failure?.businessDate ??
      this.#summary.closed.at(-1) ??
      (await settlementHistory(context)).lastClosed;
    if (date === undefined) return;
    const report = await reportNight(context, date);
    for (const path of paths) await writeNightReport(path, report);
  }

  async #writeMetrics(metricsFile: string, outcome: NightOutcome): Promise<void> {
    const previous = await readFile(metricsFile, "utf8").catch(() => "");
    // A night that failed may have failed for want of a database: then there is nothing to say of the fund.
    const measured = await this.#session
      .open()
      .then(async (context) => ({
        fund: await reportFund(context),
        history: await settlementHistory(context),
        open: await totalOpen(context),
        waiting: await countWaiting(context),
      }))
      .catch(() => ({ fund: undefined, history: undefined, open: undefined, waiting: undefined }));
    await replaceFile(metricsFile, nightMetrics({ ...outcome, ...measured }, previous), 0o644);
  }

  async #runHook(command: string | undefined, outcome: NightOutcome, stdin: string): Promise<void> {
    if (command === undefined) return;
    const { problem, output } = await runHook({
      command,
      stdin,
      env: { ...withoutSecrets(this.#session.env), ...nightEnvironment(outcome) },
    });
    const said = output === "" ? "" : `\n${output}`;
    if (problem !== undefined)
      this.#session.ui.event("warn", { hook: command, problem, output }, `hook \`${command}\`: ${problem}${said}`);
    else this.#session.ui.event("info", { hook: command, output }, `hook \`${command}\` ran`);
  }

  async #ping(kind: PingKind, body: string): Promise<void> {
    if (this.#check === undefined) return;
    const problem = await ping(this.#check, kind, body, { rid: this.#rid });
    if (problem !== undefined) this.#session.ui.event("warn", { ping: kind, problem }, problem);
  }

  async #attempt(what: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      const problem = error instanceof AccrueError ? error.message : writeProblem(error);
      this.#session.ui.event("warn", { problem }, `${what} could not be written: ${problem}`);
    }
  }
}

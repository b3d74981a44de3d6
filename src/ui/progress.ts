import type { Ora } from "ora";
import { formatBytes } from "../shared/bytes.ts";
import { toJson } from "./json.ts";
import type { Log } from "./log.ts";
import { printable } from "./printable.ts";

/** How far long work has come; whose work it is does not matter here. */
export interface ProgressFacts {
  readonly phase: string;
  readonly done: number;
  readonly total?: number;
  readonly unit: string;
  readonly rejected?: number;
  readonly rows?: number;
  /** How much of the work is done, from 0 to 1, where that is more than `done` of `total` says. */
  readonly share?: number;
  /** Which of several parts of the work it is at, in place of counts. */
  readonly at?: string;
}

const animationMs = 100;
const lineMs = 10_000;
/** How often a line or the time left is updated without new progress. */
const tickMs = 1_000;

/** How progress is shown: a moving line on a terminal; elsewhere a line of text, JSON or a log per interval. */
export type ProgressStyle = "animated" | "plain" | "json" | Log;

/** Shows long work on stderr. Work that ends within one interval is not shown. */
export class ProgressLine {
  readonly #stream: NodeJS.WriteStream;
  readonly #style: ProgressStyle;
  readonly #isColoured: boolean;
  #spinner: Ora | undefined;
  #phase: string | undefined;
  #facts: ProgressFacts | undefined;
  #ticker: NodeJS.Timeout | undefined;
  #text = "";
  #startedMs = 0;
  #factsMs = 0;
  #shownMs = 0;

  constructor(stream: NodeJS.WriteStream, style: ProgressStyle, isColoured: boolean) {
    this.#stream = stream;
    this.#style = style;
    this.#isColoured = isColoured;
  }

  /** Takes how far the work has come; cheap enough to be called for every batch. */
  tell(facts: ProgressFacts): void {
    const nowMs = performance.now();
    if (facts.phase !== this.#phase) {
      this.#phase = facts.phase;
      this.#startedMs = this.#shownMs = nowMs;
    }
    [this.#facts, this.#factsMs] = [facts, nowMs];
    this.#ticker ??= setInterval(() => this.#showAgain(), tickMs).unref();
    if (nowMs - this.#shownMs >= (this.#style === "animated" ? animationMs : lineMs)) this.#show(facts, nowMs);
  }

  /**
   * Repeats the last progress: one statement may take minutes without new progress, and the time left is to go down all
   * the same.
   */
  #showAgain(): void {
    const nowMs = performance.now();
    const isDue = nowMs - this.#shownMs >= (this.#style === "animated" ? tickMs : lineMs);
    if (this.#facts !== undefined && isDue) this.#show(this.#facts, nowMs);
  }

  #show(facts: ProgressFacts, nowMs: number): void {
    this.#shownMs = nowMs;
    this.#text = progressText(facts, (this.#factsMs - this.#startedMs) / 1000, (nowMs - this.#factsMs) / 1000);
    if (this.#style === "animated") void this.#spin();
    else this.#line({ progress: { ...facts, seconds: Math.round((nowMs - this.#startedMs) / 1000) } });
  }

  #line(fields: { readonly progress: ProgressFacts & { readonly seconds: number } }): void {
    if (typeof this.#style === "object") this.#style.write("info", fields, this.#text);
    else this.#stream.write(`${this.#style === "json" ? toJson(fields) : this.#text}\n`);
  }

  async #spin(): Promise<void> {
    const { default: ora } = await import("ora");
    if (this.#phase === undefined) return; // the work ended while ora was loaded
    // discardStdin would put the terminal into raw mode and swallow Ctrl-C; ora's own look at the terminal has been
    // taken already.
    this.#spinner ??= ora({
      stream: this.#stream,
      discardStdin: false,
      isEnabled: true,
      ...(this.#isColoured ? {} : { color: false }),
    });
    this.#spinner.text = this.#text;
    if (!this.#spinner.isSpinning) this.#spinner.start();
  }

  /** Takes the spinner off the screen, and shows the cursor again. */
  end(): void {
    this.#spinner?.stop();
    clearInterval(this.#ticker);
    this.#ticker = this.#facts = this.#phase = undefined;
  }
}

/**
 * `importing orders  41%  20.1 MiB of 49 MiB  412,000 rows  61,200/s  10 s left  3 rejected`
 *
 * @param seconds from the beginning to the facts
 * @param since seconds since then: so much less is left
 */
export function progressText(facts: ProgressFacts, seconds: number, since = 0): string {
  const { phase, done, total, unit, rejected, rows, at } = facts;
  const share = facts.share ?? (total !== undefined && total > 0 ? done / total : undefined);
  const parts = [printable(phase), ...(at === undefined ? [] : [printable(at)])];
  if (share !== undefined) parts.push(`${Math.min(100, Math.floor(100 * share + rounding))}%`);
  if (at === undefined) {
    const counted = rows ?? done;
    if (unit === "bytes" && rows !== undefined)
      parts.push(total === undefined ? formatBytes(done) : `${formatBytes(done)} of ${formatBytes(total)}`);
    parts.push(`${counted.toLocaleString("en-US")} ${rows === undefined ? unit : "rows"}`);
    if (seconds > 0) parts.push(`${Math.round(counted / seconds).toLocaleString("en-US")}/s`);
  }
  const left = share === undefined || share <= 0 ? undefined : Math.max(0, (seconds * (1 - share)) / share) - since;
  // Work that takes longer than estimated has no time left to show.
  if (left !== undefined && (since === 0 || left > 0)) parts.push(`${timeLeft(left)} left`);
  if (rejected !== undefined && rejected > 0) parts.push(`${rejected.toLocaleString("en-US")} rejected`);
  return parts.join("  ");
}

/** A share of a hundredth is not quite one: 0.29 x 100 is 28.999999999999996. */
const rounding = 1e-9;

/** `9 s`, `3 min 20 s`, `2 h 5 min` */
function timeLeft(seconds: number): string {
  const whole = Math.ceil(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

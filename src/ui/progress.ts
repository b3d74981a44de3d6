import type { Ora } from "ora";

/** How far long work has come; whose work it is does not matter here. */
export interface ProgressFacts {
  readonly phase: string;
  readonly done: number;
  readonly total?: number;
  readonly unit: string;
  readonly rejected?: number;
  readonly rows?: number;
}

const intervalMs = { terminal: 100, plain: 10_000 } as const;

/** Long work, told on stderr: a spinner with rows, rate and time left on a terminal; elsewhere one plain line per interval. */
export class ProgressLine {
  readonly #stream: NodeJS.WriteStream;
  readonly #animated: boolean;
  #spinner: Ora | undefined;
  #phase = "";
  #startedMs = 0;
  #toldMs = 0;

  constructor(stream: NodeJS.WriteStream, animated: boolean) {
    this.#stream = stream;
    this.#animated = animated;
  }

  tell(facts: ProgressFacts): void {
    const nowMs = performance.now();
    if (facts.phase !== this.#phase) {
      this.#phase = facts.phase;
      this.#startedMs = this.#toldMs = nowMs;
    }
    if (nowMs - this.#toldMs < (this.#animated ? intervalMs.terminal : intervalMs.plain)) return;
    this.#toldMs = nowMs;
    const text = progressText(facts, (nowMs - this.#startedMs) / 1000);
    if (!this.#animated) this.#stream.write(`${text}\n`);
    else void this.#spin(text);
  }

  async #spin(text: string): Promise<void> {
    const { default: ora } = await import("ora");
    // discardStdin would put the terminal into raw mode and swallow Ctrl-C
    this.#spinner ??= ora({ stream: this.#stream, discardStdin: false });
    if (!this.#spinner.isSpinning) this.#spinner.start();
    this.#spinner.text = text;
  }

  /** Takes the spinner off the screen. */
  end(): void {
    this.#spinner?.stop();
    this.#phase = "";
  }
}

/** `importing orders  41%  412,000 rows  61,200/s  10 s left  3 rejected` */
export function progressText(facts: ProgressFacts, seconds: number): string {
  const { phase, done, total, unit, rejected, rows } = facts;
  const counted = rows ?? done;
  const parts = [phase];
  if (total !== undefined && total > 0) parts.push(`${Math.min(100, Math.floor((100 * done) / total))}%`);
  parts.push(`${counted.toLocaleString("en-US")} ${rows === undefined ? unit : "rows"}`);
  if (seconds > 0) parts.push(`${Math.round(counted / seconds).toLocaleString("en-US")}/s`);
  if (total !== undefined && done > 0) parts.push(`${Math.ceil((seconds * (total - done)) / done)} s left`);
  if (rejected !== undefined && rejected > 0) parts.push(`${rejected.toLocaleString("en-US")} rejected`);
  return parts.join("  ");
}

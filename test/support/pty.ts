import { spawn, type ChildProcess } from "node:child_process";
import { resolve } from "node:path";
import { cliEnvironment, type CliOptions } from "./cli.ts";
import { Screen } from "./screen.ts";

/** Keys as a terminal sends them. */
export const keys = {
  enter: "\r",
  up: "\u001b[A",
  down: "\u001b[B",
  backspace: "\u007f",
  ctrlC: "\u0003",
  ctrlD: "\u0004",
} as const;

export interface TerminalOptions extends Omit<CliOptions, "stdin"> {
  readonly columns?: number;
  readonly rows?: number;
  /** Appended to the command line as it is, for a shell: `| head -1`, `2>errors.txt`. */
  readonly shell?: string;
}

const patienceMs = 20_000;

/** A program that runs on a pseudo-terminal, as a person would use it. */
export class TerminalSession {
  readonly #child: ChildProcess;
  readonly #screen = new Screen();
  readonly #ended: Promise<number>;
  #raw = "";
  #seen = 0;
  #exitCode: number | undefined;
  #wake: () => void = () => {};

  constructor(child: ChildProcess) {
    this.#child = child;
    child.stdout!.setEncoding("utf8").on("data", (piece: string) => {
      const before = this.screen;
      this.#raw += piece;
      this.#screen.write(piece);
      this.#seen = Math.min(this.#seen, commonLength(before, this.screen));
      this.#wake();
    });
    child.stdin!.on("error", () => {}); // it may have ended before it read the last key
    this.#ended = new Promise((settle) => {
      child.once("close", (code) => {
        this.#exitCode = code ?? -1;
        this.#wake();
        settle(this.#exitCode);
      });
    });
  }

  /** What the screen shows now, scrolled lines included. */
  get screen(): string {
    return this.#screen.toString();
  }

  /** Every byte that came, control sequences included. */
  get raw(): string {
    return this.#raw;
  }

  /**
   * Waits until the text is on the screen, after what an earlier `expect` found (unless that was drawn anew since).
   *
   * @throws with the screen when it does not come, or the program ends first
   */
  async expect(text: string): Promise<void> {
    const deadline = performance.now() + patienceMs;
    for (;;) {
      const at = this.screen.indexOf(text, this.#seen);
      if (at >= 0) {
        this.#seen = at + text.length;
        return;
      }
      if (this.#exitCode !== undefined)
        throw new Error(`the program ended (${this.#exitCode}) without "${text}"; the screen:\n${this.screen}`);
      if (performance.now() > deadline) throw new Error(`"${text}" never came; the screen:\n${this.screen}`);
      await this.#news(deadline);
    }
  }

  /** Types. Wait with `expect` for the question first. */
  send(typed: string): void {
    this.#child.stdin!.write(typed);
  }

  /** Waits for the end, and gives the exit code. */
  async exit(): Promise<number> {
    const late = setTimeout(() => this.#child.kill("SIGKILL"), patienceMs);
    const code = await this.#ended;
    clearTimeout(late);
    if (code < 0) throw new Error(`the program did not end; the screen:\n${this.screen}`);
    return code;
  }

  #news(deadline: number): Promise<void> {
    return new Promise((settle) => {
      const timer = setTimeout(settle, Math.max(1, deadline - performance.now()));
      this.#wake = () => {
        clearTimeout(timer);
        settle();
      };
    });
  }
}

function commonLength(one: string, other: string): number {
  let length = 0;
  while (length < one.length && one[length] === other[length]) length += 1;
  return length;
}

/** Runs any command line on a pseudo-terminal, by util-linux's `script`: no native module is needed for it. */
export function onTerminal(commandLine: string, options: TerminalOptions = {}): TerminalSession {
  const { columns = 80, rows = 24 } = options;
  // `script` gives a terminal of no size; --echo never: what is typed shows only when the program shows it.
  const sized = `stty cols ${columns} rows ${rows}; exec ${commandLine}`;
  const child = spawn("script", ["--quiet", "--flush", "--return", "--command", sized, "/dev/null"], {
    env: { ...cliEnvironment(options), SHELL: "/bin/sh" },
    cwd: options.cwd,
    stdio: ["pipe", "pipe", "inherit"],
  });
  return new TerminalSession(child);
}

/** Runs the compiled accrue on a pseudo-terminal. */
export function accrueOnTerminal(args: readonly string[], options: TerminalOptions = {}): TerminalSession {
  const words = [process.execPath, resolve("bin/accrue.js"), ...args].map(
    (word) => `'${word.replaceAll("'", `'\\''`)}'`,
  );
  const commandLine = words.join(" ");
  return onTerminal(options.shell === undefined ? commandLine : `${commandLine} ${options.shell}`, options);
}

import { usageError } from "../shared/errors.ts";
import { painter, takesColour, type Paint } from "./colour.ts";
import { errorText } from "./error-text.ts";
import { toJson } from "./json.ts";
import type { Page } from "./page.ts";
import { ProgressLine, type ProgressFacts } from "./progress.ts";
import type { Question } from "./prompts.ts";

/** The three streams of a process. */
export interface Streams {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
}

export interface UiOptions {
  readonly json?: boolean;
  readonly input?: boolean;
  readonly debug?: boolean;
}

const terminalRowCap = 200;

/** The terminal, or what stands in its place: results go to stdout, everything else to stderr. Nothing else writes to either. */
export class Ui {
  readonly json: boolean;
  /** Whether a person is there to answer: both ends are terminals and nobody said --no-input. */
  readonly interactive: boolean;
  readonly #streams: Streams;
  readonly #debug: boolean;
  readonly #paintOut: Paint;
  readonly #paintError: Paint;
  readonly #progress: ProgressLine;

  constructor(streams: Streams, env: NodeJS.ProcessEnv, options: UiOptions) {
    this.#streams = streams;
    this.json = options.json === true;
    this.#debug = options.debug === true;
    this.interactive = options.input !== false && streams.stdin.isTTY && streams.stderr.isTTY;
    this.#paintOut = painter(takesColour(streams.stdout, env));
    this.#paintError = painter(takesColour(streams.stderr, env));
    this.#progress = new ProgressLine(streams.stderr, streams.stderr.isTTY && env["TERM"] !== "dumb");
  }

  /** Shows one result: as the JSON document, or as the page that `render` lays out. */
  async show(document: unknown, render: (page: Page) => void): Promise<void> {
    this.endProgress();
    if (this.json) return this.#print(`${toJson(document)}\n`);
    await this.#showPage(render);
  }

  /** Shows a list: one JSON object a line, or the page that `render` lays out. */
  async list(documents: readonly unknown[], render: (page: Page) => void): Promise<void> {
    this.endProgress();
    if (this.json) return this.#print(documents.map((document) => `${toJson(document)}\n`).join(""));
    await this.#showPage(render);
  }

  async #showPage(render: (page: Page) => void): Promise<void> {
    const { Page } = await import("./page.ts");
    const { stdout } = this.#streams;
    const page = new Page(this.#paintOut, stdout.isTTY ? stdout.columns : undefined, stdout.isTTY ? terminalRowCap : undefined);
    render(page);
    this.#print(page.toString());
  }

  #print(text: string): void {
    this.#streams.stdout.write(text);
  }

  /** Says something to the person at work; never part of a result. */
  note(text: string): void {
    this.endProgress();
    this.#streams.stderr.write(`${text}\n`);
  }

  progress(facts: ProgressFacts): void {
    this.#progress.tell(facts);
  }

  endProgress(): void {
    this.#progress.end();
  }

  /** Prints an error: as text with its hint, or as JSON; the stack only under --debug. */
  error(error: unknown): void {
    this.endProgress();
    this.#streams.stderr.write(errorText(error, { json: this.json, debug: this.#debug, paint: this.#paintError }));
  }

  /**
   * Asks for something that was not given.
   *
   * @param flag what to give instead where nobody can answer
   * @throws a usage error off a terminal: nothing ever waits there
   */
  async ask(question: Question, flag: string): Promise<string> {
    if (!this.interactive) {
      throw usageError("missing_answer", `${question.message}: not given, and there is no terminal to ask on`, { hint: `give ${flag}` });
    }
    const { askText } = await import("./prompts.ts");
    return askText(question);
  }

  /**
   * Asks whether to go on.
   *
   * @throws a usage error off a terminal, naming --yes
   */
  async confirm(message: string): Promise<boolean> {
    if (!this.interactive) {
      throw usageError("confirmation_needed", `${message} A confirmation is needed, and there is no terminal to ask on`, { hint: "give --yes" });
    }
    const { askConfirmation } = await import("./prompts.ts");
    return askConfirmation(message);
  }

  /** All of standard input, as text: for a password or a file that is piped in. */
  async readStdin(): Promise<string> {
    const pieces: Buffer[] = [];
    for await (const piece of this.#streams.stdin) pieces.push(piece as Buffer);
    return Buffer.concat(pieces).toString("utf8");
  }
}

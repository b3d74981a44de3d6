import { usageError } from "../shared/errors.ts";
import { painter, takesColour, takesCursorCodes, type Paint } from "./colour.ts";
import { errorDocument, errorText } from "./error-text.ts";
import { toJson } from "./json.ts";
import type { Log, LogLevel } from "./log.ts";
import { Output } from "./output.ts";
import type { Page } from "./page.ts";
import { printable } from "./printable.ts";
import { ProgressLine, type ProgressFacts, type ProgressStyle } from "./progress.ts";
import type { Choice, PromptPlace, Question } from "./prompts.ts";

/** The three streams of a process. */
export interface Streams {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
}

export interface UiOptions {
  readonly json?: boolean;
  /** No notes and no progress. */
  readonly quiet?: boolean;
  readonly input?: boolean;
  readonly debug?: boolean;
  /** Takes everything that would go to stderr otherwise. */
  readonly log?: Log | undefined;
}

const terminalRowCap = 200;

/**
 * The terminal, or what stands in its place: results go to stdout, everything else to stderr. Nothing else writes to
 * either.
 */
export class Ui {
  readonly json: boolean;
  /**
   * Whether a person is there to answer: both ends are terminals that can show a prompt, and nobody said --no-input.
   */
  readonly interactive: boolean;
  readonly #streams: Streams;
  readonly #signal: AbortSignal;
  readonly #output: Output;
  readonly #debug: boolean;
  readonly #isQuiet: boolean;
  readonly #log: Log | undefined;
  readonly #paintOut: Paint;
  readonly #paintError: Paint;
  readonly #progress: ProgressLine;

  constructor(streams: Streams, env: NodeJS.ProcessEnv, options: UiOptions, signal: AbortSignal) {
    this.#streams = streams;
    this.#signal = signal;
    this.#output = new Output(streams.stdout);
    this.json = options.json === true;
    this.#debug = options.debug === true;
    this.#isQuiet = options.quiet === true;
    this.#log = options.log;
    const isScreen = takesCursorCodes(streams.stderr, env);
    const isColoured = takesColour(streams.stderr, env);
    this.interactive = options.input !== false && streams.stdin.isTTY === true && isScreen;
    this.#paintOut = painter(takesColour(streams.stdout, env));
    this.#paintError = painter(isColoured);
    const style: ProgressStyle = isScreen ? "animated" : this.json ? "json" : "plain";
    this.#progress = new ProgressLine(streams.stderr, this.#log ?? style, isColoured);
  }

  /** Shows one result: as the JSON document, or as the page that `render` lays out. */
  async show(document: unknown, render: (page: Page) => void): Promise<void> {
    this.endProgress();
    if (this.json) await this.#output.write(`${toJson(document)}\n`);
    else await this.page(render);
  }

  /** Writes one JSON object a line, as they come and as fast as the reader reads: their number does not matter. */
  async documents(documents: Iterable<unknown> | AsyncIterable<unknown>): Promise<void> {
    async function* lines(): AsyncGenerator<string, void, undefined> {
      for await (const document of documents) yield `${toJson(document)}\n`;
    }
    this.endProgress();
    await this.#output.writeAll(lines());
  }

  /** Shows several results: one JSON object a line, or the page that `render` lays out. */
  async list(documents: Iterable<unknown>, render: (page: Page) => void): Promise<void> {
    if (this.json) await this.documents(documents);
    else await this.page(render);
  }

  /** Writes pieces of text, as `documents` does; on a terminal they are made fit to be looked at. */
  async texts(texts: AsyncIterable<string>): Promise<void> {
    this.endProgress();
    await this.#output.writeAll(this.#streams.stdout.isTTY ? shown(texts) : texts);
  }

  /**
   * Shows a part of a result to a person.
   *
   * @param isWhole a terminal, too, gets all rows of a long table
   * @returns false when nobody reads any more
   */
  async page(render: (page: Page) => void, isWhole = false): Promise<boolean> {
    this.endProgress();
    const page = await pageFor(this.#streams.stdout, this.#paintOut, isWhole);
    render(page);
    return this.#output.write(page.toString());
  }

  /** Writes data as it is, for a file or another program; on a terminal it is made fit to be looked at. */
  async data(text: string): Promise<void> {
    this.endProgress();
    await this.#output.write(this.#streams.stdout.isTTY ? printable(text, "\n") : text);
  }

  /** Says something to the person at work that --quiet leaves out; never part of a result. */
  note(text: string): void {
    if (!this.#isQuiet) this.#say("info", text);
  }

  /** What --quiet leaves in, too. With --json, off a terminal, it is a JSON line like the errors there. */
  #say(level: LogLevel, text: string): void {
    this.endProgress();
    if (this.#log !== undefined) return this.#log.write(level, {}, text);
    const isData = this.json && !this.#streams.stderr.isTTY;
    this.#streams.stderr.write(`${isData ? toJson({ note: text }) : printable(text, "\n")}\n`);
  }

  /** A step of long work, for a log with all its fields. Where there is no log, only warnings are shown. */
  event(level: LogLevel, fields: Readonly<Record<string, unknown>>, text: string): void {
    if (this.#log !== undefined) this.#log.write(level, fields, text);
    else if (level === "warn") this.#say(level, text);
  }

  /**
   * Lays something out for the person at work, as `show` does for a result: what a question is about, or why an answer
   * will not do.
   */
  async tell(render: (page: Page) => void): Promise<void> {
    this.endProgress();
    const page = await pageFor(this.#streams.stderr, this.#paintError);
    render(page);
    this.#streams.stderr.write(page.toString());
  }

  /** Whether stderr is for a person to read; with --json or a log, it is for programs. */
  get isForPeople(): boolean {
    return !this.json && this.#log === undefined;
  }

  /**
   * Shows how a command is used, to somebody who used it wrongly. JSON gets the error alone, so that it can be parsed.
   */
  usage(text: string): void {
    if (this.isForPeople) this.#streams.stderr.write(text);
  }

  progress(facts: ProgressFacts): void {
    if (!this.#isQuiet) this.#progress.tell(facts);
  }

  endProgress(): void {
    this.#progress.end();
  }

  /** Prints an error: as text with its hint, or as JSON; the stack only under --debug. */
  error(error: unknown): void {
    this.endProgress();
    if (this.#log !== undefined) {
      const document = errorDocument(error, this.#debug);
      return this.#log.write("error", document, String(document.error["message"]));
    }
    this.#streams.stderr.write(errorText(error, { json: this.json, debug: this.#debug, paint: this.#paintError }));
  }

  /** Begins to load what laying out takes, which is as long as opening the database takes: the two can go on together. */
  expectPage(): void {
    // Whatever goes wrong with it, goes wrong again where it is needed.
    if (!this.json) void import("./page.ts").catch(() => {});
  }

  /** The same for what asking takes. */
  expectQuestions(): void {
    void import("./prompts.ts").catch(() => {});
  }

  /**
   * Asks for something that was not given.
   *
   * @param flag what to give instead where nobody can answer
   * @param mayAsk false where the operator wants to be asked nothing
   * @throws a usage error off a terminal: nothing ever waits there
   */
  async ask(question: Question, flag: string, mayAsk = true): Promise<string> {
    this.#requireAnswerer(question.message, flag, mayAsk);
    const { askText } = await import("./prompts.ts");
    return askText(this.#place, question);
  }

  /**
   * Asks whether to go on.
   *
   * @throws a usage error off a terminal, naming --yes
   */
  async confirm(message: string): Promise<boolean> {
    if (!this.interactive) {
      throw usageError(
        "confirmation_needed",
        `${message} A confirmation is needed, and there is no terminal to ask on`,
        { hint: "give --yes" },
      );
    }
    this.endProgress();
    const { askConfirmation } = await import("./prompts.ts");
    return askConfirmation(this.#place, message);
  }

  /** Asks for one of a list of answers; as `ask` does for a text. */
  async pick<Value>(
    message: string,
    choices: readonly Omit<Choice<Value>, "key">[],
    flag: string,
    mayAsk = true,
  ): Promise<Value> {
    this.#requireAnswerer(message, flag, mayAsk);
    const { askFromList } = await import("./prompts.ts");
    return askFromList(this.#place, message, choices);
  }

  #requireAnswerer(message: string, flag: string, mayAsk: boolean): void {
    this.endProgress();
    if (this.interactive && mayAsk) return;
    const why = this.interactive ? "with --yes nothing is asked" : "there is no terminal to ask on";
    throw usageError("missing_answer", `${message}: not given, and ${why}`, { hint: `give ${flag}` });
  }

  /** Asks for one of a few answers. Only call where `interactive` says that somebody is there. */
  async choose<Value>(message: string, choices: readonly Choice<Value>[]): Promise<Value> {
    this.endProgress();
    const { askChoice } = await import("./prompts.ts");
    return askChoice(this.#place, message, choices);
  }

  get #place(): PromptPlace {
    return { stdin: this.#streams.stdin, stderr: this.#streams.stderr, signal: this.#signal };
  }

  /** All of standard input, as text: for a password or a file that is piped in. */
  async readStdin(): Promise<string> {
    const pieces: Buffer[] = [];
    for await (const piece of this.#streams.stdin) pieces.push(piece as Buffer);
    return Buffer.concat(pieces).toString("utf8");
  }
}

async function* shown(texts: AsyncIterable<string>): AsyncGenerator<string, void, undefined> {
  for await (const text of texts) yield printable(text, "\n");
}

async function pageFor(stream: NodeJS.WriteStream, paint: Paint, isWhole = false): Promise<Page> {
  const { Page } = await import("./page.ts");
  // A terminal that does not know its size has no columns, or 0.
  const columns = stream.columns > 0 ? stream.columns : 80;
  return stream.isTTY
    ? new Page(paint, columns, isWhole ? undefined : terminalRowCap)
    : new Page(paint, undefined, undefined);
}

import { styleText } from "node:util";
import inquirer from "inquirer";
import { interruptedError, usageError } from "../shared/errors.ts";

/** One question. `check` says why an answer will not do, or undefined when it will. */
export interface Question {
  readonly message: string;
  readonly initial?: string;
  readonly masked?: boolean;
  readonly check?: (answer: string) => string | undefined | Promise<string | undefined>;
}

/** One of the answers that a question offers, and the key that gives it. The key `h` explains the others. */
export interface Choice<Value> {
  readonly key: string;
  readonly name: string;
  readonly value: Value;
}

/** Where a question is asked: on the terminal of stdin and stderr, so that stdout stays clean for a pipe. */
export interface PromptPlace {
  readonly stdin: NodeJS.ReadStream;
  readonly stderr: NodeJS.WriteStream;
  /** Ends a waiting question when the run is to stop. */
  readonly signal: AbortSignal;
}

/**
 * Asks for a text, without blanks around it; a masked one is never echoed and kept as typed. Only call on a terminal.
 */
export async function askText(place: PromptPlace, { message, initial, masked, check }: Question): Promise<string> {
  if (masked === true) {
    return ask<string>(place, {
      type: "password",
      message,
      mask: "*",
      validate: async (answer: string) => (await check?.(answer)) ?? true,
    });
  }
  const validate = async (answer: string) => (await check?.(answer.trim())) ?? true;
  const answer = await ask<string>(place, {
    type: "input",
    message,
    validate,
    ...(initial === undefined ? {} : { default: initial }),
  });
  return answer.trim();
}

/** Asks yes or no; Enter alone is no. Only call on a terminal. */
export async function askConfirmation(place: PromptPlace, message: string): Promise<boolean> {
  return ask<boolean>(place, { type: "confirm", message, default: false });
}

/** Asks for one of a few answers, each given by its key and Enter; Enter alone lists them. Only call on a terminal. */
export async function askChoice<Value>(
  place: PromptPlace,
  message: string,
  choices: readonly Choice<Value>[],
): Promise<Value> {
  const offered = `${message}: ${choices.map(({ name }) => name).join(", ")}`;
  // Once it is answered, what else there was to choose is of no interest.
  const style = { message: (text: string, status: string) => styleText("bold", status === "done" ? message : text) };
  return ask<Value>(place, { type: "expand", message: offered, choices, theme: { style } });
}

/** Asks for one of a list of answers, by the arrow keys and Enter. Only call on a terminal. */
export async function askFromList<Value>(
  place: PromptPlace,
  message: string,
  choices: readonly Omit<Choice<Value>, "key">[],
): Promise<Value> {
  return ask<Value>(place, { type: "select", message, choices });
}

async function ask<T>({ stdin, stderr, signal }: PromptPlace, question: Record<string, unknown>): Promise<T> {
  const gone = new AbortController();
  // inquirer waits forever for an input that has ended (Ctrl-D, a closed terminal): readline only pauses it.
  const onPause = () => setImmediate(() => gone.abort());
  stdin.on("pause", onPause).on("end", onPause);
  try {
    const prompt = inquirer.createPromptModule({
      input: stdin,
      output: stderr,
      signal: AbortSignal.any([signal, gone.signal]),
    });
    const answers = (await prompt([{ ...question, name: "answer" } as never])) as { readonly answer: T };
    return answers.answer;
  } catch (error) {
    throw whyUnanswered(error, signal);
  } finally {
    stdin.off("pause", onPause).off("end", onPause);
  }
}

function whyUnanswered(error: unknown, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason;
  if (!(error instanceof Error)) return error;
  if (error.name === "ExitPromptError") return interruptedError("SIGINT");
  if (error.name === "AbortPromptError") {
    return usageError("no_answer", "the input ended before the question was answered", {
      hint: "run the same command again",
    });
  }
  return error;
}

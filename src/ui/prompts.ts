import { interruptedError } from "../shared/errors.ts";

/** One question. `check` says why an answer will not do, or undefined when it will. */
export interface Question {
  readonly message: string;
  readonly initial?: string;
  readonly masked?: boolean;
  readonly check?: (answer: string) => string | undefined;
}

async function module() {
  const { default: inquirer } = await import("inquirer");
  // Questions are no result: they go to stderr, and stdout stays clean for a pipe.
  return inquirer.createPromptModule({ input: process.stdin, output: process.stderr });
}

async function answered<T>(ask: () => Promise<{ answer: T }>): Promise<T> {
  try {
    return (await ask()).answer;
  } catch (error) {
    if (error instanceof Error && error.name === "ExitPromptError") throw interruptedError("SIGINT");
    throw error;
  }
}

/** Asks for a text; a masked one is never echoed. Only call on a terminal. */
export async function askText({ message, initial, masked, check }: Question): Promise<string> {
  const prompt = await module();
  const validate = (answer: string) => check?.(answer.trim()) ?? true;
  return answered<string>(() =>
    masked === true
      ? prompt([{ type: "password", name: "answer", message, mask: "*", validate: (answer: string) => check?.(answer) ?? true }])
      : prompt([{ type: "input", name: "answer", message, validate, ...(initial === undefined ? {} : { default: initial }) }]),
  );
}

/** Asks yes or no. Only call on a terminal. */
export async function askConfirmation(message: string): Promise<boolean> {
  const prompt = await module();
  return answered<boolean>(() => prompt([{ type: "confirm", name: "answer", message, default: false }]));
}

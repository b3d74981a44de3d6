import type { Command, OptionValues } from "@commander-js/extra-typings";
import { usageError } from "../shared/errors.ts";
import type { Page } from "../ui/page.ts";
import type { Ui } from "../ui/ui.ts";
import { repeated } from "./shared-options.ts";

/** What an operator types to confirm something that is hard to take back: a name, or a figure. */
export interface TypedWord {
  /** What it is: `the member's number`. */
  readonly label: string;
  /** How it is written: `M1003`. */
  readonly text: string;
  /** Whether an answer means it. */
  readonly fits: (answer: string) => boolean;
}

/** A name, which is typed as it stands. */
export const nameToType = (label: string, text: string): TypedWord => ({
  label,
  text,
  fits: (answer) => answer.trim() === text,
});

/** What a command is about to do. */
export interface Question {
  readonly text: string;
  /** Lays out what the question is about; on a terminal it is shown first. */
  readonly about?: (page: Page) => void;
}

/** Adds `--confirm`, which stands for what is typed on a terminal. `--yes` does not: it says yes to anything. */
export const addConfirmOption = <Args extends unknown[], Options extends OptionValues>(
  command: Command<Args, Options>,
  what: string,
) => command.option("--confirm <text>", `${what}, where nobody is asked`, repeated);

/**
 * Asks whether to go on, after showing what it is about. Where it is not, that nothing was changed is said.
 *
 * @param yes the answer that was given beforehand
 * @throws a usage error off a terminal, naming --yes
 */
export async function isConfirmed(ui: Ui, { text, about }: Question, yes: boolean | undefined): Promise<boolean> {
  if (yes === true) return true;
  if (ui.interactive && about !== undefined) await ui.tell(about);
  return (await ui.confirm(text)) || refuse(ui);
}

/**
 * Has an operator type what something severe is about, after showing it.
 *
 * @param words all of them have to be typed
 * @param given what `--confirm` says instead; undefined where it says nothing
 * @throws a usage error off a terminal, naming what to give; and for what was given and is not asked for
 */
export async function isTyped(
  ui: Ui,
  { text, about }: Question,
  words: readonly TypedWord[],
  given?: readonly string[],
): Promise<boolean> {
  const hint = `give ${words.map((word) => `--confirm ${word.text}`).join(" ")}`;
  if (given !== undefined) {
    const isWanted = (one: string): boolean => words.some(({ fits }) => fits(one));
    if (words.every(({ fits }) => given.some(fits)) && given.every(isWanted)) return true;
    const said = given.map((one) => `--confirm ${one}`).join(" ");
    throw usageError("confirmation_mismatch", `${text} ${said} is not ${labels(words)}`, { hint });
  }
  if (!ui.interactive) {
    const message = `${text} It takes ${labels(words)} to be typed, and there is no terminal to ask on`;
    throw usageError("confirmation_needed", message, { hint });
  }
  await ui.tell((page) => {
    about?.(page);
    page.line(text);
  });
  for (const { label, fits } of words) {
    if (fits(await ui.ask({ message: `Type ${label} to go on:` }, "--confirm"))) continue;
    await ui.tell((page) => page.line(`that is not ${label}`));
    return refuse(ui);
  }
  return true;
}

const labels = (words: readonly TypedWord[]): string => words.map(({ label }) => label).join(" and ");

function refuse(ui: Ui): false {
  ui.note("nothing was changed");
  return false;
}

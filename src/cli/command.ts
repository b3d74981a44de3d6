import type { Command, OptionValues } from "@commander-js/extra-typings";
import type { Offer } from "./completion/offers.ts";
import type { Session } from "./session.ts";
import type { SharedOptions } from "./shared-options.ts";

/** A command's examples: each a command line and what it is for; printed under the help. At least one. */
export type Examples = readonly (readonly [commandLine: string, purpose: string])[];

/** One verb: its arguments and options in commander's words, its examples, and what it does. */
export interface CommandDefinition<Args extends unknown[], Options extends OptionValues> {
  readonly examples: Examples;
  /** Declares arguments and options. Their values are checked and typed where they are declared. */
  configure?(command: Command): Command<Args, Options>;
  /** What a shell is offered for a placeholder of this command, where `completion/offers.ts` knows less. */
  readonly offers?: Readonly<Record<string, Offer>>;
  /**
   * Parses nothing itself: hands the flags to a use case and shows what it returns. May give an exit code other than 0.
   */
  run(session: Session, args: Args, options: Options & SharedOptions): Promise<number | void>;
}

/** Any command, as the program runs it: what was parsed is handed through. */
export interface AnyCommand extends Pick<CommandDefinition<never, never>, "examples" | "offers"> {
  configure?(command: Command): unknown;
  run(session: Session, args: never, options: never): Promise<number | void>;
}

/** Declares options that only some of a family of commands have: to the others they are never given. */
export const declareIf = <Declared, More>(
  isDeclared: boolean,
  command: Declared,
  declare: (command: Declared) => More,
): More => (isDeclared ? declare(command) : (command as unknown as More));

/** The options that a `configure` declares. */
export type OptionsOf<Configure extends (command: Command) => { opts(): unknown }> = ReturnType<
  ReturnType<Configure>["opts"]
>;

/** Gives a command module its type: that of its arguments and options follows from how they are declared. */
export function defineCommand<Args extends unknown[] = [], Options extends OptionValues = Record<never, never>>(
  definition: CommandDefinition<Args, Options>,
): CommandDefinition<Args, Options> {
  return definition;
}

import type { Command } from "commander";
import type { Offer } from "./completion/offers.ts";
import type { Session } from "./session.ts";
import type { SharedOptions } from "./shared-options.ts";

/** One verb: its arguments and options in commander's words, its examples, and what it does. */
export interface CommandDefinition<Options> {
  /** Each a command line and what it is for; printed under the help. At least one. */
  readonly examples: readonly (readonly [commandLine: string, purpose: string])[];
  configure?(command: Command): void;
  /** What a shell is offered for a placeholder of this command, where `completion/offers.ts` knows less. */
  readonly offers?: Readonly<Record<string, Offer>>;
  /** Parses nothing itself: hands the flags to a use case and shows what it returns. May give an exit code other than 0. */
  run(session: Session, args: readonly string[], options: Options & SharedOptions): Promise<number | void>;
}

/** Gives a command module its type. */
export function defineCommand<Options = SharedOptions>(definition: CommandDefinition<Options>): CommandDefinition<Options> {
  return definition;
}

import type { Command, OptionValues } from "@commander-js/extra-typings";
import type { Context } from "../db/context.ts";
import type { Page } from "../ui/page.ts";
import { defineCommand, type CommandDefinition, type Examples } from "./command.ts";
import { addFormOptions, chosenOf, tellThing, type Thing } from "./fields.ts";
import type { Session } from "./session.ts";

/** What differs between the commands that show one thing. */
interface ShowCommand<Args extends unknown[], Options extends OptionValues, Row> {
  readonly examples: Examples;
  readonly thing: Thing<Row>;
  /** Lays the whole of it out. */
  readonly page: (page: Page, row: Row, zone: string) => void;
  readonly configure: (command: Command) => Command<Args, Options>;
  /** What the arguments ask for. They are checked before the database is opened. */
  readonly get: (options: Options, args: Args, session: Session) => (context: Context) => Promise<Row>;
}

/** A command that shows one thing, with all that is known of it. */
export const defineShow = <Args extends unknown[], Options extends OptionValues, Row>({
  examples,
  thing,
  page: layOut,
  configure,
  get,
}: ShowCommand<Args, Options, Row>): CommandDefinition<Args, Options> =>
  defineCommand({
    examples,
    configure: (command) => addFormOptions(configure(command), thing),
    run: async (session, args, options) => {
      chosenOf(session, thing);
      const look = get(options, args, session);
      const context = await session.openToRead(options);
      const row = await look(context);
      await tellThing(session, thing, row, context.zone, (page) => layOut(page, row, context.zone));
    },
  });

import { Option, type Command } from "commander";
import { dateOrders, type DateOrder } from "../csv/timestamp.ts";
import type { ProfileChoice } from "../imports/choose-profiles.ts";
import { repeated } from "./shared-options.ts";

/** What every import may be told about how its files are read. */
export interface ReadingOptions {
  readonly profile?: string;
  readonly map?: readonly string[];
  readonly dateOrder?: DateOrder;
}

/** Adds the options to an import command. */
export function addReadingOptions(command: Command): void {
  command
    .option("--profile <profile>", "how the file is written: auto, a profile's name, or a JSON file of your own (default: auto)")
    .option("--map <column=header>", "read a column from another header than the profile says; repeatable", repeated)
    .addOption(new Option("--date-order <order>", "how dates are read that do not begin with the year").choices(dateOrders));
}

/** What the options say. */
export const readingChoice = ({ profile, map, dateOrder }: ReadingOptions): ProfileChoice => ({
  ...(profile === undefined ? {} : { profile }),
  ...(map === undefined ? {} : { map }),
  ...(dateOrder === undefined ? {} : { dateOrder }),
});

import type { Command, OptionValues } from "@commander-js/extra-typings";
import { limit, maxLimit } from "./flags.ts";

/** How many rows a page of a list has where nobody says. */
export const defaultLimit = 50;

/** Adds `--limit` and `--after` to a list. */
export const addPageOptions = <Args extends unknown[], Options extends OptionValues, Key>(
  command: Command<Args, Options>, keyName: string, readKey: (text: string) => Key,
) =>
  command
    .addOption(limit("--limit <rows>", `at most this many rows, up to ${maxLimit} (default: ${defaultLimit})`))
    .option("--after <key>", `the page behind this ${keyName}`, readKey);

/** Said under a list when there is another page. */
export const moreText = (hasMore: boolean, lastKey: string | undefined): string | undefined =>
  hasMore && lastKey !== undefined ? `more: --after ${lastKey}` : undefined;

import type { Command, OptionValues } from "@commander-js/extra-typings";
import { limit, maxLimit } from "./flags.ts";

/** How many rows a page has where nobody says. */
export const defaultLimit = 50;

/** Declares `--limit` and `--after`. */
export const addPageOptions = <Args extends unknown[], Options extends OptionValues, Key>(
  command: Command<Args, Options>,
  keyName: string,
  readKey: (text: string) => Key,
) =>
  command
    .addOption(limit("--limit <rows>", `at most this many rows, up to ${maxLimit} (default: ${defaultLimit})`))
    .option("--after <key>", `the page after this ${keyName}`, readKey);

/** Said where there is another page. */
export const moreText = (nextKey: string | undefined): string | undefined =>
  nextKey === undefined ? undefined : `more: --after ${nextKey}`;

import { Command } from "commander";
import { manifest, nouns, type ManifestEntry } from "./manifest.ts";
import { addSharedOptions } from "./shared-options.ts";

const isOption = (word: string): boolean => word.startsWith("-");

/** How many of the words at a place are an option that every command has, its value included: 0, 1 or 2. */
function sharedOptionWords(argv: readonly string[], at: number): number {
  const [flag = "", value] = (argv[at] ?? "").split(/=(.*)/s);
  const option = shared.find(({ long }) => long === flag);
  if (option === undefined) return 0;
  return option.required && value === undefined ? Math.min(2, argv.length - at) : 1;
}

const shared = addSharedOptions(new Command()).options;

/** The options that every command has, as they are typed. */
export const sharedFlags: readonly string[] = shared.map(({ flags }) => flags);

const extendsPath = (words: readonly string[]): boolean =>
  manifest.some(({ path }) => words.length <= path.length && words.every((word, index) => path[index] === word));

/**
 * Moves the options that every command has from before and between the words of a command to the place after them,
 * where they are read. Where no command is named they are dropped: what is wrong with the command line is that.
 */
export function withSharedOptionsBehind(argv: readonly string[]): readonly string[] {
  const words: string[] = [];
  const options: string[] = [];
  let at = 0;
  for (;;) {
    const count = sharedOptionWords(argv, at);
    const word = argv[at];
    if (count > 0) options.push(...argv.slice(at, at + count));
    else if (word !== undefined && extendsPath([...words, word])) words.push(word);
    else break;
    at += Math.max(count, 1);
  }
  const rest = argv.slice(at);
  return entryFor([...words, ...rest]) === undefined ? [...words, ...rest] : [...words, ...options, ...rest];
}

/**
 * The manifest entry that the first words of a command line name. Of `settle` and `settle schedule` it is the longer
 * one; a word after `settle` that is no verb of it names none.
 */
export function entryFor(argv: readonly string[]): ManifestEntry | undefined {
  const named = manifest.filter(({ path }) => path.every((word, index) => argv[index] === word));
  const longest = named.find(({ path }) => path.length > 1);
  if (longest !== undefined) return longest;
  const [noun, next] = argv;
  return noun !== undefined && noun in nouns && next !== undefined && !isOption(next) ? undefined : named[0];
}

/**
 * `accrue help member list` is `accrue member list --help`. For a command that there is not, no help is asked for, so
 * that the mistake is named instead of hidden under the help of everything.
 */
export function withHelpAsOption(typed: readonly string[]): readonly string[] {
  const argv = typed[0] === "help" ? [...typed.slice(1), "--help"] : typed;
  const words = argv.filter((word) => !isOption(word));
  const isKnown =
    words.length === 0 || entryFor(argv) !== undefined || (words.length === 1 && (words[0] ?? "") in nouns);
  return isKnown ? argv : argv.filter((word) => word !== "--help" && word !== "-h");
}

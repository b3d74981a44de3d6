import { Argument, Command, type Option } from "commander";
import type { Found } from "../../platform/lookups.ts";
import { entryFor, withSharedOptionsBehind } from "../command-line.ts";
import type { AnyCommand } from "../command.ts";
import { FieldsOption } from "../fields.ts";
import { helpTopics } from "../help-topics.ts";
import { manifest, nouns, type ManifestEntry } from "../manifest.ts";
import { addSharedOptions, repeated } from "../shared-options.ts";
import { loadVerb } from "../verb.ts";
import { offers, type Offer } from "./offers.ts";
import type { AskDatabase } from "./live.ts";

type OwnOffers = NonNullable<AnyCommand["offers"]>;

/** What can stand in a place of a command line. */
interface Answer {
  readonly candidates: readonly Found[];
  readonly paths?: Offer["paths"];
}

/**
 * What a shell may offer for the last word of a command line: on the first line `words`, `files` or `directories` (the
 * shell adds paths by itself), then a candidate a line, with what it is about after a tab.
 *
 * @param typed the words after `accrue`, the last one as far as it is written; possibly empty
 */
export async function completionText(typed: readonly string[], ask: AskDatabase): Promise<string> {
  const words = withoutLoneEquals(typed);
  const word = words.at(-1) ?? "";
  const { candidates, paths = "words" } = await answerFor(words.slice(0, -1), word, ask);
  // What holds a line feed or a tab would be read as something else.
  const fitting = candidates.filter(({ value }) => value.startsWith(word) && !/\p{Cc}/u.test(value));
  const lines = fitting.map(({ value, about = "" }) => `${value}\t${about.replaceAll(/\p{Cc}+/gu, " ")}`.trimEnd());
  return `${[paths, ...lines].join("\n")}\n`;
}

/** Bash takes `--status=paid` for three words. */
function withoutLoneEquals(words: readonly string[]): readonly string[] {
  const isLone = (index: number): boolean => words[index] === "=" && words[index - 1]?.startsWith("--") === true;
  const last = words.length - 1;
  return words.flatMap((word, index) => (!isLone(index) ? [word] : index === last ? [""] : []));
}

async function answerFor(before: readonly string[], word: string, ask: AskDatabase): Promise<Answer> {
  const argv = withSharedOptionsBehind(before);
  const entry = entryFor(argv);
  if (entry === undefined) return answerForWords(before, word, ask);
  const verb = new Command(entry.path.join(" "));
  const definition = await loadVerb(entry, verb);
  const own = await answerInside(verb, argv.slice(entry.path.length), word, ask, definition.offers);
  // `settle` does something itself, and has verbs.
  const further = argv.length === entry.path.length ? verbsOf(argv) : [];
  return { ...own, candidates: [...further, ...own.candidates] };
}

/** Where no command is named yet. */
async function answerForWords(before: readonly string[], word: string, ask: AskDatabase): Promise<Answer> {
  const isHelp = before[0] === "help";
  const root = addSharedOptions(new Command("accrue")).version("");
  const { args, wanted } = placeBehind(root, before);
  if (wanted !== undefined || word.startsWith("-")) return answerInside(root, before, word, ask);
  const path = isHelp ? args.slice(1) : args;
  if (path.length > 0) return { candidates: verbsOf(path) };
  const topics = helpTopics().map(({ name, summary }) => ({ value: name, about: summary }));
  return { candidates: [...verbsOf([]), ...(isHelp ? topics : [{ value: "help", about: "a command, or a topic" }])] };
}

/** The words that lead on from the ones of a command: nouns and plain verbs, or a noun's verbs. */
function verbsOf(path: readonly string[]): readonly Found[] {
  const at = path.length;
  const leadsOn = (entry: ManifestEntry) =>
    entry.path.length > at && path.every((word, index) => entry.path[index] === word);
  const summaries = new Map(manifest.filter(leadsOn).map((entry) => [entry.path[at]!, entry.summary]));
  return [...summaries].map(([value, summary]) => ({ value, about: (at === 0 ? nouns[value] : undefined) ?? summary }));
}

/** What words of one command say of the word after them. */
interface Place {
  readonly args: readonly string[];
  readonly used: ReadonlySet<Option>;
  /** The option whose value comes next. */
  readonly wanted: Option | undefined;
  readonly isBehindDashes: boolean;
  readonly given: ReadonlyMap<string, string>;
}

const placeholderOf = (flags: string): string => /[<[]([^>\].]+)/.exec(flags)?.[1] ?? "";

function placeBehind(command: Command, words: readonly string[]): Place {
  const [args, used, given] = [[] as string[], new Set<Option>(), new Map<string, string>()];
  let wanted: Option | undefined;
  let isBehindDashes = false;
  for (const word of words) {
    const [flag = "", value] = word.split(/=(.*)/s);
    const option = command.options.find(({ long, short }) => flag === long || flag === short);
    if (wanted !== undefined) {
      given.set(placeholderOf(wanted.flags), word);
      wanted = undefined;
    } else if (isBehindDashes || !word.startsWith("-") || word === "-") args.push(word);
    else if (word === "--") isBehindDashes = true;
    else if (option !== undefined) {
      used.add(option);
      if (value !== undefined) given.set(placeholderOf(option.flags), value);
      else if (option.required) wanted = option;
    }
  }
  for (const [index, arg] of args.entries()) given.set(command.registeredArguments[index]?.name() ?? "", arg);
  return { args, used, wanted, isBehindDashes, given };
}

async function answerInside(
  command: Command,
  before: readonly string[],
  word: string,
  ask: AskDatabase,
  own: OwnOffers = {},
): Promise<Answer> {
  const place = placeBehind(command, before);
  const valueOf = (what: Option | Argument, prefix: string) => {
    return offered(what, own, prefix, (live) => ask((sql) => live({ sql, prefix, given: place.given })));
  };
  if (place.wanted !== undefined) return valueOf(place.wanted, word);
  if (word.startsWith("-") && !place.isBehindDashes) {
    const [, flag, value] = /^(--[^=]+)=(.*)$/s.exec(word) ?? [];
    if (flag === undefined) return { candidates: optionsOf(command, place.used) };
    const option = command.options.find(({ long, required }) => long === flag && required);
    if (option === undefined) return { candidates: [] };
    const { candidates, ...rest } = await valueOf(option, value!);
    return { ...rest, candidates: candidates.map((one) => Object.assign({}, one, { value: `${flag}=${one.value}` })) };
  }
  const last = command.registeredArguments.at(-1);
  const argument = command.registeredArguments[place.args.length] ?? (last?.variadic === true ? last : undefined);
  if (argument === undefined) return { candidates: [] };
  const { candidates, ...rest } = await valueOf(argument, word);
  return { ...rest, candidates: candidates.filter(({ value }) => !argument.variadic || !place.args.includes(value)) };
}

/** The options that may still be given. */
const optionsOf = (command: Command, used: ReadonlySet<Option>): readonly Found[] =>
  command
    .createHelp()
    .visibleOptions(command)
    .filter((option) => !used.has(option) || option.parseArg === repeated)
    .map(({ long, description }) => ({ value: long ?? "", about: description }));

type Live = NonNullable<Offer["live"]>;

/** What is offered for a value: its choices, or what its placeholder stands for. */
async function offered(
  what: Option | Argument,
  own: OwnOffers,
  prefix: string,
  ask: (live: Live) => ReturnType<Live>,
): Promise<Answer> {
  if (what.argChoices !== undefined) return { candidates: what.argChoices.map((value) => ({ value })) };
  if (what instanceof FieldsOption) return { candidates: furtherFields(what, prefix) };
  const placeholder = what instanceof Argument ? what.name() : placeholderOf(what.flags);
  const found = placeholder.split("|").flatMap((kind) => own[kind] ?? offers[kind] ?? []);
  const candidates = found.flatMap(({ words }) => (words?.() ?? []).map((value): Found => ({ value })));
  for (const { live } of found) if (live !== undefined) candidates.push(...(await ask(live)));
  const paths = found.find((one) => one.paths !== undefined)?.paths;
  return { candidates, ...(paths === undefined ? {} : { paths }) };
}

/** The fields that may follow those that are named already. */
function furtherFields({ names }: FieldsOption, prefix: string): readonly Found[] {
  const named = prefix.split(",").slice(0, -1);
  return names.filter((name) => !named.includes(name)).map((name) => ({ value: [...named, name].join(",") }));
}

import type { Command, OptionValues } from "@commander-js/extra-typings";
import { Option } from "commander";
import type { Context } from "../db/context.ts";
import type { Page, PageQuery } from "../shared/page.ts";
import type { Page as UiPage } from "../ui/page.ts";
import { defineCommand, type CommandDefinition, type Examples } from "./command.ts";
import { addFormOptions, chosenOf, documentOf, tableOf, type Thing } from "./fields.ts";
import { maxLimit } from "./flags.ts";
import { addPageOptions, defaultLimit, moreText } from "./list-options.ts";
import type { Session } from "./session.ts";

/** What a list shows, and what its pages are continued by. */
export interface Listing<Row, Key = string> {
  readonly thing: Thing<Row>;
  /** Said where there is nothing to list. */
  readonly nothing: string;
  /** What `--after` names. */
  readonly keyName: string;
  /** Reads and writes such a key; as it is when not given. */
  readonly key?: { read(text: string): Key; write(key: Key): string };
  /** Reads all of it in one go, part after part, where reading page after page would begin anew each time. */
  readonly whole?: (context: Context, after: Key | undefined) => AsyncIterable<readonly Row[]>;
  /** Said below: what words in some fields mean. */
  readonly legend?: { words(row: Row): readonly string[]; readonly meanings: Readonly<Record<string, string>> };
  /** The option that finds things by what is private in them, where one was given: not everybody may. */
  readonly finding?: string | undefined;
  /** Reads what people find below the list, whatever is in it; gives what lays it out. */
  readonly below?: (context: Context) => Promise<(page: UiPage) => void>;
}

/** What `addListOptions` declares. */
export type ListOptions = { readonly limit?: number; readonly after?: unknown; readonly all?: boolean };

/** Declares the options that every list has. */
export const addListOptions = <Args extends unknown[], Options extends OptionValues, Row, Key>(
  command: Command<Args, Options>,
  { thing, keyName, key }: Listing<Row, Key>,
  ...others: readonly Thing<never>[]
): Command<Args, Options & ListOptions> => {
  const declared = addPageOptions(command, keyName, (text): unknown => key?.read(text) ?? text).addOption(
    new Option("--all", "every row there is, however many").conflicts("limit") as never,
  );
  return addFormOptions(declared as unknown as Command<Args, Options & ListOptions>, thing, ...others);
};

/** How a page of a list is got. */
export type GetPage<Row, Key> = (context: Context, page: PageQuery<Key>) => Promise<Page<Row, Key>>;

/**
 * Shows a page of a list, or with `--all` page after page until there is none: never more than one of them is in
 * memory.
 */
export async function tellList<Row, Key>(
  session: Session,
  listing: Listing<Row, Key>,
  get: GetPage<Row, Key>,
  options: ListOptions & { readonly reveal?: boolean },
): Promise<void> {
  const { all = false, after, limit = all ? maxLimit : defaultLimit } = options;
  const names = chosenOf(session, listing.thing);
  const context = await session.openToRead(options, listing.finding);
  const below = listing.below && (() => listing.below!(context));
  if (all && listing.whole !== undefined) {
    const rows = listing.whole(context, after as Key | undefined);
    return tellRows(session, { ...listing, below }, rows, context.zone, { names, isWhole: true });
  }
  let page = await get(context, { after: after as Key | undefined, limit });
  const more =
    all || page.next === undefined ? undefined : moreText(listing.key?.write(page.next) ?? String(page.next));
  async function* pages(): AsyncGenerator<readonly Row[], void, undefined> {
    yield page.rows;
    if (!all) return;
    while (page.next !== undefined) {
      context.signal.throwIfAborted();
      page = await get(context, { after: page.next, limit });
      yield page.rows;
    }
  }
  await tellRows(session, { ...listing, below }, pages(), context.zone, { names, more, isWhole: all });
  if (more !== undefined && (session.ui.json || session.isCsv)) session.ui.note(more);
}

interface Told {
  readonly names: readonly string[] | undefined;
  readonly more?: string | undefined;
  /** Whether everything was asked for: then a terminal, too, gets all of it. */
  readonly isWhole?: boolean;
}

type Shown<Row> = Pick<Listing<Row>, "thing" | "nothing" | "legend"> & {
  readonly below?: (() => Promise<(page: UiPage) => void>) | undefined;
};

async function tellRows<Row>(
  { ui, isCsv }: Session,
  { thing, nothing, legend, below }: Shown<Row>,
  pages: AsyncIterable<readonly Row[]>,
  zone: string,
  told: Told,
): Promise<void> {
  const { names, more, isWhole = false } = told;
  if (isCsv) return ui.texts((await import("./csv.ts")).csvOf(thing.fields, names, pages));
  if (ui.json) return ui.documents(documents(thing, names, pages));
  const run = {};
  const words = new Set<string>();
  let isEmpty = true;
  for await (const rows of pages) {
    if (rows.length === 0) continue;
    isEmpty = false;
    for (const row of rows) for (const word of legend?.words(row) ?? []) words.add(word);
    if (!(await ui.page((page) => tableOf(page, thing, rows, zone, { names, more, run }), isWhole))) return;
  }
  const layOutBelow = await below?.();
  await ui.page((page) => {
    if (isEmpty) page.line(nothing);
    const meanings = Object.entries(legend?.meanings ?? {}).filter(([word]) => words.has(word));
    for (const [word, meaning] of meanings) page.line(`${word}: ${meaning}`);
    layOutBelow?.(page);
  });
}

async function* documents<Row>(
  thing: Thing<Row>,
  names: readonly string[] | undefined,
  pages: AsyncIterable<readonly Row[]>,
): AsyncGenerator<unknown, void, undefined> {
  for await (const rows of pages) for (const row of rows) yield documentOf(thing, row, names);
}

/** Shows a list that has no pages, for it is never long. */
export async function tellAll<Row>(
  session: Session,
  thing: Thing<Row>,
  nothing: string,
  rows: readonly Row[],
  zone: string,
): Promise<void> {
  async function* pages(): AsyncGenerator<readonly Row[], void, undefined> {
    yield rows;
  }
  await tellRows(session, { thing, nothing }, pages(), zone, { names: chosenOf(session, thing) });
}

/**
 * Shows rows that stand within a whole: the rows alone as CSV, or where fields of theirs were named; else the whole, as
 * `show` shows it.
 *
 * @param rows what stands in it
 */
export async function tellWithin<Row>(
  session: Session,
  thing: Thing<Row>,
  rows: { readonly nothing: string; readonly of: readonly Row[]; readonly zone: string },
  show: () => Promise<void>,
): Promise<void> {
  if (session.isCsv || chosenOf(session, thing) !== undefined)
    return tellAll(session, thing, rows.nothing, rows.of, rows.zone);
  return show();
}

/** What differs between the commands that list things. */
interface ListCommand<Args extends unknown[], Options extends OptionValues, Row, Key> extends Listing<Row, Key> {
  readonly examples: Examples;
  readonly configure: (command: Command) => Command<Args, Options>;
  /** What the options ask for. They are checked before the database is opened. */
  readonly get: (options: Options, args: Args) => GetPage<Row, Key>;
  /** What `finding` is for these options. */
  readonly findingOf?: (options: Options) => string | undefined;
}

/** A command that lists things, a page at a time. */
export const defineList = <Args extends unknown[], Options extends OptionValues, Row, Key = string>(
  list: ListCommand<Args, Options, Row, Key>,
): CommandDefinition<Args, Options & ListOptions> =>
  defineCommand({
    examples: list.examples,
    configure: (command) => addListOptions(list.configure(command), list),
    run: (session, args, options) =>
      tellList(session, { ...list, finding: list.findingOf?.(options) }, list.get(options, args), options),
  });

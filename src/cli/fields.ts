import type { Command, OptionValues } from "@commander-js/extra-typings";
import { Option } from "commander";
import { formatInstant } from "../shared/business-date.ts";
import { usageError } from "../shared/errors.ts";
import { formatYuan, type Fen } from "../shared/money.ts";
import { toJson } from "../ui/json.ts";
import type { Page, TableRun } from "../ui/page.ts";
import type { Column } from "../ui/table.ts";
import type { Session } from "./session.ts";

/** One field of a thing, said once: for programs, for the columns of a table, and for the facts of a page. */
export interface Field<Row> extends Partial<Column> {
  /**
   * Its value as JSON has it: yuan as text, points and counts as integers, times as dates. What is undefined is left
   * out.
   */
  readonly of: (row: Row) => unknown;
  /** A number or code, which a spreadsheet may take for a figure: CSV keeps its zeros and its last digits. */
  readonly isId?: boolean;
  /** What people see of it in a table; the value in words when not given. */
  readonly text?: (row: Row, zone: string) => string;
  /** Its name among facts; its key, with blanks, when not given. */
  readonly label?: string;
  /** What it says among facts; the text when not given. Undefined leaves it out. */
  readonly fact?: (row: Row, zone: string) => string | undefined;
}

/** The fields of a thing by their keys in JSON, in the order of JSON. */
export type Fields<Row> = Readonly<Record<string, Field<Row>>>;

/** A thing that commands list or show. */
export interface Thing<Row> {
  readonly fields: Fields<Row>;
  /** The fields that its table has as columns where nobody names others; all of them when not given. */
  readonly columns?: readonly string[];
  /** The fields that its page has where nobody names others. */
  readonly facts?: readonly string[];
}

type Look<Row> = Omit<Field<Row>, "of">;

/** A number or code that people call something by; it is never cut. */
export const id = <Row>(of: Field<Row>["of"], look: Look<Row> = {}): Field<Row> => ({
  of,
  isId: true,
  key: true,
  ...look,
});

/** A number of things or points. */
export const figure = <Row>(of: Field<Row>["of"], look: Look<Row> = {}): Field<Row> => ({
  of,
  align: "right",
  ...look,
});

/** An amount, shown in yuan. */
export const yuan = <Row>(of: (row: Row) => Fen | undefined, look: Look<Row> = {}): Field<Row> =>
  figure((row) => {
    const fen = of(row);
    return fen === undefined ? undefined : formatYuan(fen);
  }, look);

/** A yes or no, as people read it. */
export const yesOrNo = (value: boolean): string => (value ? "yes" : "no");

const blanks = (key: string): string => key.replaceAll("_", " ");

/** What a thing is as JSON has it. */
export const documentOf = <Row>(
  { fields }: Thing<Row>,
  row: Row,
  names: readonly string[] = Object.keys(fields),
): Record<string, unknown> => Object.fromEntries(names.map((name) => [name, fields[name]!.of(row)]));

/** Several things as JSON has them. */
export const documentsOf = <Row>(thing: Thing<Row>, rows: readonly Row[]) => rows.map((row) => documentOf(thing, row));

function words(value: unknown, zone: string): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "boolean") return yesOrNo(value);
  if (value instanceof Date) return formatInstant(value, zone);
  if (Array.isArray(value) && value.every((one) => typeof one !== "object")) return value.join(", ");
  return typeof value === "object" ? toJson(value) : String(value);
}

const textOf = <Row>({ of, text }: Field<Row>, row: Row, zone: string): string =>
  text?.(row, zone) ?? words(of(row), zone);

/** Lays out facts of a thing, one a line; those that it has no value for are left out. */
export const factsOf = <Row>(
  { fields, facts }: Thing<Row>,
  row: Row,
  zone: string,
  names: readonly string[] = facts ?? [],
) =>
  names.map((name) => {
    const field = fields[name]!;
    const told = field.fact === undefined ? textOf(field, row, zone) : field.fact(row, zone);
    return [field.label ?? blanks(name), told === "" ? undefined : told] as const;
  });

interface TableLook {
  /** The fields that are its columns; those of the thing when not given. */
  readonly names?: readonly string[] | undefined;
  /** Said below. */
  readonly more?: string | undefined;
  /** The table that these rows go on with. */
  readonly run?: TableRun;
}

/** Lays out things in a table. */
export function tableOf<Row>(
  page: Page,
  thing: Thing<Row>,
  rows: readonly Row[],
  zone: string,
  look: TableLook = {},
): void {
  const { names = thing.columns ?? Object.keys(thing.fields), more, run } = look;
  const fields = names.map((name) => Object.assign({ heading: blanks(name) }, thing.fields[name]!));
  page.table(
    fields,
    rows.map((row) => fields.map((field) => textOf(field, row, zone))),
    more,
    run,
  );
}

/** `--fields`, with the names that it takes. */
export class FieldsOption extends Option {
  readonly names: readonly string[];

  constructor(things: readonly Thing<never>[]) {
    const names = [...new Set(things.flatMap(({ fields }) => Object.keys(fields)))];
    super("--fields <names>", `these alone, in this order, with commas between them: ${names.join(", ")}`);
    this.names = names;
    this.argParser((text: string) => {
      const wanted = text.split(",").map((name) => name.trim());
      requireKnown(wanted, names);
      return wanted;
    });
  }
}

function requireKnown(wanted: readonly string[], names: readonly string[]): void {
  const unknown = wanted.find((name) => !names.includes(name));
  if (unknown === undefined) return;
  throw usageError("unknown_field", `--fields: there is no field "${unknown}" here`, {
    hint: `give one or several of ${names.join(",")}`,
  });
}

/** Declares `--fields` for whatever shows one of these things. Session and `tellThing` read it: no command needs to. */
export const addFieldsOption = <Args extends unknown[], Options extends OptionValues>(
  command: Command<Args, Options>,
  ...things: readonly Thing<never>[]
): Command<Args, Options> => command.addOption(new FieldsOption(things) as never) as unknown as Command<Args, Options>;

/** Declares `--csv` and `--fields`, likewise. */
export const addFormOptions = <Args extends unknown[], Options extends OptionValues>(
  command: Command<Args, Options>,
  ...things: readonly Thing<never>[]
): Command<Args, Options> => {
  const csv = new Option("--csv", "print CSV for a spreadsheet").conflicts("json");
  return addFieldsOption(command.addOption(csv as never) as unknown as Command<Args, Options>, ...things);
};

/**
 * The fields that the operator named; undefined where none were.
 *
 * @throws a usage error `unknown_field` for one that this thing has not got
 */
export function chosenOf(
  { fieldNames }: Pick<Session, "fieldNames">,
  { fields }: Thing<never>,
): readonly string[] | undefined {
  if (fieldNames !== undefined) requireKnown(fieldNames, Object.keys(fields));
  return fieldNames;
}

/**
 * Shows one thing: as JSON, as CSV of one row, or as the page that `render` lays out; where fields were named, as their
 * facts.
 *
 * @throws a usage error `unknown_field`
 */
export async function tellThing<Row>(
  session: Session,
  thing: Thing<Row>,
  row: Row,
  zone: string,
  render: (page: Page) => void,
): Promise<void> {
  const names = chosenOf(session, thing);
  if (session.isCsv) return session.ui.texts((await import("./csv.ts")).csvOf(thing.fields, names, [[row]]));
  await session.ui.show(documentOf(thing, row, names), (page) => {
    if (names === undefined) render(page);
    else page.facts(factsOf(thing, row, zone, names).map(([label, told]) => [label, told ?? "none"]));
  });
}

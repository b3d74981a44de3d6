import type { Context } from "../../db/context.ts";
import { reading } from "../../db/database.ts";
import { openBills } from "../billing/account-sql.ts";
import { oneMore, pageOf, type Page, type PageQuery } from "../../shared/page.ts";
import { businessDateOf, type BusinessDate } from "../../shared/business-date.ts";
import {
  findShownLine,
  matchesOf,
  openTotals,
  selectOpen,
  type OpenFilter,
  type OpenThing,
  type OpenTotal,
  type ShownLine,
  type ShownMatch,
} from "./read-sql.ts";
import { lineUnknown, thingUnknown } from "./refusals.ts";
import { ruleVersions, type RuleVersion } from "./rules-sql.ts";
import { findThings, type ExpectedThing } from "./sql.ts";

const rowsAtOnce = 10_000;

const todayOf = ({ clock, zone }: Pick<Context, "clock" | "zone">): BusinessDate => businessDateOf(clock(), zone);

/** Lists what is open, the oldest first, a page at a time. */
export async function listOpen(
  context: Pick<Context, "db" | "clock" | "zone">,
  filter: OpenFilter,
  query: PageQuery<string>,
): Promise<Page<OpenThing, string>> {
  return pageOf(
    await reading(() => selectOpen(context.db.sql, filter, oneMore(query), todayOf(context))),
    query.limit,
    ({ no }) => no,
  );
}

/** Reads all that is open in one go, a part at a time: what is open would be worked out anew for each page. */
export async function* allOpen(
  context: Pick<Context, "db" | "clock" | "zone">,
  filter: OpenFilter,
  after: string | undefined,
): AsyncGenerator<readonly OpenThing[], void, undefined> {
  yield* selectOpen(context.db.sql, filter, { after }, todayOf(context)).cursor(rowsAtOnce);
}

/** Counts what is open, by state, direction and age. */
export const totalOpen = (context: Pick<Context, "db" | "clock" | "zone">): Promise<readonly OpenTotal[]> =>
  reading(() => openTotals(context.db.sql, todayOf(context)));

/** The rules of matching, by place, each with the dates it is in force. */
export const listRules = ({ db }: Pick<Context, "db">): Promise<readonly RuleVersion[]> =>
  reading(() => ruleVersions(db.sql));

/** A line, or something that money is expected for, with what it was ever matched with. */
export interface Story {
  readonly line: ShownLine | undefined;
  readonly thing: ExpectedThing | undefined;
  readonly matches: readonly ShownMatch[];
}

/**
 * Tells what a line was matched with.
 *
 * @throws refused `line_unknown`
 */
export const showLine = ({ db }: Pick<Context, "db">, lineId: bigint): Promise<Story> =>
  reading(async () => {
    const line = await findShownLine(db.sql, lineId);
    if (line === undefined) throw lineUnknown(lineId);
    return { line, thing: undefined, matches: await matchesOf(db.sql, { lineId }) };
  });

/**
 * Tells with which line a payout or collection was matched.
 *
 * @throws refused `thing_unknown`
 */
export const showThing = ({ db }: Pick<Context, "db">, thingNo: string): Promise<Story> =>
  reading(async () => {
    const [thing] = await findThings(db.sql, [thingNo], (merchants) => openBills(db.sql, merchants));
    if (thing === undefined) throw thingUnknown(thingNo);
    return { line: undefined, thing, matches: await matchesOf(db.sql, { thingNo }) };
  });

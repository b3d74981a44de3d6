import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { packageRoot } from "../files/package-root.ts";
import type { CatalogueFact } from "./catalogue-sql.ts";

/** The schema of this version: each object with its parts. */
export type Catalogue = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** A difference in one part of the schema. `expected` and `found` are null where it is missing. */
export type CatalogueDifference = {
  readonly object: string;
  readonly part: string;
  readonly expected: string | null;
  readonly found: string | null;
};

const file = join(packageRoot, "migrations/catalogue.json");

/**
 * The result of this version's migrations, as `readCatalogue` reads it. It is stored with the program, for who changes
 * a guard in the database could change it there, too. A test keeps it equal to the migrations.
 */
export async function expectedCatalogue(): Promise<Catalogue> {
  return JSON.parse(await readFile(file, "utf8")) as Catalogue;
}

/** Groups facts by object. */
export function catalogueOf(facts: readonly CatalogueFact[]): Catalogue {
  const objects: Record<string, Record<string, string>> = {};
  for (const { object, part, value } of facts) (objects[object] ??= {})[part] = value;
  return objects;
}

/**
 * The differences of a database's schema from the expected one. Tables and functions of other names do not matter; a
 * function with a name of ours and other arguments does, for it may be called in place of ours.
 */
export function catalogueDifferences(
  migrated: Catalogue,
  facts: readonly CatalogueFact[],
): readonly CatalogueDifference[] {
  const found = catalogueOf(facts);
  const expected = withLaterPartitions(migrated, found);
  const ours = new Set(Object.keys(expected).map(nameOf));
  const objects = new Set([
    ...Object.keys(expected),
    ...Object.keys(found).filter((object) => ours.has(nameOf(object))),
  ]);
  return [...objects].toSorted().flatMap((object) => differencesOf(object, expected[object], found[object]));
}

/**
 * The expected schema with the partitions that nights made since. Each has the guards of the last one that the
 * migrations made, begins where the one before it ends, and the last one has no end; where others end, nights decided.
 */
function withLaterPartitions(migrated: Catalogue, found: Catalogue): Catalogue {
  const expected: Record<string, Readonly<Record<string, string>>> = { ...migrated };
  for (const [object, parts] of Object.entries(migrated)) {
    const last = Object.keys(parts)
      .findLast((part) => part.startsWith("part "))
      ?.slice("part ".length);
    if (last === undefined) continue;
    const model = migrated[`table ${last}`]!;
    let [name, kind] = [last, model["kind"]!];
    for (let next = nameAfter(name); `table ${next}` in found; next = nameAfter(next)) {
      const end = /TO \('\d+'\)$/u.exec(found[`table ${name}`]?.["kind"] ?? "")?.[0];
      if (end === undefined) break;
      expected[`table ${name}`] = { ...expected[`table ${name}`], kind: kind.replace("TO (MAXVALUE)", end) };
      kind = model["kind"]!.replace(/FROM .*/u, `${end.replace("TO", "FROM")} TO (MAXVALUE)`);
      name = next;
      expected[object] = { ...expected[object], [`part ${name}`]: "partition" };
      expected[`table ${name}`] = { ...ofPartition(model, last, name), kind };
    }
  }
  return expected;
}

/** `orders_09` after `orders_08`. */
const nameAfter = (name: string): string =>
  name.replace(/_\d+$/u, (end) => `_${String(Number(end.slice(1)) + 1).padStart(2, "0")}`);

const ofPartition = (model: Catalogue[string], last: string, name: string): Record<string, string> =>
  Object.fromEntries(
    Object.entries(model!).map(([part, value]) => [part, value.replace(` ON ${last} `, ` ON ${name} `)]),
  );

type Parts = Catalogue[string] | undefined;

function differencesOf(object: string, expected: Parts, found: Parts): readonly CatalogueDifference[] {
  if (found === undefined) return [{ object, part: "all of it", expected: "there", found: null }];
  if (expected === undefined) return [{ object, part: "all of it", expected: null, found: found["kind"] ?? "there" }];
  return [...new Set([...Object.keys(expected), ...Object.keys(found)])]
    .toSorted()
    .filter((part) => expected[part] !== found[part])
    .map((part) => ({ object, part, expected: expected[part] ?? null, found: found[part] ?? null }));
}

/** An object's kind and name, without a function's arguments. */
const nameOf = (object: string): string => object.split("(", 1)[0]!;

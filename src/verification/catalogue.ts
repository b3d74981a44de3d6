import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { CatalogueFact } from "./catalogue-sql.ts";

/** What this version's schema is made of: each object with its parts. */
export type Catalogue = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** How one part of the schema differs. `expected` and `found` are null where there is none. */
export type CatalogueDifference = {
  readonly object: string;
  readonly part: string;
  readonly expected: string | null;
  readonly found: string | null;
};

const file = fileURLToPath(new URL("../../migrations/catalogue.json", import.meta.url));

/**
 * What the migrations of this version make, as `readCatalogue` reads it. It lies with the program and not in the database, where
 * whoever changes a guard could change it, too. A test holds it in step with the migrations.
 */
export async function expectedCatalogue(): Promise<Catalogue> {
  return JSON.parse(await readFile(file, "utf8")) as Catalogue;
}

/** Sorts facts by their objects. */
export function catalogueOf(facts: readonly CatalogueFact[]): Catalogue {
  const objects: Record<string, Record<string, string>> = {};
  for (const { object, part, value } of facts) (objects[object] ??= {})[part] = value;
  return objects;
}

/**
 * How a database's schema differs from the expected one. Tables and functions of other names are somebody's own, and none of it;
 * a function that only takes other arguments than ours is meant to be called in its place.
 */
export function catalogueDifferences(expected: Catalogue, facts: readonly CatalogueFact[]): readonly CatalogueDifference[] {
  const found = catalogueOf(facts);
  const ours = new Set(Object.keys(expected).map(nameOf));
  const objects = new Set([...Object.keys(expected), ...Object.keys(found).filter((object) => ours.has(nameOf(object)))]);
  return [...objects].toSorted().flatMap((object) => differencesOf(object, expected[object], found[object]));
}

type Parts = Catalogue[string] | undefined;

function differencesOf(object: string, expected: Parts, found: Parts): readonly CatalogueDifference[] {
  if (found === undefined) return [{ object, part: "all of it", expected: "there", found: null }];
  if (expected === undefined) return [{ object, part: "all of it", expected: null, found: found["kind"] ?? "there" }];
  return [...new Set([...Object.keys(expected), ...Object.keys(found)])].toSorted()
    .filter((part) => expected[part] !== found[part])
    .map((part) => ({ object, part, expected: expected[part] ?? null, found: found[part] ?? null }));
}

/** An object's kind and name, without what a function takes. */
const nameOf = (object: string): string => object.split("(", 1)[0]!;

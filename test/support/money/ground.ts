import type { Context } from "../../../src/db/context.ts";
import type { Database } from "../../../src/db/database.ts";
import { contextFor, testDatabase, type TestDatabase } from "../database.ts";

/** A database of the test file's own, and the operators at work in it. */
export interface Ground extends TestDatabase {
  as(operator: string, at?: string): Context;
}

/** Where the clock of these stories stands: Thursday 5 March 2026, 12:00 in Shanghai. */
export const noon = "2026-03-05T12:00:00+08:00";

export const contextOf = (db: Database, operator: string, at: string = noon): Context =>
  contextFor(db, { operator: { name: operator, host: "test" }, clock: () => new Date(at) });

export async function ground(): Promise<Ground> {
  const database = await testDatabase();
  return Object.assign(database, { as: (operator: string, at?: string) => contextOf(database.db, operator, at) });
}

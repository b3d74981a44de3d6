import { execFileSync } from "node:child_process";
import { cpSync, readdirSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { is } from "drizzle-orm";
import { getTableConfig, PgTable } from "drizzle-orm/pg-core";
import { describe, expect, test } from "vitest";
import * as schema from "../../../src/db/schema/index.ts";
import { catalogueOf } from "../../../src/verification/catalogue.ts";
import { readCatalogue } from "../../../src/verification/catalogue-sql.ts";
import { testDatabase } from "../../support/database.ts";
import { scratchDirectory } from "../../support/files.ts";
import { dumpSchema } from "../../support/schema-dump.ts";

const database = await testDatabase();

describe("the schema that the migrations make", () => {
  test("is the one checked in; `npx vitest run test/db/schema/schema.test.ts -u` takes a wanted change over", async () => {
    await expect(await dumpSchema(database.db)).toMatchFileSnapshot("./schema.snapshot.sql");
  });

  test("is the one that `verify` holds a database to", async () => {
    const catalogue = catalogueOf(await readCatalogue(database.db.sql));
    await expect(`${JSON.stringify(catalogue, null, 1)}\n`).toMatchFileSnapshot("../../../migrations/catalogue.json");
  });

  test("has every table and column that the program believes in, with its type, and no other", async () => {
    const believed = (Object.values(schema) as readonly unknown[])
      .filter((one): one is PgTable => is(one, PgTable))
      .flatMap((table) => {
        const { name, columns } = getTableConfig(table);
        return columns.map(
          (column) => `${name}.${column.name} ${column.getSQLType()}${column.notNull ? " not null" : ""}`,
        );
      });
    const found = await database.db.sql<{ text: string }[]>`
      SELECT c.relname || '.' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod) || CASE WHEN a.attnotnull THEN ' not null' ELSE '' END AS text
      FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
      WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relnamespace = current_schema()::regnamespace AND a.attnum > 0 AND NOT a.attisdropped
        AND c.relname <> 'schema_migrations'`;
    expect(found.map(({ text }) => text).toSorted()).toEqual(believed.toSorted());
  });

  test("follows the Drizzle schema: drizzle-kit would generate nothing", () => {
    const directory = scratchDirectory();
    const migrations = join(directory, "migrations");
    cpSync("migrations", migrations, { recursive: true });
    const before = readdirSync(migrations, { recursive: true }).toSorted();
    const said = execFileSync(
      process.execPath,
      [
        resolve("node_modules/drizzle-kit/bin.cjs"),
        "generate",
        "--dialect",
        "postgresql",
        "--schema",
        "./src/db/schema/index.ts",
        "--out",
        relative(".", migrations),
      ],
      { encoding: "utf8" },
    );
    expect(said).toContain("No schema changes, nothing to migrate");
    expect(readdirSync(migrations, { recursive: true }).toSorted()).toEqual(before);
  });
});

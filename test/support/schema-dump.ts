import type { Database } from "../../src/db/database.ts";

type Client = Pick<Database, "sql">;

/**
 * Everything the migrations make, from the catalogue, as text that is the same on every version of PostgreSQL and for
 * every owner: what `pg_dump --schema-only` would tell, without needing it.
 */
export async function dumpSchema(client: Client): Promise<string> {
  const parts = [
    ["-- sequences", await sequences(client)],
    ["-- functions", await functions(client)],
    ["-- tables", await tables(client)],
    ["-- views", await views(client)],
  ] as const;
  return parts.map(([title, lines]) => `${title}\n\n${lines.join("\n")}\n`).join("\n");
}

async function sequences({ sql }: Client): Promise<readonly string[]> {
  const rows = await sql<{ name: string; type: string; start: bigint; cache: bigint }[]>`
    SELECT c.relname AS name, format_type(s.seqtypid, NULL) AS type, s.seqstart AS start, s.seqcache AS cache
    FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid WHERE pg_table_is_visible(c.oid) ORDER BY c.relname COLLATE "C"`;
  return rows.map(
    ({ name, type, start, cache }) => `CREATE SEQUENCE ${name} AS ${type} START ${start} CACHE ${cache};`,
  );
}

async function functions({ sql }: Client): Promise<readonly string[]> {
  const rows = await sql<{ definition: string }[]>`
    SELECT pg_get_functiondef(p.oid) AS definition FROM pg_proc p
    WHERE p.pronamespace = current_schema()::regnamespace ORDER BY p.proname COLLATE "C", p.oid`;
  return rows.map(({ definition }) => `${definition.trim()};\n`);
}

async function tables(client: Client): Promise<readonly string[]> {
  const found = await client.sql<
    { oid: number; name: string; options: string[] | null; cut: string | null; part: string | null }[]
  >`
    SELECT c.oid, c.relname AS name, c.reloptions AS options, pg_get_partkeydef(c.oid) AS cut,
      (SELECT inhparent::regclass || ' ' || pg_get_expr(c.relpartbound, c.oid) FROM pg_inherits WHERE inhrelid = c.oid) AS part FROM pg_class c
    WHERE c.relkind IN ('r', 'p') AND c.relnamespace = current_schema()::regnamespace ORDER BY c.relname COLLATE "C"`;
  const texts: string[] = [];
  for (const { oid, name, options, cut, part } of found) {
    const inside = [...(await columns(client, oid)), ...(await constraints(client, oid))];
    const settings = `${cut === null ? "" : ` PARTITION BY ${cut}`}${options === null ? "" : ` WITH (${options.join(", ")})`}`;
    const after = [
      ...(await indexes(client, oid)),
      ...(await triggers(client, oid)),
      ...(await revoked(client, oid, name)),
      ...(await givenBack(client, oid, name)),
    ];
    const what = part === null ? `(\n  ${inside.join(",\n  ")}\n)` : `PARTITION OF ${part}`;
    texts.push(`CREATE TABLE ${name} ${what}${settings};\n${after.map((line) => `${line};\n`).join("")}`);
  }
  return texts;
}

/** Newer servers leave out which table a column is of, where there is one alone. */
async function views({ sql }: Client): Promise<readonly string[]> {
  const rows = await sql<{ name: string; definition: string }[]>`
    SELECT relname AS name, regexp_replace(pg_get_viewdef(oid), '\\m[a-z_]+[.]', '', 'g') AS definition FROM pg_class
    WHERE relkind = 'v' AND relnamespace = current_schema()::regnamespace ORDER BY relname COLLATE "C"`;
  return rows.map(({ name, definition }) => `CREATE VIEW ${name} AS\n${definition}\n`);
}

async function columns({ sql }: Client, table: number): Promise<readonly string[]> {
  const rows = await sql<{ text: string }[]>`
    SELECT concat_ws(' ', a.attname, format_type(a.atttypid, a.atttypmod), CASE WHEN a.attnotnull THEN 'NOT NULL' END,
                     CASE a.attgenerated WHEN 's' THEN 'GENERATED ALWAYS AS ' ELSE 'DEFAULT ' END || pg_get_expr(d.adbin, d.adrelid)) AS text
    FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE a.attrelid = ${table} AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum`;
  return rows.map(({ text }) => text);
}

/** Newer servers also list NOT NULL as a constraint; the columns tell that already. */
async function constraints({ sql }: Client, table: number): Promise<readonly string[]> {
  const rows = await sql<{ text: string }[]>`
    SELECT format('CONSTRAINT %I %s', conname, pg_get_constraintdef(oid)) AS text FROM pg_constraint
    WHERE conrelid = ${table} AND contype IN ('p', 'u', 'c', 'f', 'x') ORDER BY contype = 'p' DESC, conname COLLATE "C"`;
  return rows.map(({ text }) => text);
}

/** Those that no constraint has made. */
async function indexes({ sql }: Client, table: number): Promise<readonly string[]> {
  const rows = await sql<{ text: string }[]>`
    SELECT pg_get_indexdef(i.indexrelid) AS text FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
    WHERE i.indrelid = ${table} AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.conrelid = i.indrelid)
    ORDER BY c.relname COLLATE "C"`;
  return rows.map(({ text }) => text);
}

async function triggers({ sql }: Client, table: number): Promise<readonly string[]> {
  const rows = await sql<{ text: string }[]>`
    SELECT pg_get_triggerdef(oid) AS text FROM pg_trigger WHERE tgrelid = ${table} AND NOT tgisinternal ORDER BY tgname COLLATE "C"`;
  return rows.map(({ text }) => text);
}

/** What the owner himself may not do, of what an owner may. */
async function revoked({ sql }: Client, table: number, name: string): Promise<readonly string[]> {
  const rows = await sql<{ privilege: string }[]>`
    SELECT d.privilege_type AS privilege
    FROM pg_class c CROSS JOIN LATERAL aclexplode(acldefault('r', c.relowner)) d
    WHERE c.oid = ${table} AND NOT EXISTS (
      SELECT FROM aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) a
      WHERE a.grantee = d.grantee AND a.privilege_type = d.privilege_type)
    ORDER BY 1`;
  return rows.length === 0
    ? []
    : [`REVOKE ${rows.map(({ privilege }) => privilege).join(", ")} ON ${name} FROM its owner`];
}

/** The columns that he may change all the same. */
async function givenBack({ sql }: Client, table: number, name: string): Promise<readonly string[]> {
  const rows = await sql<{ privilege: string; columns: string }[]>`
    SELECT g.privilege_type AS privilege, string_agg(a.attname, ', ' ORDER BY a.attnum) AS columns
    FROM pg_attribute a CROSS JOIN LATERAL aclexplode(a.attacl) g
    WHERE a.attrelid = ${table} AND g.grantee = (SELECT relowner FROM pg_class WHERE oid = ${table}) GROUP BY 1 ORDER BY 1`;
  return rows.map(({ privilege, columns }) => `GRANT ${privilege} (${columns}) ON ${name} TO its owner`);
}

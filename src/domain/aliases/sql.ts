import type { Sql, Transaction } from "../../db/database.ts";
import type { Row } from "../../db/rows.ts";
import { where } from "../../db/where.ts";
import type { PageQuery } from "../../shared/page.ts";
import type { AliasHolder, AliasKey } from "./model.ts";

/** Where the aliases of each holder are kept, and where the number that people call the holder by. */
export const tablesOf = {
  member: {
    aliases: "member_aliases",
    holderId: "member_id",
    holders: "members",
    keys: "member_numbers",
    holderNo: "member_no",
  },
  merchant: {
    aliases: "merchant_aliases",
    holderId: "merchant_id",
    holders: "merchants",
    keys: "merchants",
    holderNo: "merchant_code",
  },
} as const satisfies Record<AliasHolder, Readonly<Record<string, string>>>;

/** The id of a member number or merchant code, or undefined. */
export async function findHolder(sql: Sql, holder: AliasHolder, holderNo: string): Promise<bigint | undefined> {
  const { keys, holderId, holderNo: number } = tablesOf[holder];
  const [row] = await sql<
    { id: bigint }[]
  >`SELECT ${sql(holderId)} AS id FROM ${sql(keys)} WHERE ${sql(number)} = ${holderNo}`;
  return row?.id;
}

/** The number or code of whoever has an alias, or undefined. */
export async function holderOf(
  sql: Sql,
  holder: AliasHolder,
  { alias, source }: AliasKey,
): Promise<string | undefined> {
  const { aliases, holders, holderId, holderNo } = tablesOf[holder];
  const [row] = await sql<{ holderNo: string }[]>`
    SELECT h.${sql(holderNo)} AS holder_no FROM ${sql(aliases)} a
    JOIN ${sql(holders)} h ON h.${sql(holderId)} = a.${sql(holderId)}
    WHERE a.alias = ${alias} AND a.source = ${source}`;
  return row?.holderNo;
}

/** Gives an alias to a holder; false when somebody has it: the key decides. */
export async function claimAlias(
  tx: Transaction,
  holder: AliasHolder,
  { alias, source }: AliasKey,
  to: { readonly holderId: bigint; readonly addedBy: string; readonly addedAt: Date },
): Promise<boolean> {
  const { aliases, holderId } = tablesOf[holder];
  const { count } = await tx`
    INSERT INTO ${tx(aliases)} (alias, source, ${tx(holderId)}, added_by, added_at)
    VALUES (${alias}, ${source}, ${to.holderId}, ${to.addedBy}, ${to.addedAt}) ON CONFLICT DO NOTHING`;
  return count === 1;
}

/** Takes an alias from whoever has it. @returns their number or code; undefined when nobody has it */
export async function releaseAlias(
  tx: Transaction,
  holder: AliasHolder,
  { alias, source }: AliasKey,
): Promise<string | undefined> {
  const { aliases, holders, holderId, holderNo } = tablesOf[holder];
  const [row] = await tx<{ holderNo: string }[]>`
    DELETE FROM ${tx(aliases)} a USING ${tx(holders)} h
    WHERE a.alias = ${alias} AND a.source = ${source} AND h.${tx(holderId)} = a.${tx(holderId)}
    RETURNING h.${tx(holderNo)} AS holder_no`;
  return row?.holderNo;
}

/** One alias of a list. */
export interface ListedAlias extends AliasKey, Row<"memberAliases", "importId" | "addedBy" | "addedAt"> {
  readonly holderNo: string;
}

/** What a list can be narrowed to. */
export interface AliasFilter {
  readonly holderId?: bigint | undefined;
  readonly source?: string | undefined;
  readonly alias?: string | undefined;
}

/** One page of aliases in their own order. */
export async function selectAliases(
  sql: Sql,
  holder: AliasHolder,
  { holderId, source, alias }: AliasFilter,
  { after, limit }: PageQuery<AliasKey>,
): Promise<readonly ListedAlias[]> {
  const { aliases, holders, holderId: id, holderNo } = tablesOf[holder];
  const wanted = where(sql, [
    after !== undefined && sql`(a.alias, a.source) > (${after.alias}, ${after.source})`,
    holderId !== undefined && sql`a.${sql(id)} = ${holderId}`,
    source !== undefined && sql`a.source = ${source}`,
    alias !== undefined && sql`a.alias = ${alias}`,
  ]);
  return sql<ListedAlias[]>`
    SELECT a.alias, a.source, h.${sql(holderNo)} AS holder_no, a.import_id, a.added_by, a.added_at
    FROM ${sql(aliases)} a JOIN ${sql(holders)} h ON h.${sql(id)} = a.${sql(id)}
    WHERE ${wanted}
    ORDER BY a.alias, a.source LIMIT ${limit}`;
}

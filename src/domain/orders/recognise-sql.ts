import type { Sql } from "../../db/database.ts";

/** A text that is known: as whose name or number, and what it stands for. */
export interface KnownText {
  readonly key: "member_no" | "merchant_code";
  readonly by: string;
  readonly source: string | null;
  readonly text: string;
  readonly meant: string;
}

/**
 * Finds which texts are members' numbers, addresses, phones or aliases, or merchants' codes, aliases or names.
 *
 * @param contacts the same texts as addresses and phones are compared
 */
export const knownTexts = (sql: Sql, texts: readonly string[], contacts: readonly string[]): Promise<KnownText[]> =>
  sql<KnownText[]>`
    SELECT 'member_no' AS key, 'number' AS by, NULL AS source, member_no AS text, member_no AS meant
    FROM member_numbers WHERE member_no = ANY (${[...texts]}::text[])
    UNION ALL
    SELECT 'member_no', 'alias', source, alias, alias FROM member_aliases WHERE alias = ANY (${[...texts]}::text[])
    UNION ALL
    SELECT 'member_no', kind, NULL, value, value FROM member_contacts WHERE value = ANY (${[...contacts]}::text[])
    UNION ALL
    SELECT 'merchant_code', 'code', NULL, merchant_code, merchant_code
    FROM merchants WHERE merchant_code = ANY (${[...texts]}::text[])
    UNION ALL
    SELECT 'merchant_code', 'alias', source, alias, alias FROM merchant_aliases
    WHERE alias = ANY (${[...texts]}::text[])
    UNION ALL
    SELECT 'merchant_code', 'name', NULL, name, min(merchant_code) FROM merchants
    WHERE name = ANY (${[...texts]}::text[]) GROUP BY name HAVING count(*) = 1`;

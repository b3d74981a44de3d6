import type { Context } from "../../db/context.ts";
import { reading } from "../../db/database.ts";
import { oneMore, pageOf, type Page, type PageQuery } from "../../shared/page.ts";
import { holderUnknown } from "./change.ts";
import type { AliasHolder, AliasKey } from "./model.ts";
import { findHolder, selectAliases, type ListedAlias } from "./sql.ts";

/** Which aliases are wanted. */
export interface AliasQuery {
  readonly holderNo?: string | undefined;
  readonly source?: string | undefined;
  readonly alias?: string | undefined;
}

/**
 * Lists aliases of members or of merchants, a page at a time.
 *
 * @throws a refusal, `member_unknown` or `merchant_unknown`: an empty list would hide the typo
 */
export async function listAliases(
  { db }: Context,
  holder: AliasHolder,
  { holderNo, source, alias }: AliasQuery,
  page: PageQuery<AliasKey>,
): Promise<Page<ListedAlias, AliasKey>> {
  return reading(async () => {
    const holderId = holderNo === undefined ? undefined : await findHolder(db.sql, holder, holderNo);
    if (holderNo !== undefined && holderId === undefined) throw holderUnknown(holder, holderNo);
    const found = await selectAliases(db.sql, holder, { holderId, source, alias }, oneMore(page));
    return pageOf(found, page.limit, ({ alias, source }) => ({ alias, source }));
  });
}

import type { Context } from "../../db/context.ts";
import { reading } from "../../db/database.ts";
import { holderUnknown } from "./change.ts";
import type { AliasHolder, AliasKey } from "./model.ts";
import { findHolder, selectAliases, type ListedAlias } from "./sql.ts";

/** Which aliases are wanted. */
export interface AliasQuery {
  readonly holderNo?: string | undefined;
  readonly source?: string | undefined;
  readonly alias?: string | undefined;
  readonly after?: AliasKey | undefined;
  readonly limit: number;
}

/** A page of aliases; `next` is the key to continue after, when there is more. */
export interface AliasPage {
  readonly aliases: readonly ListedAlias[];
  readonly next?: AliasKey;
}

/**
 * Lists aliases of members or of merchants, a page at a time.
 *
 * @throws a refusal, `member_unknown` or `merchant_unknown`: an empty list would hide the typo
 */
export async function listAliases({ db }: Context, holder: AliasHolder, query: AliasQuery): Promise<AliasPage> {
  const { holderNo, source, alias, after, limit } = query;
  return reading(async () => {
    const holderId = holderNo === undefined ? undefined : await findHolder(db.sql, holder, holderNo);
    if (holderNo !== undefined && holderId === undefined) throw holderUnknown(holder, holderNo);
    const filter = {
      ...(holderId === undefined ? {} : { holderId }), ...(source === undefined ? {} : { source }), ...(alias === undefined ? {} : { alias }),
    };
    const rows = await selectAliases(db.sql, holder, filter, { limit: limit + 1, ...(after === undefined ? {} : { after }) });
    const aliases = rows.slice(0, limit);
    return rows.length > limit ? { aliases, next: aliases.at(-1)! } : { aliases };
  });
}

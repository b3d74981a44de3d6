import { actionsOf, type RecordedAction } from "../../db/audit.ts";
import type { Context } from "../../db/context.ts";
import { reading } from "../../db/database.ts";
import { oneMore, pageOf, type Page, type PageQuery } from "../../shared/page.ts";
import { collectionUnknown } from "./refusals.ts";
import { findCollection, selectCollections, type Collection, type CollectionFilter } from "./sql.ts";

/** Lists collections, the newest first, a page at a time. */
export async function listCollections(
  { db }: Pick<Context, "db">,
  filter: CollectionFilter,
  query: PageQuery,
): Promise<Page<Collection>> {
  return pageOf(
    await reading(() => selectCollections(db.sql, filter, oneMore(query))),
    query.limit,
    ({ collectionNo }) => collectionNo,
  );
}

/** A collection, and what operators did about it. */
export interface CollectionStory {
  readonly collection: Collection;
  readonly actions: readonly RecordedAction[];
}

/**
 * Tells the whole story of one collection.
 *
 * @throws refused `collection_unknown`
 */
export async function showCollection(context: Pick<Context, "db">, collectionNo: string): Promise<CollectionStory> {
  return reading(async () => {
    const collection = await findCollection(context.db.sql, collectionNo);
    if (collection === undefined) throw collectionUnknown(collectionNo);
    return { collection, actions: await actionsOf(context, "collection", collectionNo) };
  });
}

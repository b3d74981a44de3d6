import { actionsOf, type RecordedAction } from "../../db/audit.ts";
import type { Context } from "../../db/context.ts";
import { reading } from "../../db/database.ts";
import { collectionUnknown } from "./refusals.ts";
import { findCollection, selectCollections, type Collection, type CollectionFilter } from "./sql.ts";

/** One page of collections, and the key that the next page starts after, if there is one. */
export interface CollectionPage {
  readonly collections: readonly Collection[];
  readonly nextAfter: string | undefined;
}

/** Lists collections, the newest first, a page at a time. */
export async function listCollections(
  { db }: Pick<Context, "db">, filter: CollectionFilter, page: { readonly after?: string | undefined; readonly limit: number },
): Promise<CollectionPage> {
  const found = await reading(() => selectCollections(db.sql, filter, { ...page, limit: page.limit + 1 }));
  const collections = found.slice(0, page.limit);
  return { collections, nextAfter: found.length > page.limit ? collections.at(-1)?.collectionNo : undefined };
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

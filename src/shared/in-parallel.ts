/** Does the work for each item, for at most `width` of them at a time; the first error ends it. */
export async function inParallel<Item>(items: readonly Item[], width: number, work: (item: Item) => Promise<void>): Promise<void> {
  // All workers draw from one iterator, so each item is taken once.
  const queue = items.values();
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, async () => {
    for (const item of queue) await work(item);
  }));
}

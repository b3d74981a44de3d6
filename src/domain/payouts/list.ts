import type { Context } from "../../db/context.ts";
import { reading } from "../../db/database.ts";
import { businessDateOf } from "../../shared/business-date.ts";
import type { Fen } from "../../shared/money.ts";
import { oneMore, pageOf, type Page, type PageQuery } from "../../shared/page.ts";
import { ageOf, ages, type Age, type PayoutChannel } from "./model.ts";
import { selectBatches, selectUnanswered, type BatchStanding } from "./read-sql.ts";

/** Lists payout batches, newest first, a page at a time. */
export async function listBatches(
  { db }: Context,
  channel: PayoutChannel | undefined,
  query: PageQuery,
): Promise<Page<BatchStanding>> {
  return pageOf(
    await reading(() => selectBatches(db.sql, channel, oneMore(query))),
    query.limit,
    ({ batchNo }) => batchNo,
  );
}

/** Unanswered payouts of one channel and one age. */
export interface Unanswered {
  readonly channel: PayoutChannel;
  readonly age: Age;
  readonly count: number;
  readonly totalFen: Fen;
}

/** Unanswered payouts by channel and age: channels by name, the youngest first. */
export async function listUnanswered(
  { db, clock, zone }: Context,
  channel: PayoutChannel | undefined,
): Promise<readonly Unanswered[]> {
  const rows = await reading(() => selectUnanswered(db.sql, businessDateOf(clock(), zone), channel));
  return [...new Set(rows.map((row) => row.channel))].flatMap((channel) =>
    ages.flatMap((age) => {
      const waiting = rows.filter((row) => row.channel === channel && ageOf(row.days) === age);
      if (waiting.length === 0) return [];
      const [count, totalFen] = [
        waiting.reduce((sum, row) => sum + row.count, 0),
        waiting.reduce((sum, row) => sum + row.totalFen, 0n),
      ];
      return { channel, age, count, totalFen };
    }),
  );
}

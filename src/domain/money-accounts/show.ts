import type { Context } from "../../db/context.ts";
import { reading } from "../../db/database.ts";
import { moneyAccountUnknown } from "./refusals.ts";
import { findMoneyAccountStory, type MoneyAccountStory } from "./sql.ts";

/**
 * Tells what is known of one of the platform's own accounts: what is booked on it, what its statements say, and how
 * that compares with the opening collections of it.
 *
 * @throws refused `money_account_unknown`
 */
export const showMoneyAccount = ({ db }: Pick<Context, "db">, name: string): Promise<MoneyAccountStory> =>
  reading(async () => {
    const story = await findMoneyAccountStory(db.sql, name);
    if (story === undefined) throw moneyAccountUnknown(name);
    return story;
  });

import type { Context } from "../../db/context.ts";
import { reading } from "../../db/database.ts";
import { selectMoneyAccounts, type BookedMoneyAccount } from "./sql.ts";

/** Lists the platform's own accounts by name, each with what is booked on it. */
export const listMoneyAccounts = ({ db }: Pick<Context, "db">): Promise<readonly BookedMoneyAccount[]> =>
  reading(() => selectMoneyAccounts(db.sql));

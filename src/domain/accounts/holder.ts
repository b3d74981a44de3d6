import type { Context } from "../../db/context.ts";
import { reading } from "../../db/database.ts";
import { memberRefusal } from "./account-errors.ts";
import { selectHolders, type Holder } from "./add-sql.ts";

/**
 * Looks up the member who is to have an account, before anything about it is asked.
 *
 * @throws refused: `member_unknown`, `member_closed`, `identity_unverified`
 */
export async function accountHolder({ db }: Pick<Context, "db">, memberNo: string): Promise<Holder> {
  const [holder] = await reading(() => selectHolders(db.sql, [memberNo]));
  const refusal = memberRefusal(memberNo, holder);
  if (refusal !== undefined) throw refusal;
  return holder!;
}

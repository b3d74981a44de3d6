import type { Transaction } from "../../db/database.ts";
import { keepSlotFree } from "../../db/run-slots.ts";
import { tryLockKind } from "../../imports/sql.ts";
import { alreadyRunning } from "../grants/refusals.ts";
import { ordersBusy } from "./refusals.ts";

/**
 * Keeps imports of orders and grant runs out until the transaction ends: what is corrected is then neither changed nor
 * settled meanwhile.
 *
 * @throws busy: `orders_busy`, `grant_run_busy`
 */
export async function holdOrders(tx: Transaction): Promise<void> {
  if (!(await tryLockKind(tx, "orders"))) throw ordersBusy();
  if (!(await keepSlotFree(tx, "grant"))) throw await alreadyRunning(tx);
}

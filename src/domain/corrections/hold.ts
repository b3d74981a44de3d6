import type { Transaction } from "../../db/database.ts";
import { keepSlotFree } from "../../db/run-slots.ts";
import { tryLockKind } from "../../imports/sql.ts";
import type { FileKind } from "../../shared/file-kinds.ts";
import { alreadyRunning } from "../grants/refusals.ts";
import { importBusy } from "./refusals.ts";

/**
 * Keeps imports of a kind out until the transaction ends, and grant runs where it is orders: what is corrected is then
 * neither changed nor settled meanwhile.
 *
 * @throws busy: `orders_busy`, `import_busy`, `grant_run_busy`
 */
export async function holdKind(tx: Transaction, kind: FileKind): Promise<void> {
  if (!(await tryLockKind(tx, kind))) throw importBusy(kind);
  if (kind === "orders" && !(await keepSlotFree(tx, "grant"))) throw await alreadyRunning(tx);
}

import { cleanId } from "../../csv/clean.ts";
import type { Transaction } from "../../db/database.ts";
import type { ImportKind, MergeFacts } from "../../imports/kind.ts";
import { merchantUnknown } from "../merchants/merchant-errors.ts";
import { findMerchant } from "../merchants/sql.ts";
import { orderColumns, type OrderColumn } from "./columns.ts";
import { isOfRefunds } from "./import-row.ts";
import { OrderMerge } from "./merge.ts";
import { orderProfiles } from "./profiles/index.ts";
import { isMadeOfLines, orderRowReader, stagedLineColumns, stagedOrderColumns } from "./row-reader.ts";

/**
 * A file of orders, imported by the order import rule: new orders go in, known ones move forward, identical rows are
 * counted as duplicates, and a row that contradicts what is stored is rejected as a conflict. A merchant that is named
 * for the whole file and that nobody knows is refused: `merchant_unknown`.
 *
 * @param createsMembers whether members whom the file names and nobody knows are registered, with their name and alias
 * only
 */
export const orderKind = (createsMembers = false): ImportKind<OrderColumn> => {
  const columns = createsMembers ? [...stagedOrderColumns, "member_name"] : stagedOrderColumns;
  const kind: ImportKind<OrderColumn> = {
    kind: "orders",
    columns: orderColumns,
    options: createsMembers ? { create_members: true } : {},
    // A refund without a number is known by its time and amount.
    knownBy: (isRead) =>
      !isRead("row_type") || isRead("refund_no")
        ? { columns: ["order_no", "source", "refund_no", "refunded_order_no"], hasTimes: false }
        : {
            columns: ["order_no", "source", "refunded_order_no", "refunded_at", "refunded_amount"],
            hasTimes: isRead("refunded_at"),
          },
    profiles: orderProfiles,
    longIds: "order_no",
    guessing: async () => (await import("./guessing.ts")).orderGuessing,
    needs: (profile) => (isOfRefunds(profile) ? ["order_no", "refunded_amount"] : undefined),
    staging: (profile) =>
      isMadeOfLines(profile)
        ? { table: "order_lines", columns: stagedLineColumns }
        : { table: "staged_orders", columns },
    rowReader: (profile, zone) => orderRowReader(profile, zone, createsMembers),
    begin: async (tx, facts) => {
      await requireFixedMerchant(tx, facts.profile);
      if (!isMadeOfLines(facts.profile)) return OrderMerge.begin(tx, facts, { createsMembers });
      const { LinesMerge } = await import("./lines.ts");
      return LinesMerge.begin(tx, facts, { createsMembers });
    },
  };
  return {
    ...kind,
    together: {
      ...kind,
      staging: () => ({ table: "order_rows", columns }),
      begin: async (tx, facts) => {
        const { RowsMerge } = await import("./rows.ts");
        return RowsMerge.begin(tx, facts, { createsMembers });
      },
    },
  };
};

/**
 * Refuses a merchant whom nobody knows, where one is named for the whole file: that is a slip of the operator, and no
 * reason to reject every row of it.
 */
async function requireFixedMerchant(tx: Transaction, { constants, merchantBy }: MergeFacts["profile"]): Promise<void> {
  const code = constants.get("merchant_code");
  if (code === undefined || merchantBy !== "code") return;
  if ((await findMerchant(tx, cleanId(code))) === undefined) throw merchantUnknown(code);
}

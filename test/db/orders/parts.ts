import { addAlias } from "../../../src/domain/aliases/change.ts";
import type { ProfileText } from "../../../src/imports/profile.ts";
import type { TestDatabase } from "../../support/database.ts";
import { writeScratch } from "../../support/files.ts";
import { orderFile } from "./scene.ts";
import { importOrders } from "../../support/imports.ts";

const common = { kind: "orders", member_by: "alias", merchant_by: "code" } as const;

/**
 * A shop whose orders come a row for each part: of summed parts, of parts that repeat the amount, or with all said in
 * the first row.
 */
export const partsProfile = (rule: "sum" | "same" | "first", more: Partial<ProfileText> = {}): string =>
  writeScratch(
    "parts.json",
    JSON.stringify({ ...common, profile: "parts", rows_per_order: rule, columns: partsColumns, ...more }),
  );

export const partsColumns: ProfileText["columns"] = {
  source: { constant: "shop" },
  order_no: "no",
  member_no: "buyer",
  member_name: { names: ["name"], required: false },
  merchant_code: "code",
  amount: "pay",
  status: "state",
  paid_at: "paid",
  refunded_amount: "back",
  skus: "sku",
};

export const partsHeader = "no,buyer,code,pay,state,paid,back,sku";

/** A payment platform's bill: a row for each payment, and one for each refund. */
export const billProfile = (more: ProfileText["columns"] = {}): string =>
  writeScratch(
    "bill.json",
    JSON.stringify({
      ...common,
      profile: "bill",
      columns: {
        source: { constant: "pay" },
        row_type: { names: ["type"], words: { SUCCESS: "order", REFUND: "refund" } },
        order_no: "no",
        member_no: "openid",
        merchant_code: "code",
        amount: "sum",
        paid_at: "time",
        refund_no: "refund",
        refunded_amount: "back",
        ...more,
      },
    }),
  );

export const billHeader = "type,no,openid,code,sum,time,refund,back";

/** Gives members M1 to M3 the aliases b1 to b3 at both sources. */
export async function buyersIn(on: TestDatabase): Promise<void> {
  for (const source of ["shop", "pay"]) {
    for (const no of [1, 2, 3]) await addAlias(on.context(), "member", `M${no}`, { alias: `b${no}`, source });
  }
}

/** Imports rows as a file of its own by a profile; gives what an operator looks at. */
export async function takeBy(
  on: TestDatabase,
  profile: string,
  header: string,
  rows: readonly string[],
  input: Partial<Parameters<typeof importOrders>[1]> = {},
) {
  const path = orderFile(rows, header);
  const report = await importOrders(on.context(), { input: { path }, force: true, reading: { profile }, ...input });
  const { read, inserted, updated, duplicate, rejected, notes, examples } = report;
  return {
    path,
    read,
    inserted,
    updated,
    duplicate,
    rejected,
    orders: notes?.orders,
    overRefunded: notes?.over_refunded,
    membersCreated: notes?.members_created,
    reasons: Object.fromEntries(report.reasons),
    messages: examples.map(({ line, column, message }) => `${line} ${column}: ${message}`),
  };
}

/** A shop that knows its buyers by something of their own, a row for each order. */
export const shopProfile = (
  memberBy: ProfileText["member_by"] & string,
  merchantBy: "code" | "alias" = "code",
): string =>
  writeScratch(
    "shop.json",
    JSON.stringify({
      ...common,
      profile: "shop",
      member_by: memberBy,
      merchant_by: merchantBy,
      columns: {
        source: "from",
        order_no: "no",
        member_no: "buyer",
        member_name: { names: ["name"], required: false },
        merchant_code: "code",
        amount: "pay",
        paid_at: "paid",
      },
    }),
  );

export const shopHeader = "from,no,buyer,name,code,pay,paid";

import { readAmountFen, readId, readSku, readText } from "../../csv/cells.ts";
import { judgedKind } from "../../imports/staged.ts";
import { insertNew, judgeStaged, updateKnown } from "./import-sql.ts";

/**
 * A file of products: new ones go in, known ones get a changed name or price, identical rows are counted as duplicates.
 * Blank cells say nothing. A product of a merchant that is not known is rejected.
 */
export const productKind = judgedKind({
  kind: "products",
  name: "products",
  guessing: async () => ({ elsewhere: (await import("./elsewhere.ts")).productsElsewhere }),
  columns: [
    {
      key: "merchant_code",
      names: ["merchant_code", "商家编号"],
      required: true,
      staged: "merchant_code text",
      read: readId,
      isKey: true,
    },
    { key: "sku", names: ["sku", "商品编号"], required: true, staged: "sku text", read: readSku, isKey: true },
    { key: "name", names: ["name", "商品名称"], required: true, staged: "name text", read: readText, blank: null },
    {
      key: "price",
      names: ["price", "价格"],
      required: true,
      note: " (yuan)",
      staged: "price_fen bigint",
      read: readAmountFen,
      blank: null,
    },
  ],
  judged: ["merchant_id bigint", "sku text", "name text", "price_fen bigint"],
  judge: judgeStaged,
  insert: insertNew,
  update: updateKnown,
  reasons: {
    unknown_merchant: ["merchant_code", "no merchant has this code; import the merchant first"],
    name_missing: ["name", "a new product needs a name"],
    price_missing: ["price", "a new product needs a price"],
  },
  // Only imports write products, one at a time.
  changedMeanwhile: () => new Error("products changed under the merge"),
});

import type { ProfileText } from "../../../imports/profile.ts";

/** The tool's own columns again, of files whose rows are refunds and nothing else. */
export const refunds: ProfileText = {
  profile: "refunds",
  kind: "orders",
  about: "refunds alone, in the tool's own columns; their orders have to be known",
  columns: {
    source: { names: ["source", "来源"], synonyms: true },
    row_type: { constant: "refund" },
    order_no: { names: ["order_no", "订单号"], synonyms: true },
    refund_no: { names: ["refund_no", "退款单号"], synonyms: true },
    refunded_at: { names: ["refunded_at", "退款时间"], synonyms: true },
    refunded_amount: { names: ["refunded_amount", "退款金额"], synonyms: true, required: true },
    refund_status: {
      names: ["refund_status", "退款状态"],
      synonyms: true,
      words: {
        退款成功: "made",
        已退款: "made",
        成功: "made",
        退款中: "under_way",
        处理中: "under_way",
        退款关闭: "not_made",
        退款失败: "not_made",
        失败: "not_made",
      },
    },
  },
  other_headers: ["退款原因", "退款方式"],
};

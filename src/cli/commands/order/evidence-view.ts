import type { ListedPayment } from "../../../domain/evidence/read-sql.ts";
import { yuanOrNull } from "../../../verification/model.ts";
import { id, yuan, type Thing } from "../../fields.ts";

/** A payment that a channel shows. */
export const listedPayment: Thing<ListedPayment> = {
  fields: {
    payment_no: id((one) => one.paymentNo, { heading: "payment" }),
    channel: { of: (one) => one.channel },
    order_no: id((one) => one.orderNo, { heading: "order" }),
    source: { of: (one) => one.source, rank: 2 },
    merchant_code: id((one) => one.merchantCode, { heading: "merchant" }),
    amount: yuan((one) => one.amountFen),
    paid_at: { of: (one) => one.paidAt, key: true },
    state: { of: (one) => one.state },
    order_amount: { of: (one) => yuanOrNull(one.orderAmountFen) },
    order_paid_at: { of: (one) => one.orderPaidAt },
    import_id: { of: (one) => one.importId },
    import_line: { of: (one) => one.line },
  },
  columns: ["payment_no", "channel", "order_no", "merchant_code", "amount", "paid_at", "state"],
};

import type { ProfileText } from "../../../imports/profile.ts";

/** A row for each line item; what the order is as a whole stands on the first of them. */
export const shopify: ProfileText = {
  profile: "shopify",
  kind: "orders",
  about: "Shopify, order export (a row for each line item)",
  columns: {
    source: { constant: "shopify" },
    order_no: ["Name"],
    member_no: ["Email"],
    member_name: ["Billing Name"],
    merchant_code: { names: ["Vendor"], required: false },
    amount: ["Total"],
    currency: ["Currency"],
    refunded_amount: ["Refunded Amount"],
    status: {
      names: ["Financial Status"],
      required: true,
      words: {
        pending: "pending",
        authorized: "pending",
        partially_paid: "pending",
        paid: "paid",
        partially_refunded: "paid",
        refunded: "closed",
        voided: "closed",
        expired: "closed",
      },
    },
    paid_at: ["Paid at"],
    skus: ["Lineitem sku"],
  },
  other_headers: [
    "Fulfillment Status", "Fulfilled at", "Accepts Marketing", "Subtotal", "Shipping", "Taxes", "Discount Code", "Discount Amount", "Shipping Method",
    "Created at", "Lineitem quantity", "Lineitem name", "Lineitem price", "Lineitem compare at price", "Lineitem requires shipping",
    "Lineitem taxable", "Lineitem fulfillment status", "Billing Phone", "Shipping Name", "Notes", "Note Attributes", "Cancelled at",
    "Payment Method", "Payment Reference", "Outstanding Balance", "Id", "Tags", "Risk Level", "Source",
  ],
  member_by: "email",
  merchant_by: "alias",
  rows_per_order: "first",
};

import type { ProfileText } from "../../../imports/profile.ts";

/**
 * The flat file of all orders, a row for each item: https://sellercentral.amazon.com/gp/help/external/200547170. Buyers
 * pay when an order ships, so what has not shipped is passed over, and comes as paid with a later report.
 */
export const amazon: ProfileText = {
  profile: "amazon",
  kind: "orders",
  about: "Amazon, all orders (a row for each item; those not shipped are passed over); names no buyer",
  columns: {
    source: { constant: "amazon" },
    row_type: {
      names: ["order-status"],
      words: {
        Shipped: "order",
        "Shipped - Picked Up": "order",
        "Shipped - Out for Delivery": "order",
        "Shipped - Delivered to Buyer": "order",
        Complete: "order",
      },
    },
    order_no: ["amazon-order-id"],
    amount: { names: ["item-price"], less: ["item-promotion-discount"] },
    currency: { names: ["currency"], required: true },
    paid_at: { names: ["purchase-date"], required: true },
    skus: ["sku"],
  },
  other_headers: [
    "merchant-order-id",
    "last-updated-date",
    "fulfillment-channel",
    "sales-channel",
    "order-channel",
    "url",
    "ship-service-level",
    "product-name",
    "asin",
    "item-status",
    "quantity",
    "item-tax",
    "shipping-price",
    "shipping-tax",
    "gift-wrap-price",
    "gift-wrap-tax",
    "ship-promotion-discount",
    "ship-city",
    "ship-state",
    "ship-postal-code",
    "ship-country",
    "promotion-ids",
    "is-business-order",
    "purchase-order-number",
    "price-designation",
  ],
  member_by: "alias",
  rows_per_order: "sum",
};

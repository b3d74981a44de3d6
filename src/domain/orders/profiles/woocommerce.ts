import type { ProfileText } from "../../../imports/profile.ts";

/**
 * The export of "Import Export Suite for WooCommerce"; the shop itself exports no orders. Its columns:
 * https://woocommerce.com/document/import-and-export-of-woocommerce-orders/
 *
 * `refund_items` is a list and no amount: an order that has any is rejected until somebody writes what was refunded.
 */
export const woocommerce: ProfileText = {
  profile: "woocommerce",
  kind: "orders",
  about: "WooCommerce, order export (Import Export Suite)",
  columns: {
    source: { constant: "woocommerce" },
    order_no: ["order_number", "order_id"],
    member_no: { names: ["customer_email"], otherwise: ["billing_email"], required: true },
    amount: ["order_total"],
    currency: ["order_currency"],
    refunded_amount: { names: ["refund_items"], required: true },
    status: {
      names: ["status"],
      required: true,
      words: {
        pending: "pending",
        "on-hold": "pending",
        "checkout-draft": "pending",
        processing: "paid",
        completed: "paid",
        refunded: "paid",
        cancelled: "closed",
        failed: "closed",
      },
    },
    paid_at: ["paid_date"],
  },
  other_headers: [
    "order_date",
    "shipping_total",
    "shipping_tax_total",
    "fee_total",
    "fee_tax_total",
    "tax_total",
    "cart_discount",
    "order_discount",
    "discount_total",
    "order_subtotal",
    "payment_method",
    "payment_method_title",
    "transaction_id",
    "customer_ip_address",
    "customer_user_agent",
    "shipping_method",
    "customer_id",
    "customer_user",
    "billing_first_name",
    "billing_last_name",
    "billing_phone",
    "customer_note",
    "shipping_items",
    "fee_items",
    "tax_items",
    "coupon_items",
    "order_notes",
    "download_permissions",
  ],
  date_order: "mdy",
  member_by: "email",
};

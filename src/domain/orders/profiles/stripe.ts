import type { ProfileText } from "../../../imports/profile.ts";

/**
 * The export of the payments page: a row for each try to pay, with what was refunded of it. A payment has one time
 * only, that of its creation. https://docs.stripe.com/reports/report-types
 */
export const stripe: ProfileText = {
  profile: "stripe",
  kind: "orders",
  about: "Stripe, export of the payments page",
  columns: {
    source: { constant: "stripe" },
    order_no: { names: ["id"], required: true },
    member_no: ["Customer Email"],
    amount: ["Amount"],
    currency: { names: ["Currency"], required: true },
    refunded_amount: { names: ["Amount Refunded"], required: true },
    status: {
      names: ["Status"],
      required: true,
      words: {
        Paid: "paid",
        Refunded: "paid",
        Pending: "pending",
        requires_payment_method: "pending",
        requires_confirmation: "pending",
        requires_action: "pending",
        requires_capture: "pending",
        Failed: "closed",
        canceled: "closed",
      },
    },
    ordered_at: ["Created date (UTC)", "Created (UTC)"],
  },
  other_headers: [
    "Description",
    "Seller Message",
    "Decline Reason",
    "Refunded date (UTC)",
    "Converted Amount",
    "Converted Amount Refunded",
    "Converted Currency",
    "Fee",
    "Tax",
    "Taxes On Fee",
    "Mode",
    "Statement Descriptor",
    "Captured",
    "Customer ID",
    "Customer Description",
    "Card ID",
    "Card Last4",
    "Card Brand",
    "Card Funding",
    "Disputed Amount",
    "Dispute Status",
    "Dispute Reason",
    "Invoice ID",
    "Transfer",
    "PaymentIntent ID",
  ],
  zone: "Etc/UTC",
  member_by: "email",
};

/**
 * The itemized report of what changed the balance. Payments and refunds of cards are rows of their own; all else that
 * moves the balance (fees, disputes, payouts) is passed over. `charge_id` and `customer_email` have to be chosen when
 * the report is made. https://docs.stripe.com/reports/balance
 */
export const stripeBalance: ProfileText = {
  profile: "stripe-balance",
  kind: "orders",
  about: "Stripe, itemized balance report (rows that are no charge or refund are passed over)",
  columns: {
    source: { constant: "stripe" },
    row_type: { names: ["reporting_category"], words: { charge: "order", refund: "refund" } },
    order_no: { names: ["charge_id"], required: true },
    member_no: ["customer_email"],
    amount: ["gross"],
    currency: { names: ["currency"], required: true },
    paid_at: { names: ["created_utc"], required: true },
    refund_no: { names: ["balance_transaction_id"], required: true },
    refunded_amount: { names: ["gross"], negate: true },
  },
  other_headers: [
    "created",
    "available_on",
    "available_on_utc",
    "fee",
    "net",
    "source_id",
    "description",
    "customer_facing_amount",
    "customer_facing_currency",
    "automatic_payout_id",
    "automatic_payout_effective_at",
    "customer_id",
    "customer_name",
    "payment_intent_id",
    "payment_method_type",
    "card_brand",
    "card_funding",
    "invoice_id",
    "trace_id",
  ],
  zone: "Etc/UTC",
  member_by: "email",
};

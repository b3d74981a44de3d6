import type { ProfileText } from "../../../imports/profile.ts";

/** What both of its files have: no currency but the sign, so that somebody has to say when the amounts are yuan. */
const columns = {
  source: { constant: "square" },
  order_no: ["Transaction ID"],
  member_no: ["Customer ID"],
  member_name: ["Customer Name"],
  merchant_code: { names: ["Location"], required: false },
  // Without tax and tips, as both files have it.
  amount: { names: ["Net Sales"], strip_start: ["$"] },
  currency: { constant: "$" },
  paid_at: { names: ["Date"], followed_by: ["Time"], required: true },
} as const;

const files = { kind: "orders", date_order: "mdy", member_by: "alias", merchant_by: "alias" } as const;

/** The transactions export; a refund is a row of its own. https://squareup.com/help/us/en/article/5072 */
export const square: ProfileText = {
  ...files,
  profile: "square",
  about: "Square, transactions export (amounts without tax and tips)",
  columns: {
    ...columns,
    row_type: { names: ["Event Type"], words: { Payment: "order", Refund: "refund" } },
    refund_no: { names: ["Payment ID"], required: true },
    refunded_amount: { names: ["Net Sales"], strip_start: ["-$", "-", "$"] },
  },
  other_headers: [
    "Time Zone",
    "Gross Sales",
    "Discounts",
    "Service Charges",
    "Gift Card Sales",
    "Tax",
    "Tip",
    "Partial Refunds",
    "Total Collected",
    "Source",
    "Card",
    "Card Entry Methods",
    "Cash",
    "Square Gift Card",
    "Other Tender",
    "Other Tender Type",
    "Tender Note",
    "Other Tender Note",
    "Fees",
    "Net Total",
    "Card Brand",
    "PAN Suffix",
    "Device Name",
    "Staff Name",
    "Staff ID",
    "Details",
    "Description",
    "Dining Option",
    "Customer Reference ID",
    "Device Nickname",
    "Deposit ID",
    "Deposit Date",
    "Fee Percentage Rate",
    "Fee Fixed Rate",
    "Refund Reason",
    "Discount Name",
    "Transaction Status",
  ],
};

/** The items export: a row for each item. Several rows of a refund have one number, so they say how much only together. */
export const squareItems: ProfileText = {
  ...files,
  profile: "square-items",
  about: "Square, items export (a row for each item; refunds are passed over: take them from the transactions)",
  columns: {
    ...columns,
    row_type: { names: ["Event Type"], words: { Payment: "order" } },
    skus: { names: ["SKU"], required: true },
  },
  other_headers: [
    "Time Zone",
    "Category",
    "Item",
    "Qty",
    "Price Point Name",
    "Modifiers Applied",
    "Gross Sales",
    "Discounts",
    "Tax",
    "Payment ID",
    "Device Name",
    "Notes",
    "Details",
    "Dining Option",
    "Customer Reference ID",
    "Unit",
    "Count",
    "GTIN",
    "Itemization Type",
    "Commission",
    "Employee",
  ],
  rows_per_order: "sum",
};

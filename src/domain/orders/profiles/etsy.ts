import type { ProfileText } from "../../../imports/profile.ts";

/** Both files are downloaded as https://help.etsy.com/hc/en-us/articles/360000343508 says; years have two digits. */
const files = { kind: "orders", date_order: "mdy", year_pivot: 70, member_by: "alias" } as const;

/**
 * Sold orders, their amounts after discounts and without shipping and tax, as the items have them. What an order is
 * called follows the receipts of https://developers.etsy.com/documentation/reference; one that was refunded in part is
 * rejected, for the file does not say how much of it was.
 */
export const etsy: ProfileText = {
  ...files,
  profile: "etsy",
  about: "Etsy, sold orders",
  columns: {
    source: { constant: "etsy" },
    order_no: ["Order ID"],
    member_no: ["Buyer"],
    member_name: ["Full Name"],
    amount: { names: ["Order Value"], less: ["Discount Amount"] },
    currency: { names: ["Currency"], required: true },
    status: {
      names: ["Status"],
      words: { Paid: "paid", Completed: "paid", Canceled: "closed", Cancelled: "closed", "Fully Refunded": "closed" },
    },
    paid_at: ["Date Paid", "Sale Date"],
    skus: { names: ["SKU"], required: false },
  },
  other_headers: [
    "Buyer User ID",
    "First Name",
    "Last Name",
    "Number of Items",
    "Payment Method",
    "Date Shipped",
    "Street 1",
    "Street 2",
    "Ship City",
    "Ship State",
    "Ship Zipcode",
    "Ship Country",
    "Coupon Code",
    "Coupon Details",
    "Shipping Discount",
    "Shipping",
    "Sales Tax",
    "Order Total",
    "Card Processing Fees",
    "Order Net",
    "Adjusted Order Total",
    "Adjusted Card Processing Fees",
    "Adjusted Net Order Amount",
    "Order Type",
    "Payment Type",
    "InPerson Discount",
    "InPerson Location",
  ],
};

/** Sold order items: a row for each item, and what is taken off it. */
export const etsyItems: ProfileText = {
  ...files,
  profile: "etsy-items",
  about: "Etsy, sold order items (a row for each item)",
  columns: {
    source: { constant: "etsy" },
    order_no: ["Order ID"],
    line_no: { names: ["Transaction ID"], required: true },
    member_no: ["Buyer"],
    member_name: ["Ship Name"],
    amount: { names: ["Item Total"], less: ["Discount Amount"] },
    currency: { names: ["Currency"], required: true },
    paid_at: ["Date Paid", "Sale Date"],
    skus: ["SKU"],
  },
  other_headers: [
    "Item Name",
    "Quantity",
    "Price",
    "Coupon Code",
    "Coupon Details",
    "Shipping Discount",
    "Order Shipping",
    "Order Sales Tax",
    "Listing ID",
    "Date Shipped",
    "Ship Address1",
    "Ship Address2",
    "Ship City",
    "Ship State",
    "Ship Zipcode",
    "Ship Country",
    "Variations",
    "Order Type",
    "Listings Type",
    "Payment Type",
    "InPerson Discount",
    "InPerson Location",
    "VAT Paid by Buyer",
  ],
  rows_per_order: "sum",
};

import type { Reasons } from "../../imports/staged.ts";
import { formatYuan } from "../../shared/money.ts";
import type { OrderColumn } from "./columns.ts";
import { paidAtMissing, unpaidWithRefund } from "./model.ts";

const aliasHint = (holder: "member" | "merchant") =>
  `\`accrue ${holder} alias\` or \`accrue ${holder} import-aliases\``;

const disagreements: Readonly<Record<string, string>> = {
  member_no: "who bought it",
  merchant_code: "the merchant",
  paid_at: "the time of payment",
  status: "the status",
  amount: "the amount",
  refunded_amount: "what is refunded",
  skus: "the products",
  line_no: "a part of it that comes twice",
};

/** Which cell each order or refund points at that is not taken, and its message. */
export const reasons: Reasons<OrderColumn> = {
  unknown_member: ["member_no", "no member has this number; register or import the member first"],
  unknown_member_alias: [
    "member_no",
    `no member has this alias; say whose it is: ${aliasHint("member")}, or have unknown buyers registered: --create-members`,
  ],
  unknown_member_email: ["member_no", "no member has this e-mail address; register or import the member first"],
  unknown_member_phone: ["member_no", "no member has this phone number; register or import the member first"],
  unknown_merchant: ["merchant_code", "no merchant has this code; import the merchant first"],
  unknown_merchant_alias: [
    "merchant_code",
    `no merchant has this alias; say whose it is: ${aliasHint("merchant")}, or name one for the whole file: --merchant CODE`,
  ],
  merchant_pending: ["merchant_code", "the merchant is not approved yet (`accrue merchant approve`)"],
  merchant_suspended: [
    "merchant_code",
    (stored) => `the merchant has been suspended since ${stored}, and the order is dated after that`,
  ],
  paid_in_future: [
    "paid_at",
    "the time of payment is more than a day ahead of this machine's clock: a slip in the date, or the clock is wrong",
  ],
  conflict_member: ["member_no", "the order is known with another member"],
  conflict_unknown_member: [
    "member_no",
    (detail) => {
      const [by, memberNo] = detail.split(" ");
      const wayOut =
        by === "alias"
          ? `if it is another name of the same, \`accrue member alias ${memberNo} NAME --source SOURCE\` says so; if not`
          : "name the member who bought it; if that is another one";
      return `the order is known with member ${memberNo}, and nobody is known by what stands here: ${wayOut}, one of the two files is wrong`;
    },
  ],
  conflict_merchant: ["merchant_code", (stored) => `the order is known with merchant ${stored}`],
  conflict_amount: ["amount", (stored) => `the order is known with amount ${formatYuan(BigInt(stored))}`],
  conflict_paid_at: ["paid_at", (stored) => `the order is known as paid at ${stored}`],
  conflict_status: ["status", (stored) => `the order is already ${stored}; its status cannot go back`],
  conflict_refund: [
    "refunded_amount",
    (stored) => `${formatYuan(BigInt(stored))} is refunded already; a refund cannot shrink`,
  ],
  conflict_corrected: [
    "order_no",
    (proposalNo) =>
      `the order was corrected by proposal ${proposalNo}, and what stands here contradicts that (\`accrue order show\`)`,
  ],
  order_voided: ["order_no", (proposalNo) => `the order is void by proposal ${proposalNo}: no file brings it back`],
  order_archived: [
    "order_no",
    "the order is archived, and the row says something else of it, or more: `accrue history attach` brings it back, then this rejects file as it is",
  ],
  conflict_skus: ["skus", (stored) => `the order is known with products ${stored}`],
  order_row_rejected: [
    "order_no",
    (line) => `the row of the same order in line ${line} is rejected, and an order is taken whole or not at all`,
  ],
  order_rows_disagree: [
    (detail) => detail.split(" ")[0] as OrderColumn,
    (detail) => {
      const [column = "", one, other] = detail.split(" ");
      const wayOut =
        column === "paid_at"
          ? '; where several rows make an order, a profile says which time counts ("rows_paid_at")'
          : "";
      return `the rows of this order do not agree on ${disagreements[column] ?? column} (lines ${one} and ${other}); none of them is imported${wayOut}`;
    },
  ],
  member_no_empty: ["member_no", "no row of this order says who bought it"],
  merchant_code_empty: ["merchant_code", "no row of this order names its merchant"],
  amount_empty: ["amount", "no row of this order states its amount"],
  amount_too_large: ["amount", "the rows of this order add up to more than 100000000.00"],
  amount_too_many_decimals: ["amount", "the rows of this order add up to an amount that is finer than one fen"],
  paid_at_missing: ["paid_at", paidAtMissing],
  pending_with_payment: ["paid_at", "a pending order cannot have a time of payment"],
  pending_with_refund: ["refunded_amount", "an order that is not paid cannot have a refund"],
  unpaid_with_refund: ["refunded_amount", unpaidWithRefund],
  refund_exceeds_amount: ["refunded_amount", "the refund is larger than the order's amount"],
  refund_without_order: [
    "order_no",
    (source) =>
      source === ""
        ? "no order has this number: import the file with its payment first, then this rejects file as it is"
        : `no order of this source has this number, but one of source ${source} has: give --source ${source} if that is meant`,
  ],
  refunds_alike: [
    "refunded_amount",
    (lines) =>
      `lines ${lines.replace(" ", " and ")} refund the same amount of this order, and nothing tells whether that is one refund or two; ` +
      "write a refund_no for each, or say which column tells them apart: --map refund_no=HEADER, --map refunded_at=HEADER",
  ],
  refund_of_unpaid: [
    "order_no",
    "the order is not paid yet: import the file with its payment first, then this rejects file as it is",
  ],
  conflict_refund_no: [
    "refund_no",
    (stored) =>
      stored === ""
        ? "rows of this file give this refund different amounts"
        : `the refund is known with ${formatYuan(BigInt(stored))}`,
  ],
};

import { readId, readRate, readText } from "../../csv/cells.ts";
import { checked } from "../../imports/columns.ts";
import { judgedKind } from "../../imports/staged.ts";
import type { ImportKind } from "../../imports/kind.ts";
import { businessDateOf } from "../../shared/business-date.ts";
import { busyError } from "../../shared/errors.ts";
import { insertNew, judgeStaged, updateKnown } from "./import-sql.ts";
import { merchantCodeProblem, type MerchantStatus } from "./model.ts";

export type MerchantColumn = "merchant_code" | "name" | "contact" | "contribution_rate";

/**
 * A file of merchants: new ones go in, known ones get what the file adds or changes, identical rows are counted as
 * duplicates. Blank cells say nothing. The rate of a new merchant counts from the beginning of time; a row with
 * another rate of a known one is rejected, for that takes a second operator. A rate that is in force already says nothing
 * new.
 *
 * @param status in which new merchants go in: active, or pending until somebody approves them
 */
export const merchantKind = (status: MerchantStatus = "active"): ImportKind<MerchantColumn> =>
  judgedKind<MerchantColumn>({
    kind: "merchants",
    name: "merchants",
    guessing: async () => ({ elsewhere: (await import("./elsewhere.ts")).merchantsElsewhere }),
    options: status === "active" ? {} : { status },
    columns: [
      {
        key: "merchant_code",
        names: ["merchant_code", "商家编号"],
        required: true,
        isKey: true,
        staged: "merchant_code text",
        read: checked(readId, merchantCodeProblem, "not_a_merchant_code"),
      },
      { key: "name", names: ["name", "商家名称"], required: true, staged: "name text", read: readText, blank: null },
      {
        key: "contact",
        names: ["contact", "联系方式"],
        required: false,
        staged: "contact text",
        read: readText,
        blank: null,
      },
      {
        key: "contribution_rate",
        names: ["contribution_rate", "让利比例"],
        required: false,
        note: ": 30% or 0.3",
        staged: "contribution_bps integer",
        read: readRate,
        blank: null,
      },
    ],
    given: ["merchant_id bigint DEFAULT nextval('id_seq')"],
    judged: [
      "merchant_id bigint",
      "merchant_code text",
      "name text",
      "contact text",
      "contribution_bps integer",
      "stored_name text",
      "stored_contact text",
      "stored_bps integer",
    ],
    judge: (tx, { now, zone }) => judgeStaged(tx, businessDateOf(now, zone)),
    insert: (tx, facts) => insertNew(tx, facts, status),
    update: (tx, facts) => updateKnown(tx, facts),
    reasons: {
      name_missing: ["name", "a new merchant needs a name"],
      rate_out_of_bounds: ["contribution_rate", (bounds) => `the policy lets merchants' rates be ${bounds}`],
      rate_needs_approval: [
        "contribution_rate",
        (codeAndRate) =>
          "the rate of a known merchant is changed by a proposal, which another operator approves: " +
          `\`accrue merchant set-rate ${codeAndRate} --reason …\`; a blank cell leaves it as it is`,
      ],
    },
    changedMeanwhile: () =>
      busyError(
        "merchants_changed_meanwhile",
        "merchants of this file were changed by somebody else while it was imported",
        { hint: "nothing of this file was kept; import it again" },
      ),
  });

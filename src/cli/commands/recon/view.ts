import { ruleTexts } from "../../../domain/reconciliation/rule-texts.ts";
import type { RuleVersion } from "../../../domain/reconciliation/rules-sql.ts";
import type { OpenThing, OpenTotal, ShownMatch } from "../../../domain/reconciliation/read-sql.ts";
import type { MadeCollection } from "../../../domain/reconciliation/collect-sql.ts";
import type { FoundTotal } from "../../../domain/reconciliation/sql.ts";
import { lineNoOf } from "../../../domain/statements/model.ts";
import { figure, id, yuan, type Thing } from "../../fields.ts";

/** Something that is open: a line of a statement, or what money is expected for. */
export const openThing: Thing<OpenThing> = {
  fields: {
    no: id((one) => one.no),
    what: { of: (one) => one.what },
    state: { of: (one) => one.state },
    money_account: { of: (one) => one.moneyAccount, heading: "account" },
    business_date: { of: (one) => one.businessDate, heading: "date" },
    age: { of: (one) => one.age },
    amount: yuan((one) => one.amountFen),
    open: yuan((one) => one.openFen),
    differs: { of: (one) => one.differs ?? [] },
    says: { of: (one) => one.says, rank: 2 },
  },
  columns: ["no", "state", "money_account", "business_date", "age", "amount", "open", "differs", "says"],
};

/** What is open of one state, direction and age. */
export const openTotal: Thing<OpenTotal> = {
  fields: {
    state: { of: (one) => one.state, key: true },
    direction: { of: (one) => one.direction },
    age: { of: (one) => one.age },
    count: figure((one) => one.count),
    open: yuan((one) => one.openFen),
  },
};

/** What a run matched of one thing on one account. */
export const foundTotal: Thing<FoundTotal> = {
  fields: {
    money_account: { of: (one) => one.moneyAccount, heading: "account", key: true },
    thing: { of: (one) => one.thing, heading: "matched with" },
    matches: figure((one) => one.matches),
    amount: yuan((one) => one.amountFen),
  },
};

/** A collection that a run made of a line. */
export const madeCollection: Thing<MadeCollection> = {
  fields: {
    collection_no: id((one) => one.collectionNo, { heading: "collection" }),
    line: id((one) => lineNoOf(one.lineId)),
    merchant_code: { of: (one) => one.merchantCode, isId: true, heading: "merchant" },
    amount: yuan((one) => one.amountFen, { heading: "yuan" }),
    rule: { of: (one) => one.rule },
  },
};

/** A match, and what became of it. */
export const match: Thing<ShownMatch> = {
  fields: {
    recon_no: id((one) => one.reconNo, { heading: "by" }),
    line: id((one) => lineNoOf(one.lineId)),
    thing: { of: (one) => one.thing },
    no: { of: (one) => one.thingNo, heading: "matched with", isId: true, text: (one) => one.thingNo ?? one.thing },
    amount: yuan((one) => one.amountFen),
    how: {
      of: (one) => (one.rule !== null ? "auto" : one.proposalNo === null ? "manual" : "forced"),
      text: (one) => one.rule ?? `${one.proposalNo ?? "by hand"}: ${one.reason}`,
    },
    rule: { of: (one) => one.rule },
    reason: { of: (one) => one.reason },
    operator: { of: (one) => one.operator },
    at: { of: (one) => one.at },
    undone_by: {
      of: (one) => one.undoneBy,
      heading: "taken back",
      isId: true,
      text: (one) => (one.undoneBy === null ? "" : `${one.undoneBy} of ${one.undoneOperator}: ${one.undoReason}`),
    },
    undone_operator: { of: (one) => one.undoneOperator },
    undone_at: { of: (one) => one.undoneAt },
    undo_reason: { of: (one) => one.undoReason },
  },
  columns: ["recon_no", "line", "no", "amount", "how", "operator", "at", "undone_by"],
};

/** A rule of matching, from one date to another. */
export const reconRule: Thing<RuleVersion> = {
  fields: {
    place: figure((one) => one.place),
    rule: id((one) => one.rule),
    on: { of: (one) => one.isOn },
    from: { of: (one) => one.effectiveFrom },
    to: { of: (one) => one.effectiveTo, heading: "until" },
    about: {
      of: (one) => ruleTexts[one.rule],
      heading: "what it takes",
      text: ({ rule, words }) => (words.length === 0 ? ruleTexts[rule] : `${ruleTexts[rule]}: ${words.join(", ")}`),
    },
    words: { of: (one) => one.words },
    set_by: { of: (one) => one.setBy },
    set_at: { of: (one) => one.setAt },
  },
  columns: ["place", "rule", "on", "from", "to", "about"],
};

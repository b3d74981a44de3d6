import { recordAction } from "../../db/audit.ts";
import type { Context } from "../../db/context.ts";
import { inTransaction } from "../../db/database.ts";
import { takeMatchingTurn } from "../billing/account-sql.ts";
import { businessDateOf, type BusinessDate } from "../../shared/business-date.ts";
import { refusedError, usageError } from "../../shared/errors.ts";
import { insertRuleVersion, ruleVersions, type RuleVersion } from "./rules-sql.ts";
import { ruleTexts } from "./rule-texts.ts";

/**
 * What changes about a rule, and from which date on; today when not given. What is not given stays as it is in force
 * then.
 */
export interface RuleChange {
  readonly rule: string;
  readonly from?: BusinessDate | undefined;
  readonly place?: number | undefined;
  readonly isOn?: boolean | undefined;
  readonly words?: readonly string[] | undefined;
}

/**
 * Changes a rule of matching for lines of a date and later ones. Lines of earlier dates keep the rule that was in force
 * on theirs.
 *
 * @throws usage errors `rule_unknown`, `rule_has_no_words`, `invalid_place`; refused `rule_in_past`
 */
export async function setRule(context: Context, { rule, from, place, isOn, words }: RuleChange): Promise<RuleVersion> {
  if (!(rule in ruleTexts))
    throw usageError("rule_unknown", `there is no rule ${rule}`, {
      hint: `rules are ${Object.keys(ruleTexts).join(", ")}`,
    });
  if (words !== undefined && rule !== "channel_fee")
    throw usageError("rule_has_no_words", `${rule} goes by no words`, { hint: "channel_fee does" });
  if (place !== undefined && (place < 1 || place > 100))
    throw usageError("invalid_place", `--place ${place}: rules have places from 1 to 100`);
  const today = businessDateOf(context.clock(), context.zone);
  const effectiveFrom = from ?? today;
  if (effectiveFrom < today) {
    throw refusedError("rule_in_past", `a rule cannot change from ${effectiveFrom}: it is ${today}`, {
      hint: "what was matched before stays matched; give today or a later date",
    });
  }
  return inTransaction(
    context.db,
    async (tx) => {
      await takeMatchingTurn(tx);
      const before = (await ruleVersions(tx)).findLast(
        (one) => one.rule === rule && one.effectiveFrom <= effectiveFrom,
      )!;
      const version = {
        ...before,
        effectiveFrom,
        place: place ?? before.place,
        isOn: isOn ?? before.isOn,
        words: [...(words ?? before.words)],
        setBy: context.operator.name,
        setAt: context.clock(),
      };
      await insertRuleVersion(tx, version);
      await recordAction(tx, context, {
        action: "recon.set-rule",
        subjectKind: "recon_rule",
        subject: rule,
        details: { from: effectiveFrom, place: version.place, on: version.isOn, words: version.words.join(" ") },
      });
      return version;
    },
    context.ending,
  );
}

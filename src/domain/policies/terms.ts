import { usageError } from "../../shared/errors.ts";
import { formatYuan, parseYuan, type Fen } from "../../shared/money.ts";
import { billings, grantEvidences, grantOns, type PolicyTerms } from "../../shared/policy.ts";
import { formatRate, parseRate, type Bps } from "../../shared/rates.ts";

/** How values of one unit are typed, shown to people and printed for scripts. */
interface Unit<Value> {
  /** What stands for the value in the help: `<rate>`. */
  readonly placeholder: string;
  readonly like: string;
  /** @returns undefined when the text is no such value */
  read(text: string): Value | undefined;
  text(value: Value): string;
  json(value: Value): unknown;
}

const rate: Unit<Bps> = {
  placeholder: "rate",
  like: "5% or 0.05",
  read: parseRate,
  text: formatRate,
  json: formatRate,
};

const yuan: Unit<Fen> = {
  placeholder: "yuan",
  like: "100 or 99.50",
  read: (text) => (text.startsWith("-") ? undefined : parseYuan(text)),
  text: (fen) => `${formatYuan(fen)} yuan`,
  json: formatYuan,
};

const points: Unit<bigint> = {
  placeholder: "points",
  like: "100",
  read: (text) => (/^\d{1,12}$/.test(text) ? BigInt(text) : undefined),
  text: (value) => `${value} points`,
  json: (value) => value,
};

const time = (unit: "hours" | "days"): Unit<number> => ({
  placeholder: unit,
  like: "24",
  read: (text) => (/^\d{1,4}$/.test(text) ? Number(text) : undefined),
  text: (value) => `${value} ${value === 1 ? unit.slice(0, -1) : unit}`,
  json: (value) => value,
});

const word = <Word extends string>(words: readonly Word[]): Unit<Word> => ({
  placeholder: words.join("|"),
  like: words.join(" or "),
  read: (text) => words.find((one) => one === text),
  text: (value) => value.replaceAll("_", " "),
  json: (value) => value,
});

/** Yes, no, or what follows from something else. */
const yesNoOr = (otherwise: string, about: string): Unit<boolean | null> => ({
  placeholder: `yes|no|${otherwise}`,
  like: `yes, no or ${otherwise}`,
  read: (text) => (text === otherwise ? null : text === "yes" ? true : text === "no" ? false : undefined),
  text: (value) => (value === null ? about : value ? "yes" : "no"),
  json: (value) => (value === null ? otherwise : value ? "yes" : "no"),
});

/** The same unit, for a limit that there may be none of. */
const orNone = <Value>(unit: Unit<Value>): Unit<Value | null> => ({
  placeholder: `${unit.placeholder}|none`,
  like: `${unit.like}, or none`,
  read: (text) => (text === "none" ? null : unit.read(text)),
  text: (value) => (value === null ? "none" : unit.text(value)),
  json: (value) => (value === null ? null : unit.json(value)),
});

/** One term of the policy as the command line, a page and JSON call it. */
export interface Term {
  readonly name: keyof PolicyTerms;
  /** Its key in JSON. */
  readonly key: string;
  readonly label: string;
  readonly flag: string;
  /** The flag as commander wants it: `--fee <rate>`. */
  readonly option: string;
  text(terms: PolicyTerms): string;
  json(terms: PolicyTerms): unknown;
  /** Its value as the flag takes it. */
  typed(terms: PolicyTerms): string;
  /** Whether a text, as the flag takes it, says the value that the terms have. */
  says(text: string, terms: PolicyTerms): boolean;
  /** @throws a usage error when the flag's value is none of its unit */
  read(text: string): Partial<PolicyTerms>;
}

function term<Name extends keyof PolicyTerms>(
  name: Name,
  key: string,
  label: string,
  flag: string,
  unit: Unit<PolicyTerms[Name]>,
): Term {
  const read = (text: string): Partial<PolicyTerms> => {
    const value = unit.read(text);
    if (value === undefined)
      throw usageError("invalid_policy_term", `${flag} ${text}: not a value of ${label}`, {
        hint: `write it like ${unit.like}`,
      });
    return { [name]: value } as Partial<PolicyTerms>;
  };
  return {
    name,
    key,
    label,
    flag,
    option: `${flag} <${unit.placeholder}>`,
    read,
    text: (terms) => unit.text(terms[name]),
    json: (terms) => unit.json(terms[name]),
    typed: (terms) => String(unit.json(terms[name]) ?? "none"),
    says: (text, terms) => unit.read(text.trim()) === terms[name],
  };
}

/** Every term, in the order in which they are shown. */
export const policyTerms: readonly Term[] = [
  term(
    "contributionBps",
    "contribution_rate",
    "contribution of merchants without a rate of their own",
    "--contribution-rate",
    rate,
  ),
  term("pointsBps", "points_rate", "share of the contribution that becomes points", "--points-rate", rate),
  term("grantDelayDays", "grant_delay_days", "grant delay", "--grant-delay-days", time("days")),
  term("pointValueFen", "point_value", "a point is worth", "--point-value", yuan),
  term("feeBps", "fee_rate", "fee of a withdrawal", "--fee", rate),
  term("minWithdrawalPoints", "min_withdrawal_points", "minimum of one withdrawal", "--min-withdrawal", points),
  term("maxWithdrawalPoints", "max_withdrawal_points", "maximum of one withdrawal", "--max-withdrawal", points),
  term("maxDailyPoints", "max_daily_points", "a member's limit of a day", "--max-daily", points),
  term(
    "maxPlatformDailyPoints",
    "max_platform_daily_points",
    "the platform's limit of a day",
    "--max-platform-daily",
    orNone(points),
  ),
  term("twoApproversAboveFen", "two_approvers_above", "two approvers above", "--two-approvers-above", orNone(yuan)),
  term(
    "coolingOffHours",
    "cooling_off_hours",
    "cooling-off after a change of account",
    "--cooling-off-hours",
    time("hours"),
  ),
  term(
    "requestExpiryDays",
    "request_expiry_days",
    "requests expire after",
    "--request-expiry-days",
    orNone(time("days")),
  ),
  term("paymentTermDays", "payment_term_days", "bills are due after", "--payment-term-days", time("days")),
  term("billing", "billing", "merchants are billed", "--billing", word(billings)),
  term("grantOn", "grant_on", "an order earns on", "--grant-on", word(grantOns)),
  term(
    "grantEvidence",
    "grant_evidence",
    "evidence of the payment before an order earns",
    "--grant-evidence",
    word(grantEvidences),
  ),
  term("minCashCoverageBps", "min_cash_coverage", "least cash behind the points", "--min-cash-coverage", orNone(rate)),
  term(
    "minContributionBps",
    "min_contribution_rate",
    "lowest rate of a merchant",
    "--min-contribution-rate",
    orNone(rate),
  ),
  term(
    "maxContributionBps",
    "max_contribution_rate",
    "highest rate of a merchant",
    "--max-contribution-rate",
    orNone(rate),
  ),
  term(
    "provenIdentity",
    "proven_identity",
    "only proven operators approve",
    "--proven-identity",
    yesNoOr("auto", "as soon as an operator has a login role"),
  ),
  term(
    "suspendOverdueDays",
    "suspend_overdue_days",
    "merchants are suspended when overdue for",
    "--suspend-overdue-days",
    orNone(time("days")),
  ),
];

/** The terms as JSON has them. */
export const termsDocument = (terms: PolicyTerms): Record<string, unknown> =>
  Object.fromEntries(policyTerms.map((one) => [one.key, one.json(terms)]));

import type { PolicyTerms } from "../../shared/policy.ts";
import type { Subject } from "../approvals/subject.ts";
import {
  changedTerms,
  columnOf,
  initialTerms,
  severeChanges,
  termsFromJson,
  termsToJson,
  type PolicyDocument,
} from "./model.ts";
import { setPolicy, type PolicyChange } from "./set.ts";
import { nextPolicyDate, policyOn, takePolicySlot } from "./sql.ts";
import { policyTerms } from "./terms.ts";

/** What is proposed when a policy is to be changed. */
export const policyDocument = ({ effectiveFrom, terms }: PolicyChange): PolicyDocument => ({
  effective_from: effectiveFrom,
  terms: termsToJson(terms),
});

const termsIn = (names: readonly (keyof PolicyTerms)[]) => policyTerms.filter(({ name }) => names.includes(name));

/** A change of rates and limits. It rests on the terms that it changes. */
export const policySubject: Subject<PolicyDocument> = {
  kind: "policy",
  proposers: ["finance", "admin"],
  approvers: ["finance", "admin"],
  title: ({ effective_from: from, terms }) => {
    const now = { ...initialTerms, ...termsFromJson(terms) };
    const changed = policyTerms.filter(({ name }) => columnOf(name) in terms);
    return `policy from ${from}: ${changed.map((one) => `${one.label} ${one.text(now)}`).join(", ")}`;
  },
  facts: ({ effective_from: from, terms }, basis) => {
    const was = { ...initialTerms, ...termsFromJson(basis) };
    const now = { ...was, ...termsFromJson(terms) };
    const until = basis["until"] as string | null;
    return [
      ...(until === null ? [] : [["from", `${from} until the policy set for ${until}`] as const]),
      ...termsIn(changedTerms(was, now)).map((one) => [one.label, `${one.text(was)} → ${one.text(now)}`] as const),
      ...severeChanges(was, now).map(({ why }) => ["severe", why] as const),
    ];
  },
  basis: async (tx, { effective_from: from }) => {
    await takePolicySlot(tx);
    return { ...termsToJson(await policyOn(tx, from)), until: (await nextPolicyDate(tx, from)) ?? null };
  },
  apply: async (tx, context, { effective_from: effectiveFrom, terms }, { proposalNo }) => {
    const { changed } = await setPolicy(tx, context, { effectiveFrom, terms: termsFromJson(terms) }, proposalNo);
    return { changed: changed.map(columnOf) };
  },
};

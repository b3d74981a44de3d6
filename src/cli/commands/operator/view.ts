import type { OperatorStory } from "../../../domain/operators/read.ts";
import type { RegisteredOperator } from "../../../domain/operators/register.ts";
import type { OperatorRow } from "../../../domain/operators/sql.ts";
import type { Page } from "../../../ui/page.ts";
import { documentOf, factsOf, id, type Fields, type Thing } from "../../fields.ts";
import type { Session } from "../../session.ts";
import { actionsField, actionsSection, byText, outcomeText } from "../../story-view.ts";

const fields: Fields<OperatorRow> = {
  operator: id((one) => one.name),
  role: { of: (one) => one.role },
  login_role: { of: (one) => one.loginRole },
  // Who has a login role works through it alone.
  identity: { of: (one) => (one.loginRole === null ? "asserted" : "proven") },
  status: { of: (one) => one.state },
  added_by: { of: (one) => one.addedBy, rank: 2, fact: (one, zone) => byText(one.addedBy, one.addedAt, zone) },
  added_at: { of: (one) => one.addedAt, rank: 2 },
  changed_by: { of: (one) => one.changedBy, fact: (one, zone) => byText(one.changedBy, one.changedAt, zone) },
  changed_at: { of: (one) => one.changedAt },
};

/** Somebody who may work here. */
export const operator: Thing<OperatorRow> = {
  fields,
  columns: ["operator", "role", "login_role", "identity", "status", "added_by", "added_at"],
};

/** An operator, and who changed what of them. */
export const operatorStory: Thing<OperatorStory> = {
  fields: { ...fields, actions: actionsField },
  facts: ["role", "login_role", "identity", "status", "added_by", "changed_by"],
};

/** Lays out an operator. */
export function operatorPage(page: Page, one: OperatorStory, zone: string): void {
  page.heading(`Operator ${one.name}`).facts(factsOf(operatorStory, one, zone));
  actionsSection(page, one.actions, zone);
}

/** Shows what became of an operator. */
export const showRegistered = (
  { ui, isDry }: Session,
  { operator: one, isChanged, left }: RegisteredOperator,
  state: string,
): Promise<void> =>
  ui.show({ ...documentOf(operator, one), changed: isChanged, left_for_dba: left, dry_run: isDry }, (page) => {
    page.line(outcomeText(`operator ${one.name} ${state}`, isChanged, isDry));
    if (left.length > 0) page.line("left for a DBA, for this session may not do it:");
    for (const statement of left) page.line(`  ${statement};`);
  });

/** What an operator is, in words. */
export const standing = ({ role, loginRole }: OperatorRow): string =>
  loginRole === null ? role : `${role}, through the login role ${loginRole}`;

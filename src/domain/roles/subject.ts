import { isSameOperator } from "../../shared/operator-names.ts";
import type { OperatorRole } from "../../shared/operator-roles.ts";
import type { Subject } from "../approvals/subject.ts";
import { setOperatorIn } from "../operators/change.ts";
import { ownRole } from "../operators/refusals.ts";
import { addOperatorIn } from "../operators/register.ts";
import { findOperator } from "../operators/sql.ts";

/** What is proposed of an operator: to be registered, or to have this role and login role from now on. */
export type RoleDocument = {
  readonly operator: string;
  readonly role: OperatorRole;
  readonly login_role: string | null;
};

const standing = (role: unknown, loginRole: unknown): string =>
  `${String(role)}${typeof loginRole === "string" ? `, through the login role ${loginRole}` : ""}`;

/**
 * A role that approves or moves money. It rests on what the operator was, or on that there was none; nobody approves
 * their own.
 */
export const roleSubject: Subject<RoleDocument> = {
  kind: "operator_role",
  proposers: ["admin"],
  approvers: ["admin"],
  title: ({ operator, role, login_role: loginRole }) => `operator ${operator} is ${standing(role, loginRole)}`,
  facts: ({ role, login_role: loginRole }, { role: was, login_role: wasLogin }) => [
    ["role", `${was === null ? "not registered" : standing(was, wasLogin)} → ${standing(role, loginRole)}`],
  ],
  basis: async (tx, { operator }) => {
    const present = await findOperator(tx, { name: operator });
    return { role: present?.role ?? null, login_role: present?.loginRole ?? null, state: present?.state ?? null };
  },
  apply: async (tx, context, { operator: name, role, login_role: loginRole }, { maker }) => {
    const isTried = maker === context.operator.name;
    if (!isTried && isSameOperator(name, context.operator.name)) throw ownRole();
    const isNew = (await findOperator(tx, { name })) === undefined;
    const { left } = isNew
      ? await addOperatorIn(tx, context, { name, role, loginRole })
      : await setOperatorIn(tx, context, name, { role, loginRole });
    return { operator: name, ...(left.length === 0 ? {} : { left_for_dba: left.map((one) => `${one};`) }) };
  },
};

import type { Operator } from "../../db/context.ts";
import { refusedError, usageError, type AccrueError } from "../../shared/errors.ts";
import type { OperatorRole } from "../../shared/operator-roles.ts";
import { nearestName } from "./model.ts";
import type { OperatorRow } from "./sql.ts";

/** The refusal for a name that nobody is registered under. */
export function operatorUnknown(name: string, names: readonly string[]): AccrueError {
  const meant = nearestName(name, names);
  return refusedError("operator_unknown", `${name} is no registered operator`, {
    hint: `${meant === undefined ? "" : `did you mean ${meant}? `}give --operator NAME or set ACCRUE_OPERATOR; an admin registers a name by \`accrue operator add\``,
    details: { operator: name, ...(meant === undefined ? {} : { did_you_mean: meant }) },
  });
}

export const operatorSuspended = ({ name }: OperatorRow): AccrueError =>
  refusedError("operator_suspended", `operator ${name} is suspended`, {
    hint: `an admin lets them work again by \`accrue operator resume\`; \`accrue operator show\` says who suspended them when`,
    details: { operator: name },
  });

/** The refusal of a name that is not this session's. */
export const notThisOperator = (name: string, sessionUser: string, why: string): AccrueError =>
  refusedError(
    "operator_not_this_login",
    `${name} cannot work in this session of the login role ${sessionUser}: ${why}`,
    {
      hint: "on a server the login role says who is at work: leave --operator and ACCRUE_OPERATOR out, or log in as their role (`accrue operator list`)",
      details: { operator: name, login_role: sessionUser },
    },
  );

/**
 * The refusal of an operator whose role is not one of those that may do something.
 *
 * @param what what takes such a role, as the subject of a sentence
 */
export const roleNotAllowed = (
  what: string,
  { name, role }: Pick<Operator, "name" | "role">,
  roles: readonly OperatorRole[],
): AccrueError =>
  refusedError(
    "role_not_allowed",
    `${what} takes the role ${roles.join(", ").replace(/, (?=\w+$)/, " or ")}, and ${name} is ${role}`,
    {
      hint: "nothing was changed; ask an operator of such a role (`accrue operator list`), see `accrue operator roles`",
      details: { operator: name, role, allowed: roles },
    },
  );

/** The refusal of an approval by somebody who only says who they are. */
export const identityNotProven = ({ name }: Operator): AccrueError =>
  refusedError(
    "identity_not_proven",
    `${name} only says who they are, and the policy lets nobody approve whom the database does not vouch for`,
    {
      hint: "nothing was changed; connect as a login role of your own (`accrue operator set NAME --login ROLE` registers it), see `accrue help operators`",
      details: { operator: name },
    },
  );

/** What the database forbids to the login role of an operator, with who that is and as what. */
export const forbiddenTo = ({ name, role }: Operator, error: AccrueError): AccrueError =>
  refusedError(error.code, `${error.message} (at work: ${name}, whose role is ${role})`, {
    hint: `nothing of this step was kept; \`accrue doctor\` says what the login role lacks for the role ${role}, and \`accrue operator roles\` which role may run what`,
    details: { ...error.details, operator: name, role },
    cause: error.cause,
  });

export const registryEmpty = (): AccrueError =>
  refusedError("operators_absent", "no operator is registered yet", {
    hint: "run `accrue init`: it registers the one who runs it as the first, an admin",
  });

/** The refusal of a name that is taken, or looks like one that is. */
export const operatorExists = (name: string, present: OperatorRow): AccrueError =>
  present.name === name
    ? refusedError(
        "operator_exists",
        `operator ${name} is registered already, as ${present.role}${present.loginRole === null ? "" : ` with the login role ${present.loginRole}`}`,
        {
          hint: "`accrue operator set` changes role and login role",
          details: { operator: name, role: present.role, login_role: present.loginRole },
        },
      )
    : refusedError("operator_look_alike", `${name} is easily taken for ${present.name}, who is registered already`, {
        hint: "give a name that differs in more than case, width, marks, or letters that look alike",
        details: { operator: name, registered: present.name },
      });

/** The refusal of a login role that cannot be an operator's. */
export const loginRoleUnfit = (role: string, why: string): AccrueError =>
  refusedError("login_role_unfit", `login role ${role} ${why}`, {
    hint: "a role of the database server that may log in, one for each operator: `accrue help security`",
    details: { login_role: role },
  });

/** The refusal to give a role alone that another admin could approve. */
export const roleNeedsApproval = (name: string, role: OperatorRole, admins: readonly string[]): AccrueError =>
  refusedError(
    "role_needs_approval",
    `that ${name} is ${role} takes another admin to approve it, who could be ${admins[0]}`,
    { hint: "propose it: give --reason", details: { operator: name, role, admins } },
  );

export const ownRole = (): AccrueError =>
  refusedError("operator_is_self", "nobody approves what they are themselves", { hint: "another admin does" });

export const ownState = (): AccrueError =>
  refusedError("operator_is_self", "nobody suspends themselves", { hint: "another admin does" });

export const lastAdmin = ({ name }: OperatorRow): AccrueError =>
  refusedError("last_admin", `${name} is the last admin`, {
    hint: "somebody has to be able to register operators: make another one admin first",
    details: { operator: name },
  });

export const nothingToSet = (): AccrueError =>
  usageError("nothing_to_set", "say what to set", { hint: "give --role or --login" });

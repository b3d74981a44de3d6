import type { Database } from "../db/database.ts";
import { groupFaults, lackedFor, membershipsLeft, presentGroups } from "../domain/operators/group-roles.ts";
import { ok, wrong, type Check } from "./model.ts";
import { sessionRole, uncheckableReferences, type SessionRole } from "./privileges-sql.ts";

const name = "privileges";

/** Checks the privileges of the role: all as the owner, all but migrating by grants, or less. */
export async function checkPrivileges(db: Database): Promise<Check> {
  const uncheckable = await uncheckableReferences(db);
  if (uncheckable.length > 0) {
    return wrong(
      name,
      `the owner of ${uncheckable.join(", ")} may not check foreign keys to it`,
      "whatever refers to it is refused, whoever writes",
      "as the owner: GRANT UPDATE on its key to the owner; the guards refuse every update all the same",
    );
  }
  const session = await sessionRole(db);
  // Who is nobody in particular may be any operator, by no more than a name.
  return judgeRole({ ...session, missing: await lackedFor(db.sql, session.operatorRole ?? "admin") });
}

/** The session's role, and each privilege that its work takes and it lacks. */
export interface RoleFacts extends SessionRole {
  readonly missing: Awaited<ReturnType<typeof lackedFor>>;
}

/** Judges the privileges of a role. */
export function judgeRole({ role, isSuperuser, isOwner, owner, operatorRole, missing }: RoleFacts): Check {
  if (isSuperuser) return ok(name, `${role}, a superuser: may do everything (the owner of the tables would do)`);
  if (missing.length > 0) {
    const lacking = missing.map(({ privilege, objects }) => `${privilege} on ${objects.join(", ")}`).join("; ");
    return wrong(
      name,
      `${role} has no ${lacking}`,
      "what needs it is refused half way through the work: database_forbidden",
      `connect as ${owner}, the owner, or have it granted: \`accrue operator grant-sql\` has the statements`,
    );
  }
  if (isOwner) return ok(name, `${role}, the owner: may do everything`);
  if (operatorRole !== null) return ok(name, `${role}, by grants: may do what the role ${operatorRole} takes`);
  return ok(name, `${role}, by grants: may do everything but migrate, which is for ${owner}`);
}

/** Checks that the group roles of the server have the privileges and members that they should have. */
export async function checkGroupRoles({ sql }: Database): Promise<Check> {
  const group = "group roles";
  const present = await presentGroups(sql);
  if (present.length === 0) return ok(group, "none on this server");
  const [faults, left] = [await groupFaults(sql), await membershipsLeft(sql)];
  if (faults.length === 0 && left.length === 0) return ok(group, `${present.join(", ")}: as they should be`);
  const lacking = faults.flatMap(({ group: one, lacking: what }) =>
    what.map((privilege) => `${one} has no ${privilege}`),
  );
  const beyond = faults.flatMap(({ group: one, beyond: what }) =>
    what.map((privilege) => `${one} has ${privilege} too`),
  );
  return wrong(
    group,
    [...lacking, ...beyond, ...left.map((statement) => `not done: ${statement}`)].join("; "),
    "operators may do less or more on the server than their role says",
    "as the owner: `accrue init`; or a DBA, by `accrue operator grant-sql`",
  );
}

import type { Database } from "../db/database.ts";
import { ok, wrong, type Check } from "./model.ts";
import { roleFacts, uncheckableReferences, type RoleFacts } from "./privileges-sql.ts";

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
  return judgeRole(await roleFacts(db));
}

/** Judges the privileges of a role. */
export function judgeRole({ role, isSuperuser, isOwner, owner, missing }: RoleFacts): Check {
  if (isSuperuser) return ok(name, `${role}, a superuser: may do everything (the owner of the tables would do)`);
  if (missing.length > 0) {
    const lacking = missing.map(({ privilege, objects }) => `${privilege} on ${objects.join(", ")}`).join("; ");
    return wrong(
      name,
      `${role} has no ${lacking}`,
      "what needs it is refused half way through the work: database_forbidden",
      `connect as ${owner}, the owner, or have it granted: \`accrue help server\` has the statements`,
    );
  }
  if (isOwner) return ok(name, `${role}, the owner: may do everything`);
  return ok(name, `${role}, by grants: may do everything but migrate, which is for ${owner}`);
}

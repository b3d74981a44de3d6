import { recordActions } from "../../src/db/audit.ts";
import type { Database } from "../../src/db/database.ts";
import type { OperatorRole } from "../../src/shared/operator-roles.ts";
import { skeletonOf } from "../../src/shared/text.ts";

/** The operators of the template database, besides `tester`, who initialised it: all of them admins, without login roles. */
export const operatorsOfTests = (
  "alice amy app auditor bob boss carol cashier cleo clerk cron dora eve fay li li.wei night pat race setup " +
  "wang wang.fang"
).split(" ");

/** Registers operators that a test needs besides those of the template, in the name of `tester`. */
export async function registered(
  { sql }: Pick<Database, "sql">,
  names: readonly string[],
  role: OperatorRole = "admin",
): Promise<void> {
  await sql.begin("read write", async (tx) => {
    await tx`
      INSERT INTO operators (name, skeleton, role, state, added_by, added_at)
      SELECT name, skeleton, ${role}, 'active', 'tester', now()
      FROM unnest(${[...names]}::text[], ${names.map((name) => skeletonOf(name))}::text[]) n (name, skeleton)`;
    await recordActions(
      tx,
      { operator: { name: "tester", host: "test-host" } },
      names.map((name) => ({
        action: "operator.add",
        subjectKind: "operator",
        subject: name,
        details: { role, login_role: null, state: "active" },
      })),
    );
  });
}

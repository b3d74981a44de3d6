import type { Context } from "../../db/context.ts";
import { inTransaction, reading } from "../../db/database.ts";
import type { Sql } from "../../db/database.ts";
import type { OperatorRole } from "../../shared/operator-roles.ts";
import {
  carryOut,
  grantedTo,
  groupPlace,
  lackedOf,
  membershipsToMend,
  schemaThings,
  type GroupPlace,
  type Lack,
  type Membership,
} from "./group-roles-sql.ts";
import { groupRoles, privilegesOf, privilegeText, type Privilege, type SchemaThings } from "./privileges-model.ts";

/**
 * What `init` did about the roles of the server that operators are members of: they were as they should be; were
 * created or granted; or it may not, and a DBA has to (`operator grant-sql`).
 */
export type GroupRolesOutcome = "current" | "granted" | "left";

/**
 * Creates the group roles and gives them their privileges, where that is not so already and this session may.
 *
 * @throws errors of the database as AccrueErrors
 */
export async function ensureGroupRoles({ db }: Pick<Context, "db">): Promise<GroupRolesOutcome> {
  const { sql } = db;
  const [place, things] = await reading(() => Promise.all([groupPlace(sql), schemaThings(sql)]));
  const isMissing = place.present.length < groupRoles.length;
  if (!isMissing && (await faultsOf(sql, place, things)).length === 0) return "current";
  if (!place.isOwner || (isMissing && !place.mayCreateRoles)) return "left";
  await inTransaction(db, (tx) => carryOut(tx, grantStatements(place, things)));
  return "granted";
}

/** The group roles that the server has. */
export const presentGroups = async (sql: Sql): Promise<readonly string[]> => (await groupPlace(sql)).present;

/** What this session's role lacks of the privileges that the work of operators of a role takes. */
export const lackedFor = async (sql: Sql, role: OperatorRole): Promise<readonly Lack[]> =>
  lackedOf(sql, privilegesOf(role, await schemaThings(sql)));

/** What one group role lacks of its privileges, and what it has beyond them. */
export interface GroupFault {
  readonly group: string;
  readonly lacking: readonly string[];
  readonly beyond: readonly string[];
}

/** Compares the privileges of the group roles that the server has with those that they should have. */
export async function groupFaults(sql: Sql): Promise<readonly GroupFault[]> {
  const [place, things] = await Promise.all([groupPlace(sql), schemaThings(sql)]);
  return faultsOf(sql, place, things);
}

async function faultsOf(sql: Sql, { present }: GroupPlace, things: SchemaThings): Promise<readonly GroupFault[]> {
  const compared = await Promise.all(
    groupRoles
      .filter(({ group }) => present.includes(group))
      .map(async ({ role, group }) => {
        const wanted = privilegesOf(role, things).map(privilegeText);
        const granted = (await grantedTo(sql, group)).map((one) =>
          privilegeText({ ...one, column: one.column ?? undefined }),
        );
        return {
          group,
          lacking: wanted.filter((one) => !granted.includes(one)),
          beyond: granted.filter((one) => !wanted.includes(one)),
        };
      }),
  );
  return compared.filter(({ lacking, beyond }) => lacking.length + beyond.length > 0);
}

/**
 * The SQL that creates the group roles, gives them their privileges, and makes the operators' login roles members: for a
 * DBA, where `init` may not. Carrying it out again changes nothing.
 */
export function grantSql({ db: { sql } }: Pick<Context, "db">): Promise<readonly string[]> {
  return reading(async () => {
    const [place, things, memberships] = await Promise.all([
      groupPlace(sql),
      schemaThings(sql),
      membershipsToMend(sql),
    ]);
    const toOwner = groupRoles
      .filter(({ group }) => !place.administered.includes(group))
      .map(({ group }) => `GRANT ${group} TO ${quoted(place.owner)} WITH ADMIN OPTION`);
    return [...grantStatements(place, things), ...toOwner, ...memberships.map(membershipStatement)];
  });
}

/** The statements that are left for a DBA, so that the members of the group roles are who the registry says. */
export const membershipsLeft = async (sql: Sql): Promise<readonly string[]> =>
  (await membershipsToMend(sql)).map(membershipStatement);

const membershipStatement = ({ loginRole, group, isWanted }: Membership): string =>
  isWanted ? `GRANT ${group} TO ${quoted(loginRole)}` : `REVOKE ${group} FROM ${quoted(loginRole)}`;

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** The statements that create each group role and give it its privileges, and no other, in this order. */
const grantStatements = (place: GroupPlace, things: SchemaThings): readonly string[] =>
  groupRoles.flatMap(({ role, group }) => {
    const schema = quoted(place.schema);
    return [
      `DO $$ BEGIN IF to_regrole('${group}') IS NULL THEN CREATE ROLE ${group} NOLOGIN; END IF; END $$`,
      `GRANT CONNECT, TEMPORARY ON DATABASE ${quoted(place.database)} TO ${group}`,
      `GRANT USAGE ON SCHEMA ${schema} TO ${group}`,
      `REVOKE ALL ON ALL TABLES IN SCHEMA ${schema} FROM ${group}`,
      `REVOKE ALL ON ALL SEQUENCES IN SCHEMA ${schema} FROM ${group}`,
      `REVOKE ALL ON ALL FUNCTIONS IN SCHEMA ${schema} FROM ${group}`,
    ].concat(statementsOf(group, schema, privilegesOf(role, things)));
  });

/** Grants privileges with one statement for all things of a kind that get the same. */
function statementsOf(group: string, schema: string, privileges: readonly Privilege[]): readonly string[] {
  const wholes = new Map<string, string[]>();
  const columnsOf = new Map<string, string[]>();
  const add = (lists: Map<string, string[]>, key: string, name: string) => {
    if (!lists.has(key)) lists.set(key, []);
    lists.get(key)!.push(name);
  };
  for (const { privilege, on, name, column } of privileges) {
    if (column === undefined) add(wholes, `${privilege} ON ${on.toUpperCase()}`, `${schema}.${name}`);
    else add(columnsOf, `ON TABLE ${schema}.${name}`, `${privilege} (${column})`);
  }
  return [
    ...[...wholes].map(([kind, names]) => `GRANT ${kind} ${names.join(", ")} TO ${group}`),
    ...[...columnsOf].map(([table, names]) => `GRANT ${names.join(", ")} ${table} TO ${group}`),
  ];
}

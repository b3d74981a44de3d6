import { operatorRoles, type OperatorRole } from "../../src/shared/operator-roles.ts";
import { createRole, onDatabase, plainClient } from "./admin.ts";
import { accrueInProcess } from "./cli.ts";
import { databaseAt, type TestDatabase } from "./database.ts";
import { OwnServer } from "./own-server.ts";
import { createPlatform } from "./platform.ts";

/** A server with the group roles, and an operator of each role who works through a login role of their own. */
export interface RoleServer {
  /** The platform, for its owner, who is no superuser and may create roles. */
  readonly database: TestDatabase;
  readonly server: OwnServer;
  /** How an operator of a role logs in. */
  urlOf(role: OperatorRole): string;
  end(): Promise<void>;
}

/** The operator of a role. */
export const nameOf = (role: OperatorRole): string => `${role}.one`;

/** The login role of the operator of a role. */
export const loginOf = (role: OperatorRole): string => `login_${role}`;

/** Starts a server, lets `init` create the group roles on it, and registers an operator with a login role for each. */
export async function startRoleServer(): Promise<RoleServer> {
  const server = await OwnServer.start();
  const ownerUrl = await createRole(server.url, "accrue_owner", "CREATEROLE");
  const url = await createPlatform(server.url, "platform", ownerUrl);
  const database = databaseAt(url, onDatabase(server.url, "platform"));
  const urls = new Map<OperatorRole, string>();
  for (const role of operatorRoles) urls.set(role, onDatabase(await createRole(server.url, loginOf(role)), "platform"));
  for (const line of [
    "init",
    ...operatorRoles.map((role) => `operator add ${nameOf(role)} --role ${role} --login ${loginOf(role)}`),
  ]) {
    const { exitCode, stderr } = await accrueInProcess(line.split(" "), { database });
    if (exitCode !== 0) throw new Error(`${line}: ${stderr}`);
  }
  return {
    database,
    server,
    urlOf: (role) => urls.get(role)!,
    end: async () => {
      await Promise.all([database.db.close(), database.superuser.close()]);
      await server.end();
    },
  };
}

/** Carries out SQL as somebody with a client of their own, not through the program. */
export async function bySql(url: string, statement: string): Promise<void> {
  const sql = plainClient(url);
  try {
    await sql.unsafe(statement);
  } finally {
    await sql.end({ timeout: 5 });
  }
}

import { addOperator } from "../../../domain/operators/register.ts";
import { operatorRoles } from "../../../shared/operator-roles.ts";
import { defineCommand } from "../../command.ts";
import { choice } from "../../flags.ts";
import { showRegistered, standing } from "./view.ts";

export const command = defineCommand({
  examples: [
    ["accrue operator add zhang.min --role approver", "one more name that may work here; see `accrue help security`"],
    [
      "accrue operator add zhang.min --role approver --login zhang_min",
      "on a server: through this login role alone, so that the database vouches for who it is",
    ],
  ],
  configure: (command) =>
    command
      .argument("<name>", "what they are called in all records; nobody else may have a name that looks like it")
      .addOption(choice("--role <role>", "what they are there for", operatorRoles).makeOptionMandatory())
      .option("--login <login-role>", "the role that they log in to the database server as")
      .option("--dry-run", "check and roll back"),
  run: async (session, [name], { role, login }) => {
    const added = await addOperator(await session.open(), { name, role, loginRole: login ?? null });
    await showRegistered(session, added, `is registered as ${standing(added.operator)}`);
  },
});

import { setOperator } from "../../../domain/operators/change.ts";
import { operatorRoles } from "../../../shared/operator-roles.ts";
import { defineCommand } from "../../command.ts";
import { choice } from "../../flags.ts";
import { showRegistered, standing } from "./view.ts";

export const command = defineCommand({
  examples: [
    ["accrue operator set zhang.min --role finance", "from now on they may run the commands of that role"],
    ["accrue operator set zhang.min --login zhang_min", "from now on they work through this login role alone"],
    ["accrue operator set zhang.min --login none", "through none of their own: who it is, is asserted again"],
  ],
  configure: (command) =>
    command
      .argument("<operator>", "who")
      .addOption(choice("--role <role>", "what they are there for", operatorRoles))
      .option("--login <login-role>", "the role that they log in to the database server as; none: no role of their own")
      .option("--dry-run", "check and roll back"),
  run: async (session, [name], { role, login }) => {
    const loginRole = login === "none" ? null : login;
    const set = await setOperator(await session.open(), name, { role, loginRole });
    await showRegistered(session, set, `is ${standing(set.operator)}`);
  },
});

import { setOperator } from "../../../domain/operators/change.ts";
import { needsApproval, operatorOf } from "../../../domain/operators/read.ts";
import { roleSubject } from "../../../domain/roles/subject.ts";
import { operatorRoles } from "../../../shared/operator-roles.ts";
import { defineCommand } from "../../command.ts";
import { choice } from "../../flags.ts";
import { addMaybeProposalOptions, proposeAndTell } from "../../proposing.ts";
import { showRegistered, standing } from "./view.ts";

export const command = defineCommand({
  examples: [
    ["accrue operator set zhang.min --role finance", "from now on they may run the commands of that role"],
    ["accrue operator set zhang.min --login zhang_min", "from now on they work through this login role alone"],
    ["accrue operator set zhang.min --login none", "through none of their own: who it is, is asserted again"],
  ],
  configure: (command) =>
    addMaybeProposalOptions(
      command
        .argument("<operator>", "who")
        .addOption(choice("--role <role>", "what they are there for", operatorRoles))
        .option(
          "--login <login-role>",
          "the role that they log in to the database server as; none: no role of their own",
        ),
    ),
  run: async (session, [name], { role, login, reason, expiresIn }) => {
    const loginRole = login === "none" ? null : login;
    const context = await session.open();
    if (reason !== undefined && (role !== undefined || login !== undefined)) {
      const present = await operatorOf(context, name);
      const wanted = {
        operator: name,
        role: role ?? present.role,
        login_role: loginRole === undefined ? present.loginRole : loginRole,
      };
      if (await needsApproval(context, { name, role: wanted.role }))
        return proposeAndTell(session, context, roleSubject, wanted, { reason, expiresIn });
    }
    const set = await setOperator(context, name, { role, loginRole });
    await showRegistered(session, set, `is ${standing(set.operator)}`);
  },
});

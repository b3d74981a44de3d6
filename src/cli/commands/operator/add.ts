import { readOperatorName } from "../../../domain/operators/model.ts";
import { needsApproval } from "../../../domain/operators/read.ts";
import { addOperator } from "../../../domain/operators/register.ts";
import { roleSubject } from "../../../domain/roles/subject.ts";
import { operatorRoles } from "../../../shared/operator-roles.ts";
import { defineCommand } from "../../command.ts";
import { choice } from "../../flags.ts";
import { addMaybeProposalOptions, proposeAndTell } from "../../proposing.ts";
import { showRegistered, standing } from "./view.ts";

export const command = defineCommand({
  examples: [
    ["accrue operator add zhang.min --role approver", "one more name that may work here; see `accrue help security`"],
    [
      "accrue operator add zhang.min --role approver --login zhang_min",
      "on a server: through this login role alone, so that the database vouches for who it is",
    ],
    [
      "accrue operator add zhang.min --role finance --reason 'joined in May'",
      "where there is another admin: proposes it, and that one approves",
    ],
  ],
  configure: (command) =>
    addMaybeProposalOptions(
      command
        .argument("<name>", "what they are called in all records; nobody else may have a name that looks like it")
        .addOption(choice("--role <role>", "what they are there for", operatorRoles).makeOptionMandatory())
        .option("--login <login-role>", "the role that they log in to the database server as"),
    ),
  run: async (session, [typed], { role, login, reason, expiresIn }) => {
    const context = await session.open();
    const name = readOperatorName(typed, "give another name, like li.wei");
    const loginRole = login ?? null;
    if (reason !== undefined && (await needsApproval(context, { name, role }))) {
      const document = { operator: name, role, login_role: loginRole };
      return proposeAndTell(session, context, roleSubject, document, { reason, expiresIn });
    }
    const added = await addOperator(context, { name, role, loginRole });
    await showRegistered(session, added, `is registered as ${standing(added.operator)}`);
  },
});

import { commandRoles, rolesText, type CommandRoles } from "../../command-roles.ts";
import { defineCommand } from "../../command.ts";
import { addFormOptions, id, type Thing } from "../../fields.ts";
import { tellAll } from "../../list.ts";

interface RolesOfNoun {
  readonly commands: string;
  readonly roles: CommandRoles["roles"];
}

const commandsOfRoles: Thing<RolesOfNoun> = {
  fields: {
    commands: id((one) => one.commands),
    roles: { of: (one) => one.roles, heading: "may be run by", text: (one) => rolesText(one.roles) },
  },
};

export const command = defineCommand({
  examples: [
    ["accrue operator roles", "the commands, and the roles that may run them"],
    ["accrue operator roles --json | jq -r 'select(.roles | index(\"clerk\")).commands'", "what clerks may run"],
  ],
  configure: (command) => addFormOptions(command, commandsOfRoles),
  run: (session) =>
    tellAll(
      session,
      commandsOfRoles,
      "no commands",
      commandRoles.flatMap(({ roles, commands }) => commands.map((words) => ({ commands: words, roles }))),
      "",
    ),
});

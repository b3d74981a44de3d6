import { ensureGroupRoles, type GroupRolesOutcome } from "../../domain/operators/group-roles.ts";
import { initPlatform } from "../../platform/init.ts";
import { defineCommand } from "../command.ts";

export const command = defineCommand({
  examples: [
    ["accrue init", "create the schema, or migrate it to this version"],
    ["accrue init --time-zone Asia/Shanghai", "the zone that business dates are in, for a new database"],
  ],
  configure: (command) =>
    command.option("--time-zone <zone>", "the platform's time zone, set once (default: Asia/Shanghai)"),
  run: async (session, _args, { timeZone }) => {
    const db = await session.database();
    const report = await initPlatform(session.surroundingsOf(db), session.claim, timeZone);
    // On the embedded server nobody but its owner logs in.
    const isOwnServer = session.settings.databaseUrl.value !== undefined;
    const groupRoles = isOwnServer ? await ensureGroupRoles({ db }) : null;
    const document = {
      migrations_applied: report.applied,
      time_zone: report.timeZone,
      first_operator: report.firstOperator,
      group_roles: groupRoles,
    };
    await session.ui.show(document, (page) => {
      if (report.applied.length === 0) page.line("the database is up to date; nothing to do");
      for (const tag of report.applied) page.line(`applied ${tag}`);
      page.line(`business dates are in ${report.timeZone}`);
      if (report.firstOperator !== null)
        page.line(`${report.firstOperator} is the first operator, an admin: \`accrue operator add\` registers others`);
      if (groupRoles !== null && (groupRoles === "granted" || report.applied.length > 0)) page.line(words[groupRoles]);
    });
  },
});

const words: Readonly<Record<GroupRolesOutcome, string>> = {
  current: "the group roles (accrue_clerk and the others) have the privileges that they need",
  granted: "the group roles (accrue_clerk and the others) were given the privileges that they need",
  left: "group roles (accrue_clerk and the others) are for a DBA to create, whom `accrue operator grant-sql` gives the SQL",
};

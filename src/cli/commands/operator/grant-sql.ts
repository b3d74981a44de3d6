import { grantSql } from "../../../domain/operators/group-roles.ts";
import { defineCommand } from "../../command.ts";

export const command = defineCommand({
  examples: [
    [
      "accrue operator grant-sql | psql -h db.example.com -U postgres accrue",
      "creates the group roles, gives them their privileges, and makes operators' login roles members",
    ],
  ],
  run: async (session) => {
    const statements = await grantSql(await session.openToRead());
    await session.ui.show({ statements }, (page) => {
      page.line("BEGIN;");
      for (const statement of statements) page.line(`${statement};`);
      page.line("COMMIT;");
    });
  },
});

import { defineCommand } from "../../command.ts";
import { shownUrl } from "./view.ts";

export const command = defineCommand({
  examples: [
    ["accrue db url", "the URL of the database in use, its password hidden"],
    ['psql "$(accrue db url)"', "open the embedded server's database with psql"],
  ],
  run: async (session) => {
    const url = await shownUrl(session);
    await session.ui.show({ url }, (page) => page.line(url));
  },
});

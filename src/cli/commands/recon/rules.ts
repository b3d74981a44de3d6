import { listRules } from "../../../domain/reconciliation/read.ts";
import { defineCommand } from "../../command.ts";
import { addFormOptions } from "../../fields.ts";
import { tellAll } from "../../list.ts";
import { reconRule } from "./view.ts";

export const command = defineCommand({
  examples: [["accrue recon rules", "by what lines are matched, in which order, and from when on"]],
  configure: (command) => addFormOptions(command, reconRule),
  run: async (session) => {
    const context = await session.openToRead();
    await tellAll(session, reconRule, "no rules", await listRules(context), context.zone);
  },
});

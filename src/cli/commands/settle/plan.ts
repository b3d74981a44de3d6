import { defineCommand } from "../../command.ts";
import { addSettleOptions, settleWork } from "./options.ts";
import { showPlan } from "./plan-view.ts";

export const command = defineCommand({
  examples: [
    [
      "accrue settle plan --inbox /srv/accrue/inbox",
      "which files would be imported, which dates settled, and what waits for them",
    ],
  ],
  configure: addSettleOptions,
  run: async (session, _args, options) => void (await showPlan(session, settleWork(session, options))),
});

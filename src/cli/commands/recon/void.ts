import { reconVoidSubject } from "../../../domain/reconciliation/void-subject.ts";
import { defineCommand } from "../../command.ts";
import { addProposalOptions, proposeAndTell } from "../../proposing.ts";

export const command = defineCommand({
  examples: [
    [
      "accrue recon void L00000018 --reason 'nobody knows the payer after a year'",
      "what is open of a line is written off, once another operator approves it",
    ],
    [
      "accrue recon void D00000009 --reason 'paid in cash'",
      "no statement will show this payout: nobody is owed for it any more",
    ],
    [
      "accrue recon void C00000004 --reason 'recorded by mistake'",
      "this collection never came: the merchant owes it again",
    ],
  ],
  configure: (command) =>
    addProposalOptions(command.argument("<no>", "a line, payout or collection that will never be matched")),
  run: async (session, [no], { reason, expiresIn }) =>
    proposeAndTell(session, await session.open(), reconVoidSubject, { no: no.toUpperCase() }, { reason, expiresIn }),
});

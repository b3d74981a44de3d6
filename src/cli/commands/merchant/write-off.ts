import { writeOffDocument, writeOffSubject } from "../../../domain/billing/adjust-subjects.ts";
import { defineCommand } from "../../command.ts";
import { readPositiveYuan } from "../../flags.ts";
import { addProposalOptions, proposeAndTell } from "../../proposing.ts";

export const command = defineCommand({
  examples: [
    [
      "accrue merchant write-off S001 1200.00 --reason 'insolvent, file 7'",
      "of what it owes on bills, the oldest first, once another operator approves it",
    ],
  ],
  configure: (command) =>
    addProposalOptions(
      command
        .argument("<merchant-code>", "the merchant's code")
        .argument("<yuan>", "how much will never come", readPositiveYuan),
    ),
  run: async (session, [merchantCode, amountFen], { reason, expiresIn }) => {
    const document = writeOffDocument(merchantCode, amountFen);
    await proposeAndTell(session, await session.open(), writeOffSubject, document, { reason, expiresIn });
  },
});

import { correctionDocument, billCorrectionSubject } from "../../../domain/billing/adjust-subjects.ts";
import { defineCommand } from "../../command.ts";
import { readSignedYuan } from "../../flags.ts";
import { addProposalOptions, proposeAndTell } from "../../proposing.ts";

export const command = defineCommand({
  examples: [
    [
      "accrue merchant correct-bill B00000007 -12.50 --reason 'an order was counted that was returned in the shop'",
      "the merchant owes less, once another operator approves it; the bill itself stays",
    ],
    ["accrue merchant correct-bill B00000007 +8 --reason 'the rate was agreed later'", "the merchant owes more"],
  ],
  configure: (command) =>
    addProposalOptions(
      command
        .argument("<bill>", "the bill's number")
        .argument("<yuan>", "by how much: below zero, the merchant owes less", readSignedYuan),
    ),
  run: async (session, [billNo, amountFen], { reason, expiresIn }) => {
    const document = correctionDocument(billNo.toUpperCase(), amountFen);
    await proposeAndTell(session, await session.open(), billCorrectionSubject, document, { reason, expiresIn });
  },
});

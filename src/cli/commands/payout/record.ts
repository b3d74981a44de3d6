import { readId } from "../../../csv/cells.ts";
import { CellProblem } from "../../../csv/problem.ts";
import { answersByHand, answerSubject, type AnswerByHand } from "../../../domain/payouts/answer-subject.ts";
import { usageError } from "../../../shared/errors.ts";
import { defineCommand } from "../../command.ts";
import { parsed } from "../../flags.ts";
import { addProposalOptions, proposeAndTell } from "../../proposing.ts";

export const command = defineCommand({
  examples: [
    [
      "accrue payout record D00000003 paid --channel-ref 4200001 --reason 'seen in the channel portal'",
      "a payout of which the channel says nothing was paid, once another operator approves it",
    ],
    [
      "accrue payout record D00000004 failed --reason 'the bank wrote that the account is closed'",
      "it failed: its points go back to the member",
    ],
  ],
  configure: (command) =>
    addProposalOptions(
      command
        .argument("<payout>", "the payout's number")
        .argument("<status>", `how it ended: ${answersByHand.join(" or ")}`, readStatus)
        .addOption(parsed("--channel-ref <number>", "the channel's own number of the payment", readChannelRef)),
    ),
  run: async (session, [detailNo, status], { channelRef, reason, expiresIn }) => {
    const document = { detail_no: detailNo.toUpperCase(), status, channel_ref: channelRef ?? null };
    await proposeAndTell(session, await session.open(), answerSubject, document, { reason, expiresIn });
  },
});

function readStatus(text: string): AnswerByHand {
  const status = answersByHand.find((one) => one === text);
  if (status !== undefined) return status;
  throw usageError("invalid_choice", `${text}: not one of ${answersByHand.join(", ")}`);
}

function readChannelRef(text: string): string {
  const reference = readId(text);
  if (!(reference instanceof CellProblem)) return reference;
  throw usageError("invalid_reference", `--channel-ref: ${reference.message}`);
}

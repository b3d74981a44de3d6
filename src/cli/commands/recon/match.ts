import { forcedMatchDocument, forcedMatchSubject } from "../../../domain/reconciliation/force-subject.ts";
import { feeWord, matchByHand } from "../../../domain/reconciliation/match.ts";
import { lineNoOf } from "../../../domain/statements/model.ts";
import { usageError } from "../../../shared/errors.ts";
import { formatYuan } from "../../../shared/money.ts";
import { defineCommand } from "../../command.ts";
import { addProposalOptions, proposeAndTell } from "../../proposing.ts";
import { readLineId } from "../statement/line-id.ts";

export const command = defineCommand({
  examples: [
    [
      "accrue recon match L00000012 D00000003 --reason 'the remark was cut'",
      "a line was this payout, whatever its remark says",
    ],
    [
      "accrue recon match L00000012 D00000003 fee --reason 'a fee on top'",
      "a payout and what the channel took with it",
    ],
    [
      "accrue recon match L00000015 B00000002 --reason 'the payer says so'",
      "a merchant's money for a bill: the line is made into a collection",
    ],
    [
      "accrue recon match L00000016 D00000004 --force --reason 'the bank kept 2 yuan'",
      "although the amount differs, once another operator approves it; the difference is written off",
    ],
  ],
  configure: (command) =>
    addProposalOptions(
      command
        .argument("<line>", "a line of a statement", readLineId)
        .argument("<thing...>", "payouts, collections, bills, or fee: what is left of the line is the channel's")
        .option("--force", "propose it although the amount or the account differs"),
    ),
  run: async (session, [lineId, things], { force, reason, expiresIn }) => {
    const { isDry } = session;
    if (force === true) {
      if (things.includes(feeWord)) throw feeForced();
      const document = forcedMatchDocument(lineId, things);
      return proposeAndTell(session, await session.open(), forcedMatchSubject, document, { reason, expiresIn });
    }
    if (expiresIn !== undefined) throw nothingWaits();
    const { reconNo, openFen } = await matchByHand(await session.open(), lineId, things, reason);
    const document = {
      recon_no: isDry ? null : reconNo,
      line: lineNoOf(lineId),
      things,
      open: formatYuan(openFen),
      dry_run: isDry,
    };
    return session.ui.show(document, (page) =>
      page.line(
        `${isDry ? "dry run: " : ""}matched line ${lineNoOf(lineId)} with ${things.join(", ")}${openFen === 0n ? "" : `; ${formatYuan(openFen)} yuan of it are still open`}`,
      ),
    );
  },
});

const feeForced = () =>
  usageError("conflicting_options", "--force writes off by how much the line differs: there is no fee then", {
    hint: "leave fee out, or --force",
  });

const nothingWaits = () =>
  usageError("conflicting_options", "--expires-in is for what waits for another operator: a match with --force", {
    hint: "leave it out, or give --force",
  });

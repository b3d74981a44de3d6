import { matchByHand } from "../../../domain/reconciliation/match.ts";
import { lineNoOf } from "../../../domain/statements/model.ts";
import { formatYuan } from "../../../shared/money.ts";
import { defineCommand } from "../../command.ts";
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
  ],
  configure: (command) =>
    command
      .argument("<line>", "a line of a statement", readLineId)
      .argument("<thing...>", "payouts, collections, bills, or fee: what is left of the line is the channel's")
      .requiredOption("--reason <text>", "why")
      .option("--dry-run", "check and roll back"),
  run: async (session, [lineId, things], { reason }) => {
    const { isDry } = session;
    const { reconNo, openFen } = await matchByHand(await session.open(), lineId, things, reason);
    const document = {
      recon_no: isDry ? null : reconNo,
      line: lineNoOf(lineId),
      things,
      open: formatYuan(openFen),
      dry_run: isDry,
    };
    await session.ui.show(document, (page) =>
      page.line(
        `${isDry ? "dry run: " : ""}matched line ${lineNoOf(lineId)} with ${things.join(", ")}${openFen === 0n ? "" : `; ${formatYuan(openFen)} yuan of it are still open`}`,
      ),
    );
  },
});

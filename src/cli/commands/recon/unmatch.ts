import { unmatch } from "../../../domain/reconciliation/match.ts";
import { lineNoOf } from "../../../domain/statements/model.ts";
import { formatYuan } from "../../../shared/money.ts";
import { defineCommand } from "../../command.ts";
import { readLineId } from "../statement/line-id.ts";

export const command = defineCommand({
  examples: [
    ["accrue recon unmatch L00000012 --reason 'it was another payout'", "take back all that a line is matched with"],
  ],
  configure: (command) =>
    command
      .argument("<line>", "a line of a statement", readLineId)
      .requiredOption("--reason <text>", "why")
      .option("--dry-run", "check and roll back"),
  run: async (session, [lineId], { reason }) => {
    const { isDry } = session;
    const { reconNo, openFen } = await unmatch(await session.open(), lineId, reason);
    const document = {
      recon_no: isDry ? null : reconNo,
      line: lineNoOf(lineId),
      open: formatYuan(openFen),
      dry_run: isDry,
    };
    await session.ui.show(document, (page) =>
      page.line(`${isDry ? "dry run: " : ""}line ${lineNoOf(lineId)} is open again: ${formatYuan(openFen)} yuan`),
    );
  },
});

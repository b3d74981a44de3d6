import { recordCollection } from "../../../domain/collections/record.ts";
import { usageError } from "../../../shared/errors.ts";
import { formatYuan, parseYuan, type Fen } from "../../../shared/money.ts";
import { defineCommand } from "../../command.ts";
import { date } from "../../flags.ts";
import { collectionDocument } from "./view.ts";

export const command = defineCommand({
  examples: [
    [
      "accrue collection record S001 1200.00 --received-on 2026-02-10 --reference T20260210-77 --proof 'slip 77, folder 2'",
      "money that came in; another operator confirms it",
    ],
    [
      "accrue collection record S001 88000 --received-on 2025-12-31 --reference opening-S001 --proof 'ledger of 2025' --opening",
      "what came before collections were kept here",
    ],
  ],
  configure: (command) =>
    command
      .argument("<merchant-code>", "the merchant's code")
      .argument("<yuan>", "how much came in", readAmount)
      .addOption(date("--received-on <date>", "when it came in, as the bank says").makeOptionMandatory())
      .requiredOption("--reference <text>", "what the bank or the payer calls it; the same again changes nothing")
      .requiredOption("--proof <text>", "what proves it, and where that is kept")
      .option("--into <money-account>", "the platform's account that it came in on; not needed while there is one")
      .option("--opening", "money that came before collections were kept here")
      .option("--dry-run", "check and roll back"),
  run: async (session, [merchantCode, amountFen], { receivedOn, reference, proof, into, opening }) => {
    const { isDry } = session;
    const input = {
      merchantCode,
      amountFen,
      receivedOn,
      reference,
      proof,
      moneyAccount: into,
      isOpening: opening === true,
    };
    const { collection, isNew } = await recordCollection(await session.open(), input);
    await session.ui.show({ ...collectionDocument(collection), new: isNew, dry_run: isDry }, (page) => {
      const { collectionNo, state } = collection;
      if (!isNew) return void page.line(`${reference} is collection ${collectionNo} already, ${state}; nothing to do`);
      page.line(
        `${isDry ? "dry run: " : ""}recorded ${collectionNo}: ${formatYuan(amountFen)} yuan of merchant ${merchantCode}; it counts once another operator confirms it`,
      );
    });
  },
});

/** @throws usage errors: `currency_not_kept`, `invalid_amount` */
function readAmount(text: string): Fen {
  const fen = parseYuan(text);
  if (fen !== undefined) return fen;
  if (/^(?:[A-Z]{3}|[$€£])|(?:[A-Z]{3}|[$€£])$/u.test(text.trim())) {
    throw usageError("currency_not_kept", `${text}: the platform keeps yuan and no other currency`, {
      hint: "record what the bank credited, in yuan, as a number: 1200.00",
    });
  }
  throw usageError("invalid_amount", `${text}: no amount of yuan`, { hint: "write it like 100 or 99.50" });
}

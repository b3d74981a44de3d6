import { ruleTexts } from "../../../domain/reconciliation/rule-texts.ts";
import { setRule } from "../../../domain/reconciliation/set-rule.ts";
import { choice, count, date } from "../../flags.ts";
import { defineCommand } from "../../command.ts";
import { repeated } from "../../shared-options.ts";

const switches = ["on", "off"] as const;

export const command = defineCommand({
  examples: [
    ["accrue recon set-rule batch_no --switch off", "lines name no batches any more, from today on"],
    ["accrue recon set-rule channel_fee --word 收费 --word 服务费 --from 2026-02-01", "what a channel calls its fees"],
  ],
  offers: { rule: { words: () => Object.keys(ruleTexts) } },
  configure: (command) =>
    command
      .argument("<rule>", "a rule: `accrue recon rules` shows them")
      .addOption(choice("--switch <state>", "whether it is in force", switches))
      .addOption(count("--place <number>", "its place among the rules"))
      .option("--word <word>", "what the channel calls its fees; repeatable, in place of all words before", repeated)
      .addOption(date("--from <date>", "for lines of this date and later ones (default: today)"))
      .option("--dry-run", "check and roll back"),
  run: async (session, [rule], { switch: state, place, word, from }) => {
    const { isDry } = session;
    const set = await setRule(await session.open(), {
      rule,
      from,
      place,
      isOn: state === undefined ? undefined : state === "on",
      words: word,
    });
    const document = {
      rule,
      from: set.effectiveFrom,
      place: set.place,
      on: set.isOn,
      words: set.words,
      dry_run: isDry,
    };
    await session.ui.show(document, (page) =>
      page.line(
        `${isDry ? "dry run: " : ""}${rule} is ${set.isOn ? `rule ${set.place}` : "off"} from ${set.effectiveFrom} on${set.words.length === 0 ? "" : `: ${set.words.join(", ")}`}`,
      ),
    );
  },
});

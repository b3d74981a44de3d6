import { readFileSync } from "node:fs";
import { numberWords, readAccountNumber } from "../../../accounts/account-number.ts";
import { addAccount, type NewAccount } from "../../../accounts/add.ts";
import { channels, type Channel } from "../../../accounts/model.ts";
import { nameProblem } from "../../../members/model.ts";
import { usageError } from "../../../shared/errors.ts";
import type { Ui } from "../../../ui/ui.ts";
import { accountDocument, accountText } from "../../account-view.ts";
import { defineCommand } from "../../command.ts";
import { choiceOption } from "../../list-options.ts";
import { secretBoxOf } from "../../secret-box.ts";

interface Options {
  readonly channel?: string;
  readonly accountFile?: string;
  readonly holder?: string;
  readonly bank?: string;
  readonly branch?: string;
  readonly default?: boolean;
  readonly yes?: boolean;
  readonly dryRun?: boolean;
}

export const command = defineCommand<Options>({
  examples: [
    ["accrue account add M00000001 --channel alipay", "asks for the login and the holder's name"],
    ["accrue account add M00000001 --channel bank --bank 招商银行 --holder 张三 --account-file card.txt", "the card number from a file; - is standard input"],
    ["accrue account add M00000001 --channel wechat --default", "withdrawals are paid there from now on"],
  ],
  configure: (command) => {
    command
      .argument("<member-no>", "the member's number")
      .option("--channel <channel>", `how it is paid: ${channels.join(", ")}`)
      .option("--account-file <path>", "read the number from this file; it never stands on a command line")
      .option("--holder <name>", "the account holder's name: the member's own")
      .option("--bank <name>", "a card's bank")
      .option("--branch <code>", "the 12 digits of the card's branch (联行号)")
      .option("--default", "make it the default, even where another one is")
      .option("--yes", "do not ask before writing")
      .option("--dry-run", "check and roll back");
  },
  run: async (session, [memberNo], options) => {
    const { ui } = session;
    const isDry = options.dryRun === true;
    const box = secretBoxOf(session);
    const account = await complete(ui, memberNo!, options);
    if (ui.interactive && options.yes !== true && !isDry && !(await ui.confirm(`Add this ${account.channel} account to member ${memberNo}?`))) {
      ui.note("nothing was written");
      return;
    }
    const added = await addAccount(await session.open(), box, account, isDry ? "rollback" : "commit");
    // A dry run's number is not the account's: nothing keeps it.
    const document = { ...accountDocument(memberNo!, added), ...(isDry ? { account_id: null } : {}), dry_run: isDry };
    await ui.show(document, (page) => {
      page.line(`${isDry ? `dry run: would add ${added.channel} ${added.numberMasked}` : `added ${accountText(added)}`} to member ${memberNo}${added.isDefault ? ", as the default" : ""}`);
    });
  },
});

/** The flags, and on a terminal the answers to what they leave open. */
async function complete(ui: Ui, memberNo: string, options: Options): Promise<NewAccount> {
  const channel = choiceOption("--channel", options.channel ?? (await askChannel(ui)), channels)!;
  const number = options.accountFile === undefined ? await askNumber(ui, channel) : await numberFrom(ui, options.accountFile);
  const holder = options.holder ?? (await ui.ask({ message: "Account holder's name", check: nameProblem }, "--holder"));
  const bankName = options.bank ?? (channel === "bank" && ui.interactive ? await ui.ask({ message: "Bank" }, "--bank") : undefined);
  return {
    memberNo, channel, number, holder, isDefault: options.default === true,
    ...(bankName === undefined ? {} : { bankName }),
    ...(options.branch === undefined ? {} : { branchCode: options.branch }),
  };
}

const askChannel = (ui: Ui): Promise<string> => {
  const words: readonly string[] = channels;
  return ui.ask({ message: `Channel (${channels.join(", ")})`, check: (answer) => (words.includes(answer) ? undefined : "write one of these words") }, "--channel");
};

async function askNumber(ui: Ui, channel: Channel): Promise<string> {
  const check = (answer: string) => {
    const number = readAccountNumber(channel, answer);
    return typeof number === "string" ? number : undefined;
  };
  const words = numberWords[channel];
  return ui.ask({ message: `${words.charAt(0).toUpperCase()}${words.slice(1)}`, check }, "--account-file");
}

async function numberFrom(ui: Ui, path: string): Promise<string> {
  if (path === "-") return ui.readStdin();
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw usageError("account_file_unreadable", `cannot read --account-file ${path}: ${(error as Error).message}`, { hint: "name a file that holds the number and nothing else" });
  }
}

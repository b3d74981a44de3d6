import { readFileSync } from "node:fs";
import { numberWords, readAccountNumber } from "../../../domain/accounts/account-number.ts";
import { addAccount, type NewAccount } from "../../../domain/accounts/add.ts";
import type { Holder } from "../../../domain/accounts/add-sql.ts";
import { accountHolder } from "../../../domain/accounts/holder.ts";
import { channels, isSameName, type Channel } from "../../../domain/accounts/model.ts";
import type { Context } from "../../../db/context.ts";
import { nameProblem } from "../../../domain/members/model.ts";
import { AccrueError, usageError } from "../../../shared/errors.ts";
import type { Page } from "../../../ui/page.ts";
import type { Ui } from "../../../ui/ui.ts";
import { accountDocument, accountText } from "./view.ts";
import { choice } from "../../flags.ts";
import type { Command } from "@commander-js/extra-typings";
import { defineCommand, type OptionsOf } from "../../command.ts";
import { secretBoxOf } from "../../secret-box.ts";

const configure = (command: Command) =>
  command
    .argument("[member-no]", "the member's number; asked for on a terminal")
    .addOption(choice("--channel <channel>", "how it is paid", channels))
    .option("--account-file <path>", "read the number from this file; it never stands on a command line")
    .option("--holder <name>", "the account holder's name: the member's own")
    .option("--bank <name>", "a card's bank")
    .option("--branch <code>", "the 12 digits of the card's branch (联行号)")
    .option("--default", "make it the default, even where another one is")
    .option("--yes", "ask nothing")
    .option("--dry-run", "check and roll back");

type Options = OptionsOf<typeof configure>;

export const command = defineCommand({
  examples: [
    ["accrue account add", "asks for everything on a terminal, the member first"],
    ["accrue account add M00000001 --channel alipay", "asks for the login and the holder's name"],
    [
      "accrue account add M00000001 --channel bank --bank 招商银行 --holder 张三 --account-file card.txt",
      "the card number from a file; - is standard input",
    ],
    ["accrue account add M00000001 --channel wechat --default", "withdrawals are paid there from now on"],
  ],
  configure,
  run: async (session, [memberNo], options) => {
    const { ui } = session;
    const { isDry } = session;
    const box = secretBoxOf(session);
    const context = await session.open();
    const holder = await accountHolder(context, memberNo ?? (await askMember(ui, context, options)));
    const account = await complete(ui, holder, options.channel ?? (await askChannel(ui, options)), options);
    if (ui.interactive && options.yes !== true && !isDry) {
      await ui.tell((page) => aboutPage(page, holder, account));
      if (!(await ui.confirm(`Add this ${account.channel} account to member ${account.memberNo}?`))) {
        ui.note("nothing was written");
        return;
      }
    }
    const added = await addAccount(context, box, account);
    // A dry run's number is not the account's: nothing keeps it.
    const document = {
      ...accountDocument(account.memberNo, added),
      ...(isDry ? { account_id: null } : {}),
      dry_run: isDry,
    };
    await ui.show(document, (page) => {
      const what = isDry ? `dry run: would add ${added.channel} ${added.numberMasked}` : `added ${accountText(added)}`;
      page.line(`${what} to member ${account.memberNo}${added.isDefault ? ", as the default" : ""}`);
    });
  },
});

const mayAsk = ({ yes }: Options): boolean => yes !== true;

/** The number of a member who can have an account: checked before anything else is asked. */
function askMember(ui: Ui, context: Context, options: Options): Promise<string> {
  const check = async (memberNo: string) => {
    try {
      await accountHolder(context, memberNo);
      return undefined;
    } catch (error) {
      if (error instanceof AccrueError && error.kind === "refused") return error.message;
      throw error;
    }
  };
  return ui.ask({ message: "Member number", check }, "the member's number", mayAsk(options));
}

function askChannel(ui: Ui, options: Options): Promise<Channel> {
  const choices = channels.map((value) => ({ name: `${value}: ${numberWords[value]}`, value }));
  return ui.pick("Channel", choices, "--channel", mayAsk(options));
}

/** The flags, and on a terminal the answers to what they leave open, unless nothing is to be asked. */
async function complete(ui: Ui, { memberNo, name }: Holder, channel: Channel, options: Options): Promise<NewAccount> {
  const { accountFile } = options;
  const number = accountFile === undefined ? await askNumber(ui, channel, options) : await numberFrom(ui, accountFile);
  const otherName = (answer: string) =>
    isSameName(name, answer) ? undefined : "this is not the member's verified name";
  const question = {
    message: "Account holder's name",
    check: (answer: string) => nameProblem(answer) ?? otherName(answer),
  };
  const holder = options.holder ?? (await ui.ask(question, "--holder", mayAsk(options)));
  const asksBank = channel === "bank" && ui.interactive && mayAsk(options);
  const bankName = options.bank ?? (asksBank ? await ui.ask({ message: "Bank" }, "--bank") : undefined);
  return {
    memberNo,
    channel,
    number,
    holder,
    isDefault: options.default === true,
    ...(bankName === undefined ? {} : { bankName }),
    ...(options.branch === undefined ? {} : { branchCode: options.branch }),
  };
}

/** What is about to be written, its number masked. */
function aboutPage(page: Page, { maskedName }: Holder, account: NewAccount): void {
  const { memberNo, channel, number, holder, bankName, branchCode, isDefault } = account;
  const read = readAccountNumber(channel, number);
  page.line("About to add:").facts([
    ["member", `${memberNo} ${maskedName}`],
    ["channel", channel],
    ["number", typeof read === "string" ? read : read.masked],
    ["holder", holder],
    ["bank", bankName],
    ["branch", branchCode],
    ["default", isDefault ? "yes, in place of any other" : "if it is the member's first"],
  ]);
}

function askNumber(ui: Ui, channel: Channel, options: Options): Promise<string> {
  const check = (answer: string) => {
    const number = readAccountNumber(channel, answer);
    return typeof number === "string" ? number : undefined;
  };
  const words = numberWords[channel];
  const message = `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
  return ui.ask({ message, check }, "--account-file", mayAsk(options));
}

async function numberFrom(ui: Ui, path: string): Promise<string> {
  if (path === "-") return ui.readStdin();
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw usageError("account_file_unreadable", `cannot read --account-file ${path}: ${(error as Error).message}`, {
      hint: "name a file that holds the number and nothing else",
    });
  }
}

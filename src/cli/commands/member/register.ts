import type { Command } from "@commander-js/extra-typings";
import {
  emailProblem,
  memberNoProblem,
  nameProblem,
  normalPhone,
  passwordProblem,
  phoneProblem,
} from "../../../domain/members/model.ts";
import { registerMember, tidied, type RegisteredMember, type Registration } from "../../../domain/members/register.ts";
import type { Page } from "../../../ui/page.ts";
import type { Ui } from "../../../ui/ui.ts";
import { defineCommand, type OptionsOf } from "../../command.ts";
import { confirmPassword, passwordFromStdin } from "./password-input.ts";

const configure = (command: Command) =>
  command
    .option("--name <name>", "the member's name")
    .option("--member-no <no>", "the member's number (default: the next free one, M and 8 digits)")
    .option("--phone <phone>", "phone number; no two members have the same")
    .option("--email <email>", "e-mail address; no two members have the same")
    .option("--password-stdin", "read a password from standard input; it never stands on a command line")
    .option("--yes", "ask nothing: what is not given stays empty")
    .option("--dry-run", "check and roll back");

type Options = OptionsOf<typeof configure>;

export const command = defineCommand({
  examples: [
    ["accrue member register", "asks for everything on a terminal"],
    ["accrue member register --name 张三 --phone 13800138000", "asks for nothing off a terminal"],
    [
      "accrue member register --name 张三 --member-no VIP-1 --password-stdin < password.txt",
      "with a number and a password of its own",
    ],
  ],
  configure,
  run: async (session, _args, options) => {
    const { ui, isDry } = session;
    const registration = await complete(ui, options);
    if (ui.interactive && options.yes !== true && !isDry) {
      await ui.tell((page) => aboutPage(page, tidied(registration)));
      if (!(await ui.confirm("Register this member?"))) {
        ui.note("nothing was written");
        return;
      }
    }
    const context = await session.open();
    const member = await registerMember(context, registration);
    await ui.show(documentOf(member, isDry), (page) => memberPage(page, member, isDry));
  },
});

/**
 * The flags, and on a terminal the answers to what they leave open, unless nothing is to be asked. Only the name is
 * needed.
 */
async function complete(ui: Ui, options: Options): Promise<Registration> {
  const mayAsk = options.yes !== true;
  const optional = async (message: string, flag: string, problem: (text: string) => string | undefined) =>
    mayAsk ? askOptional(ui, message, flag, problem) : undefined;
  const name = options.name ?? (await ui.ask({ message: "Name", check: nameProblem }, "--name", mayAsk));
  const memberNo =
    options.memberNo ?? (await optional("Member number (empty: the next free one)", "--member-no", memberNoProblem));
  const phone =
    options.phone ?? (await optional("Phone (may stay empty)", "--phone", (text) => phoneProblem(normalPhone(text))));
  const email = options.email ?? (await optional("E-mail (may stay empty)", "--email", emailProblem));
  const password =
    options.passwordStdin === true ? await passwordFromStdin(ui) : mayAsk ? await askPassword(ui) : undefined;
  return {
    name,
    ...(memberNo === undefined ? {} : { memberNo }),
    ...(phone === undefined ? {} : { phone }),
    ...(email === undefined ? {} : { email }),
    ...(password === undefined ? {} : { password }),
  };
}

async function askOptional(
  ui: Ui,
  message: string,
  flag: string,
  problem: (text: string) => string | undefined,
): Promise<string | undefined> {
  if (!ui.interactive) return undefined;
  const answer = await ui.ask({ message, check: (text) => (text === "" ? undefined : problem(text)) }, flag);
  return answer.trim() === "" ? undefined : answer;
}

async function askPassword(ui: Ui): Promise<string | undefined> {
  if (!ui.interactive) return undefined;
  const check = (text: string) => (text === "" ? undefined : passwordProblem(text));
  const password = await ui.ask({ message: "Password (may stay empty)", masked: true, check }, "--password-stdin");
  if (password === "") return undefined;
  await confirmPassword(ui, password);
  return password;
}

const aboutPage = (page: Page, { memberNo, name, phone, email, password }: Registration): Page =>
  page.line("About to register:").facts([
    ["member number", memberNo ?? "the next free one"],
    ["name", name],
    ["phone", phone ?? "none"],
    ["e-mail", email ?? "none"],
    ["password", password === undefined ? "none" : "set"],
  ]);

const documentOf = ({ memberNo, name, phone, email, hasPassword }: RegisteredMember, isDry: boolean) => ({
  member_no: memberNo,
  name,
  phone,
  email,
  status: "active",
  identity_verified: false,
  available: 0,
  held: 0,
  has_password: hasPassword,
  dry_run: isDry,
});

function memberPage(page: Page, member: RegisteredMember, isDry: boolean): void {
  page
    .line(isDry ? `dry run: would register member ${member.memberNo}` : `registered member ${member.memberNo}`)
    .facts([
      ["name", member.name],
      ["phone", member.phone ?? undefined],
      ["email", member.email ?? undefined],
      ["password", member.hasPassword ? "set" : "none"],
    ]);
}

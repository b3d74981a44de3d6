import { maskName } from "../../../domain/members/model.ts";
import { changeMemberStatus, type ChangedMember, type StatusChange } from "../../../domain/members/status.ts";
import type { Page } from "../../../ui/page.ts";
import type { Ui } from "../../../ui/ui.ts";
import { defineCommand, type CommandDefinition } from "../../command.ts";
import { addConfirmOption, isTyped, nameToType } from "../../confirm.ts";
import { memberFacts } from "./view.ts";
import { outcomeText } from "../../story-view.ts";

interface Options {
  readonly reason?: string;
  readonly dryRun?: boolean;
  readonly confirm?: readonly string[];
}

/** The command of one status change: freeze, unfreeze or close. Closing is final, so it has the member's number typed. */
export function statusCommand(change: StatusChange, examples: CommandDefinition<Options>["examples"]): CommandDefinition<Options> {
  return defineCommand<Options>({
    examples,
    configure: (command) => {
      command
        .argument("<member-no>", "the member's number")
        .option("--reason <text>", "why; recorded with the change")
        .option("--dry-run", "check and roll back");
      if (change === "close") addConfirmOption(command, "the member's number once more");
    },
    run: async (session, [memberNo = ""], { reason, dryRun = false, confirm }) => {
      const context = await session.open();
      const tryIt = () => changeMemberStatus(context, memberNo, change, reason, "rollback");
      if (change === "close" && !dryRun && !(await isClosingConfirmed(session.ui, await tryIt(), confirm))) return;
      const changed = dryRun ? await tryIt() : await changeMemberStatus(context, memberNo, change, reason, "commit");
      await session.ui.show(changedDocument(changed, dryRun), (page) => changedPage(page, changed, dryRun));
    },
  });
}

/** Whether the operator knows whom they close. Nobody is asked about a member who is closed already. */
async function isClosingConfirmed(ui: Ui, look: ChangedMember, confirm: readonly string[] | undefined): Promise<boolean> {
  const { member, was, balance, isChanged } = look;
  if (!isChanged) return true;
  const { memberNo, name } = member;
  const about = (page: Page) => page.facts([
    ["member", `${memberNo} ${maskName(name)}, ${was}`],
    ["available", `${balance.availablePoints} points, which stay on the account`],
  ]);
  return isTyped(ui, { text: `Close member ${memberNo} for good?`, about }, [nameToType("the member's number", memberNo)], confirm);
}

function changedDocument({ member, was, balance, isChanged }: ChangedMember, isDry: boolean) {
  const { member_no, status, identity_verified } = memberFacts(member);
  const { availablePoints: available, heldPoints: held } = balance;
  return { member_no, status, was, identity_verified, available, held, changed: isChanged, dry_run: isDry };
}

function changedPage(page: Page, { member: { memberNo, status }, was, balance, isChanged }: ChangedMember, isDry: boolean): void {
  page.line(outcomeText(`member ${memberNo} is ${status}`, isChanged, isDry, ` (was ${was})`));
  if (status === "closed" && balance.availablePoints !== 0n) page.line(`${balance.availablePoints} available points stay on the account`);
}

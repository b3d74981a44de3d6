import { changeMemberStatus, type ChangedMember, type StatusChange } from "../../../domain/members/status.ts";
import type { Page } from "../../../ui/page.ts";
import type { Ui } from "../../../ui/ui.ts";
import { dry } from "../../../db/context.ts";
import { declareIf, defineCommand, type Examples } from "../../command.ts";
import { addConfirmOption, isTyped, nameToType } from "../../confirm.ts";
import { outcomeText } from "../../story-view.ts";

/**
 * The command of one status change: freeze, unfreeze or close. Closing is final, so it has the member's number typed.
 */
export const statusCommand = (change: StatusChange, examples: Examples) =>
  defineCommand({
    examples,
    configure: (command) => {
      const declared = command
        .argument("<member-no>", "the member's number")
        .option("--reason <text>", "why; recorded with the change")
        .option("--dry-run", "check and roll back");
      return declareIf(change === "close", declared, () => addConfirmOption(declared, "the member's number once more"));
    },
    run: async (session, [memberNo], { reason, confirm }) => {
      const { isDry } = session;
      const context = await session.open();
      const look = async () => changeMemberStatus(dry(context), memberNo, change, reason);
      if (change === "close" && !isDry && !(await isClosingConfirmed(session.ui, await look(), confirm))) return;
      const changed = await changeMemberStatus(context, memberNo, change, reason);
      await session.ui.show(changedDocument(changed, isDry), (page) => changedPage(page, changed, isDry));
    },
  });

/** Whether the operator knows whom they close. Nobody is asked about a member who is closed already. */
async function isClosingConfirmed(
  ui: Ui,
  look: ChangedMember,
  confirm: readonly string[] | undefined,
): Promise<boolean> {
  const { member, was, balance, isChanged } = look;
  if (!isChanged) return true;
  const { memberNo, name } = member;
  const about = (page: Page) =>
    page.facts([
      ["member", `${memberNo} ${name}, ${was}`],
      ["available", `${balance.availablePoints} points, which stay on the account`],
    ]);
  return isTyped(
    ui,
    { text: `Close member ${memberNo} for good?`, about },
    [nameToType("the member's number", memberNo)],
    confirm,
  );
}

function changedDocument({ member, was, balance, isChanged }: ChangedMember, isDry: boolean) {
  const { memberNo: member_no, status, identityVerifiedAt } = member;
  const { availablePoints: available, heldPoints: held } = balance;
  return {
    member_no,
    status,
    was,
    identity_verified: identityVerifiedAt !== null,
    available,
    held,
    changed: isChanged,
    dry_run: isDry,
  };
}

function changedPage(
  page: Page,
  { member: { memberNo, status }, was, balance, isChanged }: ChangedMember,
  isDry: boolean,
): void {
  page.line(outcomeText(`member ${memberNo} is ${status}`, isChanged, isDry, ` (was ${was})`));
  if (status === "closed" && balance.availablePoints !== 0n)
    page.line(`${balance.availablePoints} available points stay on the account`);
}

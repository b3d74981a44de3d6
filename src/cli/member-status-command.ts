import { changeMemberStatus, type StatusChange } from "../members/status.ts";
import { defineCommand, type CommandDefinition } from "./command.ts";
import { memberFacts } from "./member-view.ts";

interface Options {
  readonly reason?: string;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
}

/** The command of one status change: freeze, unfreeze or close. Closing is final, so it asks first. */
export function statusCommand(change: StatusChange, examples: CommandDefinition<Options>["examples"]): CommandDefinition<Options> {
  return defineCommand<Options>({
    examples,
    configure: (command) => {
      command
        .argument("<member-no>", "the member's number")
        .option("--reason <text>", "why; recorded with the change")
        .option("--dry-run", "check and roll back");
      if (change === "close") command.option("--yes", "do not ask");
    },
    run: async (session, [memberNo], { reason, dryRun, yes }) => {
      const isDry = dryRun === true;
      if (change === "close" && !isDry && yes !== true && !(await session.ui.confirm(`Close member ${memberNo} for good?`))) {
        session.ui.note("nothing was changed");
        return;
      }
      const context = await session.open();
      const { member, was, balance } = await changeMemberStatus(context, memberNo!, change, reason, isDry ? "rollback" : "commit");
      const { member_no, status, identity_verified } = memberFacts(member);
      const document = {
        member_no, status, was, identity_verified, available: balance.availablePoints, held: balance.heldPoints, dry_run: isDry,
      };
      await session.ui.show(document, (page) => {
        page.line(`${isDry ? "dry run: " : ""}member ${memberNo} is ${status} (was ${was})`);
        if (status === "closed" && balance.availablePoints !== 0n) page.line(`${balance.availablePoints} available points stay on the account`);
      });
    },
  });
}

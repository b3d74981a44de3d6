import type { Context } from "../db/context.ts";
import { applyDecisionPlan, planDecision, type DecisionPlan } from "../withdrawals/decide.ts";
import { decisions, readReason, type DecisionName } from "../withdrawals/model.ts";
import { defineCommand, type CommandDefinition } from "./command.ts";
import type { Session } from "./session.ts";
import { totalsText, withdrawalDocument, withdrawalsTable } from "./withdrawal-view.ts";

interface Options {
  readonly reason?: string;
  readonly yes?: boolean;
  readonly dryRun?: boolean;
}

const listedInPlan = 10;

/** The command of one decision about named withdrawals. It shows the plan and asks before it decides. */
export function decisionCommand(name: DecisionName, examples: CommandDefinition<Options>["examples"]): CommandDefinition<Options> {
  return defineCommand<Options>({
    examples,
    configure: (command) => {
      command.argument("<withdrawal-no...>", "the withdrawals' numbers; all of them are decided, or none");
      if (name === "reject") command.requiredOption("--reason <text>", "why; the member may be told");
      else command.option("--reason <text>", "why; recorded with the decision");
      command.option("--yes", "do not ask").option("--dry-run", "check and roll back");
    },
    run: async (session, withdrawalNos, { reason, yes, dryRun }) => {
      const request = { name, withdrawalNos, dryRun: dryRun === true, ...(reason === undefined ? {} : { reason: readReason(reason) }) };
      const context = await session.open();
      const plan = await planDecision(context, request);
      if (dryRun !== true && yes !== true && !(await isConfirmed(session, plan))) {
        session.ui.note("nothing was changed");
        return;
      }
      await decideAndShow(session, context, plan);
    },
  });
}

async function isConfirmed({ ui }: Session, { request, withdrawals }: DecisionPlan): Promise<boolean> {
  const verb = `${request.name.charAt(0).toUpperCase()}${request.name.slice(1)}`;
  if (ui.interactive) {
    const shown = withdrawals.slice(0, listedInPlan).map((one) => `  ${one.withdrawalNo}  ${one.memberNo}  ${totalsText([one])}  by ${one.requestedBy}`);
    ui.note([...shown, ...(withdrawals.length > listedInPlan ? [`  … and ${withdrawals.length - listedInPlan} more`] : [])].join("\n"));
  }
  return ui.confirm(`${verb} ${totalsText(withdrawals)}?`);
}

async function decideAndShow({ ui }: Session, context: Context, plan: DecisionPlan): Promise<void> {
  const decided = await applyDecisionPlan(context, plan);
  const isDry = plan.request.dryRun === true;
  const documents = decided.map((one) => Object.assign(withdrawalDocument(one), { dry_run: isDry }));
  await ui.show(documents.length === 1 ? documents[0] : documents, (page) => {
    page.line(`${isDry ? "dry run: " : ""}${decisions[plan.request.name].to}: ${totalsText(decided)}`);
    withdrawalsTable(page, decided);
  });
}

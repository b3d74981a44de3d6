import type { Command } from "@commander-js/extra-typings";
import type { Context } from "../../../db/context.ts";
import { usageError } from "../../../shared/errors.ts";
import { formatYuan, parseYuan } from "../../../shared/money.ts";
import { readReason } from "../../../shared/reason.ts";
import type { Page } from "../../../ui/page.ts";
import type { DecisionFilter } from "../../../domain/withdrawals/choice-sql.ts";
import {
  applyDecisionPlan,
  planDecision,
  type DecisionPlan,
  type DecisionRequest,
} from "../../../domain/withdrawals/decide.ts";
import { decisions, type DecisionName } from "../../../domain/withdrawals/model.ts";
import { readWithdrawalNos } from "../../../domain/withdrawals/numbers.ts";
import { defineCommand, type Examples } from "../../command.ts";
import { offeredWithdrawals } from "../../completion/offers.ts";
import { isConfirmed, isTyped } from "../../confirm.ts";
import { coverageLine } from "../../coverage-line.ts";
import { amount, choice, date, given, parsed } from "../../flags.ts";
import type { Session } from "../../session.ts";
import { listedDocument, totalsText, withdrawalsTable } from "./view.ts";

const listedInPlan = 10;
/** A plan of more withdrawals than this is confirmed by typing what it comes to. */
const manyWithdrawals = 100;
const muchFen = 10_000_000n;

const declare = (command: Command, name: DecisionName) =>
  command
    .argument("[withdrawal-no...]", "the withdrawals' numbers; all of them are decided, or none")
    .option("--file <path>", "a file of withdrawal numbers, one a line; - is standard input")
    .option("--member <member-no>", "instead of numbers: those of this member")
    .addOption(amount("--min-amount <yuan>", "instead of numbers: those of at least this gross amount"))
    .addOption(amount("--max-amount <yuan>", "instead of numbers: those of at most this gross amount"))
    .addOption(date("--before <date>", "instead of numbers: those requested before this business date"))
    .addOption(choice("--risk <risk>", "instead of numbers: those that nothing speaks against", ["none"]))
    .addOption(reasonOption(name))
    .option("--yes", "do not ask; a filter also takes --plan or --max-total")
    .option("--plan <digest>", "only if it still is the plan that was shown with this digest")
    .addOption(amount("--max-total <yuan>", "only if it comes to at most this gross amount"))
    .option("--dry-run", "check and roll back");

const reasonOption = (name: DecisionName) => {
  const isNeeded: boolean = name === "reject";
  return parsed(
    "--reason <text>",
    isNeeded ? "why; the member may be told" : "why; recorded with the decision",
    readReason,
  ).makeOptionMandatory(isNeeded);
};

type Options = ReturnType<ReturnType<typeof declare>["opts"]>;

/**
 * The command of one decision about named withdrawals, or those that a filter fits. It shows the plan and asks before
 * it decides.
 */
export const decisionCommand = (name: DecisionName, examples: Examples) =>
  defineCommand({
    examples,
    offers: { "withdrawal-no": offeredWithdrawals(decisions[name].from) },
    configure: (command) => declare(command, name),
    run: async (session, [withdrawalNos], options) => {
      const request = await requestOf(session, name, withdrawalNos, options);
      const context = await session.open();
      const plan = await planDecision(context, request, { digest: options.plan, maxTotalFen: options.maxTotal });
      if (plan.count === 0) return tellNothing(session, plan);
      if (!session.isDry && !(await isPlanConfirmed(session, context, plan, options))) return;
      await decideAndShow(session, context, plan);
    },
  });

async function requestOf(
  session: Session,
  name: DecisionName,
  named: readonly string[],
  options: Options,
): Promise<DecisionRequest> {
  const { member: memberNo, minAmount: minGrossFen, maxAmount: maxGrossFen, before, risk, file, reason } = options;
  const filter: DecisionFilter = { memberNo, minGrossFen, maxGrossFen, before, risk };
  const isFiltered = Object.values(filter).some((value) => value !== undefined);
  const isNamed = named.length > 0 || file !== undefined;
  if (isFiltered && isNamed) {
    throw usageError("conflicting_options", "withdrawals are named, and described by a filter as well", {
      hint: "give numbers, or a filter",
    });
  }
  // What expires is what the policy says: nobody has to choose it.
  if (!isFiltered && !isNamed && name !== "expire") {
    throw usageError("nothing_named", `say which withdrawals to ${name}`, {
      hint: "give their numbers, a --file of them, or a filter such as --max-amount 100",
    });
  }
  const fromFile = file === undefined ? [] : await readWithdrawalNos(file, () => session.ui.readStdin());
  return { name, ...given({ reason }), ...(isNamed ? { withdrawalNos: [...named, ...fromFile] } : { filter }) };
}

async function isPlanConfirmed(
  { ui }: Session,
  context: Context,
  plan: DecisionPlan,
  { yes, plan: digest, maxTotal }: Options,
): Promise<boolean> {
  const {
    request: { name, withdrawalNos },
    count,
    grossFen,
  } = plan;
  const isFiltered = withdrawalNos === undefined && name !== "expire";
  if (isFiltered && digest === undefined && maxTotal === undefined && (yes === true || !ui.interactive)) {
    throw usageError(
      "plan_needed",
      `${name} ${totalsText(plan)}? Where nobody is asked, a filter takes the plan that was looked at`,
      {
        hint: `give --yes with --plan ${plan.digest} for exactly these, or with --max-total`,
        details: { digest: plan.digest },
      },
    );
  }
  // Off a terminal nobody is asked, and what is approved lets money go.
  const coverage = name === "approve" && ui.interactive && yes !== true ? await coverageLine(context) : undefined;
  const question = {
    text: `${name.charAt(0).toUpperCase()}${name.slice(1)} ${totalsText(plan)}?`,
    about: (page: Page) => {
      planPage(page, plan);
      coverage?.(page);
    },
  };
  if (!ui.interactive || (count <= manyWithdrawals && grossFen < muchFen)) return isConfirmed(ui, question, yes);
  return (
    yes === true ||
    isTyped(ui, question, [
      {
        label: "the gross total",
        text: formatYuan(grossFen),
        fits: (answer) => parseYuan(answer.replaceAll(",", "")) === grossFen,
      },
    ])
  );
}

/** Lays out a plan for whoever is asked: its first withdrawals, and what is left out. */
function planPage(page: Page, { withdrawals, count, leftOut }: DecisionPlan): void {
  withdrawalsTable(
    page,
    withdrawals.slice(0, listedInPlan),
    count > listedInPlan ? `… and ${count - listedInPlan} more` : undefined,
  );
  leftOutLines(page, leftOut);
}

function leftOutLines(page: Page, leftOut: DecisionPlan["leftOut"]): void {
  for (const { code, count, risks } of leftOut) {
    const why = Object.entries(risks)
      .map(([risk, times]) => `${times} x ${risk}`)
      .join(", ");
    page.line(`  left out: ${count} x ${code}${why === "" ? "" : ` (${why})`}`);
  }
}

/** What a plan comes to, as JSON has it. */
const planDocument = (plan: DecisionPlan, isDry: boolean) => ({
  decision: plan.request.name,
  plan: plan.digest,
  count: plan.count,
  points: plan.points,
  gross: formatYuan(plan.grossFen),
  net: formatYuan(plan.netFen),
  left_out: Object.fromEntries(plan.leftOut.map(({ code, count }) => [code, count])),
  left_out_risks: Object.assign({}, ...plan.leftOut.map(({ risks }) => risks)) as Record<string, number>,
  dry_run: isDry,
});

async function tellNothing({ ui, isDry }: Session, plan: DecisionPlan): Promise<void> {
  await ui.show({ ...planDocument(plan, isDry), withdrawals: [] }, (page) => {
    page.line(`nothing to ${plan.request.name}`);
    leftOutLines(page, plan.leftOut);
  });
}

/**
 * Named withdrawals are one document or an array of them, as ever; a plan by filter, or of a whole file, gives its
 * totals and its first withdrawals.
 */
async function decideAndShow({ ui, isDry }: Session, context: Context, plan: DecisionPlan): Promise<void> {
  const decided = await applyDecisionPlan(context, plan);
  const documents = decided.map((one) =>
    Object.assign(listedDocument(one), { risks: one.risks ?? [], dry_run: isDry }),
  );
  const isWhole = plan.request.withdrawalNos !== undefined && plan.count === documents.length;
  const document = isWhole
    ? documents.length === 1
      ? documents[0]
      : documents
    : { ...planDocument(plan, isDry), withdrawals: documents };
  await ui.show(document, (page) => {
    page.line(`${isDry ? "dry run: " : ""}${decisions[plan.request.name].to}: ${totalsText(plan)}`);
    const waiting = decided.filter(({ status }) => status === "requested").length;
    if (waiting > 0) page.line(`  ${waiting} of them ${waiting === 1 ? "needs" : "need"} another approver`);
    if (plan.request.withdrawalNos === undefined) page.line(`  plan ${plan.digest}`);
    leftOutLines(page, plan.leftOut);
    withdrawalsTable(
      page,
      decided,
      plan.count > decided.length ? `and ${plan.count - decided.length} more` : undefined,
    );
  });
}

import type { SecretBox } from "../../../domain/accounts/secret-box.ts";
import { dry, type Context } from "../../../db/context.ts";
import { recordBatch, type ExportRequest, type RecordedBatch } from "../../../domain/payouts/export.ts";
import { onlineChannels } from "../../../domain/payouts/model.ts";
import type { PayoutProvider } from "../../../domain/payouts/provider.ts";
import { sendBatches, unsettledBatches, type SentBatch } from "../../../domain/payouts/send.ts";
import { inTurn } from "../../../domain/payouts/turn.ts";
import { usageError } from "../../../shared/errors.ts";
import type { Page } from "../../../ui/page.ts";
import type { Command } from "@commander-js/extra-typings";
import { defineCommand, type OptionsOf } from "../../command.ts";
import { coverageLine } from "../../coverage-line.ts";
import { exitCodes } from "../../exit-codes.ts";
import { amount, choice, count } from "../../flags.ts";
import { openStripe } from "./online-provider.ts";
import { batchDocument, leftPage, payoutsText, recordedDocument } from "./view.ts";
import { secretBoxOf } from "../../secret-box.ts";
import type { Session } from "../../session.ts";

const configure = (command: Command) =>
  command
    .addOption(choice("--channel <channel>", "whose calls pay", onlineChannels).default("stripe"))
    .option("--resume", "no new batch: settle what is unanswered")
    .option("--batch <batch-no>", "no new batch: settle what of this one is unanswered")
    .addOption(count("--limit <payouts>", "at most so many"))
    .addOption(amount("--max-total <yuan>", "at most so much, net"))
    .option("--yes", "do not ask before money moves")
    .option("--dry-run", "what it would send, and what it cannot; nothing is kept, and no payout is sent");

type Options = OptionsOf<typeof configure>;

export const command = defineCommand({
  examples: [
    ["accrue payout send --channel stripe", "pays all approved withdrawals to Stripe accounts, after a question"],
    ["accrue payout send --channel stripe --max-total 50000 --yes", "the oldest, up to 50,000 yuan, without one"],
    ["accrue payout send --resume", "asks what became of all that is unanswered, and sends what never arrived"],
    ["accrue payout send --batch P00000001", "the same for one batch"],
  ],
  configure,
  run: async (session, _args, options) => {
    const { isDry } = session;
    const request = requestOf(options);
    const box = secretBoxOf(session);
    const context = await session.open();
    const provider = await openStripe(session);
    if (options.resume === true || options.batch !== undefined)
      return resume(session, context, box, provider, options.batch);
    const plan =
      options.yes === true && !isDry
        ? undefined
        : await inTurn(context, provider.channel, () => recordBatch(dry(context), box, provider, request));
    if (plan !== undefined && (plan.details === 0 || isDry)) return show(session, plan, [], true);
    if (plan !== undefined && session.ui.interactive) await session.ui.tell(await coverageLine(context));
    if (
      plan !== undefined &&
      !(await session.ui.confirm(
        `Pay ${payoutsText(plan.details, plan.totalFen)}, through stripe (${provider.payer})?`,
      ))
    ) {
      session.ui.note("nothing was sent");
      return exitCodes.done;
    }
    // Never more than was agreed to, whatever was approved meanwhile.
    const agreed = plan === undefined ? request : { limit: plan.details, maxTotalFen: plan.totalFen };
    const { recorded, sent } = await inTurn(context, provider.channel, async () => {
      const recorded = await recordBatch(context, box, provider, agreed);
      return {
        recorded,
        sent: recorded.batchNo === undefined ? [] : await sendBatches(context, box, provider, [recorded.batchNo], true),
      };
    });
    return show(session, recorded, sent, false);
  },
});

function requestOf({ limit, maxTotal: maxTotalFen, ...options }: Options): ExportRequest {
  const isNew = options.resume !== true && options.batch === undefined;
  if (
    (options.resume === true && options.batch !== undefined) ||
    (!isNew && (limit ?? maxTotalFen ?? options.dryRun) !== undefined)
  ) {
    throw usageError("conflicting_options", "--resume and --batch exclude each other, and what chooses a new batch", {
      hint: "see `accrue payout send --help`",
    });
  }
  return { limit, maxTotalFen };
}

async function resume(
  session: Session,
  context: Context,
  box: SecretBox,
  provider: PayoutProvider,
  batchNo: string | undefined,
): Promise<number> {
  const sent = await sendBatches(
    context,
    box,
    provider,
    batchNo === undefined ? await unsettledBatches(context, provider) : [batchNo],
  );
  await session.ui.show(batchNo === undefined ? sent.map(sentDocument) : sentDocument(sent[0]!), (page) => {
    if (sent.length === 0) page.line("nothing is unanswered");
    for (const one of sent) sentPage(page, one);
  });
  return sent.some(({ conflictCount }) => conflictCount > 0) ? exitCodes.rowsRejected : exitCodes.done;
}

async function show(
  { ui }: Session,
  recorded: RecordedBatch,
  sent: readonly SentBatch[],
  isDry: boolean,
): Promise<number> {
  const document = { ...recordedDocument(recorded, isDry), ...(sent[0] === undefined ? {} : sentDocument(sent[0])) };
  await ui.show(document, (page) => {
    if (recorded.details === 0)
      page.line("nothing to send: no approved withdrawal to an account of stripe can be paid");
    else if (isDry) page.line(`dry run: ${payoutsText(recorded.details, recorded.totalFen)} through stripe`);
    for (const one of sent) sentPage(page, one);
    leftPage(page, recorded);
  });
  return recorded.refusedCount > 0 || sent.some(({ conflictCount }) => conflictCount > 0)
    ? exitCodes.rowsRejected
    : exitCodes.done;
}

const sentDocument = ({ batch, conflictCount, conflicts }: SentBatch) => ({
  ...batchDocument(batch),
  conflicts: conflictCount,
  contradictions: conflicts.map(({ detailNo, reason }) => ({ detail_no: detailNo, reason })),
});

function sentPage(page: Page, { batch, conflictCount, conflicts }: SentBatch): void {
  page
    .line(
      `batch ${batch.batchNo} through ${batch.channel} (${batch.payer}): ${payoutsText(batch.details, batch.totalFen)}`,
    )
    .facts([
      ["paid", payoutsText(batch.paid, batch.paidFen)],
      ["failed", payoutsText(batch.failed, batch.failedFen)],
      ["unanswered", payoutsText(batch.open, batch.openFen)],
    ]);
  if (batch.open > 0)
    page.line("what is unanswered may have been paid: `accrue payout send --resume` asks again, and pays nobody twice");
  for (const { detailNo, reason } of conflicts) page.line(`  ${detailNo}: ${reason}`);
  if (conflictCount > conflicts.length) page.line(`  … and ${conflictCount - conflicts.length} more`);
}

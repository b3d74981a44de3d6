import { resolve } from "node:path";
import { recordBatch, type RecordedBatch } from "../../../domain/payouts/export.ts";
import { fileProvider } from "../../../domain/payouts/file-provider.ts";
import { handOver, requireBatch, type HandedOver } from "../../../domain/payouts/hand-over.ts";
import { fileChannels, type FileChannel } from "../../../domain/payouts/model.ts";
import { batchOtherwisePaid } from "../../../domain/payouts/payout-errors.ts";
import { templates } from "../../../domain/payouts/templates.ts";
import { inTurn } from "../../../domain/payouts/turn.ts";
import { usageError } from "../../../shared/errors.ts";
import { formatYuan } from "../../../shared/money.ts";
import type { Page } from "../../../ui/page.ts";
import type { Command } from "@commander-js/extra-typings";
import { defineCommand, type OptionsOf } from "../../command.ts";
import { coverageLine } from "../../coverage-line.ts";
import { exitCodes } from "../../exit-codes.ts";
import { amount, choice, count } from "../../flags.ts";
import { batchDocument, leftPage, payoutsText, recordedDocument } from "./view.ts";
import { secretBoxOf } from "../../secret-box.ts";

const configure = (command: Command) =>
  command
    .addOption(choice("--channel <channel>", "whose accounts are paid; csv: a plain file for any", fileChannels))
    .option("--batch <batch-no>", "write the files of this batch again, instead of a new batch")
    .option("--output <directory>", "where files go", ".")
    .addOption(count("--limit <payouts>", "at most so many"))
    .addOption(amount("--max-total <yuan>", "at most so much, net"))
    .addOption(count("--rows-per-file <rows>", "split over files of so many rows (default: what the channel takes)"))
    .option("--appid <id>", "the appid that pays, for WeChat (default: ACCRUE_WECHAT_APPID)")
    .option("--dry-run", "the same path and figures, with nothing kept and no file");

type Options = OptionsOf<typeof configure>;

export const command = defineCommand({
  examples: [
    [
      "accrue payout export --channel alipay --output out/",
      "all approved withdrawals to Alipay accounts, as one batch",
    ],
    [
      "accrue payout export --channel wechat --appid wx0123456789abcdef --max-total 50000",
      "the oldest, up to 50,000 yuan",
    ],
    ["accrue payout export --channel bank --dry-run", "what it would send, and what it cannot"],
    ["accrue payout export --batch P00000001", "the files of a batch once more, byte for byte"],
  ],
  configure,
  run: async (session, _args, options) => {
    const { isDry } = session;
    const { channel } = options;
    if ((channel === undefined) === (options.batch === undefined)) {
      throw usageError(
        "payout_channel_or_batch",
        "give --channel for a new batch, or --batch for the files of a recorded one",
        { hint: "see `accrue payout export --help`" },
      );
    }
    const request = requestOf(options, channel, session.env["ACCRUE_WECHAT_APPID"]);
    const box = secretBoxOf(session);
    const context = await session.open();
    const directory = resolve(options.output);
    if (channel === undefined) {
      const { channel: recorded, payer } = await requireBatch(context, options.batch!);
      const fileChannel = fileChannels.find((one) => one === recorded);
      if (fileChannel === undefined) throw batchOtherwisePaid(options.batch!, recorded, payer, null);
      const handed = await handOver(context, box, fileProvider(fileChannel, directory), options.batch!);
      await session.ui.show(handedDocument(handed, directory), (page) => handedPage(page, handed, directory));
      return exitCodes.done;
    }
    const provider = fileProvider(channel, directory, options.rowsPerFile);
    if (session.ui.interactive) await session.ui.tell(await coverageLine(context));
    const { recorded, handed } = await inTurn(context, channel, async () => {
      const recorded = await recordBatch(context, box, provider, request);
      return {
        recorded,
        handed: recorded.batchNo === undefined ? undefined : await handOver(context, box, provider, recorded.batchNo),
      };
    });
    const document = {
      ...recordedDocument(recorded, isDry),
      ...(handed === undefined ? {} : handedDocument(handed, directory)),
    };
    await session.ui.show(document, (page) => {
      recordedPage(page, recorded, channel, isDry);
      if (handed !== undefined) handedPage(page, handed, directory);
      leftPage(page, recorded);
    });
    return recorded.refusedCount > 0 ? exitCodes.rowsRejected : exitCodes.done;
  },
});

function requestOf(
  { limit, maxTotal: maxTotalFen, appid: ownAppid, rowsPerFile: rows }: Options,
  channel: FileChannel | undefined,
  usualAppid: string | undefined,
) {
  const appid = ownAppid ?? usualAppid ?? "";
  if (channel === "wechat" && !/^wx[0-9a-zA-Z]{16}$/.test(appid)) {
    throw usageError("invalid_appid", `"${appid}" is no WeChat appid`, {
      hint: "give --appid, or set ACCRUE_WECHAT_APPID: wx and 16 letters and digits",
    });
  }
  if (channel !== undefined && rows !== undefined && rows > templates[channel].maxRows) {
    throw usageError(
      "too_many_rows_per_file",
      `--rows-per-file ${rows}: a file for ${channel} takes at most ${templates[channel].maxRows}`,
    );
  }
  return { limit, maxTotalFen, ...(channel === "wechat" ? { appid } : {}) };
}

const handedDocument = ({ batch, parts }: HandedOver, directory: string) => ({
  ...batchDocument(batch),
  files: parts.map(({ name, rows, totalFen, sha256 }) => ({
    path: resolve(directory, name ?? ""),
    rows,
    total: formatYuan(totalFen),
    sha256,
  })),
});

function recordedPage(
  page: Page,
  { details, totalFen, files }: RecordedBatch,
  channel: FileChannel,
  isDry: boolean,
): void {
  if (details === 0)
    page.line(
      `nothing to send: no approved withdrawal to ${channel === "csv" ? "an account that files pay to" : `an account of ${channel}`} can be paid`,
    );
  else if (isDry)
    page.line(
      `dry run: ${payoutsText(details, totalFen)} to ${channel}, in ${files === 1 ? "1 file" : `${files} files`}`,
    );
}

function handedPage(page: Page, { batch, parts }: HandedOver, directory: string): void {
  page.line(`batch ${batch.batchNo} to ${batch.channel}: ${payoutsText(batch.details, batch.totalFen)}`);
  page.facts([
    ["digest", batch.digest],
    ...parts.map(
      ({ name, rows, totalFen }) =>
        ["file", `${resolve(directory, name ?? "")}: ${payoutsText(rows, totalFen)}`] as const,
    ),
  ]);
}

import { createHash } from "node:crypto";
import { join } from "node:path";
import { encodeGbk } from "./gbk.ts";
import type { FileChannel } from "./model.ts";
import type { BatchPart, PartFile, PayoutProvider, ProviderAnswers } from "./provider.ts";
import { publishFile, requireRoomFor } from "./publish-file.ts";
import { templates, type Template } from "./templates.ts";
import { valueProblem } from "./values.ts";

const bytesOf = ({ isGbk, lineEnd, lines }: Template, part: BatchPart): Buffer => {
  const text = lines(part)
    .map((line) => line + lineEnd)
    .join("");
  return isGbk ? encodeGbk(text) : Buffer.from(text, "utf8");
};

const saidNothing: ProviderAnswers = { answers: [], conflicts: [] };

const nameOf = (channel: FileChannel, { batchNo, fileNo, businessDate }: BatchPart): string =>
  `payout-${channel}-${businessDate}-${batchNo}-${fileNo.toString().padStart(3, "0")}.csv`;

/**
 * Pays by files that a person uploads to the channel. Answers come as files, too, so asking it gives none.
 *
 * @param directory of the files
 * @param partRows rows of a file; the template's number when not given
 */
export function fileProvider(channel: FileChannel, directory: string, partRows?: number): PayoutProvider {
  const template = templates[channel];
  const fileOf = (part: BatchPart): PartFile & { readonly bytes: Buffer } => {
    const bytes = bytesOf(template, part);
    return {
      name: nameOf(channel, part),
      sha256: createHash("sha256").update(bytes).digest("hex"),
      byteSize: bytes.length,
      bytes,
    };
  };
  return {
    channel,
    payer: null,
    template: template.name,
    partRows: Math.min(partRows ?? template.usualRows, template.maxRows),
    requireReady: (files) => requireRoomFor(directory, files),
    problemWith: (payout) => {
      for (const [what, text] of template.typedTexts(payout)) {
        const problem = valueProblem(what, text, template.isGbk);
        if (problem !== undefined) return problem;
      }
      return undefined;
    },
    fileOf: (part) => {
      const { name, sha256, byteSize } = fileOf(part);
      return { name, sha256, byteSize };
    },
    submit: async (part) => {
      const { name, bytes } = fileOf(part);
      await publishFile(join(directory, name), bytes);
      return saidNothing;
    },
    ask: async () => saidNothing,
  };
}

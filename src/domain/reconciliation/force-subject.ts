import type { Transaction } from "../../db/database.ts";
import { refusedError, type AccrueError } from "../../shared/errors.ts";
import { formatYuan, type Fen } from "../../shared/money.ts";
import type { JsonObject } from "../../shared/json.ts";
import type { Fact, Subject } from "../approvals/subject.ts";
import { lineIdOf, lineNoOf } from "../statements/model.ts";
import { carryOutStaged, expectedOnes, isElsewhere, takeOpenLine } from "./match.ts";
import { reconciliationHead } from "./post.ts";
import { doesNotFit } from "./refusals.ts";
import { stageByHand, type ExpectedThing, type MatchableLine } from "./sql.ts";

/** What is proposed when a line is to be matched with what the rules refuse. */
export type ForcedMatchDocument = {
  readonly line: string;
  /** Payouts, collections and bills, by their numbers. */
  readonly things: readonly string[];
};

/** A line, what it is to be matched with, and by how much the line differs from all of that. */
interface Forced {
  readonly line: MatchableLine & { readonly openFen: Fen };
  readonly found: readonly ExpectedThing[];
  readonly differenceFen: Fen;
  readonly differs: readonly ("amount" | "account")[];
}

const allowedAnyway = (lineNo: string): AccrueError =>
  refusedError("match_not_refused", `line ${lineNo} does not differ from what it is to be matched with`, {
    hint: "one operator can match it: leave --force out",
    details: { line: lineNo },
  });

async function forcedOf(tx: Transaction, { line: lineNo, things }: ForcedMatchDocument): Promise<Forced> {
  const line = await takeOpenLine(tx, lineIdOf(lineNo)!);
  const found = await expectedOnes(tx, things);
  const sumFen = found.reduce((sum, { amountFen }) => sum + amountFen, 0n);
  if (sumFen < 0n !== line.openFen < 0n) throw doesNotFit(line, line.openFen, sumFen);
  const differenceFen = line.openFen - sumFen;
  const differs = [
    ...(differenceFen === 0n ? [] : (["amount"] as const)),
    ...(found.some((one) => isElsewhere(line, one)) ? (["account"] as const) : []),
  ];
  if (differs.length === 0) throw allowedAnyway(lineNo);
  return { line, found, differenceFen, differs };
}

const differenceFacts = (differenceFen: Fen): readonly Fact[] => {
  if (differenceFen === 0n) return [];
  const verb = differenceFen > 0n ? "gains" : "loses";
  const amount = formatYuan(differenceFen > 0n ? differenceFen : -differenceFen);
  return [["money", `the platform ${verb} the difference of ${amount} yuan (write_offs)`]];
};

/**
 * A match that the rules refuse, for the line's amount or account is another. What differs is named, and the difference
 * is written off. It rests on what is open of the line and on what it is matched with.
 */
export const forcedMatchSubject: Subject<ForcedMatchDocument> = {
  kind: "forced_match",
  proposers: ["finance", "admin"],
  approvers: ["finance", "admin"],
  title: ({ line, things }) => `match line ${line} with ${things.join(", ")} although they differ`,
  facts: (_document, { differs, open_fen: openFen, account, things, difference_fen: differenceFen }) => [
    ["line", `${formatYuan(BigInt(openFen as string))} yuan open, on ${account as string}`],
    ...(things as readonly Record<string, string | null>[]).map((one): Fact => [
      one["no"]!,
      `${formatYuan(BigInt(one["amount_fen"]!))} yuan${one["account"] === null ? "" : `, on ${one["account"]}`}`,
    ]),
    ["differs", (differs as readonly string[]).join(", ")],
    ...differenceFacts(BigInt(differenceFen as string)),
  ],
  basis: async (tx, document) => basisOf(await forcedOf(tx, document)),
  apply: async (tx, context, document, { proposalNo, reason }) => {
    const { line, found, differenceFen } = await forcedOf(tx, document);
    await stageByHand(tx, line.lineId, [
      ...found,
      ...(differenceFen === 0n
        ? []
        : [{ thing: "write_off" as const, thingNo: null, merchantId: null, amountFen: differenceFen }]),
    ]);
    const head = reconciliationHead(context, "forced", reason, proposalNo);
    const details = { line: document.line, things: document.things.join(" "), reason, proposal: proposalNo };
    const reconNo = await carryOutStaged(tx, context, head, details);
    return { recon_no: reconNo, written_off: formatYuan(-differenceFen) };
  },
};

const basisOf = ({ line, found, differenceFen, differs }: Forced): JsonObject => ({
  account: line.moneyAccount,
  open_fen: String(line.openFen),
  things: found.map(({ thingNo, amountFen, moneyAccount }) => ({
    no: thingNo,
    amount_fen: String(amountFen),
    account: moneyAccount,
  })),
  difference_fen: String(differenceFen),
  differs,
});

/** What is proposed of a line and numbers of payouts, collections and bills. */
export const forcedMatchDocument = (lineId: bigint, things: readonly string[]): ForcedMatchDocument => ({
  line: lineNoOf(lineId),
  things,
});

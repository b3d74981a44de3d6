import { refusedError, usageError, type AccrueError } from "../../shared/errors.ts";
import { formatYuan, type Fen } from "../../shared/money.ts";
import { lineNoOf } from "../statements/model.ts";
import type { ExpectedThing, MatchableLine } from "./sql.ts";

export const lineUnknown = (lineId: bigint): AccrueError =>
  refusedError("line_unknown", `no statement has a line ${lineNoOf(lineId)}`, {
    hint: "`accrue recon list` shows those that are open",
    details: { line: lineNoOf(lineId) },
  });

export const thingUnknown = (thingNo: string): AccrueError =>
  refusedError("thing_unknown", `there is no payout, collection or bill ${thingNo}`, {
    hint: "payouts are called like D00000001 (`accrue payout show`), collections like C00000001, bills like B00000001; fee is what the channel takes",
    details: { thing: thingNo },
  });

/**
 * The refusal of something that no money is expected for: it was matched before, or nobody says yet that it is paid.
 */
export const notExpected = ({ thing, thingNo }: ExpectedThing): AccrueError =>
  refusedError("thing_not_expected", `no money is expected for ${thing} ${thingNo}`, {
    hint:
      thing === "bill"
        ? "nothing of it is open: `accrue merchant bills` shows what is"
        : `it is matched already, or nobody says yet that it is paid: \`accrue recon show ${thingNo}\``,
    details: { thing: thingNo },
  });

export const nothingOpen = ({ lineId }: MatchableLine): AccrueError =>
  refusedError("line_matched", `line ${lineNoOf(lineId)} is matched already, to its last fen`, {
    hint: `\`accrue recon show ${lineNoOf(lineId)}\` shows with what; \`accrue recon unmatch\` takes it back`,
    details: { line: lineNoOf(lineId) },
  });

/** The refusal of a match of more than is open of a line, or of money that went the other way. */
export const doesNotFit = ({ lineId }: MatchableLine, openFen: Fen, amountFen: Fen): AccrueError => {
  const isOtherWay = openFen < 0n !== amountFen < 0n;
  const details = { line: lineNoOf(lineId), open: formatYuan(openFen), amount: formatYuan(amountFen) };
  return isOtherWay
    ? refusedError(
        "match_direction",
        `of line ${lineNoOf(lineId)} ${formatYuan(openFen)} yuan are open, and what it is matched with goes the other way`,
        { hint: "payouts and fees leave, collections come in", details },
      )
    : refusedError(
        "match_too_large",
        `of line ${lineNoOf(lineId)} ${formatYuan(openFen)} yuan are open, less than the ${formatYuan(amountFen)} it is matched with`,
        { hint: "nothing is matched beyond its amount: look at the numbers again", details },
      );
};

export const otherMoneyAccount = (
  { lineId, moneyAccount }: MatchableLine,
  { thingNo, moneyAccount: of }: ExpectedThing,
): AccrueError =>
  refusedError("match_account", `line ${lineNoOf(lineId)} is of ${moneyAccount}, and ${thingNo} came in on ${of}`, {
    hint: "reject the collection if it was recorded on the wrong account",
    details: { line: lineNoOf(lineId), money_account: moneyAccount, of },
  });

export const notMatched = (lineId: bigint): AccrueError =>
  refusedError("line_not_matched", `line ${lineNoOf(lineId)} is matched with nothing`, {
    hint: "there is nothing to take back",
    details: { line: lineNoOf(lineId) },
  });

export const thingTwice = (thingNo: string): AccrueError =>
  usageError("thing_twice", `${thingNo} is named twice`, { hint: "name each payout or collection once" });

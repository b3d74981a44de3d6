import { readId } from "../../csv/cells.ts";
import { CellProblem } from "../../csv/problem.ts";
import { recordAction } from "../../db/audit.ts";
import type { Context } from "../../db/context.ts";
import { inTransaction } from "../../db/database.ts";
import { memberUnknown } from "../members/member-errors.ts";
import { merchantUnknown } from "../merchants/merchant-errors.ts";
import { refusedError, usageError, type AccrueError } from "../../shared/errors.ts";
import { payerSource } from "../reconciliation/model.ts";
import { aliasProblem, sourceProblem, type AliasHolder, type AliasKey } from "./model.ts";
import { claimAlias, findHolder, holderOf, releaseAlias } from "./sql.ts";

/** The refusal for a number or code that nobody has. */
export const holderUnknown = (holder: AliasHolder, holderNo: string): AccrueError =>
  holder === "member" ? memberUnknown(holderNo) : merchantUnknown(holderNo);

/**
 * Brings an alias into the form in which it is stored: that of a cell with an id, so that what is typed and what a file
 * says are one alias.
 *
 * @throws a usage error: `invalid_alias`, `invalid_source`
 */
export function aliasKeyOf(alias: string, source: string): AliasKey {
  return { alias: readWord("invalid_alias", "alias", alias, aliasProblem), source: sourceOf(source) };
}

/** The same for a source alone. */
export const sourceOf = (source: string): string => readWord("invalid_source", "--source", source, sourceProblem);

function readWord(
  code: "invalid_alias" | "invalid_source",
  what: string,
  text: string,
  problemOf: (text: string) => string | undefined,
): string {
  const word = readId(text);
  const problem = word instanceof CellProblem ? word.message : problemOf(word);
  if (problem === undefined) return word as string;
  throw usageError(code, `${what}: ${problem}`, { hint: "write it as the source's files have it" });
}

/**
 * Notes what a source calls a member or merchant, so that its files lead to them.
 *
 * @returns false when they have that alias already: nothing is written then
 * @throws a usage error `payer_masked`; a refusal: `member_unknown` or `merchant_unknown`; `alias_taken`, naming who has
 *   it
 */
export async function addAlias(
  context: Context,
  holder: AliasHolder,
  holderNo: string,
  key: AliasKey,
): Promise<boolean> {
  if (key.source === payerSource && key.alias.includes("*")) throw payerMasked(key);
  return inTransaction(
    context.db,
    async (tx) => {
      const holderId = await findHolder(tx, holder, holderNo);
      if (holderId === undefined) throw holderUnknown(holder, holderNo);
      if (
        !(await claimAlias(tx, holder, key, { holderId, addedBy: context.operator.name, addedAt: context.clock() }))
      ) {
        const taker = await holderOf(tx, holder, key);
        if (taker === holderNo) return false;
        throw aliasTaken(holder, key, taker);
      }
      await recordAction(tx, context, {
        action: `${holder}.alias`,
        subjectKind: holder,
        subject: holderNo,
        details: { ...key },
      });
      return true;
    },
    context.ending,
  );
}

const aliasTaken = (holder: AliasHolder, { alias, source }: AliasKey, taker = ""): AccrueError =>
  refusedError("alias_taken", `${source} calls ${holder} ${taker} ${JSON.stringify(alias)} already`, {
    hint: `if that is wrong, take it away first: \`accrue ${holder} unalias ${JSON.stringify(alias)} --source ${source}\``,
    details: { alias, source, [holder === "member" ? "member_no" : "merchant_code"]: taker },
  });

/** The refusal of a payer's account of which only a part is written: it may be somebody else's. */
const payerMasked = ({ alias }: AliasKey): AccrueError =>
  usageError("payer_masked", `${alias} says a part of an account alone: it may be anybody's`, {
    hint: "give the whole number; money from a payer that statements mask is matched by the number of a bill, or by hand",
  });

/**
 * Takes an alias away. Orders that came in under it stay whose they are.
 *
 * @returns the number or code of whoever had it
 * @throws a refusal, `alias_unknown`
 */
export async function removeAlias(context: Context, holder: AliasHolder, key: AliasKey): Promise<string> {
  return inTransaction(
    context.db,
    async (tx) => {
      const holderNo = await releaseAlias(tx, holder, key);
      if (holderNo === undefined) {
        throw refusedError("alias_unknown", `${key.source} calls no ${holder} ${JSON.stringify(key.alias)}`, {
          hint: `\`accrue ${holder} aliases --source ${key.source}\` shows what it calls whom`,
          details: { ...key },
        });
      }
      await recordAction(tx, context, {
        action: `${holder}.unalias`,
        subjectKind: holder,
        subject: holderNo,
        details: { ...key },
      });
      return holderNo;
    },
    context.ending,
  );
}

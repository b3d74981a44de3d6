import { readId } from "../../csv/cells.ts";
import { isBlank } from "../../csv/clean.ts";
import { checked, type StagedColumn } from "../../imports/columns.ts";
import { judgedKind } from "../../imports/staged.ts";
import type { ImportKind } from "../../imports/kind.ts";
import { busyError } from "../../shared/errors.ts";
import { insertNew, judgeStaged } from "./import-sql.ts";
import { sourceProblem, type AliasHolder } from "./model.ts";

export type AliasColumn = "member_no" | "merchant_code" | "alias" | "source";

/** The column that names the holder, and what a number that nobody has is told as. */
const holders = {
  member: {
    column: { key: "member_no", names: ["member_no", "会员号"] },
    unknown: "no member has this number; import the member first",
  },
  merchant: {
    column: { key: "merchant_code", names: ["merchant_code", "商家编号"] },
    unknown: "no merchant has this code; import the merchant first",
  },
} as const;

const aliasColumns = (holder: AliasHolder, source: string | undefined): readonly StagedColumn<AliasColumn>[] => [
  { ...holders[holder].column, required: true, staged: "holder_no text", read: readId },
  { key: "alias", names: ["alias", "别名"], required: true, staged: "alias text", read: readId, isKey: true },
  {
    key: "source",
    names: ["source", "来源"],
    required: false,
    staged: "source text",
    isKey: true,
    read: checked(
      (cell) => (source !== undefined && isBlank(cell) ? source : readId(cell)),
      sourceProblem,
      "not_a_source",
    ),
  },
];

/**
 * A file of aliases of members or merchants: new ones go in, known ones are counted as duplicates, and one that
 * somebody else has is rejected, naming them.
 *
 * @param source what a row belongs to that names no source; without it such a row is refused
 */
export const aliasKind = (holder: AliasHolder, source?: string): ImportKind<AliasColumn> =>
  judgedKind<AliasColumn>({
    kind: `${holder}_aliases`,
    name: "aliases",
    options: source === undefined ? {} : { source },
    columns: aliasColumns(holder, source),
    judged: ["alias text", "source text", "holder_id bigint"],
    judge: (tx) => judgeStaged(tx, holder),
    insert: (tx, facts) => insertNew(tx, holder, facts),
    reasons: {
      [`unknown_${holder}`]: [holders[holder].column.key, holders[holder].unknown],
      alias_taken: ["alias", (takenBy) => `${holder} ${takenBy} has this alias`],
    },
    changedMeanwhile: () =>
      busyError("aliases_changed_meanwhile", "aliases of this file were given to somebody else while it was imported", {
        hint: "nothing of this file was kept; import it again",
      }),
  });

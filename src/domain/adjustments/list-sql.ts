import type { Sql } from "../../db/database.ts";
import type { Row } from "../../db/rows.ts";
import { where } from "../../db/where.ts";
import type { AdjustmentClass } from "../../shared/adjustment-classes.ts";
import type { BusinessDate } from "../../shared/business-date.ts";
import type { PageQuery } from "../../shared/page.ts";
import type { ProposalState } from "../../shared/proposal-states.ts";

/** An adjustment, as proposed, and what became of it. */
export interface ListedAdjustment extends Row<"proposedAdjustments"> {
  readonly state: ProposalState;
  readonly maker: string;
  readonly checker: string | null;
  /** The day of its entry; null where it was not applied. */
  readonly businessDate: BusinessDate | null;
}

/** The place of an adjustment in a list. */
export type AdjustmentKey = Pick<ListedAdjustment, "proposalNo" | "rowNo">;

/** What a list can be narrowed to. */
export interface AdjustmentFilter {
  readonly proposalNo?: string | undefined;
  readonly memberNo?: string | undefined;
  readonly reasonClass?: AdjustmentClass | undefined;
  readonly reference?: string | undefined;
  readonly state?: ProposalState | undefined;
}

/** One page of adjustments. */
export async function selectAdjustments(
  sql: Sql,
  { proposalNo, memberNo, reasonClass, reference, state }: AdjustmentFilter,
  { after, limit }: PageQuery<AdjustmentKey>,
): Promise<readonly ListedAdjustment[]> {
  const wanted = where(sql, [
    proposalNo !== undefined && sql`r.proposal_no = ${proposalNo}`,
    memberNo !== undefined && sql`r.member_no = ${memberNo}`,
    reasonClass !== undefined && sql`r.reason_class = ${reasonClass}`,
    reference !== undefined && sql`r.reference = ${reference}`,
    state !== undefined && sql`p.state = ${state}`,
    after !== undefined &&
      sql`(r.proposal_no < ${after.proposalNo} OR r.proposal_no = ${after.proposalNo} AND r.row_no > ${after.rowNo})`,
  ]);
  return sql<ListedAdjustment[]>`
    SELECT r.*, p.state, p.maker, p.checker, a.business_date
    FROM proposed_adjustments r JOIN proposals p USING (proposal_no) LEFT JOIN adjustment_postings a USING (proposal_no)
    WHERE ${wanted} ORDER BY r.proposal_no DESC, r.row_no LIMIT ${limit}`;
}

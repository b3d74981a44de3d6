import { readId } from "../../../csv/cells.ts";
import { CellProblem } from "../../../csv/problem.ts";
import type { Context } from "../../../db/context.ts";
import type { ListedAdjustment } from "../../../domain/adjustments/list-sql.ts";
import type { ProposedRows } from "../../../domain/adjustments/propose.ts";
import { usageError } from "../../../shared/errors.ts";
import { signedPoints } from "../../../shared/number-text.ts";
import { figure, id, type Thing } from "../../fields.ts";
import { tellProposed } from "../../proposing.ts";
import type { Session } from "../../session.ts";

/** An adjustment of a list. */
export const listedAdjustment: Thing<ListedAdjustment> = {
  fields: {
    proposal_no: id((one) => one.proposalNo, { heading: "proposal" }),
    row: { of: (one) => one.rowNo, align: "right", rank: 3 },
    member_no: id((one) => one.memberNo, { heading: "member" }),
    points: figure((one) => one.points, { text: (one) => signedPoints(one.points) }),
    reason_class: { of: (one) => one.reasonClass, heading: "class" },
    reference: { of: (one) => one.reference, isId: true },
    reason: { of: (one) => one.reason, rank: 2 },
    status: { of: (one) => one.state },
    proposed_by: { of: (one) => one.maker, rank: 2 },
    decided_by: { of: (one) => one.checker, rank: 2 },
    business_date: { of: (one) => one.businessDate, heading: "date" },
  },
};

/** Reads a reference. @throws a usage error `invalid_reference` */
export function readReference(text: string): string {
  const reference = readId(text);
  if (!(reference instanceof CellProblem)) return reference;
  throw usageError("invalid_reference", `--reference: ${reference.message}`, {
    hint: "it is what you find the request again by: the number of a ticket, a letter, a call",
  });
}

/** Says what rows were proposed; or that all of them were applied before. */
export async function tellProposedRows(
  session: Session,
  context: Context,
  { made, duplicate }: ProposedRows,
): Promise<void> {
  if (made !== undefined) return tellProposed(session, context, made, { duplicate });
  await session.ui.show({ duplicate, new: false, dry_run: session.isDry }, (page) => {
    page.line(`applied already under the same reference: ${duplicate} of ${duplicate}; nothing to do`);
  });
}

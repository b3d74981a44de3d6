import type { Actor, Context } from "./context.ts";
import type { Row } from "./rows.ts";
import { inTransaction, type Fragment, type Transaction } from "./database.ts";
import type { ActionSubject } from "../shared/action-subjects.ts";

/**
 * One action of an operator. `subject` is the number or code that people use: a member number, a withdrawal number, an
 * import id.
 */
export interface OperatorAction {
  readonly action: string;
  readonly subjectKind: ActionSubject;
  readonly subject: string;
  readonly details?: Record<string, string | number | boolean | null>;
}

/**
 * Records who did what, in the transaction that does it, so that there is neither a write without its record nor the
 * reverse. The database sets the time.
 */
export async function recordAction(
  tx: Transaction,
  { operator }: { readonly operator: Actor },
  action: OperatorAction,
): Promise<void> {
  await tx`
    INSERT INTO operator_actions (action_id, operator, host, action, subject_kind, subject, details)
    VALUES (nextval('action_id_seq'), ${operator.name}, ${operator.host}, ${action.action},
            ${action.subjectKind}, ${action.subject}, ${tx.json(action.details ?? {})})`;
}

/** Records many actions of one operator in one statement. */
export async function recordActions(
  tx: Transaction,
  { operator }: { readonly operator: Actor },
  actions: readonly OperatorAction[],
): Promise<void> {
  await tx`
    INSERT INTO operator_actions (action_id, operator, host, identity, action, subject_kind, subject, details)
    SELECT nextval('action_id_seq'), ${operator.name}, ${operator.host}, (SELECT session_identity()), a.action,
      a.subject_kind, a.subject, a.details::jsonb
    FROM unnest(${actions.map(({ action }) => action)}::text[],
                ${actions.map(({ subjectKind }) => subjectKind)}::text[],
                ${actions.map(({ subject }) => subject)}::text[],
                ${actions.map(({ details }) => JSON.stringify(details ?? {}))}::text[])
      AS a (action, subject_kind, subject, details)`;
}

/**
 * Records the same action on each subject of a set, in one statement.
 *
 * @param subjects a query for subject and details (jsonb)
 */
export async function recordActionOnEach(
  tx: Transaction,
  { operator }: { readonly operator: Actor },
  { action, subjectKind }: Pick<OperatorAction, "action" | "subjectKind">,
  subjects: Fragment,
): Promise<void> {
  await tx`
    INSERT INTO operator_actions (action_id, operator, host, identity, action, subject_kind, subject, details)
    SELECT nextval('action_id_seq'), ${operator.name}::text, ${operator.host}::text, (SELECT session_identity()),
      ${action}::text, ${subjectKind}::text, s.subject, s.details
    FROM (${subjects}) s`;
}

/**
 * Records what somebody was refused, in a transaction of its own, for what was refused is rolled back. A standby takes
 * no records.
 */
export async function recordRefusals(
  context: Pick<Context, "db" | "operator" | "ending">,
  refusals: readonly OperatorAction[],
): Promise<void> {
  if (refusals.length === 0 || context.db.isStandby === true) return;
  await inTransaction(context.db, (tx) => recordActions(tx, context, refusals), context.ending);
}

/** A recorded action, without the subject that it was asked for by. */
export interface RecordedAction extends Row<"operatorActions", "at" | "operator" | "identity" | "host" | "action"> {
  readonly details: Record<string, unknown>;
}

/** What operators did to one subject, oldest first. */
export async function actionsOf(
  { db }: Pick<Context, "db">,
  subjectKind: OperatorAction["subjectKind"],
  subject: string,
): Promise<readonly RecordedAction[]> {
  return db.sql<RecordedAction[]>`
    SELECT at, operator, identity, host, action, details FROM operator_actions
    WHERE subject_kind = ${subjectKind} AND subject = ${subject} ORDER BY action_id LIMIT 1000`;
}

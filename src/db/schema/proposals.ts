import { sql } from "drizzle-orm";
import { check, index, jsonb, pgTable, text, uniqueIndex } from "drizzle-orm/pg-core";
import type { JsonObject } from "../../shared/json.ts";
import { proposalStates } from "../../shared/proposal-states.ts";
import { subjectKinds } from "../../shared/subject-kinds.ts";
import { instant, isOneOf } from "./columns.ts";

/** A name as names are compared: letters of another case or width are the same. */
const folded = (name: unknown) => sql`lower(btrim(normalize(${name}, NFKC)))`;

/**
 * What one operator proposed and another decides. A proposal that is approved has been applied, in the same
 * transaction; what was proposed and what was decided never change.
 */
export const proposals = pgTable(
  "proposals",
  {
    proposalNo: text("proposal_no").primaryKey(),
    subjectKind: text("subject_kind", { enum: subjectKinds }).notNull(),
    document: jsonb("document").$type<JsonObject>().notNull(),
    /** What it rested on when it was made. */
    basis: jsonb("basis").$type<JsonObject>().notNull(),
    /** SHA-256 of kind, document and basis; the database computes it. */
    digest: text("digest").notNull(),
    reason: text("reason").notNull(),
    maker: text("maker").notNull(),
    madeAt: instant("made_at").notNull(),
    expiresAt: instant("expires_at").notNull(),
    state: text("state", { enum: proposalStates }).notNull(),
    /** Who decided; nobody where it expired. */
    checker: text("checker"),
    decidedAt: instant("decided_at"),
    decisionReason: text("decision_reason"),
    /** What came of applying it. */
    result: jsonb("result").$type<JsonObject>(),
  },
  (t) => [
    // The same thing is proposed once at a time.
    uniqueIndex("proposals_waiting")
      .on(t.digest)
      .where(sql`${t.state} = 'proposed'`),
    index("proposals_expires_at")
      .on(t.expiresAt)
      .where(sql`${t.state} = 'proposed'`),
    check("proposals_proposal_no", sql`${t.proposalNo} ~ '^A[0-9]{8,}$'`),
    check("proposals_subject_kind", isOneOf(t.subjectKind, subjectKinds)),
    check("proposals_state", isOneOf(t.state, proposalStates)),
    check("proposals_expires_at", sql`${t.expiresAt} > ${t.madeAt}`),
    check("proposals_decided", sql`(${t.state} = 'proposed') = (${t.decidedAt} is null)`),
    check("proposals_checker", sql`(${t.state} in ('proposed', 'expired')) = (${t.checker} is null)`),
    check(
      "proposals_maker_is_not_checker",
      sql`(${folded(t.checker)} = ${folded(t.maker)}) = (${t.state} = 'withdrawn')`,
    ),
    check("proposals_in_time", sql`${t.state} <> 'approved' or ${t.decidedAt} < ${t.expiresAt}`),
    check("proposals_expired", sql`${t.state} <> 'expired' or ${t.decidedAt} >= ${t.expiresAt}`),
    check("proposals_decision_reason", sql`${t.state} <> 'rejected' or ${t.decisionReason} is not null`),
    check("proposals_result", sql`(${t.state} = 'approved') = (${t.result} is not null)`),
  ],
);

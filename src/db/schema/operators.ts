import { sql } from "drizzle-orm";
import { check, pgTable, text, unique } from "drizzle-orm/pg-core";
import { operatorRoles } from "../../shared/operator-roles.ts";
import { instant, isOneOf } from "./columns.ts";

const states = ["active", "suspended"] as const;

/**
 * Who may work here, as what. On a server, one who has a login role works through that alone: the database vouches for
 * who they are. Guarded by the database: a name stays whose it is, and admins alone add and change.
 */
export const operators = pgTable(
  "operators",
  {
    name: text("name").primaryKey(),
    /** The name without what eyes pass over: no two operators have the same. */
    skeleton: text("skeleton").notNull(),
    role: text("role", { enum: operatorRoles }).notNull(),
    loginRole: text("login_role"),
    state: text("state", { enum: states }).notNull(),
    addedBy: text("added_by").notNull(),
    addedAt: instant("added_at").notNull(),
    changedBy: text("changed_by"),
    changedAt: instant("changed_at"),
  },
  (t) => [
    unique("operators_skeleton").on(t.skeleton),
    unique("operators_login_role").on(t.loginRole),
    check("operators_name", sql`char_length(${t.name}) between 1 and 64 and ${t.skeleton} <> ''`),
    check("operators_role", isOneOf(t.role, operatorRoles)),
    check("operators_state", isOneOf(t.state, states)),
    check("operators_changed", sql`(${t.changedBy} is null) = (${t.changedAt} is null)`),
    check("operators_suspended", sql`${t.state} = 'active' or ${t.changedBy} <> ${t.name}`),
  ],
);

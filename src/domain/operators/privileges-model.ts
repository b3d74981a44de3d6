import { operatorRoles, type OperatorRole } from "../../shared/operator-roles.ts";

/** The role of the server that operators of a role are members of. */
export const groupRoleOf = (role: OperatorRole): string => `accrue_${role}`;

/** What the work of some operators writes, beside what every operator reads. */
interface Duty {
  readonly of: readonly OperatorRole[];
  readonly insert?: readonly string[];
  /**
   * Tables, or `table(columns)` where it is not all of them. Locking a row takes this for some column, and gets it for a
   * key, which a guard keeps as it is.
   */
  readonly update?: readonly string[];
  readonly delete?: readonly string[];
  readonly execute?: readonly string[];
}

/**
 * The privileges on the server of each role: the one list that grants, the doctor and the help follow from. An admin has
 * all of them. Nobody has any on what a migration alone writes, nor may anybody change what is append-only.
 */
const duties: readonly Duty[] = [
  // What every write takes: its record, its number, the slot that keeps others waiting.
  {
    of: ["clerk", "approver", "finance", "batch"],
    insert: ["operator_actions", "run_slots"],
    update: ["number_counters", "run_slots"],
  },
  // What an auditor is refused is on record, too.
  { of: ["auditor"], insert: ["operator_actions"] },
  // Imports of members, merchants, products, orders and aliases; then what a person does by hand.
  {
    of: ["clerk", "batch"],
    insert: [
      "balances",
      "contribution_rates",
      "import_rejects",
      "imports",
      "member_aliases",
      "member_contacts",
      "member_numbers",
      "members",
      "merchant_aliases",
      "merchants",
      "order_changes",
      "order_evidence",
      "order_keys",
      "order_refunds",
      "order_updates",
      "orders",
      "products",
      "uncollected_orders",
      "unevidenced_orders",
    ],
    update: [
      "members(name, email, phone, identity_verified_at)",
      "merchants(name, contact)",
      "order_changes",
      "order_keys",
      "orders",
      "products",
      "uncollected_orders",
      "unevidenced_orders",
    ],
    delete: ["member_contacts", "order_changes", "uncollected_orders", "unevidenced_orders"],
  },
  {
    of: ["clerk"],
    insert: ["payout_accounts"],
    update: ["members", "merchants", "payout_accounts(is_default, default_at, closed_by, closed_at)"],
    delete: ["member_aliases", "merchant_aliases"],
  },
  // Requests for withdrawals, and their end without payment.
  {
    of: ["clerk", "approver", "finance", "batch"],
    insert: ["journal_lines", "journal_transactions", "points_entries"],
    update: ["balances", "withdrawals"],
  },
  { of: ["clerk", "finance", "batch"], insert: ["withdrawal_keys", "withdrawal_request_keys", "withdrawals"] },
  // Proposals are tried by whoever makes them, and applied by whoever approves them.
  {
    of: ["clerk", "approver", "finance"],
    insert: ["adjustment_postings", "adjustments", "proposals", "proposed_adjustments"],
    update: ["proposals"],
  },
  {
    of: ["clerk", "approver", "finance"],
    insert: ["corrections", "order_changes", "order_refunds", "order_updates", "order_voids", "orders"],
    update: ["order_keys", "orders"],
    delete: [
      "balances",
      "contribution_rates",
      "member_aliases",
      "member_contacts",
      "member_numbers",
      "members",
      "merchant_aliases",
      "merchants",
      "order_changes",
      "order_evidence",
      "order_keys",
      "order_refunds",
      "orders",
      "products",
      "uncollected_orders",
      "unevidenced_orders",
    ],
  },
  { of: ["approver", "finance"], update: ["members(name)"] },
  { of: ["finance"], insert: ["contribution_rates", "policies"], update: ["merchants(merchant_id)"] },
  // Payouts and their answers, statements and what they are matched with, bills and collections.
  {
    of: ["finance", "batch"],
    insert: [
      "billing_periods",
      "collections",
      "expected_payouts",
      "import_rejects",
      "imports",
      "line_matches",
      "merchant_bills",
      "open_lines",
      "order_changes",
      "reconciliations",
      "statement_lines",
      "statements",
      "uncollected_orders",
    ],
    update: ["business_dates", "collections(collection_no)", "open_lines", "payout_batches", "payout_details"],
    delete: ["expected_payouts", "open_lines", "uncollected_orders"],
  },
  {
    of: ["finance"],
    insert: [
      "coverage_exceptions",
      "merchant_adjustments",
      "money_accounts",
      "payout_batches",
      "payout_detail_keys",
      "payout_details",
      "payout_files",
      "payout_retries",
      "recon_rules",
      "voided_payouts",
    ],
    update: ["collections", "line_matches"],
  },
  // Grant runs and settlements.
  {
    of: ["batch"],
    insert: [
      "account_closings",
      "business_dates",
      "grant_runs",
      "grant_skips",
      "merchant_contributions",
      "settlement_runs",
      "settlement_steps",
    ],
    update: [
      "business_dates",
      "grant_runs",
      "merchants(status, suspended_at)",
      "proposals",
      "settlement_runs",
      "settlement_steps",
    ],
    execute: ["make_partitions()", "summarize_dates()"],
  },
  { of: ["admin"], insert: ["operators", "platform"], update: ["operators", "payout_accounts"] },
];

const allButAuditors = operatorRoles.filter((role) => role !== "auditor");

/** What some roles alone may read. Everything else every role may; masked views show the rest of these tables. */
const privateColumns: readonly {
  readonly table: string;
  readonly columns: readonly string[];
  readonly of: readonly OperatorRole[];
}[] = [
  { table: "members", columns: ["password_hash"], of: ["clerk"] },
  { table: "members", columns: ["name", "email", "phone"], of: allButAuditors },
  { table: "member_contacts", columns: ["value"], of: allButAuditors },
  { table: "proposals", columns: ["document", "basis"], of: allButAuditors },
  { table: "payout_accounts", columns: ["number_sealed", "holder_sealed"], of: ["clerk", "approver", "finance"] },
  { table: "import_rejects", columns: ["cells"], of: ["clerk", "approver", "finance", "batch"] },
];

/** One privilege on one thing: a table, its columns, or a function. */
export interface Privilege {
  readonly privilege: "SELECT" | "INSERT" | "UPDATE" | "DELETE" | "USAGE" | "EXECUTE";
  readonly on: "table" | "sequence" | "function";
  readonly name: string;
  /** The only column that it is for; undefined for the whole. */
  readonly column?: string | undefined;
}

/** What the schema has: the columns of each view, and each table that is no partition, and the sequences. */
export interface SchemaThings {
  readonly tables: ReadonlyMap<string, readonly string[]>;
  readonly sequences: readonly string[];
}

const has = (of: readonly OperatorRole[], role: OperatorRole): boolean => role === "admin" || of.includes(role);

/** Every privilege that a role has on the schema, in the order of the list. */
export function privilegesOf(role: OperatorRole, { tables, sequences }: SchemaThings): readonly Privilege[] {
  const own = duties.filter(({ of }) => has(of, role));
  const named = (key: "insert" | "update" | "delete" | "execute") =>
    [...new Set(own.flatMap((duty) => duty[key] ?? []))].toSorted();
  const updated = named("update");
  return [
    ...[...tables].flatMap(([name, columns]) => reading(role, name, columns)),
    ...named("insert").map((name): Privilege => ({ privilege: "INSERT", on: "table", name })),
    ...updated.flatMap((one) => updating(one, updated)),
    ...named("delete").map((name): Privilege => ({ privilege: "DELETE", on: "table", name })),
    ...sequences.map((name): Privilege => ({
      privilege: role === "auditor" && name !== "action_id_seq" ? "SELECT" : "USAGE",
      on: "sequence",
      name,
    })),
    ...named("execute").map((name): Privilege => ({ privilege: "EXECUTE", on: "function", name })),
  ];
}

/** The privileges of `table` or `table(columns)`; none where another duty has all of the table. */
function updating(one: string, all: readonly string[]): readonly Privilege[] {
  const [name = "", columns] = one.replace(")", "").split("(");
  if (columns === undefined) return [{ privilege: "UPDATE", on: "table", name }];
  if (all.includes(name)) return [];
  return columns.split(", ").map((column) => ({ privilege: "UPDATE", on: "table", name, column }));
}

function reading(role: OperatorRole, name: string, columns: readonly string[]): readonly Privilege[] {
  const hidden = privateColumns.flatMap(({ table, columns: some, of }) =>
    table === name && !has(of, role) ? some : [],
  );
  if (hidden.length === 0) return [{ privilege: "SELECT", on: "table", name }];
  return columns
    .filter((column) => !hidden.includes(column))
    .map((column) => ({ privilege: "SELECT", on: "table", name, column }));
}

/** A privilege in words that name it alone: `SELECT of password_hash on members`. */
export const privilegeText = ({ privilege, name, column }: Privilege): string =>
  `${privilege}${column === undefined ? "" : ` of ${column}`} on ${name}`;

/** Every role with its group on the server. */
export const groupRoles = operatorRoles.map((role) => ({ role, group: groupRoleOf(role) }));

import { afterAll, describe, expect, test } from "vitest";
import { inTransaction, type Transaction } from "../../../src/db/database.ts";
import { verifyIdentity } from "../../../src/domain/members/verify-identity.ts";
import { decideWithdrawals } from "../../../src/domain/withdrawals/decide.ts";
import { requestWithdrawal } from "../../../src/domain/withdrawals/request.ts";
import { plainClient } from "../../support/admin.ts";
import { dumpDatabase, testDatabase } from "../../support/database.ts";
import { peopleIn, settle, take } from "../orders/scene.ts";

/** A world in which every table has rows: a guard that is only asked about nothing proves nothing. */
const database = await testDatabase();
await peopleIn(database);
await take(database, ["1,M1,S1,1000.00,paid,2026-02-01,,,", "X,M9,S1,1,,,,,"]);
await settle(database);
await verifyIdentity(database.context(), "M1");
const as = (name: string) => database.context({ operator: { name, host: "test" } });
const request = async () => (await requestWithdrawal(as("alice"), { memberNo: "M1", points: 20n })).withdrawalNo;
const [approved, rejected, requested] = [await request(), await request(), await request()];
await decideWithdrawals(as("bob"), { name: "approve", withdrawalNos: [approved] });
await decideWithdrawals(as("bob"), { name: "reject", withdrawalNos: [rejected] });

/** The database's own superuser, on a connection that is none of accrue's: whoever asks is refused. */
const superuser = plainClient(database.superuserUrl);
afterAll(() => superuser.end());
const before = await dumpDatabase(database.db);

interface Refusal {
  readonly code: string;
  readonly message: string;
  readonly constraint_name?: string;
}

async function refusalOf(statement: string): Promise<Refusal> {
  const error = await superuser.unsafe(statement).then(
    () => undefined,
    (thrown: Refusal) => thrown,
  );
  if (error === undefined) throw new Error(`taken: ${statement}`);
  return error;
}

/** The name of the constraint that refuses, without what shards add to it. */
const constraintAgainst = async (statement: string) => {
  const { code, constraint_name } = await refusalOf(statement);
  return `${code} ${constraint_name}`;
};

test("the one who asks is a superuser", async () => {
  expect([...(await superuser`SELECT rolsuper FROM pg_roles WHERE rolname = current_user`)]).toEqual([
    { rolsuper: true },
  ]);
});

describe("append-only tables", () => {
  const columns = {
    points_entries: "available_points",
    journal_transactions: "operator",
    journal_lines: "amount",
    operator_actions: "operator",
    imports: "rejected",
    import_rejects: "message",
  };

  test.each(Object.entries(columns))("%s refuses UPDATE, DELETE and TRUNCATE", async (table, column) => {
    const { count } = (
      await superuser.unsafe<{ count: number }[]>(`SELECT count(*)::integer AS count FROM ${table}`)
    )[0]!;
    expect(count).toBeGreaterThan(0);
    for (const [verb, statement] of [
      ["UPDATE", `UPDATE ${table} SET ${column} = ${column}`],
      ["DELETE", `DELETE FROM ${table}`],
      ["TRUNCATE", `TRUNCATE ${table} CASCADE`],
    ] as const) {
      expect(await refusalOf(statement)).toMatchObject({
        code: "23000",
        message: `${table} is append-only: ${verb} is refused`,
      });
    }
  });

  test.each([
    ["grant_skips", "points"],
    ["contribution_rates", "contribution_bps"],
    ["withdrawal_request_keys", "line"],
    ["order_refunds", "refunded_fen"],
    ["account_closings", "amount"],
    ["points_entries_01", "held_points"],
    ["points_entries_08", "held_points"],
  ])("%s refuses them too, empty as it may be", async (table, column) => {
    for (const statement of [`UPDATE ${table} SET ${column} = 0`, `DELETE FROM ${table}`, `TRUNCATE ${table}`]) {
      expect(await refusalOf(statement)).toMatchObject({
        code: "23000",
        message: expect.stringMatching(
          `^(${table} is append-only|rows of ${table} are deleted only where their import is undone)`,
        ) as string,
      });
    }
  });

  test("the owner's own right to change them is taken away beside the triggers", async () => {
    const granted = await superuser`
      SELECT table_name, privilege_type FROM information_schema.role_table_grants
      WHERE (table_name = ANY(${[...Object.keys(columns), "grant_skips", "account_closings"]}) OR table_name LIKE 'points\\_entries\\_%') AND privilege_type IN ('UPDATE', 'DELETE', 'TRUNCATE')`;
    expect([...granted]).toEqual([]);
  });
});

describe("rows that others refer to without foreign keys", () => {
  test.each([
    "members",
    "member_numbers",
    "merchants",
    "orders",
    "orders_01",
    "orders_08",
    "order_keys",
    "balances",
    "withdrawals",
    "withdrawal_keys",
    "withdrawal_request_keys",
  ])("%s are never deleted", async (table) => {
    for (const statement of [`DELETE FROM ${table}`, `DELETE FROM ${table} WHERE false`, `TRUNCATE ${table} CASCADE`]) {
      expect((await refusalOf(statement)).message).toMatch(
        /rows of \w+ are (never deleted|deleted only where their import is undone)|is append-only/,
      );
    }
  });
});

describe("the journal", () => {
  const head =
    "INSERT INTO journal_transactions (journal_id, kind, business_date, operator, posted_at) VALUES (900, 'adjust', '2026-02-01', 'alice', now());";
  const lines = (values: string) =>
    `${head} INSERT INTO journal_lines (journal_id, line_no, account, unit, amount) VALUES ${values}`;

  test.each([
    ["one line", "(900, 1, 'points_fund', 'fen', -5)"],
    ["lines that differ by a fen", "(900, 1, 'points_fund', 'fen', -5), (900, 2, 'platform_share', 'fen', 4)"],
    ["units that balance only together", "(900, 1, 'points_fund', 'fen', -5), (900, 2, 'points_issued', 'points', 5)"],
  ])("%s: refused", async (_name, values) => {
    const { code, message } = await refusalOf(lines(values));
    expect([code, message]).toEqual([
      "23000",
      expect.stringMatching(/^journal transaction 900 does not balance: (fen|points) differs by/),
    ]);
  });

  test("a line added to a posted transaction, an account of the wrong unit, an amount of zero: refused", async () => {
    expect(
      (
        await refusalOf(
          "INSERT INTO journal_lines SELECT journal_id, 99, 'points_fund', 'fen', 1 FROM journal_lines LIMIT 1",
        )
      ).message,
    ).toContain("does not balance: fen differs by 1");
    expect(
      await constraintAgainst(lines("(900, 1, 'points_fund', 'points', 5), (900, 2, 'points_issued', 'points', -5)")),
    ).toBe("23514 journal_lines_account_unit");
    expect(await constraintAgainst(lines("(900, 1, 'points_fund', 'fen', 0)"))).toBe("23514 journal_lines_amount");
    expect(
      (
        await refusalOf(
          "INSERT INTO journal_lines VALUES (901, 1, 'points_fund', 'fen', 5), (901, 2, 'platform_share', 'fen', -5)",
        )
      ).code,
    ).toBe("23503");
  });
});

describe("withdrawals", () => {
  const change = (no: string, set: string) => `UPDATE withdrawals SET ${set} WHERE withdrawal_no = '${no}'`;

  test.each([
    "points = 1, gross_fen = 100, fee_fen = 5, net_fen = 95",
    "member_id = 0",
    "withdrawal_no = 'W9'",
    "fee_bps = 0, fee_fen = 0, net_fen = gross_fen",
    "requested_by = 'bob'",
    "requested_at = now()",
  ])("what was requested is frozen: %s", async (set) => {
    expect((await refusalOf(change(requested, set))).message).toBe(
      `what was requested in withdrawal ${requested} is frozen`,
    );
  });

  test("illegal transitions are refused, each of them", async () => {
    const statuses = ["requested", "approved", "rejected", "cancelled", "expired", "paying", "paid", "failed"];
    const legal: Record<string, string[]> = {
      [requested]: ["requested", "approved", "rejected", "cancelled", "expired"],
      [approved]: ["approved", "paying", "rejected", "cancelled", "expired"],
      [rejected]: ["rejected"],
    };
    for (const [no, allowed] of Object.entries(legal)) {
      for (const status of statuses.filter((one) => !allowed.includes(one))) {
        expect((await refusalOf(change(no, `status = '${status}'`))).message).toMatch(
          new RegExp(`^withdrawal ${no} cannot go from \\w+ to ${status}$`),
        );
      }
    }
  });

  test("nobody approves their own request, in whatever letters; nothing is approved by nobody", async () => {
    for (const name of ["alice", "ALICE"]) {
      expect(
        await constraintAgainst(
          change(requested, `status = 'approved', approved_by = '${name}', decided_by = '${name}', decided_at = now()`),
        ),
      ).toBe("23514 withdrawals_maker_is_not_checker");
    }
    expect(
      await constraintAgainst(change(requested, "status = 'approved', decided_by = 'bob', decided_at = now()")),
    ).toBe("23514 withdrawals_approved_by");
    expect(await constraintAgainst(change(requested, "status = 'rejected'"))).toBe("23514 withdrawals_decided");
  });

  test("amounts follow from points, value and fee", async () => {
    for (const [set, constraint] of [
      ["gross_fen = 2100, fee_fen = 105, net_fen = 1995", "withdrawals_gross_fen"],
      ["fee_fen = 99, net_fen = gross_fen - 99", "withdrawals_fee_fen"],
      ["net_fen = 1", "withdrawals_net_fen"],
    ] as const) {
      expect(await constraintAgainst(change(requested, set))).toBe(`23514 ${constraint}`);
    }
  });
});

describe("points", () => {
  const entry = (values: string) => `
    INSERT INTO points_entries (member_id, ref_id, entry_no, kind, available_points, held_points, business_date, created_at, run_id, net_fen, contribution_bps, points_bps, contribution_fen)
    SELECT member_id, ref_id, ${values} FROM points_entries WHERE kind = 'grant' LIMIT 1`;
  const facts = "'2026-02-01', now(), 1, 1, 1, 1, 1";

  test("no order is granted twice: entries of an order are numbered", async () => {
    expect(await constraintAgainst(entry(`1, 'grant', 21, 0, ${facts}`))).toBe("23505 points_entries_01_pkey");
  });

  test("an entry moves points the way its kind says, and a grant tells its order's figures", async () => {
    for (const values of [
      "'grant', -1, 0",
      "'grant', 1, 1",
      "'clawback', 1, 0",
      "'contribution', 1, 0",
      "'bonus', 1, 0",
    ]) {
      expect(await constraintAgainst(entry(`9, ${values}, ${facts}`))).toBe("23514 points_entries_kind");
    }
    for (const values of ["'hold', 1, 1", "'release', 1, 1", "'burn', 1, -1", "'adjust', 0, 0"]) {
      expect(await constraintAgainst(entry(`9, ${values}, '2026-02-01', now(), NULL, NULL, NULL, NULL, NULL`))).toBe(
        "23514 points_entries_kind",
      );
    }
    expect(await constraintAgainst(entry("9, 'grant', 1, 0, '2026-02-01', now(), NULL, NULL, NULL, NULL, NULL"))).toBe(
      "23514 points_entries_order_facts",
    );
    expect(await constraintAgainst(entry("9, 'grant', 1, 0, '2026-02-01', now(), 1, NULL, 1, 1, 1"))).toBe(
      "23514 points_entries_order_facts",
    );
  });

  test("a balance is never below what clawbacks explain, nor held points below zero", async () => {
    expect(await constraintAgainst("UPDATE balances SET available_points = -1 - clawed_back_points")).toBe(
      "23514 balances_available",
    );
    expect(await constraintAgainst("UPDATE balances SET held_points = -1")).toBe("23514 balances_held");
  });
});

describe("orders and imports", () => {
  test("an order cannot be what no order is", async () => {
    const checks = {
      '{"amount_fen": -1}': "amount_fen",
      '{"amount_fen": 10000000001}': "amount_fen",
      '{"refunded_fen": 100001}': "refunded_fen",
      '{"status": "shipped"}': "status",
      '{"paid_at": null, "business_date": null}': "paid_at",
      '{"business_date": null}': "business_date",
    };
    for (const [change, constraint] of Object.entries(checks)) {
      expect(
        await constraintAgainst(`INSERT INTO orders SELECT (jsonb_populate_record(o, '${change}')).* FROM orders o`),
      ).toBe(`23514 orders_${constraint}`);
    }
    expect(await constraintAgainst("INSERT INTO order_keys SELECT * FROM order_keys")).toBe("23505 order_keys_pkey");
  });

  test("an import's counts add up", async () => {
    const { message } = await refusalOf(
      'INSERT INTO imports SELECT (jsonb_populate_record(i, \'{"import_id": 900, "read": 99}\')).* FROM imports i LIMIT 1',
    );
    expect(message).toContain("imports_balanced");
  });
});

describe("what a guard looks up is found in its own schema", () => {
  const shadowed = (table: string, statement: string) =>
    `BEGIN; CREATE TEMP TABLE ${table} (LIKE public.${table}); ${statement}; COMMIT`;
  const walkingRound = async (table: string, statement: string) => {
    const { message } = await refusalOf(shadowed(table, statement));
    await superuser.unsafe("ROLLBACK");
    return message;
  };

  test("whatever temporary tables there are", async () => {
    expect(
      await walkingRound(
        "journal_lines",
        `
      INSERT INTO journal_transactions (journal_id, kind, business_date, operator, posted_at) VALUES (900, 'adjust', '2026-02-01', 'alice', now());
      INSERT INTO public.journal_lines (journal_id, line_no, account, unit, amount) VALUES (900, 1, 'points_fund', 'fen', -5)`,
      ),
    ).toContain("journal transaction 900 does not balance");
    await superuser.unsafe(
      "INSERT INTO business_dates (business_date, state, run_id, since, operator, host) VALUES ('2026-01-31', 'running', 1, now(), 'cron', 'h')",
    );
    await superuser.unsafe("UPDATE business_dates SET state = 'closed', closed_at = now()");
    expect(
      await walkingRound(
        "business_dates",
        `
      INSERT INTO journal_transactions (journal_id, kind, business_date, operator, posted_at) VALUES (900, 'adjust', '2026-01-31', 'alice', now())`,
      ),
    ).toContain("business date 2026-01-31 is closed");
    await superuser.unsafe(
      "SET session_replication_role = replica; DELETE FROM business_dates; RESET session_replication_role",
    );
  });

  test("whatever stands before it on the path", async () => {
    await superuser.unsafe(`
      CREATE SCHEMA elsewhere; CREATE FUNCTION elsewhere.equals(text, text) RETURNS boolean LANGUAGE sql RETURN true;
      CREATE OPERATOR elsewhere.= (LEFTARG = text, RIGHTARG = text, FUNCTION = elsewhere.equals);
      SET search_path = elsewhere, pg_catalog, public`);
    const { message } = await refusalOf(
      `UPDATE withdrawals SET status = 'paid' WHERE withdrawal_no LIKE '${requested}'`,
    );
    await superuser.unsafe("RESET search_path; DROP SCHEMA elsewhere CASCADE");
    expect(message).toBe(`withdrawal ${requested} cannot go from requested to paid`);
  });

  test("of every function that a trigger calls, and as the migrations say so", async () => {
    const functions = await superuser<{ settings: string[] | null }[]>`
      SELECT DISTINCT p.oid, p.proconfig AS settings FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid WHERE NOT t.tgisinternal`;
    expect(functions.length).toBeGreaterThan(10);
    for (const { settings } of functions) expect(settings).toContain("search_path=pg_catalog, public, pg_temp");
  });
});

describe("nothing is born further on than it begins", () => {
  const copy = (table: string, changes: string, where = "true") =>
    `INSERT INTO ${table} SELECT (jsonb_populate_record(x, '${changes}')).* FROM ${table} x WHERE ${where} LIMIT 1`;
  const ofApproved = `withdrawal_no = '${approved}'`;

  test.each([
    [
      "a withdrawal that is approved",
      copy("withdrawals", '{"withdrawal_id": 900, "withdrawal_no": "W9"}', ofApproved),
      "a withdrawal begins as a request",
    ],
    [
      "a withdrawal that is paid",
      copy("withdrawals", '{"withdrawal_id": 900, "withdrawal_no": "W9", "status": "paid"}', ofApproved),
      "a withdrawal begins as a request",
    ],
    [
      "a request that somebody approved already",
      copy(
        "withdrawals",
        '{"withdrawal_id": 900, "withdrawal_no": "W9", "status": "requested", "decided_by": null, "decided_at": null}',
        ofApproved,
      ),
      "a withdrawal begins as a request",
    ],
    [
      "a payout that is paid",
      "INSERT INTO payout_details (member_id, detail_no, withdrawal_id, batch_no, file_no, row_no, account_id, net_fen, state, answered_at, answered_by) VALUES (1, 'D9', 1, 'P9', 1, 1, 1, 1, 'paid', now(), 'x')",
      "a payout begins as sent, without an answer",
    ],
    [
      "a payout of a withdrawal that is not being paid",
      `INSERT INTO payout_details (member_id, detail_no, withdrawal_id, batch_no, file_no, row_no, account_id, net_fen, state)
      SELECT member_id, 'D9', withdrawal_id, 'P9', 1, 1, 1, net_fen, 'sent' FROM withdrawals WHERE ${ofApproved}`,
      "payout D9 is no payment of withdrawal_id",
    ],
    [
      "a payout of no withdrawal",
      "INSERT INTO payout_details (member_id, detail_no, withdrawal_id, batch_no, file_no, row_no, account_id, net_fen, state) VALUES (1, 'D9', 1, 'P9', 1, 1, 1, 1, 'sent')",
      "payout D9 is no payment of withdrawal_id 1 as it was approved",
    ],
    [
      "a batch that was handed over",
      "INSERT INTO payout_batches (batch_no, channel, template, business_date, details, total_fen, digest, operator, host, created_at, handed_over_at) VALUES ('P9', 'csv', 'csv-1', '2026-03-01', 1, 1, repeat('0', 64), 'x', 'h', now(), now())",
      "a batch is handed over after it was recorded",
    ],
    [
      "a date that is closed",
      "INSERT INTO business_dates (business_date, state, run_id, since, operator, host, closed_at) VALUES ('2026-01-31', 'closed', 1, now(), 'x', 'h', now())",
      "a business date is settled before it is closed",
    ],
    ["a grant run that has granted", copy("grant_runs", '{"run_id": 900}'), "a grant run begins with nothing granted"],
    [
      "a settlement that is complete",
      "INSERT INTO settlement_runs (run_id, state, operator, host, started_at, ended_at) VALUES (900, 'complete', 'x', 'h', now(), now())",
      "a settlement begins before it ends",
    ],
  ])("%s", async (_what, statement, message) => {
    expect(await refusalOf(statement)).toMatchObject({
      code: "23000",
      message: expect.stringContaining(message) as string,
    });
  });
});

describe("what moves on keeps what it was", () => {
  test.each([
    ["an order's amount", "UPDATE orders SET amount_fen = amount_fen + 1", "an order only moves forward"],
    ["an order's member", "UPDATE orders SET member_id = 0", "an order only moves forward"],
    ["an order's day", "UPDATE orders SET business_date = '2026-01-01'", "an order only moves forward"],
    ["an order's status, backwards", "UPDATE orders SET status = 'pending'", "an order only moves forward"],
    [
      "an order's number",
      "UPDATE order_keys SET order_id = 0",
      "number 1 leads to one order for good, or to what was put in its place",
    ],
    ["a member's number", "UPDATE members SET member_no = 'M9' WHERE member_no = 'M1'", "a member keeps their number"],
    [
      "a merchant's code",
      "UPDATE merchants SET merchant_code = 'S9' WHERE merchant_code = 'S1'",
      "which import brought a merchant, under which code and when, stays as it is",
    ],
    [
      "a run that has ended",
      "UPDATE grant_runs SET points_granted = 0",
      "the record of a grant run that has ended is frozen",
    ],
    ["the platform's time zone", "UPDATE platform SET time_zone = 'UTC'", "platform is append-only"],
    ["a policy", "UPDATE policies SET fee_bps = 0", "policies is append-only"],
    ["a merchant's rate", "UPDATE contribution_rates SET contribution_bps = 0", "contribution_rates is append-only"],
    ["an alias", "UPDATE member_aliases SET member_id = 0", "an alias is taken away and given anew"],
    [
      "who rejected a withdrawal",
      `UPDATE withdrawals SET decided_by = 'zoe' WHERE withdrawal_no = '${rejected}'`,
      `who decided withdrawal ${rejected}, when and why, is frozen`,
    ],
  ])("%s", async (_what, statement, message) => {
    expect(await refusalOf(statement)).toMatchObject({
      code: "23000",
      message: expect.stringContaining(message) as string,
    });
  });
});

test("after all these attempts the database is what it was", async () => {
  expect(await dumpDatabase(database.db)).toBe(before);
  const leftover = await inTransaction(
    database.db,
    async (tx: Transaction) => (await tx`SELECT FROM journal_transactions WHERE journal_id >= 900`).count,
    "rollback",
  );
  expect(leftover).toBe(0);
});

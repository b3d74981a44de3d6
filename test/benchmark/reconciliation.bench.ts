import { inject, test } from "vitest";
import { createDatabase, dropDatabases, onDatabase, type plainClient } from "../support/admin.ts";
import { expectPayouts } from "./expected-payouts.ts";
import { timed, timedProgram } from "./measure.ts";
import { checkpoint, comparison, onPlain, Pairs } from "./side-by-side.ts";

const lines = Number(process.env["LINES"] ?? 1_000_000);
const rounds = Number(process.env["ROUNDS"] ?? 3);
const { url, template } = inject("testServer");
const scene = `${template}_reconciliation`;

type Sql = ReturnType<typeof plainClient>;

/**
 * So many payouts that are paid, and the lines of a statement that show them leaving, one in a hundred of them over
 * another amount.
 */
async function populate(sql: Sql): Promise<void> {
  await sql.begin(async (tx) => {
    await expectPayouts(tx as unknown as Sql, lines, "2026-01-02");
    await tx`
      INSERT INTO statement_lines (line_id, money_account, line_key, import_id, occurred_at, business_date, amount_fen, balance_fen, counterparty, remark)
      SELECT n, 'alipay-main', 'N' || n, 1, timestamptz '2026-01-03' + n * interval '1 ms', '2026-01-03', -(1000 + n % 5000) - CASE WHEN n % 100 = 0 THEN 1 ELSE 0 END,
        0, '138' || n, '提现 D' || lpad(n::text, 8, '0') FROM generate_series(1, ${lines}) n`;
    await tx`INSERT INTO open_lines SELECT line_id, amount_fen FROM statement_lines`;
  });
  await sql`VACUUM ANALYZE`;
}

/** The same matches by statements written for this one rule, and nothing else. */
const byHand = (sql: Sql): Promise<unknown> =>
  sql.begin("read write", async (tx) => {
    await tx`SELECT set_config('work_mem', '64MB', true), set_config('jit', 'off', true)`;
    await tx`
    CREATE TEMP TABLE matched ON COMMIT DROP AS
    SELECT o.line_id, p.detail_no, o.open_fen FROM open_lines o JOIN statement_lines l ON l.line_id = o.line_id
    JOIN expected_payouts p ON p.detail_no = substring(upper(l.remark) FROM 'D[0-9]{8,18}') AND p.net_fen = -o.open_fen`;
    await tx`ANALYZE matched`;
    await tx`INSERT INTO reconciliations VALUES ('R00000001', 'run', 'setup', 'setup', now(), current_date, NULL)`;
    await tx`INSERT INTO line_matches SELECT nextval('id_seq'), line_id, 'payout', detail_no, open_fen, 'payout_no', 'R00000001' FROM matched`;
    await tx`DELETE FROM open_lines o USING matched m WHERE m.line_id = o.line_id`;
    await tx`DELETE FROM expected_payouts p USING matched m WHERE m.detail_no = p.detail_no`;
    await tx`INSERT INTO journal_transactions (journal_id, kind, document_no, business_date, operator, posted_at) VALUES (nextval('journal_id_seq'), 'statement', 'R00000001', current_date, 'setup', now())`;
    await tx`
    INSERT INTO journal_lines SELECT currval('journal_id_seq'), 1, 'suspense', 'fen', sum(open_fen) FROM matched
    UNION ALL SELECT currval('journal_id_seq'), 2, 'payouts_payable', 'fen', -sum(open_fen) FROM matched`;
  });

test(`${lines} lines against ${lines} payouts`, async () => {
  await createDatabase(url, scene, template);
  await onPlain(onDatabase(url, scene), populate);
  const reconciling = new Pairs();
  const [ours, theirs] = [`${scene}_accrue`, `${scene}_hand`];
  for (let round = 0; round < rounds; round += 1) {
    for (const name of [ours, theirs]) await createDatabase(url, name, scene);
    await checkpoint(url);
    const accrue = await timedProgram(["recon", "run"], onDatabase(url, ours));
    await checkpoint(url);
    const hand = await timed(() => onPlain(onDatabase(url, theirs), async (sql) => void (await byHand(sql))));
    reconciling.add(accrue, hand);
    await dropDatabases(url, [ours, theirs]);
  }
  await dropDatabases(url, [scene]);
  console.log(comparison(`${lines} lines`, { "recon run": reconciling }));
});

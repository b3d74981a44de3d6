/**
 * One way to tamper with rows: what is done, as the owner with the triggers off for the moment, and the check that
 * finds it.
 */
type WithRows = readonly [name: string, tampering: string, check: string];
/** One way to tamper with the schema: what is done, and of which object which part `guards_in_place` names. */
type WithTheSchema = readonly [name: string, tampering: string, object: string, part: string];

const member = (no: string) => `(SELECT member_id FROM member_numbers WHERE member_no = '${no}')`;
const order = (no: string) => `(SELECT order_id FROM order_keys WHERE order_no = '${no}')`;
const withStatus = (status: string) =>
  `withdrawal_no = (SELECT min(withdrawal_no) FROM withdrawals WHERE status = '${status}')`;
/** Gives a member points, and lets entry, run, journal and balance agree about it. */
const pointsFor = (no: string, points: number) => `
  UPDATE points_entries SET available_points = available_points + ${points} WHERE ref_id = ${order(no)};
  UPDATE balances SET available_points = available_points + ${points} WHERE member_id = (SELECT member_id FROM order_keys WHERE order_no = '${no}');
  UPDATE grant_runs SET points_granted = points_granted + ${points} WHERE run_id = (SELECT run_id FROM points_entries WHERE ref_id = ${order(no)});
  UPDATE journal_lines SET amount = amount + CASE account WHEN 'points_issued' THEN ${points} ELSE -${points} END
    WHERE account IN ('points_issued', 'points_available')
      AND journal_id = (SELECT j.journal_id FROM journal_transactions j JOIN points_entries e ON e.run_id = j.run_id WHERE e.ref_id = ${order(no)})`;

const adjusted = (set: string, where: string) => `UPDATE adjustments SET ${set} WHERE ${where}`;
const adjustments: readonly WithRows[] = [
  [
    "an adjustment of more points, its entry and the member's balance with it",
    `${adjusted("points = 400", "reference = 'T-1'")};
     UPDATE points_entries SET available_points = 400 WHERE kind = 'adjust' AND available_points = 40;
     UPDATE balances SET available_points = available_points + 360 WHERE member_id = ${member("M1")}`,
    "adjustments_proposed",
  ],
  ["an adjustment under another reference", adjusted("reference = 'T-9'", "reference = 'T-1'"), "adjustments_proposed"],
  [
    "an adjustment given to somebody else",
    adjusted(`member_id = ${member("M3")}`, "reference = 'T-1'"),
    "entries_explained",
  ],
  [
    "an adjustment without its entry",
    "DELETE FROM points_entries WHERE kind = 'adjust' AND available_points = -15",
    "adjustments_proposed",
  ],
  [
    "an entry that adjusts and nobody asked for",
    `INSERT INTO points_entries (member_id, ref_id, entry_no, kind, available_points, held_points, created_at, business_date)
     SELECT member_id, 999, 1, 'adjust', 5, 0, now(), '2026-03-04' FROM member_numbers WHERE member_no = 'M1'`,
    "entries_explained",
  ],
  [
    "rows of a proposal that say something else",
    "UPDATE proposed_adjustments SET reason = 'theirs' WHERE reference = 'T-1'",
    "proposals_sealed",
  ],
  [
    "a proposal that says something else",
    "UPDATE proposals SET document = document || '{\"fund_fen\": \"7000\"}' WHERE subject_kind = 'opening_balances'",
    "proposals_sealed",
  ],
  [
    "a proposal that was rejected after all",
    "UPDATE proposals SET state = 'rejected', result = NULL, decision_reason = 'no' WHERE subject_kind = 'points_adjustment'",
    "adjustments_proposed",
  ],
  [
    "a policy that a proposal did not ask for",
    "UPDATE policies SET fee_bps = 300 WHERE effective_from = '2026-02-20'",
    "proposals_sealed",
  ],
  [
    "a policy of nobody's proposal",
    "UPDATE policies SET proposal_no = NULL WHERE effective_from = '2026-02-20'",
    "proposals_sealed",
  ],
  [
    "a rate of nobody's proposal",
    "UPDATE contribution_rates SET proposal_no = NULL WHERE contribution_bps = 2500",
    "proposals_sealed",
  ],
  [
    "a date that was reopened by nobody's proposal",
    `UPDATE business_dates SET reopened_by = 'bob', reopened_at = '2030-01-01', reopen_reason = 'x'
     WHERE business_date = (SELECT min(business_date) FROM business_dates)`,
    "proposals_sealed",
  ],
  [
    "money of an opening that is more than was approved",
    "UPDATE adjustment_postings SET fund_fen = 7000 WHERE counter = 'suspense'",
    "accounts_match_subledgers",
  ],
];

const corrections: readonly WithRows[] = [
  ["an order that is void by hand", "UPDATE orders SET status = 'void' WHERE order_no = 'C1'", "voids_approved"],
  [
    "a void order that counts again",
    "UPDATE orders SET status = 'paid', paid_at = '2026-03-01', business_date = '2026-03-01' WHERE order_no = 'P1'",
    "voids_approved",
  ],
  [
    "a corrected order of another amount than was approved",
    `UPDATE orders SET amount_fen = 70000 WHERE order_id = ${order("A4")}`,
    "voids_approved",
  ],
  [
    "a void order that another took the place of",
    `UPDATE order_voids SET new_order_id = ${order("C1")}, new_member_id = ${member("M1")} WHERE order_no = 'P1'`,
    "voids_approved",
  ],
  [
    "a correction whose record is gone",
    "DELETE FROM corrections WHERE proposal_no = (SELECT max(proposal_no) FROM corrections)",
    "voids_approved",
  ],
  ["a void whose record is gone", "DELETE FROM order_voids WHERE order_no = 'P1'", "voids_approved"],
];

const orders: readonly WithRows[] = [
  [
    "points for a member",
    `UPDATE balances SET available_points = available_points + 1000 WHERE member_id = ${member("M1")}`,
    "balances_match_entries",
  ],
  [
    "points taken from a member",
    `UPDATE balances SET available_points = available_points - 5 WHERE member_id = ${member("M2")}`,
    "balances_match_entries",
  ],
  ["a balance that is gone", `DELETE FROM balances WHERE member_id = ${member("M4")}`, "no_orphans"],
  ["an entry with more points, and all sums with it", pointsFor("A1", 100), "orders_granted_as_due"],
  [
    "an order that is worth more, its points left alone",
    "UPDATE orders SET amount_fen = 2000000 WHERE order_no = 'A1'",
    "orders_granted_as_due",
  ],
  [
    "rates of an entry that were never in force, and all sums with them",
    `${pointsFor("B1", 15)}; UPDATE points_entries SET points_bps = 10000, net_fen = net_fen WHERE ref_id = ${order("B1")}`,
    "rates_in_force",
  ],
  [
    "an entry at another merchant's rate",
    `UPDATE points_entries SET contribution_bps = 3000 WHERE ref_id = ${order("A2")}`,
    "rates_in_force",
  ],
  [
    "an order moved to another merchant",
    "UPDATE orders SET merchant_id = (SELECT merchant_id FROM merchants WHERE merchant_code = 'S1') WHERE order_no = 'A2'",
    "rates_in_force",
  ],
  ["a refund taken back", "UPDATE orders SET refunded_fen = 0 WHERE order_no = 'A2'", "orders_granted_as_due"],
  [
    "an order closed that was paid",
    "UPDATE orders SET status = 'closed' WHERE order_no = 'A1'",
    "orders_granted_as_due",
  ],
  [
    "an order that nobody imported",
    `
    INSERT INTO orders SELECT member_id, nextval('id_seq'), merchant_id, amount_fen, 0, paid_at, business_date, status, source, 'X1' FROM orders WHERE order_no = 'A1';
    INSERT INTO order_keys SELECT 'X1', source, member_id, currval('id_seq'), import_id, 99, 0 FROM order_keys WHERE order_no = 'A1';
    INSERT INTO order_changes SELECT member_id, currval('id_seq'), import_id, (SELECT merchant_id FROM merchants WHERE merchant_code = 'S1'), 1000000, '2026-03-01', true
      FROM order_keys WHERE order_no = 'A1'`,
    "imports_match_rows",
  ],
  [
    "an order that is gone with its key",
    "DELETE FROM orders WHERE order_no = 'P1'; DELETE FROM order_keys WHERE order_no = 'P1'",
    "imports_match_rows",
  ],
  [
    "an order that leads to another key",
    "UPDATE order_keys SET order_no = 'A9' WHERE order_no = 'A1'",
    "keys_lead_to_rows",
  ],
  [
    "a row in the feed that exempts an order for ever",
    `
    UPDATE orders SET amount_fen = 2000000 WHERE order_no = 'A1';
    INSERT INTO order_changes SELECT member_id, order_id, 1, merchant_id, 2000000, '9999-01-01', false FROM orders WHERE order_no = 'A1'`,
    "feed_matches_orders",
  ],
  [
    "the same with the order's own date moved",
    `
    UPDATE orders SET amount_fen = 2000000, business_date = '9999-01-01', paid_at = '9999-01-01 10:00:00+08' WHERE order_no = 'A1';
    INSERT INTO order_changes SELECT member_id, order_id, 1, merchant_id, 2000000, '9999-01-01', false FROM orders WHERE order_no = 'A1'`,
    "order_dates",
  ],
  [
    "a change in the feed that says more than its order",
    "UPDATE order_changes SET net_fen = 9000000",
    "feed_matches_orders",
  ],
  ["a change taken out of the feed", "DELETE FROM order_changes", "no_order_forgotten"],
  [
    "a date of payment moved to a day of other rates",
    "UPDATE orders SET business_date = '2026-02-01' WHERE order_no = 'A2'",
    "order_dates",
  ],
  ["another time zone for the platform", "UPDATE platform SET time_zone = 'America/New_York'", "order_dates"],
  [
    "an entry moved to another date",
    `UPDATE points_entries SET business_date = '2026-03-02' WHERE ref_id = ${order("A1")}`,
    "runs_match_entries",
  ],
  [
    "an entry granted a second time",
    `
    INSERT INTO points_entries SELECT (jsonb_populate_record(e, '{"entry_no": 2}')).* FROM points_entries e WHERE ref_id = ${order("A1")}`,
    "orders_granted_as_due",
  ],
  ["an entry that is gone", `DELETE FROM points_entries WHERE ref_id = ${order("A1")}`, "no_order_forgotten"],
  ["a skipped order's record that is gone", "DELETE FROM grant_skips", "no_order_forgotten"],
  ["a run's figures", "UPDATE grant_runs SET points_granted = points_granted + 1", "runs_match_entries"],
  [
    "a run that is gone",
    "DELETE FROM grant_runs WHERE run_id = (SELECT min(run_id) FROM grant_runs)",
    "runs_match_entries",
  ],
  [
    "an import's counts",
    "UPDATE imports SET inserted = inserted + 1, read = read + 1 WHERE kind = 'orders'",
    "imports_match_rows",
  ],
  [
    "an import that is gone with its record",
    `
    DELETE FROM operator_actions WHERE subject_kind = 'import' AND subject = (SELECT min(import_id)::text FROM imports WHERE kind = 'orders');
    DELETE FROM imports WHERE import_id = (SELECT min(import_id) FROM imports WHERE kind = 'orders')`,
    "imports_match_rows",
  ],
];

const statements: readonly WithRows[] = [
  [
    "a line of a statement over more",
    "UPDATE statement_lines SET amount_fen = amount_fen + 100, balance_fen = balance_fen + 100 WHERE line_id = 1",
    "statements_add_up",
  ],
  [
    "a line's remark that names another payment",
    "UPDATE statement_lines SET remark = 'D00000009' WHERE line_id = 2",
    "statements_add_up",
  ],
  [
    "a line moved to another statement",
    "UPDATE statement_lines SET import_id = (SELECT max(import_id) FROM statements) WHERE line_id = 1",
    "statements_add_up",
  ],
  ["a line that is gone", "DELETE FROM statement_lines WHERE line_id = 3", "numbers_without_gaps"],
  [
    "a statement that is gone",
    "DELETE FROM statements WHERE import_id = (SELECT max(import_id) FROM statements)",
    "statements_add_up",
  ],
  [
    "a balance that no statement closes with, booked as well",
    `
    UPDATE statements SET booked_fen = booked_fen + 100 WHERE import_id = (SELECT max(import_id) FROM statements);
    UPDATE journal_lines SET amount = amount + CASE account WHEN 'bank' THEN 100 ELSE -100 END
      WHERE account IN ('bank', 'suspense') AND journal_id = (SELECT max(journal_id) FROM journal_transactions WHERE kind = 'statement')`,
    "statements_add_up",
  ],
  [
    "a line that is open no more",
    "DELETE FROM open_lines WHERE line_id = (SELECT min(line_id) FROM open_lines)",
    "matches_add_up",
  ],
  [
    "a line matched twice",
    "INSERT INTO line_matches SELECT 1, line_id, 'fee', NULL, amount_fen, rule, recon_no, NULL FROM line_matches WHERE thing = 'fee' AND undone_by IS NULL LIMIT 1",
    "matches_add_up",
  ],
  [
    "a match over another amount, and the line with it",
    `
    UPDATE line_matches SET amount_fen = amount_fen + 1 WHERE thing = 'payout';
    INSERT INTO open_lines SELECT line_id, -1 FROM line_matches WHERE thing = 'payout'`,
    "matches_add_up",
  ],
  [
    "a match with another collection",
    "UPDATE line_matches SET thing_no = 'C00000002' WHERE thing_no = 'C00000001'",
    "matches_add_up",
  ],
  [
    "a collection of a line that was matched with another",
    "UPDATE collections SET line_id = 1 WHERE collection_no = 'C00000003'",
    "matches_add_up",
  ],
  [
    "a collection that is taken back for another merchant",
    "UPDATE collections SET merchant_id = (SELECT merchant_id FROM merchants WHERE merchant_code = 'S3') WHERE reverses IS NOT NULL",
    "matches_add_up",
  ],
  [
    "a match taken back by nobody",
    "UPDATE line_matches SET undone_by = recon_no WHERE thing = 'fee' AND undone_by IS NULL",
    "matches_add_up",
  ],
  [
    "a match that is gone, as if it never was",
    `
    INSERT INTO open_lines SELECT line_id, amount_fen FROM line_matches WHERE thing = 'fee' AND undone_by IS NULL;
    DELETE FROM line_matches WHERE thing = 'fee' AND undone_by IS NULL`,
    "accounts_match_subledgers",
  ],
  [
    "a payout that nobody expects to see",
    `
    INSERT INTO expected_payouts SELECT detail_no, batch_no, net_fen, channel_ref, '2026-03-04' FROM payout_details WHERE state = 'failed'`,
    "matches_add_up",
  ],
  [
    "a payout expected again that was seen leaving",
    `
    INSERT INTO expected_payouts SELECT detail_no, batch_no, net_fen, channel_ref, '2026-03-04' FROM payout_details WHERE state = 'paid'`,
    "matches_add_up",
  ],
  [
    "an act of matching that is gone",
    "DELETE FROM reconciliations WHERE recon_no = 'R00000002'",
    "numbers_without_gaps",
  ],
  [
    "an act of matching under another name",
    "UPDATE reconciliations SET operator = 'bob' WHERE recon_no = 'R00000002'",
    "running_recorded",
  ],
  [
    "a rule of matching under another name",
    "UPDATE recon_rules SET set_by = 'bob' WHERE set_by = 'amy'",
    "running_recorded",
  ],
  [
    "less written off of a forced match, and its line open",
    `
    UPDATE line_matches SET amount_fen = amount_fen - 1 WHERE thing = 'write_off' AND amount_fen > 0;
    INSERT INTO open_lines SELECT line_id, 1 FROM line_matches WHERE thing = 'write_off' AND amount_fen > 0`,
    "accounts_match_subledgers",
  ],
  [
    "a forced match that nobody agreed on",
    "UPDATE proposals SET state = 'rejected', result = NULL, decision_reason = 'no' WHERE subject_kind = 'forced_match'",
    "proposals_sealed",
  ],
  [
    "a void line that was matched by one operator",
    "UPDATE reconciliations SET kind = 'match', proposal_no = NULL WHERE kind = 'void'",
    "matches_add_up",
  ],
  [
    "a payout that no statement is to show any more",
    "INSERT INTO voided_payouts SELECT detail_no, net_fen, 'R00000002' FROM payout_details WHERE state = 'paid'",
    "accounts_match_subledgers",
  ],
  [
    "what a match moved, posted to another act",
    "UPDATE journal_transactions SET document_no = 'R00000009' WHERE document_no = 'R00000001'",
    "documents_posted",
  ],
  [
    "what a statement booked moved to another",
    `
    UPDATE journal_transactions SET document_no = 'import 0' WHERE kind = 'statement'`,
    "documents_posted",
  ],
];

const ledger: readonly WithRows[] = [
  [
    "less contributed by a merchant",
    "UPDATE merchant_contributions SET contributed_fen = contributed_fen - 1 WHERE contributed_fen > 0",
    "merchants_match_entries",
  ],
  [
    "a bill's amount, in balance",
    "UPDATE merchant_bills SET contributed_fen = contributed_fen - 1, closing_fen = closing_fen - 1 WHERE bill_no = 'B00000001'",
    "bills_match_books",
  ],
  ["a bill that is gone", "DELETE FROM merchant_bills WHERE bill_no = 'B00000002'", "bills_match_books"],
  [
    "a bill that is due later",
    "UPDATE merchant_bills SET due_on = due_on + 30 WHERE bill_no = 'B00000001'",
    "bills_match_books",
  ],
  [
    "a billed period that is gone with its bills",
    "DELETE FROM merchant_bills; DELETE FROM billing_periods",
    "money_recorded",
  ],
  [
    "a bill of a period that nobody billed",
    "INSERT INTO merchant_bills SELECT 'B00000003', merchant_id, '2026-03-03', '2026-03-03', '2026-03-03', 0, 0, 0, 0, 0, 0 FROM merchant_bills LIMIT 1",
    "bills_match_books",
  ],
  [
    "a larger collection",
    "UPDATE collections SET amount_fen = amount_fen + 1 WHERE collection_no = 'C00000001'",
    "accounts_match_subledgers",
  ],
  [
    "a larger collection, and all sums with it",
    `UPDATE collections SET amount_fen = amount_fen + 1 WHERE collection_no = 'C00000001';
    UPDATE journal_lines SET amount = amount + sign(amount) WHERE journal_id = (SELECT journal_id FROM journal_transactions WHERE document_no = 'C00000001')`,
    "money_recorded",
  ],
  [
    "a collection that is gone with its money",
    `DELETE FROM collections WHERE collection_no = 'C00000001';
    DELETE FROM journal_lines WHERE journal_id = (SELECT journal_id FROM journal_transactions WHERE document_no = 'C00000001');
    DELETE FROM journal_transactions WHERE document_no = 'C00000001'`,
    "money_recorded",
  ],
  [
    "a collection of another merchant",
    "UPDATE collections SET merchant_id = (SELECT merchant_id FROM merchants WHERE merchant_code = 'S3') WHERE collection_no = 'C00000001'",
    "money_recorded",
  ],
  [
    "a collection confirmed under another name",
    "UPDATE collections SET decided_by = 'zoe' WHERE collection_no = 'C00000001'",
    "money_recorded",
  ],
  [
    "more written off of a merchant, and all sums with it",
    `UPDATE merchant_adjustments SET amount_fen = amount_fen - 100 WHERE kind = 'write_off';
    UPDATE journal_lines SET amount = amount + 100 * sign(amount) WHERE journal_id = (SELECT journal_id FROM journal_transactions WHERE kind = 'write_off')`,
    "proposals_sealed",
  ],
  [
    "what was written off of one merchant given to another",
    "UPDATE merchant_adjustments SET merchant_id = (SELECT merchant_id FROM merchants WHERE merchant_code = 'S2') WHERE kind = 'write_off'",
    "money_recorded",
  ],
  [
    "a correction of another bill",
    "UPDATE merchant_adjustments SET bill_no = 'B00000002' WHERE kind = 'correction'",
    "proposals_sealed",
  ],
  [
    "a correction that is gone with its money",
    `DELETE FROM journal_lines WHERE journal_id IN (SELECT journal_id FROM journal_transactions JOIN merchant_adjustments ON proposal_no = document_no WHERE merchant_adjustments.kind = 'correction');
    DELETE FROM journal_transactions WHERE document_no = (SELECT proposal_no FROM merchant_adjustments WHERE kind = 'correction');
    DELETE FROM merchant_adjustments WHERE kind = 'correction'`,
    "proposals_sealed",
  ],
  [
    "payouts let go over more",
    "UPDATE coverage_exceptions SET max_payouts_fen = max_payouts_fen + 1",
    "proposals_sealed",
  ],
  ["payouts let go on another day", "UPDATE coverage_exceptions SET business_date = '2026-03-06'", "money_recorded"],
  [
    "a statement's money booked on another account",
    `UPDATE journal_lines SET money_account = 'alipay-main' WHERE money_account = 'icbc-8812'
      AND journal_id IN (SELECT journal_id FROM journal_transactions WHERE kind = 'statement')`,
    "banks_match_statements",
  ],
  [
    "a rejected collection recorded again",
    "UPDATE collections SET state = 'recorded', decided_by = NULL, decided_at = NULL, reason = NULL WHERE state = 'rejected'",
    "money_recorded",
  ],
  [
    "a money account that nobody added",
    "INSERT INTO money_accounts VALUES ('abc-1', 'bank', 'amy', now())",
    "money_recorded",
  ],
  [
    "money booked on another account",
    `INSERT INTO money_accounts VALUES ('abc-1', 'bank', 'amy', now());
    UPDATE journal_lines SET money_account = 'abc-1' WHERE account = 'bank'`,
    "collections_banked",
  ],
  [
    "what all merchants owe",
    "UPDATE journal_lines SET amount = amount + 1 WHERE account = 'contributions_receivable'",
    "merchants_owe_receivable",
  ],
  [
    "a merchant's contributions that are gone",
    "DELETE FROM merchant_contributions WHERE business_date = '2026-03-01'",
    "merchants_match_entries",
  ],
  [
    "a merchant's contributions moved to another",
    "UPDATE merchant_contributions SET merchant_id = (SELECT merchant_id FROM merchants WHERE merchant_code = 'S3')",
    "merchants_match_entries",
  ],
  [
    "a journal line",
    "UPDATE journal_lines SET amount = amount + 100 WHERE account = 'platform_share'",
    "journal_balances",
  ],
  [
    "money moved from the fund to the platform, in balance",
    `
    UPDATE journal_lines SET amount = amount + CASE account WHEN 'points_fund' THEN 100 ELSE -100 END
    WHERE account IN ('points_fund', 'platform_share') AND journal_id = (SELECT min(journal_id) FROM journal_transactions WHERE kind = 'grant')`,
    "accounts_match_subledgers",
  ],
  [
    "two withdrawals' postings exchanged",
    `
    UPDATE journal_transactions SET withdrawal_no = CASE withdrawal_no WHEN 'W00000001' THEN 'W00000002' ELSE 'W00000001' END
    WHERE kind = 'hold' AND withdrawal_no IN ('W00000001', 'W00000002')`,
    "documents_posted",
  ],
  [
    "a posting moved to another date",
    "UPDATE journal_transactions SET business_date = '2026-03-01' WHERE kind = 'burn'",
    "documents_posted",
  ],
  [
    "a posting that is gone",
    "DELETE FROM journal_lines WHERE journal_id = 1; DELETE FROM journal_transactions WHERE journal_id = 1",
    "accounts_match_subledgers",
  ],
  [
    "a posting that nothing explains",
    `
    INSERT INTO journal_transactions SELECT 9000, kind, NULL, 'W99999999', business_date, operator, posted_at FROM journal_transactions WHERE kind = 'hold' LIMIT 1;
    INSERT INTO journal_lines VALUES (9000, 1, 'points_held', 'points', 5), (9000, 2, 'points_available', 'points', -5)`,
    "documents_posted",
  ],
  [
    "a closing's sum",
    "UPDATE account_closings SET amount = amount - 1 WHERE account = 'points_fund'",
    "closings_match_journal",
  ],
  [
    "the cash behind the points of a closed date",
    "UPDATE account_closings SET amount = amount + 1 WHERE account = 'cash_behind_points'",
    "cash_told",
  ],
  ["a closing's sum that is gone", "DELETE FROM account_closings WHERE account = 'fee_income'", "dates_closed"],
  [
    "a date closed that nobody settled",
    `
    INSERT INTO business_dates SELECT (jsonb_populate_record(b, '{"business_date": "2026-03-04"}')).* FROM business_dates b WHERE business_date = '2026-03-01'`,
    "dates_closed",
  ],
  [
    "a date opened without a record",
    "UPDATE business_dates SET state = 'open', closed_at = NULL WHERE business_date = '2026-03-03'",
    "dates_closed",
  ],
  [
    "another name under a reopening",
    "UPDATE business_dates SET reopened_by = 'bob' WHERE reopened_by IS NOT NULL",
    "dates_closed",
  ],
  ["a closed date that is gone", "DELETE FROM business_dates WHERE business_date = '2026-03-02'", "dates_closed"],
  [
    "a step of a settlement that is gone",
    "DELETE FROM settlement_steps WHERE step = 'verify' AND business_date = '2026-03-01'",
    "dates_closed",
  ],
  [
    "a settlement that is gone",
    `DELETE FROM settlement_steps WHERE run_id = (SELECT max(run_id) FROM settlement_runs);
    DELETE FROM settlement_runs WHERE run_id = (SELECT max(run_id) FROM settlement_runs)`,
    "running_recorded",
  ],
];

const withdrawals: readonly WithRows[] = [
  [
    "a withdrawal approved by nobody's record",
    `UPDATE withdrawals SET status = 'approved', approved_by = 'bob', approval_risks = '{}', decided_by = 'bob', decided_at = requested_at
    WHERE ${withStatus("requested")}`,
    "decisions_recorded",
  ],
  [
    "an approval under another name",
    "UPDATE withdrawals SET approved_by = 'zoe' WHERE status = 'paid'",
    "decisions_recorded",
  ],
  [
    "the maker as the checker, in wide letters",
    "UPDATE withdrawals SET approved_by = 'ＡＬＩＣＥ' WHERE status = 'paid'",
    "maker_is_not_checker",
  ],
  [
    "one approver where there were to be two",
    `UPDATE withdrawals SET approvals_needed = 1, first_approved_by = NULL, first_approved_at = NULL, first_approval_risks = NULL
    WHERE approvals_needed = 2`,
    "terms_in_force",
  ],
  [
    "a lower fee",
    `UPDATE withdrawals SET fee_bps = 0, fee_fen = 0, net_fen = gross_fen WHERE ${withStatus("requested")}`,
    "terms_in_force",
  ],
  [
    "a point worth more",
    `UPDATE withdrawals SET point_value_fen = 200, gross_fen = points * 200, fee_fen = points * 8, net_fen = points * 192 WHERE ${withStatus("requested")}`,
    "terms_in_force",
  ],
  [
    "more points than were held",
    `UPDATE withdrawals SET points = points + 10, gross_fen = (points + 10) * 100, fee_fen = (points + 10) * 4, net_fen = (points + 10) * 96
    WHERE ${withStatus("requested")}`,
    "withdrawal_entries",
  ],
  ["a paid withdrawal open again", "UPDATE withdrawals SET status = 'paying' WHERE status = 'paid'", "payouts_match"],
  [
    "a requested withdrawal paid",
    `UPDATE withdrawals SET status = 'paid', approved_by = 'bob', decided_by = 'bob', decided_at = requested_at WHERE ${withStatus("requested")}`,
    "payouts_match",
  ],
  [
    "a rejection that never was",
    `UPDATE withdrawals SET status = 'cancelled' WHERE status = 'rejected'`,
    "decisions_recorded",
  ],
  [
    "a withdrawal that is gone with all its rows",
    `
    DELETE FROM journal_lines WHERE journal_id IN (SELECT journal_id FROM journal_transactions WHERE withdrawal_no = (SELECT withdrawal_no FROM withdrawals WHERE status = 'rejected'));
    DELETE FROM journal_transactions WHERE withdrawal_no = (SELECT withdrawal_no FROM withdrawals WHERE status = 'rejected');
    DELETE FROM points_entries WHERE ref_id = (SELECT withdrawal_id FROM withdrawals WHERE status = 'rejected');
    DELETE FROM withdrawal_keys WHERE withdrawal_id = (SELECT withdrawal_id FROM withdrawals WHERE status = 'rejected');
    DELETE FROM withdrawals WHERE status = 'rejected'`,
    "decisions_recorded",
  ],
  [
    "a request's number that leads elsewhere",
    "UPDATE withdrawal_request_keys SET request_no = 'R2'",
    "keys_lead_to_rows",
  ],
  [
    "a withdrawal's number that is gone",
    "DELETE FROM withdrawal_keys WHERE withdrawal_no = 'W00000001'",
    "keys_lead_to_rows",
  ],
  ["a payout's amount", "UPDATE payout_details SET net_fen = net_fen + 1", "payouts_match"],
  [
    "payouts exchanged within a batch",
    `
    UPDATE payout_details SET row_no = 3 - row_no WHERE row_no IN (1, 2) AND batch_no = 'P00000001'`,
    "payout_batches",
  ],
  ["a payout failed that was paid", "UPDATE payout_details SET state = 'failed' WHERE state = 'paid'", "payouts_match"],
  ["a payout that is gone", "DELETE FROM payout_details WHERE state = 'paid'", "payouts_match"],
  ["a batch's total", "UPDATE payout_batches SET total_fen = total_fen + 1", "payout_batches"],
  ["a file that is gone", "DELETE FROM payout_files WHERE batch_no = 'P00000001'", "payout_batches"],
  ["a retry that is gone", "DELETE FROM payout_retries", "retries_match"],
];

const authority: readonly WithRows[] = [
  ["a policy changed", "UPDATE policies SET fee_bps = 0 WHERE effective_from = '2026-02-20'", "terms_in_force"],
  [
    "a policy set by nobody's record",
    'INSERT INTO policies SELECT (jsonb_populate_record(p, \'{"effective_from": "2026-04-01", "fee_bps": 0}\')).* FROM policies p LIMIT 1',
    "running_recorded",
  ],
  ["a policy that is gone", "DELETE FROM policies WHERE effective_from = '2026-02-20'", "running_recorded"],
  [
    "a rate changed",
    "UPDATE contribution_rates SET contribution_bps = 1000 WHERE contribution_bps = 2500",
    "rates_in_force",
  ],
  [
    "a rate set by nobody's record",
    'INSERT INTO contribution_rates SELECT (jsonb_populate_record(c, \'{"effective_from": "2026-04-01"}\')).* FROM contribution_rates c LIMIT 1',
    "rates_recorded",
  ],
  ["a rate that is gone", "DELETE FROM contribution_rates WHERE contribution_bps = 2500", "rates_recorded"],
  [
    "an identity verified by nobody's record",
    `UPDATE members SET identity_verified_at = now() WHERE member_no = 'M4'`,
    "standings_recorded",
  ],
  ["a frozen member active again", "UPDATE members SET status = 'active' WHERE member_no = 'M3'", "standings_recorded"],
  [
    "a suspended merchant active again",
    "UPDATE merchants SET status = 'active', suspended_at = NULL WHERE merchant_code = 'S3'",
    "standings_recorded",
  ],
  [
    "a member's number moved to another",
    "UPDATE member_numbers SET member_id = member_id + 1 WHERE member_no = 'M1'",
    "keys_lead_to_rows",
  ],
  [
    "a phone that another member gets mail by",
    "UPDATE member_contacts SET member_id = member_id + 1 WHERE value = '13800000001'",
    "keys_lead_to_rows",
  ],
  [
    "a payout account that nobody added",
    `
    INSERT INTO payout_accounts SELECT (jsonb_populate_record(a, jsonb_build_object('account_id', nextval('id_seq'), 'is_default', false, 'number_masked', '139****9999'))).*
    FROM payout_accounts a WHERE closed_at IS NOT NULL`,
    "accounts_recorded",
  ],
  [
    "a payout account opened again",
    "UPDATE payout_accounts SET closed_at = NULL, closed_by = NULL WHERE closed_at IS NOT NULL",
    "accounts_recorded",
  ],
  [
    "another number on a payout account",
    "UPDATE payout_accounts SET number_masked = '139****9999'",
    "accounts_recorded",
  ],
  [
    "the record of an approval that is gone",
    "DELETE FROM operator_actions WHERE action = 'withdrawal.approve'",
    "decisions_recorded",
  ],
  [
    "the record of an approval under another name",
    "UPDATE operator_actions SET operator = 'zoe' WHERE action = 'withdrawal.approve'",
    "decisions_recorded",
  ],
  [
    "the record of a rejection that never was",
    `INSERT INTO operator_actions SELECT nextval('action_id_seq'), at, 'bob', host, 'withdrawal.reject', subject_kind, subject, details
    FROM operator_actions WHERE action = 'payout.paid'`,
    "decisions_recorded",
  ],
  [
    "the record of a closing that is gone",
    "DELETE FROM operator_actions WHERE action = 'settle.close' AND subject = '2026-03-01'",
    "running_recorded",
  ],
  [
    "the record of a policy that is gone",
    "DELETE FROM operator_actions WHERE action = 'policy.set'",
    "running_recorded",
  ],
  [
    "the record of a payout that is gone",
    "DELETE FROM operator_actions WHERE action = 'payout.paid'",
    "decisions_recorded",
  ],
  [
    "an operator who made themselves another role",
    "UPDATE operators SET role = 'finance' WHERE name = 'alice'",
    "operators_recorded",
  ],
  [
    "an operator whom nobody added",
    `INSERT INTO operators (name, skeleton, role, state, added_by, added_at) VALUES ('zoe', 'zoe', 'admin', 'active', 'zoe', now())`,
    "operators_recorded",
  ],
  [
    "an operator who looks like another one",
    `INSERT INTO operators (name, skeleton, role, state, added_by, added_at) VALUES ('Bob', 'bobby', 'admin', 'active', 'bob', now());
    INSERT INTO operator_actions (action_id, at, operator, host, action, subject_kind, subject, details)
    VALUES (nextval('action_id_seq'), now(), 'bob', 'x', 'operator.add', 'operator', 'Bob', '{"role": "admin", "state": "active"}')`,
    "operators_recorded",
  ],
  ["all records", "TRUNCATE operator_actions", "decisions_recorded"],
  [
    "a revision taken out of a rate, and its record",
    `DELETE FROM contribution_rates WHERE revision = 1 AND contribution_bps = 2000;
    DELETE FROM operator_actions WHERE action = 'merchant.set-rate' AND details->>'rate' = '20%'`,
    "numbers_without_gaps",
  ],
  ["a sequence set back", "ALTER SEQUENCE id_seq RESTART", "sequences_ahead"],
  [
    "the numbers of withdrawals set back",
    "UPDATE number_counters SET last = 1 WHERE kind = 'withdrawal'",
    "sequences_ahead",
  ],
  [
    "the numbers of payouts set forward",
    "UPDATE number_counters SET last = 100 WHERE kind = 'payout_detail'",
    "numbers_without_gaps",
  ],
];

export const waysWithRows: readonly WithRows[] = [
  ...adjustments,
  ...corrections,
  ...orders,
  ...statements,
  ...ledger,
  ...withdrawals,
  ...authority,
];

const change = "table points_entries";

export const waysWithTheSchema: readonly WithTheSchema[] = [
  [
    "a mask that masks nothing",
    "CREATE OR REPLACE FUNCTION mask_name(name text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN name",
    "function mask_name(name text)",
    "body",
  ],
  [
    "a view that shows names in full",
    `CREATE OR REPLACE VIEW masked_members AS SELECT member_id, member_no, name, mask_email(email) AS email, mask_phone(phone) AS phone,
       password_hash IS NOT NULL AS has_password, status, identity_verified_at, import_id, registered_by, registered_at FROM members`,
    "view masked_members",
    "rule _RETURN",
  ],
  [
    "a trigger dropped",
    "DROP TRIGGER journal_lines_balanced ON journal_lines",
    "table journal_lines",
    "trigger journal_lines_balanced",
  ],
  [
    "a trigger switched off",
    "ALTER TABLE withdrawals DISABLE TRIGGER withdrawals_frozen",
    "table withdrawals",
    "trigger withdrawals_frozen",
  ],
  [
    "all of them switched off",
    "ALTER TABLE points_entries DISABLE TRIGGER USER",
    change,
    "trigger points_entries_append_only",
  ],
  [
    "a trigger of a partition dropped",
    "DROP TRIGGER points_entries_append_only ON points_entries_01",
    "table points_entries_01",
    "trigger points_entries_append_only",
  ],
  [
    "a trigger of a partition switched off",
    "ALTER TABLE points_entries_08 DISABLE TRIGGER points_entries_open_date",
    "table points_entries_08",
    "trigger points_entries_open_date",
  ],
  [
    "a trigger for replicas only",
    "ALTER TABLE imports ENABLE REPLICA TRIGGER imports_append_only",
    "table imports",
    "trigger imports_append_only",
  ],
  [
    "a trigger that never fires",
    `CREATE OR REPLACE TRIGGER withdrawals_frozen BEFORE UPDATE ON withdrawals FOR EACH ROW WHEN (false) EXECUTE FUNCTION refuse_withdrawal_rewrite()`,
    "table withdrawals",
    "trigger withdrawals_frozen",
  ],
  [
    "a trigger for less",
    "CREATE OR REPLACE TRIGGER imports_append_only BEFORE DELETE ON imports FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
    "table imports",
    "trigger imports_append_only",
  ],
  [
    "a trigger that calls another function",
    "CREATE OR REPLACE TRIGGER orders_never_deleted BEFORE DELETE OR TRUNCATE ON orders FOR EACH STATEMENT EXECUTE FUNCTION suppress_redundant_updates_trigger()",
    "table orders",
    "trigger orders_never_deleted",
  ],
  [
    "a function emptied",
    "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$ BEGIN RETURN NULL; END $$",
    "function refuse_change()",
    "body",
  ],
  [
    "a function that looks elsewhere",
    "ALTER FUNCTION refuse_closed_date() RESET search_path",
    "function refuse_closed_date()",
    "settings",
  ],
  [
    "a function that looks among temporary tables first",
    "ALTER FUNCTION refuse_closed_date() SET search_path = pg_temp, public",
    "function refuse_closed_date()",
    "settings",
  ],
  [
    "another rule of rounding",
    "CREATE OR REPLACE FUNCTION round_half_up(numerator bigint, denominator bigint) RETURNS bigint LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE RETURN numerator / denominator + 1",
    "function round_half_up(numerator bigint, denominator bigint)",
    "body",
  ],
  [
    "a function that is called in another's place",
    "CREATE FUNCTION round_half_up(numerator bigint, denominator integer) RETURNS bigint LANGUAGE sql RETURN 0::bigint",
    "function round_half_up(numerator bigint, denominator integer)",
    "all of it",
  ],
  [
    "a trigger that swallows rows",
    `CREATE FUNCTION swallow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
    CREATE TRIGGER quiet BEFORE INSERT ON operator_actions FOR EACH ROW EXECUTE FUNCTION swallow()`,
    "table operator_actions",
    "trigger quiet",
  ],
  [
    "a rule that swallows rows",
    "CREATE RULE quiet AS ON INSERT TO operator_actions DO INSTEAD NOTHING",
    "table operator_actions",
    "rule quiet",
  ],
  [
    "a rule on a partition",
    "CREATE RULE quiet AS ON DELETE TO orders_01 DO INSTEAD NOTHING",
    "table orders_01",
    "rule quiet",
  ],
  [
    "a check dropped",
    "ALTER TABLE withdrawals DROP CONSTRAINT withdrawals_fee_fen",
    "table withdrawals",
    "constraint withdrawals_fee_fen",
  ],
  [
    "a check that holds for new rows only",
    `ALTER TABLE balances DROP CONSTRAINT balances_available;
    ALTER TABLE balances ADD CONSTRAINT balances_available CHECK (available_points + clawed_back_points >= 0) NOT VALID`,
    "table balances",
    "constraint balances_available",
  ],
  [
    "a check that always holds",
    `ALTER TABLE withdrawals DROP CONSTRAINT withdrawals_maker_is_not_checker;
    ALTER TABLE withdrawals ADD CONSTRAINT withdrawals_maker_is_not_checker CHECK (true)`,
    "table withdrawals",
    "constraint withdrawals_maker_is_not_checker",
  ],
  [
    "a key dropped",
    "ALTER TABLE payout_details DROP CONSTRAINT payout_details_withdrawal",
    "table payout_details",
    "constraint payout_details_withdrawal",
  ],
  [
    "a primary key dropped",
    "ALTER TABLE points_entries DROP CONSTRAINT points_entries_pkey",
    change,
    "constraint points_entries_pkey",
  ],
  [
    "a foreign key dropped",
    "ALTER TABLE journal_lines DROP CONSTRAINT journal_lines_journal_id_journal_transactions_journal_id_fk",
    "table journal_lines",
    "constraint journal_lines_journal_id_journal_transactions_journal_id_fk",
  ],
  [
    "a unique index dropped",
    "DROP INDEX payout_accounts_default",
    "table payout_accounts",
    "unique index payout_accounts_default",
  ],
  [
    "a column that may be missing",
    "ALTER TABLE withdrawals ALTER COLUMN requested_by DROP NOT NULL",
    "table withdrawals",
    "column requested_by",
  ],
  [
    "a default that gives points",
    "ALTER TABLE balances ALTER COLUMN available_points SET DEFAULT 1000",
    "table balances",
    "column available_points",
  ],
  [
    "a column of another type",
    "ALTER TABLE products ALTER COLUMN name TYPE varchar(3)",
    "table products",
    "column name",
  ],
  [
    "a column that was added",
    "ALTER TABLE payout_files ADD COLUMN paid_to text",
    "table payout_files",
    "column paid_to",
  ],
  [
    "rows that some do not see",
    "CREATE POLICY few ON withdrawals USING (points < 100); ALTER TABLE withdrawals ENABLE ROW LEVEL SECURITY",
    "table withdrawals",
    "policy few",
  ],
  ["row security", "ALTER TABLE points_entries ENABLE ROW LEVEL SECURITY", change, "row security"],
  [
    "a table whose rows count with another's",
    "CREATE TABLE more_balances () INHERITS (balances)",
    "table balances",
    "part more_balances",
  ],
  ["a partition taken off", "ALTER TABLE orders DETACH PARTITION orders_08", "table orders", "part orders_08"],
  ["a table that a crash empties", "ALTER TABLE run_slots SET UNLOGGED", "table run_slots", "kind"],
  ["a change granted to everybody", "GRANT UPDATE ON points_entries TO PUBLIC", change, "others may"],
  ["reading granted to everybody", "GRANT SELECT ON payout_accounts TO PUBLIC", "table payout_accounts", "others may"],
  [
    "a column granted to everybody",
    "GRANT UPDATE (status) ON withdrawals TO PUBLIC",
    "table withdrawals",
    "others may",
  ],
  ["a change granted to a role", "GRANT DELETE ON journal_lines TO pg_monitor", "table journal_lines", "others may"],
  ["triggers granted to a role", "GRANT TRIGGER ON withdrawals TO pg_monitor", "table withdrawals", "others may"],
  [
    "the owner's own right given back",
    "GRANT UPDATE ON journal_lines TO CURRENT_USER",
    "table journal_lines",
    "its owner may not",
  ],
  ["a sequence that goes round", "ALTER SEQUENCE journal_id_seq MAXVALUE 100 CYCLE", "sequence journal_id_seq", "kind"],
];

/** What it takes a superuser for. */
export const waysOfASuperuser: readonly WithTheSchema[] = [
  ["a table given to somebody else", "ALTER TABLE balances OWNER TO pg_monitor", "table balances", "owner"],
  [
    "a function given to somebody else",
    "GRANT CREATE ON SCHEMA public TO pg_monitor; ALTER FUNCTION refuse_change() OWNER TO pg_monitor",
    "function refuse_change()",
    "owner",
  ],
];

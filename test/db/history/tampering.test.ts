import { afterAll, expect, test } from "vitest";
import { inTransaction } from "../../../src/db/database.ts";
import { allChecks } from "../../../src/verification/checks.ts";
import { everything, gatherEverything } from "../../../src/verification/scope.ts";
import { connect } from "../../../src/db/database.ts";
import { targetFromUrl } from "../../../src/db/url.ts";
import { testDatabase } from "../../support/database.ts";
import { archiveFebruary, someDirectory, threeNights } from "./scene.ts";

const here = await testDatabase();
await threeNights(here);
await archiveFebruary(here, someDirectory());
const superuser = connect(targetFromUrl(here.superuserUrl)!);
afterAll(() => superuser.close());

const member = "(SELECT member_id FROM member_numbers WHERE member_no = 'M1')";

test.each([
  [
    "points of a member that are carried",
    "UPDATE carried_points SET available_points = available_points + 1 WHERE member_id = " + member,
    ["archives_add_up", "balances_match_entries"],
  ],
  [
    "points carried for another member",
    `UPDATE carried_points SET available_points = available_points + CASE WHEN member_id = ${member} THEN 1 ELSE -1 END
     WHERE member_id IN (${member}, (SELECT member_id FROM member_numbers WHERE member_no = 'M2'))`,
    ["balances_match_entries"],
  ],
  [
    "a member's sums that are gone",
    `DELETE FROM carried_points WHERE member_id = ${member}`,
    ["archives_add_up", "balances_match_entries"],
  ],
  [
    "clawbacks that are carried",
    "UPDATE carried_points SET clawed_back_points = 0",
    ["archives_add_up", "balances_match_entries"],
  ],
  [
    "sums of a date and merchant",
    "UPDATE carried_entries SET contributed_fen = contributed_fen + 100 WHERE (business_date, merchant_id) = (SELECT business_date, min(merchant_id) FROM carried_entries WHERE contributed_fen > 0 GROUP BY 1 ORDER BY 1 LIMIT 1)",
    [
      "accounts_match_subledgers",
      "archives_add_up",
      "merchants_match_entries",
      "merchants_owe_receivable",
      "runs_match_entries",
    ],
  ],
  [
    "sums of another merchant",
    "UPDATE carried_entries SET merchant_id = (SELECT merchant_id FROM merchants WHERE merchant_code = 'SX') WHERE merchant_id = (SELECT merchant_id FROM merchants WHERE merchant_code = 'S1')",
    ["merchants_match_entries"],
  ],
  [
    "sums of another run",
    "UPDATE carried_entries SET run_id = run_id + 1 WHERE run_id = (SELECT min(run_id) FROM carried_entries)",
    ["runs_match_entries"],
  ],
  [
    "an archived order that is known by another number",
    "UPDATE order_keys SET order_no = 'A9' WHERE order_no = 'A1'",
    ["keys_lead_to_rows"],
  ],
  [
    "an archived order that is not known any more",
    "DELETE FROM order_keys WHERE order_no = 'A1'",
    ["imports_match_rows", "keys_lead_to_rows"],
  ],
  ["an order of an archived range that is gone", "DELETE FROM orders WHERE order_no = 'A5'", ["keys_lead_to_rows"]],
  ["an archive of more orders", "UPDATE history_archives SET orders = orders + 1", ["archives_add_up"]],
  ["an archive of other keys", "UPDATE history_archives SET keys_weight = keys_weight + 1", ["keys_lead_to_rows"]],
  [
    "an archive that is said to be attached",
    "UPDATE history_archives SET attached_by = 'tester', attached_at = now()",
    ["archives_add_up", "keys_lead_to_rows", "running_recorded"],
  ],
  ["an archive by somebody else", "UPDATE history_archives SET archived_by = 'amy'", ["running_recorded"]],
  [
    "an archive that is gone",
    "DELETE FROM carried_points; DELETE FROM carried_entries; DELETE FROM history_archives",
    [
      "accounts_match_subledgers",
      "balances_match_entries",
      "keys_lead_to_rows",
      "merchants_match_entries",
      "merchants_owe_receivable",
      "running_recorded",
      "runs_match_entries",
    ],
  ],
] as const)("%s: found, and where rows are gathered first as on a standby", async (_what, tampering, wrong) => {
  const found = await inTransaction(
    superuser,
    async (tx) => {
      await tx.unsafe(`SET LOCAL session_replication_role = replica; SET LOCAL jit = off; ${tampering}`);
      const [gathered, whole] = [await gatherEverything(tx), everything(tx)];
      const names: string[] = [];
      for (const { name, find } of allChecks) {
        const findings = await find(tx, gathered, "2026-02-22");
        expect(await find(tx, whole, "2026-02-22"), name).toEqual(findings);
        if (findings.found > 0n) names.push(name);
      }
      return names;
    },
    "rollback",
  );
  expect(found.filter((name) => !["closings_match_journal", "guards_in_place"].includes(name)).toSorted()).toEqual(
    wrong,
  );
});

test("the database refuses to change an archive, or to drop what it carries before it is attached", async () => {
  const refused = (statement: string) =>
    expect(
      inTransaction(here.db, (tx) => tx.unsafe(statement)),
      statement,
    ).rejects.toThrow();
  await refused("UPDATE history_archives SET orders = orders + 1");
  await refused("UPDATE history_archives SET attached_by = 'x', attached_at = now(), orders = 9");
  await refused("DELETE FROM history_archives");
  await refused("DELETE FROM carried_points");
  await refused("DELETE FROM carried_entries WHERE kind = 'grant'");
  await refused("UPDATE carried_points SET orders = 7");
  await refused("TRUNCATE carried_entries");
});

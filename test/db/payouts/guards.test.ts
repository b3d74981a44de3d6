import { afterAll, expect, test } from "vitest";
import { recordBatch } from "../../../src/domain/payouts/export.ts";
import { fileProvider } from "../../../src/domain/payouts/file-provider.ts";
import { plainClient } from "../../support/admin.ts";
import { ground } from "../../support/money/ground.ts";
import { dumpDatabase } from "../../support/database.ts";
import { scratchDirectory, writeScratch } from "../../support/files.ts";
import { approvedWithdrawal, box } from "./scene.ts";
import { importResults } from "../../support/imports.ts";

const here = await ground();
const cashier = here.as("cashier");
await approvedWithdrawal(here.db, 100n);
await approvedWithdrawal(here.db, 100n);
await recordBatch(cashier, box, fileProvider("alipay", scratchDirectory()), {});
const [paid, open] = (
  await here.db.sql<{ detailNo: string }[]>`SELECT detail_no FROM payout_details ORDER BY detail_no`
).map(({ detailNo }) => detailNo);
await importResults(cashier, {
  input: { path: writeScratch("answer.csv", `detail_no,status,amount\n${paid},success,95.00\n`) },
});

/** The database's own superuser: whoever asks is refused. */
const superuser = plainClient(here.superuserUrl);
afterAll(() => superuser.end());
const before = await dumpDatabase(here.db);

const copyOf = (changes: string) =>
  `INSERT INTO payout_details SELECT (jsonb_populate_record(d, '${changes}')).* FROM payout_details d WHERE detail_no = '${open}'`;

test.each([
  [
    "another amount",
    `UPDATE payout_details SET net_fen = 1 WHERE detail_no = '${open}'`,
    `what was sent as payout ${open} is frozen`,
  ],
  [
    "another account",
    `UPDATE payout_details SET account_id = 1 WHERE detail_no = '${open}'`,
    `what was sent as payout ${open} is frozen`,
  ],
  [
    "a failure after a success",
    `UPDATE payout_details SET state = 'failed' WHERE detail_no = '${paid}'`,
    `payout ${paid} cannot go from paid to failed`,
  ],
  [
    "unsending",
    `UPDATE payout_details SET state = 'sent' WHERE detail_no = '${open}'`,
    `payout ${open} cannot go from sent to sent`,
  ],
  ["a second payout of a withdrawal", copyOf('{"detail_no": "D9", "batch_no": "P9"}'), "payout_details_withdrawal"],
  [
    "a payout that comes late for its batch",
    copyOf('{"detail_no": "D9", "withdrawal_id": 9}'),
    "payout D9 comes too late for batch",
  ],
  [
    "a batch without its payouts",
    `INSERT INTO payout_batches SELECT (jsonb_populate_record(b, '{"batch_no": "P9"}')).* FROM payout_batches b`,
    "payout batch P9 says 2 details of 19000 fen, and has 0 of 0",
  ],
  ["a batch with another total", "UPDATE payout_batches SET total_fen = 1", "is frozen"],
  [
    "a batch of Stripe without who pays",
    `INSERT INTO payout_batches SELECT (jsonb_populate_record(b, '{"batch_no": "P9", "channel": "stripe"}')).* FROM payout_batches b`,
    "payout_batches_payer",
  ],
  ["another payer", "UPDATE payout_batches SET payer = 'acct_another'", "is frozen"],
  ["deleting a payout", "DELETE FROM payout_details", "rows of payout_details are never deleted"],
  ["deleting a batch", "DELETE FROM payout_batches", "rows of payout_batches are never deleted"],
  ["rewriting a file", "UPDATE payout_files SET sha256 = sha256", "payout_files is append-only: UPDATE is refused"],
  ["freeing a number", "DELETE FROM payout_detail_keys", "payout_detail_keys is append-only: DELETE is refused"],
])("the database refuses %s", async (_what, statement, message) => {
  const error = await superuser.unsafe(statement).then(
    () => undefined,
    (thrown: { message: string }) => thrown,
  );
  expect(error?.message).toContain(message);
  expect(await dumpDatabase(here.db)).toBe(before);
});

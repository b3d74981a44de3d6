import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { nastyStructures } from "./nasty-structures.ts";
import { peopleIn } from "../orders/scene.ts";
import { testDatabase } from "../../support/database.ts";
import { scratchDirectory } from "../../support/files.ts";
import { transcript } from "../../support/transcript.ts";

const folder = resolve("fixtures/nasty");
const database = await testDatabase();
await peopleIn(database);
const names = Object.keys(nastyStructures);

/** `NASTY=write npx vitest run test/db/imports/nasty-structures.test.ts` writes the files anew. */
if (process.env["NASTY"] === "write") {
  mkdirSync(folder, { recursive: true });
  for (const name of names) writeFileSync(join(folder, name), nastyStructures[name]!);
}

test("the files are what the script makes", () => {
  for (const name of names)
    expect([name, readFileSync(join(folder, name), "utf8")]).toEqual([name, nastyStructures[name]]);
});

test("each is imported as far as its rows are good, and every other row is told", async () => {
  const cwd = scratchDirectory();
  for (const name of names) cpSync(join(folder, name), join(cwd, name));
  expect(
    await transcript(
      names.map((name) => `accrue order import ${name}`),
      { database, cwd },
    ),
  ).toMatchInlineSnapshot(`
    "
    $ accrue order import empty.csv
    ! error: empty.csv is empty: it has not even a header line
    ! hint: a line above the rows must name the columns; a file without data has that line only
    [exit 2]

    $ accrue order import only-blanks.csv
    ! error: only-blanks.csv: no line names any of the columns
    ! hint: a line above the rows must name the columns (an import shows with --explain what is in the file). Needed: order_no (or 订单号); member_no (or 会员号); merchant_code (or 商家编号); amount (or 金额); may also have: status (or 状态); paid_at (or 支付时间); refunded_amount (or 退款金额); source (or 来源); skus (or 商品编号)
    [exit 2]

    $ accrue order import header-only.csv
    header-only.csv: import 1
      read       0
      inserted   0
      updated    0
      duplicate  0
      rejected   0
      file       utf-8, sha256 208a58776c66ba84…
      took       <seconds>, <rate>

    $ accrue order import no-final-newline.csv
    no-final-newline.csv: import 2
      read       1
      inserted   1
      updated    0
      duplicate  0
      rejected   0
      file       utf-8, sha256 e564f0eae67a3947…
      took       <seconds>, <rate>

    $ accrue order import cr-only.csv
    cr-only.csv: import 3
      read       2
      inserted   2
      updated    0
      duplicate  0
      rejected   0
      file       utf-8, sha256 fbeb0eaa408b9953…
      took       <seconds>, <rate>

    $ accrue order import blank-lines.csv
    blank-lines.csv: import 4
      read       2
      inserted   2
      updated    0
      duplicate  0
      rejected   0
      file       utf-8, header on line 2, sha256 5aaa0072cd62875f…
      took       <seconds>, <rate>
      rows passed over: 3 blank

    $ accrue order import ragged.csv
    ragged.csv: import 5
      read          5
      inserted      2
      updated       0
      duplicate     0
      rejected      3
      file          utf-8, sha256 9cadc1c3d71d5a0f…
      took          <seconds>, <rate>
      rejects file  ragged.rejects.csv
      2 x too_many_cells
      1 x too_few_cells
      line 3: the row has 3 cells, the header 6
      line 4: the row has 7 cells, the header 6; put quotes around a cell that contains a comma
      line 5: the row has 7 cells, the header 6; put quotes around a cell that contains a comma
    [exit 3]

    $ accrue order import quotes.csv
    quotes.csv: import 6
      read          5
      inserted      2
      updated       0
      duplicate     0
      rejected      3, 2.00 yuan
      file          utf-8, sha256 89c0971af1f2cbfd…
      took          <seconds>, <rate>
      rejects file  quotes.rejects.csv
      1 x amount_not_an_amount
      1 x malformed_quote
      1 x order_no_control_character
      line 3, amount: "2\\"50" is not an amount of yuan such as 1234.50
      line 4: a quoted cell is not closed, or has text after its closing quote; write a quote inside quotes twice ("")
      line 5, order_no: "Q4\\nfurther" contains the invisible character U+000A at position 3
    [exit 3]

    $ accrue order import quote-left-open.csv
    quote-left-open.csv: import 7
      read          3
      inserted      2
      updated       0
      duplicate     0
      rejected      1
      file          utf-8, sha256 f669ae2951110463…
      took          <seconds>, <rate>
      rejects file  quote-left-open.rejects.csv
      1 x malformed_quote
      line 3: a quoted cell is not closed, or has text after its closing quote; write a quote inside quotes twice ("")
    [exit 3]

    $ accrue order import huge-cell.csv
    huge-cell.csv: import 8
      read          2
      inserted      1
      updated       0
      duplicate     0
      rejected      1, 1.00 yuan
      file          utf-8, sha256 8ecb60bcb221a0d7…
      took          <seconds>, <rate>
      rejects file  huge-cell.rejects.csv
      1 x cell_too_long
      line 2, member_no: "MMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMM…" has 40000 characters; at most 32768 are taken
    [exit 3]

    $ accrue order import twice.csv
    twice.csv: import 9
      read          7
      inserted      0
      updated       0
      duplicate     0
      rejected      7, 7.01 yuan
      file          utf-8, sha256 3522a4c1692dd8d7…
      took          <seconds>, <rate>
      rejects file  twice.rejects.csv
      7 x order_rows_disagree
      line 2, member_no: the rows of this order do not agree on who bought it (lines 2 and 4); none of them is imported
      line 3, member_no: the rows of this order do not agree on who bought it (lines 2 and 4); none of them is imported
      line 4, member_no: the rows of this order do not agree on who bought it (lines 2 and 4); none of them is imported
      line 5, member_no: the rows of this order do not agree on who bought it (lines 2 and 4); none of them is imported
      line 6, member_no: the rows of this order do not agree on who bought it (lines 2 and 4); none of them is imported
    [exit 3]

    $ accrue order import totals-right.csv
    totals-right.csv: import 10
      read          2
      inserted      1
      updated       0
      duplicate     0
      rejected      1, 2.00 yuan
      file          utf-8, sha256 2d1cc5b1a6be89ea…
      took          <seconds>, <rate>
      rejects file  totals-right.rejects.csv
      rows passed over: 1 after the data
      the file's own sum of amount is right: 1002.50
      the file's own number of rows is right: 2
      1 x unknown_member
      line 3, member_no: no member has this number; register or import the member first
    [exit 3]

    $ accrue order import totals-wrong.csv
    totals-wrong.csv: import 11
      read          2
      inserted      1
      updated       0
      duplicate     0
      rejected      1
      file          utf-8, sha256 6b052c19c99790a1…
      took          <seconds>, <rate>
      rejects file  totals-wrong.rejects.csv
      rows passed over: 1 after the data
      the file's own sum of amount is 3.00, but 1.00 was read, without 1 that cannot be read
      the file's own number of rows is 3, but 2 were read
      1 x amount_not_an_amount
      line 3, amount: "abc" is not an amount of yuan such as 1234.50
    [exit 3]

    $ accrue order import put-together.csv
    put-together.csv: import 12
      read       2
      inserted   2
      updated    0
      duplicate  0
      rejected   0
      file       utf-8, sha256 f1e946891c3447fb…
      took       <seconds>, <rate>
      rows passed over: 1 repeated header, 2 after the data
      the file's own sum of amount is right: 3.00
      the file's own number of rows is right: 2

    $ accrue order import preamble.csv
    preamble.csv: import 13
      read       1
      inserted   1
      updated    0
      duplicate  0
      rejected   0
      file       utf-8, header on line 4, sha256 5e368fa0e2767445…
      took       <seconds>, <rate>

    $ accrue order import semicolons.csv
    semicolons.csv: import 14
      read       1
      inserted   1
      updated    0
      duplicate  0
      rejected   0
      file       utf-8, semicolons, sha256 1c48de3362aad32d…
      took       <seconds>, <rate>

    $ accrue order import tabs.csv
    tabs.csv: import 15
      read       1
      inserted   1
      updated    0
      duplicate  0
      rejected   0
      file       utf-8, tabs, sha256 7dd377b15b97f645…
      took       <seconds>, <rate>

    $ accrue order import zeroed-ids.csv
    zeroed-ids.csv: import 16
      read          3
      inserted      1
      updated       0
      duplicate     0
      rejected      2, 2.00 yuan
      file          utf-8, sha256 37511f616fa4e15e…
      took          <seconds>, <rate>
      rejects file  zeroed-ids.rejects.csv
      2 x order_no_zeroed_tail
      line 2, order_no: "408810236802001000" ends in zeros from its 16th digit on, like others of this file: a spreadsheet has put them in place of the real ones; export it again with the column as text, or write ="408810236802001000" where the number is genuine
      line 3, order_no: "408810236802002000" ends in zeros from its 16th digit on, like others of this file: a spreadsheet has put them in place of the real ones; export it again with the column as text, or write ="408810236802002000" where the number is genuine
    [exit 3]

    $ accrue order import totals-below-zero.csv
    totals-below-zero.csv: import 17
      read          2
      inserted      0
      updated       0
      duplicate     0
      rejected      2, 5.00 yuan
      file          utf-8, sha256 d2b10e366e4b02fa…
      took          <seconds>, <rate>
      rejects file  totals-below-zero.rejects.csv
      rows passed over: 1 after the data
      the file's own sum of amount is right: 3.00
      the file's own number of rows is right: 2
      1 x amount_negative
      1 x conflict_amount
      line 2, amount: the order is known with amount 1.00
      line 3, amount: "-2.00" is negative; an amount is zero or more
    [exit 3]
    "
  `);
});

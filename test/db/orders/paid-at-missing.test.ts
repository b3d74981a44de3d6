import { writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { testDatabase } from "../../support/database.ts";
import { importOrders } from "../../support/imports.ts";
import { orderFile, peopleIn } from "./scene.ts";

const database = await testDatabase();
await peopleIn(database);

const columns = { order_no: "no", member_no: "who", merchant_code: { constant: "S1" }, amount: "sum", status: "state" };

/** What the one row of a file is rejected with, by a profile of one's own. */
async function messageOf(header: string, row: string, more: object = {}): Promise<string | undefined> {
  const path = orderFile([row], header);
  const profile = path.replace(/csv$/, "json");
  writeFileSync(profile, JSON.stringify({ profile: "till", kind: "orders", columns: { ...columns, ...more } }));
  const { reasons, examples } = await importOrders(database.context(), { input: { path }, reading: { profile } });
  expect(reasons).toEqual([["paid_at_missing", 1]]);
  return examples[0]?.message.replace("a paid order needs the time of its payment: ", "");
}

describe("a paid order without a time of payment is told where a time stands in its row", () => {
  test("no column is read as that: which one is a time, and how to have it read", async () => {
    expect(await messageOf("no,who,sum,state,下单时间,物流单号", "A,M1,1,paid,2026-02-01 10:00,20260201")).toBe(
      "下单时间 is a time in this row: if that is the one, --map 'paid_at=下单时间' reads it",
    );
    expect(await messageOf("no,who,sum,state,made,shipped", "A,M1,1,paid,2/1/2026,2026年2月3日")).toBe(
      "made, shipped are times in this row: if that is the one, --map paid_at=made reads it",
    );
    expect(await messageOf("no,who,sum,state,", "A,M1,1,paid,2026-02-01")).toBe(
      "#5 is a time in this row: if that is the one, --map 'paid_at=#5' reads it",
    );
  });

  test("nor is any cell a time: what to add", async () => {
    expect(await messageOf("no,who,sum,state,ref", "A,M1,1,paid,20260201")).toBe(
      "no other cell of this row is a time: add a column with it, and say which: --map paid_at=HEADER",
    );
  });

  test("the column is there and blank: where to write it, and what a profile may read in its place", async () => {
    const paidAt = { paid_at: "paid" };
    expect(await messageOf("no,who,sum,state,paid", "A,M1,1,paid,", paidAt)).toBe(
      "write it into paid; no other cell of this row is a time",
    );
    expect(await messageOf("no,who,sum,state,paid,Order Date", "A,M1,1,paid,,2026.02.01", paidAt)).toBe(
      'write it into paid; Order Date is a time in this row: a profile may read it where paid is blank ("otherwise"), ' +
        "--map 'paid_at=Order Date' reads it in every row",
    );
  });
});

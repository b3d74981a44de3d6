import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { subjects } from "../../../src/cli/subjects.ts";
import { approve } from "../../../src/domain/approvals/decide.ts";
import { propose } from "../../../src/domain/approvals/propose.ts";
import { voidSubject } from "../../../src/domain/corrections/order-subjects.ts";
import { undoSubject } from "../../../src/domain/corrections/undo-subject.ts";
import { showMember } from "../../../src/domain/members/show.ts";
import { inTransaction } from "../../../src/db/database.ts";
import { recordedImport } from "../../../src/imports/show.ts";
import { evidenceKind } from "../../../src/domain/evidence/import.ts";
import { runImport } from "../../../src/imports/run-import.ts";
import { verify } from "../../../src/verification/verify.ts";
import { approved } from "../../support/approved.ts";
import { cloneOf, testDatabase, type TestDatabase } from "../../support/database.ts";
import { writeScratch } from "../../support/files.ts";
import { importAliases, importMembers, importMerchants, importOrders, importProducts } from "../../support/imports.ts";
import { transcript } from "../../support/transcript.ts";
import { standingOf } from "../../support/standing.ts";
import { orderFile, peopleIn, settle, take } from "../orders/scene.ts";

const template = await testDatabase();
await peopleIn(template);

let here: TestDatabase;
beforeEach(async () => {
  here = await cloneOf(template);
});
afterEach(() => here.drop());

const row = (no: string, member: string, merchant: string, amount: string, refunded = "", status = "paid") =>
  `${no},${member},${merchant},${amount},${status},${status === "pending" ? "" : "2026-02-01 12:00:00"},${refunded},,`;
const older = [
  row("A1", "M1", "S1", "500.00"),
  row("A2", "M2", "S2", "300.00"),
  row("A3", "M2", "S1", "90.00", "", "pending"),
];
/** New orders, a refund, a payment and an end of older ones. */
const wrong = [
  row("B1", "M1", "S1", "100.00"),
  row("B2", "M3", "S2", "70.00", "20.00"),
  row("A1", "M1", "S1", "500.00", "120.00"),
  row("A2", "M2", "S2", "300.00", "", "closed"),
  row("A3", "M2", "S1", "90.00"),
];

const lastImport = async (on = here) => {
  const [one] = await on.db.sql<{ importId: bigint }[]>`SELECT max(import_id) AS import_id FROM imports`;
  return one!.importId;
};
async function undo(importId: bigint, on = here) {
  const { kind, file } = await recordedImport(on, importId);
  return approved(on.context(), undoSubject, { import_id: String(importId), kind, file });
}
async function undoLast() {
  return undo(await lastImport());
}

async function expectSound(): Promise<void> {
  const { checks } = await verify(here.context());
  expect(checks.filter(({ ok }) => !ok)).toEqual([]);
}

describe("an import of orders that is undone", () => {
  test.each([false, true])(
    "is as if it had never come, granted: %s; and the same file can come again",
    async (granted) => {
      const other = await cloneOf(template);
      await take(other, older);
      await settle(other);
      const [before, file] = [await standingOf(other.db), { path: orderFile(wrong) }];
      await importOrders(other.context(), { input: file });
      await settle(other);
      const after = await standingOf(other.db);
      await other.drop();

      await take(here, older);
      if (granted) await settle(here);
      await importOrders(here.context(), { input: file });
      if (granted) await settle(here);
      const { proposalNo, result } = await undoLast();
      expect(result).toEqual({ orders: 5, void: granted ? 5 : 3, numbers_free: 2, members: 0 });
      await expectSound();
      await settle(here);
      await expectSound();
      expect(await standingOf(here.db)).toBe(before);

      expect((await recordedImport(here, 2n)).undoneBy).toBe(proposalNo);
      expect(await importOrders(here.context(), { input: file })).toMatchObject({ inserted: 2, updated: 3 });
      await settle(here);
      await expectSound();
      expect(await standingOf(here.db)).toBe(after);
    },
  );

  test("keeps what others changed since, and says what and why", async () => {
    await take(here, older);
    await take(here, [...wrong, row("B3", "M3", "S1", "10.00"), row("B4", "M3", "S1", "11.00")]);
    const importId = await lastImport();
    await take(here, [row("B1", "M1", "S1", "100.00", "5.00"), row("A1", "M1", "S1", "500.00", "130.00")]);
    await approved(here.context(), voidSubject, { order_no: "B3", source: "default" });
    await inTransaction(
      here.db,
      (tx) => tx`
        INSERT INTO order_refunds (member_id, order_id, refund_no, refunded_fen, import_id)
        SELECT member_id, order_id, 'R1', 2000, 3 FROM order_keys WHERE order_no = 'B2'`,
    );
    const { proposalNo, basis } = await undo(importId);
    expect(basis).toMatchObject({
      brought: {
        orders: {
          taken: 3,
          kept: {
            changed_later: { rows: 2, such_as: ["A1@default", "B1@default"] },
            refunded_later: { rows: 1, such_as: ["B2@default"] },
            voided: { rows: 1, such_as: ["B3@default"] },
          },
        },
      },
    });
    await expectSound();
    const stays = await transcript([`accrue import show ${importId} --if-undone`], { database: here });
    expect(stays).toMatchInlineSnapshot(`
      "
      $ accrue import show 2 --if-undone
      thing   name        reason
      orders  A1@default  changed by a later import
      orders  B1@default  changed by a later import
      orders  B2@default  refunded by a later import
      orders  B3@default  void by a proposal of its own
      "
    `);
    expect(await transcript([`accrue import show ${importId} --if-undone --csv`], { database: here })).toContain(
      "orders,B2@default,refunded_later,refunded by a later import",
    );
    await expect(undo(importId)).rejects.toMatchObject({ code: "nothing_to_undo" });
    // What the later import changed is free to go back now.
    await undo(3n);
    const { result } = await undo(importId);
    expect(result).toMatchObject({ orders: 3, void: 2 });
    expect((await recordedImport(here, importId)).undoneBy! > proposalNo).toBe(true);
    await settle(here);
    await expectSound();
  });

  test("takes the members with it whom only it named", async () => {
    const before = await standingOf(here.db);
    const rows = [row("B1", "N1", "S1", "100.00"), row("B2", "N2", "S2", "70.00"), row("B3", "M1", "S2", "70.00")];
    await importOrders(here.context(), { input: { path: orderFile(rows) }, createsMembers: true });
    expect((await undoLast()).result).toMatchObject({ orders: 3, void: 0, members: 2 });
    await expectSound();
    expect(await standingOf(here.db)).toBe(before);
  });

  test("can be undone once of two that want to; what was judged otherwise is stale", async () => {
    await take(here, wrong.slice(0, 2));
    const importId = await lastImport();
    const { kind, file } = await recordedImport(here, importId);
    const pat = here.context({ operator: { ...here.context().operator, name: "pat" } });
    const document = { import_id: String(importId), kind, file };
    const first = await propose(pat, undoSubject, document, { reason: "another shop's" });
    await take(here, [row("B1", "M1", "S1", "100.00", "5.00")]);
    await expect(approve(here.context(), subjects, first.proposal.proposalNo)).rejects.toMatchObject({
      code: "proposal_stale",
    });
    const second = await propose(pat, undoSubject, document, { reason: "another shop's" });
    const ends = await Promise.allSettled(
      ["bob", "amy"].map((name) =>
        approve(here.context({ operator: { ...here.context().operator, name } }), subjects, second.proposal.proposalNo),
      ),
    );
    expect(ends.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
    await expectSound();
  });
});

describe("other imports", () => {
  const file = (name: string, text: string) => ({ input: { path: writeScratch(name, text) } });

  test("of members, merchants, products, aliases and payments are undone", async () => {
    const before = await standingOf(here.db);
    const context = here.context();
    await importMembers(context, file("members.csv", "member_no,name,phone\nN1,李,13800138000\nN2,王,\n"));
    await importMerchants(context, file("merchants.csv", "merchant_code,name,contribution_rate\nT1,店,20%\n"));
    await importProducts(context, file("products.csv", "merchant_code,sku,name,price\nT1,P1,茶,1\n"));
    await importAliases(context, "member", file("aliases.csv", "member_no,alias,source\nN1,a1,jd\n"));
    await runImport(
      context,
      evidenceKind,
      file("evidence.csv", "order_no,payment_no,channel,amount,paid_at\nX1,T1,alipay,1.00,2026-02-01 09:00:00\n"),
    );
    await expect(undo(2n)).rejects.toMatchObject({ code: "nothing_to_undo" });
    // Who was only seen in full was not touched.
    await showMember(context, "N2", true);
    expect((await undo(1n)).result).toEqual({ members: 1 });
    for (const importId of [5n, 4n, 3n, 2n, 1n]) await undo(importId);
    await expectSound();
    expect(await standingOf(here.db)).toBe(before);
    await importMembers(context, file("members.csv", "member_no,name,phone\nN1,李,13800138000\nN2,王,\n"));
    expect(await lastImport()).toBe(6n);
  });

  test("that cannot be undone say what to do instead", async () => {
    const context = here.context();
    const products = "merchant_code,sku,name,price\nS1,P1,茶,";
    await importProducts(context, file("one.csv", `${products}1\n`));
    await importProducts(context, file("two.csv", `${products}2\n`));
    await expect(undo(2n)).rejects.toMatchObject({ code: "import_not_undoable" });
    await inTransaction(here.superuser, async (tx) => {
      await tx`SET LOCAL session_replication_role = replica`;
      await tx`UPDATE imports SET changes_kept = false, kind = 'orders' WHERE import_id = 1`;
      await tx`UPDATE imports SET kind = 'accounts' WHERE import_id = 2`;
    });
    await expect(undo(1n)).rejects.toMatchObject({ code: "import_too_old" });
    await expect(undo(2n)).rejects.toMatchObject({ code: "import_not_undoable" });
    await expect(approved(context, undoSubject, { import_id: "9", kind: "orders", file: "x" })).rejects.toMatchObject({
      code: "import_unknown",
    });
  });

  test("wait for no import of their kind", async () => {
    await importMembers(here.context(), file("members.csv", "member_no,name\nN1,李\n"));
    await inTransaction(here.db, async (tx) => {
      await tx`SELECT pg_advisory_xact_lock(hashtext('accrue import'), hashtext('members'))`;
      await expect(undoLast()).rejects.toMatchObject({ code: "import_busy", kind: "busy" });
    });
  });
});

describe("the database refuses", () => {
  const refused = { code: expect.stringMatching(/^23/) };

  test("to delete, void or lead elsewhere what nobody proposed", async () => {
    await take(here, wrong.slice(0, 1));
    for (const statement of [
      "DELETE FROM orders",
      "DELETE FROM order_keys",
      "DELETE FROM order_refunds",
      "DELETE FROM members",
      "DELETE FROM order_evidence",
      "UPDATE orders SET status = 'void'",
      "UPDATE order_keys SET order_id = 1",
      "INSERT INTO corrections VALUES ('A00000001', NULL, 'bob', now())",
      "INSERT INTO order_voids VALUES ('B1', 'default', 1, 1, 'A00000001', 'paid', NULL, NULL)",
    ])
      await expect(inTransaction(here.db, (tx) => tx.unsafe(statement))).rejects.toMatchObject(refused);
  });

  test("to keep an undo that nobody approved, and to delete what is not of it", async () => {
    await take(here, older);
    await take(here, wrong.slice(0, 1));
    const { kind, file } = await recordedImport(here, 2n);
    const document = { import_id: "2", kind, file };
    const { proposal } = await propose(here.context(), undoSubject, document, { reason: "mine alone" });
    const undoing = (statement: string) =>
      inTransaction(here.db, async (tx) => {
        await tx`INSERT INTO corrections VALUES (${proposal.proposalNo}, 2, 'tester', now())`;
        await tx.unsafe(statement);
      });
    for (const statement of ["SELECT 1", "DELETE FROM order_keys", "DELETE FROM orders", "DELETE FROM balances"])
      await expect(undoing(statement)).rejects.toMatchObject(refused);
  });
});

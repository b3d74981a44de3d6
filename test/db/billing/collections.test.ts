import { beforeAll, describe, expect, test } from "vitest";
import { inTransaction } from "../../../src/db/database.ts";
import { confirmCollections, rejectCollections } from "../../../src/domain/collections/decide.ts";
import { listCollections, showCollection } from "../../../src/domain/collections/read.ts";
import { recordCollection, type CollectionInput } from "../../../src/domain/collections/record.ts";
import { accountTotals } from "../../../src/domain/ledger/totals-sql.ts";
import { addMoneyAccount } from "../../../src/domain/money-accounts/add.ts";
import { listMoneyAccounts } from "../../../src/domain/money-accounts/list.ts";
import { verify } from "../../../src/verification/verify.ts";
import { cloneOf, testDatabase, type TestDatabase } from "../../support/database.ts";
import { at, endOfFebruary, pay } from "./scene.ts";

const here = await testDatabase();
beforeAll(() => endOfFebruary(here));

const march = "2026-03-01";
const slip: CollectionInput = {
  merchantCode: "S1",
  amountFen: 12_345n,
  receivedOn: "2026-02-28",
  reference: "T-77",
  proof: "slip 77, folder 2",
};
const record = async (on: TestDatabase, input: Partial<CollectionInput> = {}, operator = "amy") =>
  recordCollection(at(on, march, operator), { ...slip, ...input });
const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => "done",
    (error: unknown) => (error as { code: string }).code,
  );

describe("a collection", () => {
  test("counts once another operator has confirmed it, on the day of that", async () => {
    const on = await cloneOf(here);
    const { collection, isNew } = await record(on);
    expect([isNew, collection.collectionNo, collection.state, collection.moneyAccount]).toEqual([
      true,
      "C00000001",
      "recorded",
      "icbc-8812",
    ]);
    const before = await accountTotals(on.db.sql);
    expect([before.bank, before.contributions_receivable]).toEqual([0n, 48_000n]);
    const [confirmed] = await confirmCollections(at(on, march, "bob"), ["C00000001"]);
    expect(confirmed).toMatchObject({ state: "confirmed", decidedBy: "bob", businessDate: march });
    const after = await accountTotals(on.db.sql);
    expect([after.bank, after.contributions_receivable]).toEqual([12_345n, 35_655n]);
    expect(await listMoneyAccounts(at(on, march))).toMatchObject([{ moneyAccount: "icbc-8812", bookedFen: 12_345n }]);
    expect(
      (await showCollection(at(on, march), "C00000001")).actions.map(({ action, operator }) => [action, operator]),
    ).toEqual([
      ["collection.record", "amy"],
      ["collection.confirm", "bob"],
    ]);
    expect((await verify(at(on, "2026-03-02"))).checks.filter(({ ok }) => !ok)).toEqual([]);
  });

  test("is known by its reference: the same again changes nothing, in any width of blanks", async () => {
    const on = await cloneOf(here);
    const first = await record(on);
    expect(await record(on, { reference: " T-77　" }, "bob")).toEqual({ ...first, isNew: false });
    for (const other of [{ amountFen: 12_346n }, { merchantCode: "S2" }, { receivedOn: march }, { isOpening: true }]) {
      expect(await codeOf(record(on, other))).toBe("collection_reference_taken");
    }
    const both = await Promise.all([record(on, { reference: "T-78" }), record(on, { reference: "T-78" }, "bob")]);
    expect(both.map(({ isNew }) => isNew).toSorted()).toEqual([false, true]);
  });

  test("that was rejected never counts, and leaves its reference free", async () => {
    const on = await cloneOf(here);
    await record(on);
    const [rejected] = await rejectCollections(at(on, march, "amy"), ["C00000001"], "of S2");
    expect(rejected).toMatchObject({ state: "rejected", reason: "of S2", businessDate: null });
    expect((await record(on, { merchantCode: "S2" })).collection.collectionNo).toBe("C00000002");
    expect((await accountTotals(on.db.sql)).bank).toBe(0n);
    expect((await verify(at(on, "2026-03-02"))).checks.filter(({ ok }) => !ok)).toEqual([]);
  });

  test("that is recorded in a dry run is not there, and neither is its number", async () => {
    const on = await cloneOf(here);
    expect((await recordCollection({ ...at(on, march), ending: "rollback" }, slip)).collection.collectionNo).toBe(
      "C00000001",
    );
    expect((await listCollections(at(on, march), {}, { limit: 9 })).rows).toEqual([]);
  });

  test("is found by merchant, status and day, a page at a time", async () => {
    const on = await cloneOf(here);
    await pay(on, march, "S1", 1n);
    await record(on, { merchantCode: "S2" });
    const found = async (filter: object, limit = 9, after?: string) => {
      const { rows, next } = await listCollections(at(on, march), filter, { limit, after });
      return [rows.map(({ collectionNo }) => collectionNo), next];
    };
    expect(await found({})).toEqual([["C00000002", "C00000001"], undefined]);
    expect(await found({}, 1)).toEqual([["C00000002"], "C00000002"]);
    expect(await found({}, 1, "C00000002")).toEqual([["C00000001"], undefined]);
    expect(await found({ merchantCode: "S2", state: "recorded", from: "2026-02-28", to: "2026-02-28" })).toEqual([
      ["C00000002"],
      undefined,
    ]);
    expect(await found({ state: "rejected" })).toEqual([[], undefined]);
  });
});

describe("refused is a collection", () => {
  test.each<readonly [string, Partial<CollectionInput>]>([
    ["collection_not_positive", { amountFen: 0n }],
    ["collection_not_positive", { amountFen: -1n }],
    ["collection_too_large", { amountFen: 10_000_000_001n }],
    ["collection_in_future", { receivedOn: "2026-03-02" }],
    ["merchant_unknown", { merchantCode: "S9" }],
    ["money_account_unknown", { moneyAccount: "abc-1" }],
    ["invalid_collection", { reference: " " }],
    ["invalid_collection", { reference: "T\u200b77" }],
    ["invalid_collection", { proof: "" }],
  ])("%s: %o", async (code, input) => {
    expect(await codeOf(record(here, input))).toBe(code);
  });

  test("of which nobody says where it came in, unless there is one account", async () => {
    const on = await cloneOf(here);
    expect((await addMoneyAccount(at(on, march), "alipay-main", "alipay")).isNew).toBe(true);
    expect(await codeOf(record(on))).toBe("money_account_needed");
    expect((await record(on, { moneyAccount: "alipay-main" })).collection.moneyAccount).toBe("alipay-main");
    expect((await addMoneyAccount(at(on, march), "alipay-main", "alipay")).isNew).toBe(false);
    expect(await codeOf(addMoneyAccount(at(on, march), "alipay-main", "bank"))).toBe("money_account_exists");
    expect(await codeOf(addMoneyAccount(at(on, march), "Alipay", "alipay"))).toBe("invalid_money_account");
    const bare = await testDatabase();
    expect(await codeOf(record(bare))).toBe("money_account_missing");
  });

  test("that its recorder confirms, whatever the letters of the name, also by the database", async () => {
    const on = await cloneOf(here);
    await record(on);
    for (const name of ["amy", "AMY", "ａｍｙ"])
      expect(await codeOf(confirmCollections(at(on, march, name), ["C00000001"]))).toBe("maker_is_checker");
    await expect(
      inTransaction(
        on.db,
        (tx) => tx`
      UPDATE collections SET state = 'confirmed', decided_by = ' Amy', decided_at = now(), business_date = ${march}`,
      ),
    ).rejects.toThrow("collections_maker_is_not_checker");
  });

  test("that is not there, or decided already: all that were named with it stay as they are", async () => {
    const on = await cloneOf(here);
    await record(on);
    await pay(on, march, "S2", 5n);
    expect(await codeOf(confirmCollections(at(on, march, "bob"), ["C00000001", "C00000009"]))).toBe(
      "collection_unknown",
    );
    expect(await codeOf(confirmCollections(at(on, march, "bob"), ["C00000001", "C00000002"]))).toBe(
      "collection_already_decided",
    );
    expect(await codeOf(rejectCollections(at(on, march, "bob"), ["C00000002"], "late"))).toBe(
      "collection_already_decided",
    );
    expect(await codeOf(rejectCollections(at(on, march, "bob"), ["C00000001"], " "))).toBe("invalid_reason");
    expect(await codeOf(showCollection(at(on, march), "C00000009"))).toBe("collection_unknown");
    expect((await showCollection(at(on, march), "C00000001")).collection.state).toBe("recorded");
    const two = await Promise.all(
      ["bob", "zoe"].map((operator) => codeOf(confirmCollections(at(on, march, operator), ["C00000001"]))),
    );
    expect(two.toSorted()).toEqual(["collection_already_decided", "done"]);
  });

  test("that is changed, deleted, or born confirmed, by the database", async () => {
    const on = await cloneOf(here);
    await pay(on, march, "S1", 5n);
    const tries = [
      "UPDATE collections SET amount_fen = 6",
      "UPDATE collections SET state = 'recorded', decided_by = NULL, decided_at = NULL, business_date = NULL",
      "DELETE FROM collections",
      `INSERT INTO collections SELECT 'C00000002', merchant_id, money_account, amount_fen, received_on, 'x', proof, is_opening, state, recorded_by, recorded_at, decided_by,
        decided_at, reason, business_date FROM collections`,
    ];
    for (const statement of tries)
      await expect(inTransaction(on.db, (tx) => tx.unsafe(statement))).rejects.toThrow(/refused|never deleted/);
  });
});

import { expect, test } from "vitest";
import { issueBills } from "../../../src/domain/billing/issue.ts";
import { addAlias } from "../../../src/domain/aliases/change.ts";
import { recordCollection } from "../../../src/domain/collections/record.ts";
import { confirmCollections, rejectCollections } from "../../../src/domain/collections/decide.ts";
import { merchantStatement } from "../../../src/domain/billing/read.ts";
import { matchByHand, unmatch } from "../../../src/domain/reconciliation/match.ts";
import { reconVoidSubject } from "../../../src/domain/reconciliation/void-subject.ts";
import { reconcile } from "../../../src/domain/reconciliation/run.ts";
import { verify } from "../../../src/verification/verify.ts";
import { approved } from "../../support/approved.ts";
import { cloneOf, testDatabase, type TestDatabase } from "../../support/database.ts";
import { transcript } from "../../support/transcript.ts";
import { at, day, endOfFebruary, sold } from "../billing/scene.ts";
import { account, fileOf, movesFrom, takeStatement, type Move } from "../statements/scene.ts";

/** S1 owes 420.00 on B00000001 and 30.00 on B00000003, S2 60.00 on B00000002 and nothing since: it is 3 March. */
const here = await testDatabase();
await endOfFebruary(here);
await issueBills(at(here, "2026-03-01"), { from: "2026-02-01", to: "2026-02-28" });
await day(here, "2026-03-01", [sold("C1", "S1", "2026-03-01")]);
await issueBills(at(here, "2026-03-02"), { from: "2026-03-01", to: "2026-03-01" });
const today = "2026-03-03";
await account(at(here, today), "alipay-main", "alipay");

type Line = Omit<Move, "balance" | "at"> & { readonly at?: string };
let numbers = 0;

async function statement(db: TestDatabase, lines: readonly Line[]): Promise<void> {
  const moves = lines.map(({ at: when = `${today} 10:00:00`, ...line }) => ({
    ...line,
    at: when,
    no: line.no ?? `N${(numbers += 1)}`,
  }));
  await takeStatement(at(db, today), "icbc-8812", fileOf(movesFrom(0n, moves)));
}

async function onClone(work: (db: TestDatabase) => Promise<void>): Promise<void> {
  const db = await cloneOf(here);
  try {
    await work(db);
    expect((await verify(at(db, today, "auditor"))).checks.filter(({ ok }) => !ok)).toEqual([]);
  } finally {
    await db.drop();
  }
}

/** What was made of lines: the line, whose money it is, how much, and by which rule. */
const madeOf = async (db: TestDatabase) =>
  (
    await db.db.sql<{ lineId: bigint; merchantCode: string; amountFen: bigint; rule: string | null }[]>`
      SELECT m.line_id, s.merchant_code, m.amount_fen, m.rule FROM line_matches m JOIN collections c ON c.collection_no = m.thing_no JOIN merchants s USING (merchant_id)
      WHERE m.undone_by IS NULL ORDER BY m.line_id, s.merchant_code`
  ).map(({ lineId, merchantCode, amountFen, rule }) => [Number(lineId), merchantCode, Number(amountFen), rule]);

const differsOf = async (db: TestDatabase) =>
  (await db.db.sql<{ differs: string[] | null }[]>`SELECT differs FROM open_lines ORDER BY line_id`).map(
    ({ differs }) => differs?.join(" ") ?? null,
  );

const owed = async (db: TestDatabase, merchantCode: string): Promise<bigint> =>
  (await merchantStatement(at(db, today), merchantCode, {})).standing.billedFen;

const run = (db: TestDatabase) => reconcile(at(db, today, "night"));

/** A collection of 60.00 yuan of S2 that somebody recorded by hand. */
const noted = (db: TestDatabase) =>
  recordCollection(at(db, today), {
    merchantCode: "S2",
    amountFen: 6_000n,
    receivedOn: today,
    reference: "T1",
    proof: "slip",
    moneyAccount: "icbc-8812",
  });

const pays = (db: TestDatabase, merchantCode: string, alias: string) =>
  addAlias(at(db, today), "merchant", merchantCode, { alias, source: "payer" });

test.each<[string, readonly Line[], readonly unknown[]]>([
  ["a bill with all that was open before it", [{ fen: 45_000n, remark: "b00000003" }], [[1, "S1", 45_000, "bill_no"]]],
  [
    "one line for bills of two merchants",
    [{ fen: 48_000n, remark: "2月 B00000001+B00000002" }],
    [
      [1, "S1", 42_000, "bill_no"],
      [1, "S2", 6_000, "bill_no"],
    ],
  ],
  [
    "one line for one bill, and several for another,",
    [
      { fen: 20_000n, remark: "B00000001 1/2" },
      { fen: 6_000n, remark: "B00000002" },
      { fen: 22_000n, remark: "B00000001 2/2" },
    ],
    [
      [1, "S1", 20_000, "bill_no"],
      [2, "S2", 6_000, "bill_no"],
      [3, "S1", 22_000, "bill_no"],
    ],
  ],
])("%s is the merchants' money", (_what, lines, made) =>
  onClone(async (db) => {
    await statement(db, lines);
    await run(db);
    expect(await madeOf(db)).toEqual(made);
    expect(await run(db)).toMatchObject({ reconNo: undefined, openLines: 0 });
  }),
);

test("a payer's account that is known of a merchant is enough where the amount is what is open, of all bills or of one", () =>
  onClone(async (db) => {
    await pays(db, "S1", "6222 0212-3456");
    await expect(pays(db, "S2", "138***@x.com")).rejects.toMatchObject({ code: "payer_masked" });
    await statement(db, [
      { fen: 3_000n, counterparty: "622202123456" },
      { fen: 6_000n, counterparty: "138***@x.com" },
      { fen: 6_000n, counterparty: "nobody" },
    ]);
    await run(db);
    expect(await madeOf(db)).toEqual([[1, "S1", 3_000, "payer_account"]]);
    expect(await differsOf(db)).toEqual([null, null]);
    expect(await owed(db, "S1")).toBe(42_000n);
  }));

test("a payer's instalments that come to all it owes are its money together, and not before", () =>
  onClone(async (db) => {
    await pays(db, "S1", "62220001");
    await statement(db, [{ fen: 40_000n, counterparty: "62220001" }]);
    expect(await run(db)).toMatchObject({ differ: 1 });
    expect(await differsOf(db)).toEqual(["amount"]);
    await statement(db, [
      { fen: 40_000n, counterparty: "62220001", no: `N${numbers}` },
      { fen: 5_000n, counterparty: "62220001" },
    ]);
    await run(db);
    expect(await madeOf(db)).toEqual([
      [1, "S1", 40_000, "payer_account"],
      [2, "S1", 5_000, "payer_account"],
    ]);
    expect(await owed(db, "S1")).toBe(0n);
  }));

test("what differs from a bill is named, and nothing is made of the line: amount, direction, date, and the account of another merchant", () =>
  onClone(async (db) => {
    await pays(db, "S2", "62220002");
    await statement(db, [
      { fen: 3_000n, remark: "B00000003", at: "2026-03-01 10:00:00" },
      { fen: 41_999n, remark: "B00000001" },
      { fen: -6_000n, remark: "B00000002" },
    ]);
    expect(await run(db)).toMatchObject({ reconNo: undefined, differ: 3 });
    expect(await differsOf(db)).toEqual(["date", "amount", "direction"]);
    await statement(db, [{ fen: 42_000n, remark: "B00000001", counterparty: "62220002" }]);
    await run(db);
    expect((await differsOf(db)).at(-1)).toBe("account repeated");
  }));

test("a merchant's payment that somebody noted by hand waits for the other operator, and nothing is made of its line until then", () =>
  onClone(async (db) => {
    const { collection } = await noted(db);
    await statement(db, [{ fen: 6_000n, remark: "B00000002" }]);
    await run(db);
    expect(await differsOf(db)).toEqual(["state"]);
    await rejectCollections(at(db, today, "bob"), [collection.collectionNo], "twice");
    await run(db);
    expect(await madeOf(db)).toEqual([[1, "S2", 6_000, "bill_no"]]);
  }));

test("what was noted by hand and confirmed is the line's by the merchant that it names, and no money is made of it twice", () =>
  onClone(async (db) => {
    const { collection } = await noted(db);
    await confirmCollections(at(db, today, "bob"), [collection.collectionNo]);
    await statement(db, [
      { fen: 6_000n, remark: "B00000002" },
      { fen: 6_000n, remark: "B00000002 again" },
    ]);
    await run(db);
    expect(await madeOf(db)).toEqual([]);
    await statement(db, [{ fen: 6_000n, remark: "T1", no: "T1" }]);
    await run(db);
    expect(await madeOf(db)).toEqual([[3, "S2", 6_000, "collection"]]);
  }));

test("money of lines that claim more than a merchant owes is nobody's until somebody says", () =>
  onClone(async (db) => {
    await statement(db, [
      { fen: 42_000n, remark: "B00000001" },
      { fen: 45_000n, remark: "B00000003" },
    ]);
    await run(db);
    expect(await madeOf(db)).toEqual([]);
    expect(await differsOf(db)).toEqual(["repeated", "repeated"]);
  }));

test("a match that is taken back takes its collection back, by another one; the bill is open again, and the line may be matched again", () =>
  onClone(async (db) => {
    await statement(db, [{ fen: 42_000n, remark: "B00000001" }]);
    await run(db);
    await unmatch(at(db, today), 1n, "it was another merchant's");
    expect(await owed(db, "S1")).toBe(45_000n);
    await matchByHand(at(db, today), 1n, ["B00000002"], "they pay for each other");
    expect(await owed(db, "S2")).toBe(0n);
    await unmatch(at(db, today), 1n, "no, they do not");
    await run(db);
    expect(await madeOf(db)).toEqual([[1, "S1", 42_000, "bill_no"]]);
    // What was taken back on the day counts in its bills.
    await day(db, "2026-03-02", []);
    await day(db, today, []);
    await issueBills(at(db, "2026-03-04"), { from: "2026-03-02", to: today });
    expect(await owed(db, "S1")).toBe(3_000n);
  }));

test("the commands: what a run would make of lines, what it made, and what became of it", () =>
  onClone(async (db) => {
    await statement(db, [
      { fen: 42_000n, remark: "B00000001" },
      { fen: 6_000n, counterparty: "6222 0003" },
      { fen: 7_000n, remark: "B00000002" },
    ]);
    expect(
      await transcript(
        [
          "accrue merchant alias S2 62220003 --source payer",
          "accrue merchant alias S2 '138***1234' --source payer",
          "accrue recon run --dry-run",
          "accrue recon run --json",
          "accrue recon list",
          "accrue collection list",
          "accrue recon show B00000001",
          "accrue recon match L00000003 B00000001 --reason x",
          "accrue recon unmatch L00000001 --reason 'the bank took it back'",
          "accrue collection show C00000001",
          "accrue collection show C00000003 --json",
          "accrue merchant statement S1",
        ],
        { database: db, now: new Date(`${today}T04:00:00Z`) },
      ),
    ).toMatchInlineSnapshot(`
      "
      $ accrue merchant alias S2 62220003 --source payer
      payer calls merchant S2 62220003

      $ accrue merchant alias S2 '138***1234' --source payer
      ! error: 138***1234 says a part of an account alone: it may be anybody's
      ! hint: give the whole number; money from a payer that statements mask is matched by the number of a bill, or by hand
      [exit 2]

      $ accrue recon run --dry-run
      dry run, nothing kept
      account    matched with  matches  amount
      icbc-8812  collection          2  480.00

      Collections made of lines
      collection  line       merchant    yuan  rule
      C00000001   L00000001  S1        420.00  bill_no
      C00000002   L00000002  S2         60.00  payer_account
      1 line differs from what it names: \`accrue recon list --state mismatched\`

      $ accrue recon run --json
      {"recon_no":"R00000001","open_lines":3,"matched":[{"money_account":"icbc-8812","thing":"collection","matches":2,"amount":"480.00"}],"collections_made":2,"collections":[{"collection_no":"C00000001","line":"L00000001","merchant_code":"S1","amount":"420.00","rule":"bill_no"},{"collection_no":"C00000002","line":"L00000002","merchant_code":"S2","amount":"60.00","rule":"payer_account"}],"differ":1,"dry_run":false}

      $ accrue recon list
      no         state       account    date        age    amount   open  differs        says
      L00000003  mismatched  icbc-8812  2026-03-03  today   70.00  70.00  amount, state  B00000002

      $ accrue collection list
      collection  merchant    yuan  received    into       reference  status     recorded by  booked on
      C00000002   S2         60.00  2026-03-03  icbc-8812  L00000002  confirmed  tester       2026-03-03
      C00000001   S1        420.00  2026-03-03  icbc-8812  L00000001  confirmed  tester       2026-03-03

      $ accrue recon show B00000001
      bill B00000001
        amount    0.00 yuan
        expected  no

      $ accrue recon match L00000003 B00000001 --reason x
      ! error: no money is expected for bill B00000001
      ! hint: nothing of it is open: \`accrue merchant bills\` shows what is
      [exit 4]

      $ accrue recon unmatch L00000001 --reason 'the bank took it back'
      line L00000001 is open again: 420.00 yuan

      $ accrue collection show C00000001
      Collection C00000001
        merchant       S1
        amount         420.00 yuan
        received on    2026-03-03
        into           icbc-8812
        reference      L00000001
        proof          import 4
        status         confirmed
        line           L00000001
        taken back by  C00000003
        recorded by    tester, <time>
        decided by     tester, <time>
        booked on      2026-03-03

      $ accrue collection show C00000003 --json
      {"collection_no":"C00000003","merchant_code":"S1","money_account":"icbc-8812","amount":"-420.00","received_on":"2026-03-03","reference":"L00000001","proof":"R00000002","opening":false,"status":"confirmed","line":"L00000001","reverses":"C00000001","reversed_by":null,"recorded_by":"tester","recorded_at":"<time>","decided_by":"tester","decided_at":"<time>","reason":null,"business_date":"2026-03-03","actions":[]}

      $ accrue merchant statement S1
      Statement of merchant S1 店S1
      date        what                        yuan    owed
                  before                            420.00
      2026-03-01  1 order at 30%             30.00  450.00
      2026-03-03  collection C00000001     -420.00   30.00
      2026-03-03  taken back as C00000003   420.00  450.00

      Bills
      bill       period                  due on      balance   open
      B00000003  2026-03-01..2026-03-01  2026-03-17   450.00  30.00

        owed on bills   450.00 yuan
        not billed yet  0.00 yuan, of closed dates
        paid up to      2026-01-31
        from            2026-03-01
      "
    `);
  }));

test("the database itself refuses a collection of a line that was never matched, and one that takes back what stands", () =>
  onClone(async (db) => {
    await statement(db, [{ fen: 42_000n, remark: "B00000001" }]);
    await run(db);
    const copy = (changes: string) =>
      db.db.sql
        .begin("read write", (tx) =>
          tx.unsafe(`
            INSERT INTO collections SELECT c.* FROM collections x
            CROSS JOIN LATERAL jsonb_populate_record(x, '{"collection_no":"C00000009",${changes}}') c WHERE x.collection_no = 'C00000001'`),
        )
        .then(
          () => "written",
          (error: Error) => error.message,
        );
    expect(await copy('"line_id":2')).toContain("which was not matched with it");
    expect(await copy('"reverses":"C00000001","amount_fen":-42000')).toContain("which was not matched with it");
    expect(await copy('"line_id":null')).toContain("recorded before anybody confirms it");
  }));

test("a bill is written off or corrected, and never void: no statement shows it as one payment", async () => {
  const voided = approved(at(here, today, "bob"), reconVoidSubject, { no: "B00000001" });
  await expect(voided).rejects.toMatchObject({ code: "bill_not_voidable", kind: "refused" });
});

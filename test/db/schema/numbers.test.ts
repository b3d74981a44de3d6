import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { dedicated, inTransaction, reading } from "../../../src/db/database.ts";
import { nextNumber, takeNumbers, type NumberedKind } from "../../../src/db/numbers.ts";
import { takeImportId } from "../../../src/imports/sql.ts";
import { ground, noon } from "../../support/money/ground.ts";
import { approvedWithdrawal, secretKey } from "../payouts/scene.ts";
import { accrueInProcess } from "../../support/cli.ts";
import { scratchDirectory, writeScratch } from "../../support/files.ts";

const here = await ground();
const cwd = scratchDirectory();
const env = { ACCRUE_SECRET_KEY: secretKey.toString("hex"), ACCRUE_OPERATOR: "cashier" };
const run = async (args: readonly string[]) =>
  await accrueInProcess([...args, "--json"], { database: here, env, cwd, now: new Date(noon) });
const kinds: readonly NumberedKind[] = ["member", "withdrawal", "payout_batch", "payout_detail", "run"];
const nextOnes = () =>
  reading(async () => {
    const [imported] = await here.db.sql<{ last: bigint }[]>`SELECT coalesce(max(import_id), 0) AS last FROM imports`;
    return [imported!.last + 1n, ...(await Promise.all(kinds.map((kind) => nextNumber(here.db.sql, kind))))];
  });

const { memberNo } = await approvedWithdrawal(here.db, 100n);
await here.db.sql.begin(
  "read write",
  (tx) => tx`UPDATE members SET phone = '13900000001' WHERE member_no = ${memberNo}`,
);
await here.db.sql.begin(
  "read write",
  (tx) =>
    tx`INSERT INTO member_contacts (kind, value, member_id) SELECT 'phone', phone, member_id FROM members WHERE member_no = ${memberNo}`,
);

describe("neither a dry run nor a refusal burns a number", () => {
  const rejected = writeScratch("rejected.csv", `request_no,member_no,points\nR1,${memberNo},10\nR2,NOBODY,10\n`);
  const newMembers = writeScratch("members.csv", "member_no,name\nX1,新人\n");

  test.each<[number, readonly string[]]>([
    [0, ["member", "register", "--name", "新", "--dry-run"]],
    [4, ["member", "register", "--name", "新", "--phone", "13900000001"]],
    [0, ["withdrawal", "request", "--member", memberNo, "--points", "10", "--dry-run"]],
    [4, ["withdrawal", "request", "--member", memberNo, "--points", "99999999"]],
    [3, ["withdrawal", "import", rejected, "--dry-run"]],
    [4, ["withdrawal", "import", rejected, "--max-rejects", "0"]],
    [0, ["member", "import", newMembers, "--dry-run"]],
    [
      4,
      [
        "order",
        "import",
        newMembers,
        "--map",
        "order_no=name",
        "--map",
        "member_no=name",
        "--map",
        "amount=name",
        "--merchant",
        "NOBODY",
      ],
    ],
    [0, ["grant", "run", "--business-date", "2026-03-05", "--dry-run"]],
    [4, ["grant", "run", "--business-date", "2036-03-05"]],
    [0, ["payout", "export", "--channel", "alipay", "--dry-run"]],
    [2, ["payout", "export", "--channel", "alipay", "--output", "missing"]],
  ])("exit %i: accrue %j", async (exitCode, args) => {
    const before = await nextOnes();
    const { exitCode: found, stdout, stderr } = await run(args);
    expect(found, `${stdout}${stderr}`).toBe(exitCode);
    expect(await nextOnes()).toEqual(before);
  });

  test("nor does whoever finds another one at work", async () => {
    const before = await nextOnes();
    await inTransaction(here.db, async (tx) => {
      await tx`SELECT FROM run_slots FOR UPDATE`;
      expect((await run(["settle"])).exitCode).toBe(75);
    });
    expect(await nextOnes()).toEqual(before);
  });

  test("and the next ones of their kind follow without a gap", async () => {
    const [, member, withdrawal, batch, detail] = await nextOnes();
    const numbered = (letter: string, number: bigint) => `${letter}${number.toString().padStart(8, "0")}`;
    mkdirSync(join(cwd, "out"));
    expect(JSON.parse((await run(["member", "register", "--name", "新"])).stdout)).toMatchObject({
      member_no: numbered("M", member!),
    });
    expect(JSON.parse((await run(["withdrawal", "import", rejected])).stdout)).toMatchObject({
      inserted: 1,
      rejected: 1,
    });
    expect(
      (
        await here.db
          .sql`SELECT FROM withdrawals WHERE withdrawal_no = ${numbered("W", withdrawal!)} AND request_no = 'R1'`
      ).count,
    ).toBe(1);
    expect(
      JSON.parse((await run(["payout", "export", "--channel", "alipay", "--output", "out"])).stdout),
    ).toMatchObject({ batch_no: numbered("P", batch!) });
    expect((await here.db.sql`SELECT FROM payout_details WHERE detail_no = ${numbered("D", detail!)}`).count).toBe(1);
  });
});

describe("taken at once", () => {
  test("numbers of a kind are given one after the other, in blocks, and given back together", async () => {
    const first = await nextNumber(here.db.sql, "run");
    const taken = await Promise.all(
      [3, 1, 5].map((count) =>
        inTransaction(here.db, async (tx) => [await takeNumbers(tx, "run", count), count] as const),
      ),
    );
    const all = taken
      .flatMap(([start, count]) => Array.from({ length: count }, (_, index) => start + BigInt(index)))
      .sort((one, other) => Number(one - other));
    expect(all).toEqual(Array.from({ length: 9 }, (_, index) => first + BigInt(index)));
    await inTransaction(here.db, (tx) => takeNumbers(tx, "run", 1000), "rollback");
    expect(await nextNumber(here.db.sql, "run")).toBe(first + 9n);
  });

  test("imports have numbers of their own without waiting for each other; one that is given up is the next one's", async () => {
    const [one, other] = [dedicated(here.db), dedicated(here.db)];
    const [next] = await nextOnes();
    const taken = await inTransaction(
      one,
      async (tx) => [
        await takeImportId(tx),
        await inTransaction(other, takeImportId, "rollback"),
        await inTransaction(here.db, takeImportId),
      ],
      "rollback",
    );
    expect(taken).toEqual([next, next! + 1n, next! + 1n]);
    expect(await inTransaction(here.db, takeImportId, "rollback")).toBe(next);
    await Promise.all([one.close(), other.close()]);
  });
});

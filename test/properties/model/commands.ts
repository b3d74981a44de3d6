import fc from "fast-check";
import { expect } from "vitest";
import type { Context } from "../../../src/db/context.ts";
import { runGrant } from "../../../src/domain/grants/run.ts";
import { registerMember } from "../../../src/domain/members/register.ts";
import { changeMemberStatus } from "../../../src/domain/members/status.ts";
import { verifyIdentity } from "../../../src/domain/members/verify-identity.ts";
import { decideWithdrawals } from "../../../src/domain/withdrawals/decide.ts";
import { requestWithdrawal } from "../../../src/domain/withdrawals/request.ts";
import type { TestDatabase } from "../../support/database.ts";
import { setRate } from "../../support/rates.ts";
import { orderFile } from "../../db/orders/scene.ts";
import type { ModelRow, World } from "./world.ts";
import { addMerchant } from "../../support/money/people.ts";
import { importOrders } from "../../support/imports.ts";

const dates = ["2026-02-01", "2026-02-02", "2026-02-03"] as const;
const operators = ["alice", "bob", "carol"] as const;
const pick = fc.nat({ max: 5 });
const date = fc.constantFrom(...dates);
const by = fc.constantFrom(...operators);
const changes = ["same", "refund", "pay", "close", "amount", "member", "new", "new", "new"] as const;
const row = fc.record({
  change: fc.constantFrom(...changes),
  order: pick,
  member: pick,
  merchant: pick,
  date,
  amountFen: fc.oneof(fc.bigInt(0n, 500n), fc.bigInt(0n, 200_000n)),
  share: fc.bigInt(0n, 100n),
  status: fc.constantFrom("pending", "paid", "paid", "closed" as const),
});

/** One step of a story: what an operator does next. Whom it is about is a number, counted back from the newest. */
export const step = fc.oneof(
  { weight: 2, arbitrary: fc.record({ do: fc.constant("register" as const), isVerified: fc.boolean() }) },
  {
    weight: 7,
    arbitrary: fc.record({
      do: fc.constant("import" as const),
      rows: fc.array(row, { minLength: 1, maxLength: 5 }),
      rowsPerChunk: fc.integer({ min: 1, max: 5 }),
    }),
  },
  { weight: 5, arbitrary: fc.record({ do: fc.constant("grant" as const), date }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant("request" as const), member: pick, share: fc.bigInt(1n, 110n), by }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("decide" as const),
      withdrawal: pick,
      decision: fc.constantFrom("approve", "approve", "reject", "cancel" as const),
      by,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("status" as const),
      member: pick,
      change: fc.constantFrom("freeze", "unfreeze", "unfreeze", "close" as const),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("rate" as const),
      merchant: pick,
      bps: fc.constantFrom(0n, 1n, 2500n, 10_000n, null),
      date,
    }),
  },
);
export type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

const yuan = (fen: bigint) => `${fen / 100n}.${String(fen % 100n).padStart(2, "0")}`;
const csv = ({ no, member, merchant, amountFen, status, date: paidOn, refundedFen }: ModelRow) =>
  `${no},${member},${merchant},${yuan(amountFen)},${status},${paidOn === undefined ? "" : `${paidOn} 23:59:59`},${yuan(refundedFen)},,`;

/** The platform and its model, side by side. Every step is done to both, and they must agree on what came of it. */
export class SideBySide {
  readonly world: World;
  readonly #database: TestDatabase;
  #ticks = 0;

  constructor(database: TestDatabase, world: World) {
    this.#database = database;
    this.world = world;
  }

  context(operator = "cron"): Context {
    this.#ticks += 1;
    const now = new Date(Date.parse("2026-03-02T04:00:00Z") + this.#ticks * 1000);
    return this.#database.context({ clock: () => now, operator: { name: operator, host: "test" } });
  }

  async register(isVerified: boolean): Promise<void> {
    const no = `W${this.world.members.size + 1}`;
    await registerMember(this.context(), { name: "名", memberNo: no });
    this.world.register(no);
    if (!isVerified) return;
    await verifyIdentity(this.context(), no);
    this.world.members.get(no)!.isVerified = true;
  }

  async openShop(): Promise<void> {
    const code = `S${this.world.merchants.size + 1}`;
    await addMerchant(this.#database.db, code);
    this.world.merchants.set(code, []);
  }

  /** A newcomer who has bought something already: a story without points is soon told. */
  async welcome(): Promise<void> {
    await this.register(true);
    const bought = {
      change: "new",
      order: 0,
      member: 0,
      merchant: 0,
      date: dates[0],
      amountFen: 100_000n,
      share: 0n,
      status: "paid",
    } as const;
    await this.perform({ do: "import", rows: [bought], rowsPerChunk: 1 });
  }

  async perform(one: Step): Promise<void> {
    switch (one.do) {
      case "register":
        return this.register(one.isVerified);
      case "import":
        return this.#import(one);
      case "grant":
        return this.#grant(one.date);
      case "request":
        return this.#request(one);
      case "decide":
        return this.#decide(one);
      case "status": {
        const no = this.#newest(this.world.members, one.member)!;
        const refusal = await codeOf(changeMemberStatus(this.context(), no, one.change, undefined));
        return void expect(refusal).toBe(this.world.changeStatus(no, one.change));
      }
      default: {
        const code = this.#newest(this.world.merchants, one.merchant)!;
        await setRate(this.context(), code, one.bps === null ? null : Number(one.bps), one.date);
        return this.world.setRate(code, one.date, one.bps);
      }
    }
  }

  async #import({ rows, rowsPerChunk }: Extract<Step, { do: "import" }>): Promise<void> {
    const lines: string[] = [];
    const outcomes = this.world.takeFile(rows, (drawn) => {
      const next = this.#rowOf(drawn);
      lines.push(csv(next));
      return next;
    });
    const report = await importOrders(this.context(), {
      input: { path: orderFile(lines) },
      force: true,
      limits: { rows: rowsPerChunk },
    });
    const { inserted, updated, duplicate } = report;
    const counted = Object.entries({ inserted, updated, duplicate, ...Object.fromEntries(report.reasons) }).filter(
      ([, count]) => count > 0,
    );
    expect(Object.fromEntries(counted)).toEqual(outcomes);
  }

  /** A row as a shop might send it: an order it sent before, moved on or contradicted, or a new one. */
  #rowOf({
    change,
    order,
    member,
    merchant,
    date: paidOn,
    amountFen,
    share,
    status,
  }: (Step & { do: "import" })["rows"][number]): ModelRow {
    const no = this.#newest(this.world.orders, order);
    const known = no === undefined ? undefined : this.world.orders.get(no)!;
    if (no === undefined || known === undefined || change === "new") {
      return {
        no: `N${this.world.orders.size + 1}`,
        member: this.#newest(this.world.members, member)!,
        merchant: this.#newest(this.world.merchants, merchant)!,
        amountFen,
        refundedFen: status === "pending" ? 0n : (amountFen * share) / 200n,
        status,
        date: status === "pending" ? undefined : paidOn,
      };
    }
    const same: ModelRow = {
      no,
      member: known.member,
      merchant: known.merchant,
      amountFen: known.amountFen,
      refundedFen: known.refundedFen,
      status: known.status,
      date: known.date,
    };
    const paid = {
      status: known.status === "closed" ? ("closed" as const) : ("paid" as const),
      date: known.date ?? paidOn,
    };
    if (change === "amount") return { ...same, amountFen: known.amountFen + 1n };
    if (change === "member") return { ...same, member: this.#newest(this.world.members, member)! };
    if (change === "pay") return { ...same, status: "paid", date: known.date ?? paidOn };
    if (change === "close") return { ...same, status: "closed" };
    if (change === "refund") return { ...same, ...paid, refundedFen: (known.amountFen * share) / 100n };
    return same;
  }

  async #grant(on: string): Promise<void> {
    const report = await runGrant(this.context(), { businessDate: on, maxChunkChanges: 2 });
    const figures = this.world.grant(on);
    expect(report.runId === undefined).toBe(figures === undefined);
    if (figures === undefined) return;
    expect(report).toMatchObject(figures);
  }

  async #request({ member, share, by: operator }: Extract<Step, { do: "request" }>): Promise<void> {
    const no = this.#newest(this.world.members, member)!;
    const points = (this.world.members.get(no)!.available * share) / 100n;
    const asked = points > 0n ? points : 10n;
    let withdrawalNo = "";
    const refusal = await codeOf(
      requestWithdrawal(this.context(operator), { memberNo: no, points: asked }).then(
        (made) => (withdrawalNo = made.withdrawalNo),
      ),
    );
    expect(refusal).toBe(this.world.request(no, asked, operator, () => withdrawalNo));
  }

  async #decide({ withdrawal, decision, by: operator }: Extract<Step, { do: "decide" }>): Promise<void> {
    const withdrawalNo = this.#newest(this.world.withdrawals, withdrawal);
    if (withdrawalNo === undefined) return;
    const refusal = await codeOf(
      decideWithdrawals(this.context(operator), { name: decision, withdrawalNos: [withdrawalNo] }),
    );
    expect(refusal).toBe(this.world.decide(withdrawalNo, decision, operator));
  }

  #newest(map: ReadonlyMap<string, unknown>, back: number): string | undefined {
    const keys = [...map.keys()];
    return keys.length === 0 ? undefined : keys[keys.length - 1 - (back % Math.min(keys.length, 4))];
  }
}

/** The code of the refusal; undefined when there was none. */
const codeOf = (work: Promise<unknown>): Promise<string | undefined> =>
  work.then(
    () => undefined,
    (error: { code?: string }) => error.code ?? String(error),
  );

import { mkdirSync, readdirSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Context } from "../../../src/db/context.ts";
import { settle, type SettleInput } from "../../../src/night/settle.ts";
import type { SettlementSummary } from "../../../src/night/events.ts";
import { fullHeader } from "../orders/scene.ts";
import { scratchDirectory } from "../../support/files.ts";
import type { TestDatabase } from "../../support/database.ts";

/** An hour ago: nobody is still writing to such a file. */
const anHourAgo = (): Date => new Date(Date.now() - 3_600_000);

/** An inbox of its own. */
export class Inbox {
  readonly path = scratchDirectory();

  /** Puts a file into a folder of it, as it would lie there for an hour. */
  put(name: string, text: string, changed = anHourAgo()): string {
    const path = join(this.path, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    utimesSync(path, changed, changed);
    return path;
  }

  /** Puts a file of orders. */
  orders(name: string, rows: readonly string[]): string {
    return this.put(`orders/${name}`, `${[fullHeader, ...rows].join("\n")}\n`);
  }

  /** Every file in it, by path, sorted. */
  get files(): readonly string[] {
    return readdirSync(this.path, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(this.path.length + 1))
      .sort();
  }
}

/** A paid order of member M1 at S1: 100.00 yuan earn 21 points. */
export const paid = (orderNo: string, date: string, amount = "100.00", refunded = ""): string =>
  `${orderNo},M1,S1,${amount},paid,${date} 10:00:00,${refunded},,`;

/** Settles a test's database. The clock stands at noon of 2 March 2026 unless told otherwise. */
export const settleOn = (
  on: TestDatabase,
  input: Partial<SettleInput> = {},
  overrides: Partial<Context> = {},
): Promise<SettlementSummary> =>
  settle(on.context(overrides), {
    secretBox: () => {
      throw new Error("no payout account is named here");
    },
    ...input,
  });

/** The clock at noon of a date in Shanghai. */
export const noonOf = (date: string) => (): Date => new Date(`${date}T04:00:00Z`);

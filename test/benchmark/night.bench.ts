import { chmodSync } from "node:fs";
import { join } from "node:path";
import { inject, test } from "vitest";
import { createDatabase, dropDatabases, onDatabase } from "../support/admin.ts";
import { floorOf } from "./floor.ts";
import type { Measured } from "./measure.ts";
import { nightByHand, nightSteps, type NightStep } from "./night-by-hand.ts";
import { addOlderOrders } from "./older-orders.ts";
import { populate, writeOrders } from "./scene.ts";
import { timedSettlement } from "./settlement.ts";
import { checkpoint, comparison, onPlain, Pairs } from "./side-by-side.ts";

const orders = Number(process.env["ORDERS"] ?? 1_000_000);
const older = Number(process.env["OLDER"] ?? 5_000_000);
const rounds = Number(process.env["ROUNDS"] ?? 3);
const members = Math.max(1000, orders / 2);
const merchants = Math.max(100, Math.round(orders * 0.06));

const { url, template } = inject("testServer");

const directory = inject("scratch");
const file = join(directory, "night.csv");

/** What a night took as a whole and by its steps. */
interface Night {
  readonly whole: Measured;
  readonly steps: Readonly<Record<NightStep, Measured>>;
}

/** A night by the program, from a fresh inbox. What its steps took is what it noted itself. */
async function nightByProgram(databaseUrl: string): Promise<Night> {
  const whole = await timedSettlement(databaseUrl, { [file]: "orders" });
  const steps: Partial<Record<NightStep, Measured>> = {};
  await onPlain(databaseUrl, async (sql) => {
    const noted =
      await sql`SELECT step, extract(epoch FROM ended_at - started_at)::float8 AS seconds FROM settlement_steps`;
    for (const { step, seconds } of noted)
      steps[step as NightStep] = { seconds: seconds as number, peakMegabytes: whole.peakMegabytes };
  });
  return { whole, steps: steps as Night["steps"] };
}

async function nightByScripts(databaseUrl: string): Promise<Night> {
  await checkpoint(url);
  let steps: Night["steps"] | undefined;
  await onPlain(databaseUrl, async (sql) => void (steps = await nightByHand(sql, file)));
  return {
    whole: { seconds: nightSteps.reduce((sum, step) => sum + steps![step].seconds, 0), peakMegabytes: 0 },
    steps: steps!,
  };
}

/** Two ways through the same night, side by side: the whole and each step. */
class NightPairs {
  readonly #pairs = {
    whole: new Pairs(),
    import: new Pairs(),
    grant: new Pairs(),
    verify: new Pairs(),
    close: new Pairs(),
  };

  add(one: Night, other: Night): void {
    this.#pairs.whole.add(one.whole, other.whole);
    for (const step of nightSteps) this.#pairs[step].add(one.steps[step], other.steps[step]);
  }

  rows(name: string): Record<string, Pairs> {
    return Object.fromEntries([
      [name, this.#pairs.whole],
      ...nightSteps.map((step) => [`  its ${step}`, this.#pairs[step]] as const),
    ]);
  }
}

/** Import and grant run of a night, one after the other. */
const writing = ({ steps, whole }: Night): Measured => ({
  seconds: steps.import.seconds + steps.grant.seconds,
  peakMegabytes: whole.peakMegabytes,
});

test(`a night of ${orders} orders, with none before it and behind ${older} older ones`, async () => {
  const [scene, history, ours, theirs] = [
    `${template}_night`,
    `${template}_history`,
    `${template}_accrue`,
    `${template}_hand`,
  ];
  writeOrders(file, orders, members, merchants);
  chmodSync(file, 0o644); // the server reads it itself, for the scripts written by hand
  await createDatabase(url, scene, template);
  await onPlain(onDatabase(url, scene), (sql) => populate(sql, members, merchants));
  await createDatabase(url, history, scene);
  await onPlain(onDatabase(url, history), (sql) => addOlderOrders(sql, { orders: older, members, merchants }));
  const [againstHand, againstNone] = [new NightPairs(), new NightPairs()];
  const againstFloor = { "settle, against the floor": new Pairs(), "  its import and grant": new Pairs() };
  for (let round = 1; round <= rounds; round += 1) {
    await createDatabase(url, theirs, scene);
    const hand = await nightByScripts(onDatabase(url, theirs));
    await createDatabase(url, ours, scene);
    const alone = await nightByProgram(onDatabase(url, ours));
    againstHand.add(alone, hand);
    const floor = await floorOf(url, ours, scene);
    againstFloor["settle, against the floor"].add(alone.whole, floor);
    againstFloor["  its import and grant"].add(writing(alone), floor);
    await dropDatabases(url, [theirs, ours]);
    // The last night may use the history up: a copy of fifty million orders takes as much room again.
    const behind = round === rounds ? history : ours;
    if (behind === ours) await createDatabase(url, ours, history, "FILE_COPY");
    againstNone.add(await nightByProgram(onDatabase(url, behind)), alone);
    await dropDatabases(url, [behind]);
  }
  await dropDatabases(url, [scene]);
  const title = (what: string) => `${what}, median of ${rounds}`;
  console.log(comparison(title(`a night of ${orders} orders`), againstHand.rows("settle, against SQL by hand")));
  console.log(comparison(title("the same rows, copied in binary"), againstFloor));
  console.log(
    comparison(title(`behind ${older} older ones`), againstNone.rows("settle, against the same night with none")),
  );
});

import { chmodSync } from "node:fs";
import { join } from "node:path";
import { inject, test } from "vitest";
import { renderTable } from "../../src/ui/table.ts";
import { createDatabase, dropDatabases, onDatabase, plainClient } from "../support/admin.ts";
import { grantByHand, importByHand, importBySameMerge } from "./hand-written.ts";
import { median, timed, timedProgram, type Measured } from "./measure.ts";
import { businessDate, populate, writeOrders } from "./scene.ts";

const rows = Number(process.env["ROWS"] ?? 1_000_000);
const rounds = Number(process.env["ROUNDS"] ?? 3);
const members = Math.max(1000, rows / 2);
const merchants = 6000;

test(`${rows} orders: accrue against SQL written by hand, in turn on the same server`, async () => {
  const { url, template, directory } = inject("testServer");
  const file = join(directory, "orders.csv");
  writeOrders(file, rows, members, merchants);
  chmodSync(file, 0o644); // the server reads it itself, for the script written by hand
  const scene = `${template}_scene`;
  await createDatabase(url, scene, template);
  await onPlain(onDatabase(url, scene), (sql) => populate(sql, members, merchants));
  const results = { sameMerge: new Pairs(), importing: new Pairs(), importingAgain: new Pairs(), granting: new Pairs() };
  for (let round = 0; round < rounds; round += 1) {
    const [byHand, byAccrue] = [`${scene}_hand`, `${scene}_accrue`];
    await createDatabase(url, byHand, scene);
    await createDatabase(url, byAccrue, scene);
    const [handUrl, accrueUrl] = [onDatabase(url, byHand), onDatabase(url, byAccrue)];
    await checkpoint(url);
    const hand = await timed(() => onPlain(handUrl, (sql) => importByHand(sql, file)));
    await checkpoint(url);
    const first = await timedProgram(["order", "import", file], accrueUrl);
    await createDatabase(url, `${scene}_merge`, scene);
    await checkpoint(url);
    results.sameMerge.add(first, await timed(() => onPlain(onDatabase(url, `${scene}_merge`), (sql) => importBySameMerge(sql, file))));
    await dropDatabases(url, [`${scene}_merge`]);
    results.importing.add(first, hand);
    results.importingAgain.add(await timedProgram(["order", "import", file, "--force"], accrueUrl), first);
    await checkpoint(url);
    const handGrant = await timed(() => onPlain(handUrl, (sql) => grantByHand(sql, businessDate)));
    await checkpoint(url);
    results.granting.add(await timedProgram(["grant", "run", "--business-date", businessDate], accrueUrl), handGrant);
    await dropDatabases(url, [byHand, byAccrue]);
  }
  console.log(
    renderTable(
      [{ heading: `${rows} orders, median of ${rounds}` }, { heading: "accrue", align: "right" }, { heading: "compared with", align: "right" },
        { heading: "ratio", align: "right" }, { heading: "peak memory", align: "right" }],
      [
        ["import, against COPY by the server and the same merge", ...results.sameMerge.cells()],
        ["import, against plain inserts by hand", ...results.importing.cells()],
        ["the same file again, against the first time", ...results.importingAgain.cells()],
        ["grant run, against one transaction by hand", ...results.granting.cells()],
      ],
      undefined,
    ),
  );
});

/** Pairs of measurements taken one after the other: their ratio holds when the machine's speed drifts. */
class Pairs {
  readonly #pairs: (readonly [Measured, Measured])[] = [];

  add(one: Measured, other: Measured): void {
    this.#pairs.push([one, other]);
  }

  cells(): string[] {
    const of = (pick: (pair: readonly [Measured, Measured]) => number) => median(this.#pairs.map(pick));
    return [
      `${of(([one]) => one.seconds).toFixed(1)} s`,
      `${of(([, other]) => other.seconds).toFixed(1)} s`,
      of(([one, other]) => one.seconds / other.seconds).toFixed(2),
      `${Math.round(Math.max(...this.#pairs.map(([one]) => one.peakMegabytes)))} MB`,
    ];
  }
}

async function onPlain(url: string, work: (sql: ReturnType<typeof plainClient>) => Promise<void>): Promise<void> {
  const sql = plainClient(url);
  try {
    await work(sql);
  } finally {
    await sql.end({ timeout: 5 });
  }
}

/** Each measurement starts with nothing of the one before left to be written. */
const checkpoint = (url: string): Promise<void> => onPlain(onDatabase(url, "postgres"), async (sql) => void (await sql`CHECKPOINT`));

import { chmodSync } from "node:fs";
import { join } from "node:path";
import { inject, test } from "vitest";
import { createDatabase, dropDatabases, onDatabase } from "../support/admin.ts";
import { grantByHand, importByHand, importBySameMerge } from "./hand-written.ts";
import { timed, timedProgram } from "./measure.ts";
import { businessDate, populate, writeOrders } from "./scene.ts";
import { checkpoint, comparison, onPlain, Pairs } from "./side-by-side.ts";

const rows = Number(process.env["ROWS"] ?? 1_000_000);
const rounds = Number(process.env["ROUNDS"] ?? 3);
const members = Math.max(1000, rows / 2);
const merchants = 6000;

test(`${rows} orders: accrue against SQL written by hand, in turn on the same server`, async () => {
  const { url, template } = inject("testServer");
  const directory = inject("scratch");
  const file = join(directory, "orders.csv");
  writeOrders(file, rows, members, merchants);
  const changedFile = join(directory, "changed.csv");
  writeOrders(changedFile, rows, members, merchants, Math.ceil(rows / 10_000));
  chmodSync(file, 0o644); // the server reads it itself, for the script written by hand
  const scene = `${template}_scene`;
  await createDatabase(url, scene, template);
  await onPlain(onDatabase(url, scene), (sql) => populate(sql, members, merchants));
  const results = {
    sameMerge: new Pairs(),
    importing: new Pairs(),
    importingAgain: new Pairs(),
    importingChanged: new Pairs(),
    granting: new Pairs(),
  };
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
    results.sameMerge.add(
      first,
      await timed(() => onPlain(onDatabase(url, `${scene}_merge`), (sql) => importBySameMerge(sql, file))),
    );
    await dropDatabases(url, [`${scene}_merge`]);
    results.importing.add(first, hand);
    results.importingAgain.add(await timedProgram(["order", "import", file, "--force"], accrueUrl), first);
    await createDatabase(url, `${scene}_changed`, byAccrue);
    await checkpoint(url);
    results.importingChanged.add(
      await timedProgram(["order", "import", changedFile], onDatabase(url, `${scene}_changed`)),
      first,
    );
    await dropDatabases(url, [`${scene}_changed`]);
    await checkpoint(url);
    const handGrant = await timed(() => onPlain(handUrl, (sql) => grantByHand(sql, businessDate)));
    await checkpoint(url);
    results.granting.add(await timedProgram(["grant", "run", "--business-date", businessDate], accrueUrl), handGrant);
    await dropDatabases(url, [byHand, byAccrue]);
  }
  console.log(
    comparison(`${rows} orders, median of ${rounds}`, {
      "import, against COPY by the server and the same merge": results.sameMerge,
      "import, against plain inserts by hand": results.importing,
      "the same file again, against the first time": results.importingAgain,
      "10,000 changed among them, against the first time": results.importingChanged,
      "grant run, against one transaction by hand": results.granting,
    }),
  );
});

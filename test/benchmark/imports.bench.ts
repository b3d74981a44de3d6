import { chmodSync } from "node:fs";
import { join } from "node:path";
import { inject, test } from "vitest";
import type postgres from "postgres";
import { createDatabase, dropDatabases, onDatabase } from "../support/admin.ts";
import { importLinesBySameMerge, linesOptions, writeLines } from "./lines.ts";
import { timed, timedProgram } from "./measure.ts";
import { importMembersBySameMerge, writeMembers } from "./members.ts";
import { importMerchantsBySameMerge, writeMerchants } from "./merchants.ts";
import { populate } from "./scene.ts";
import { checkpoint, comparison, onPlain, Pairs } from "./side-by-side.ts";
import { importTaobaoBySameMerge, writeTaobao } from "./taobao.ts";

const rows = Number(process.env["ROWS"] ?? 1_000_000);
const members = Number(process.env["MEMBERS"] ?? rows);
const merchants = Number(process.env["MERCHANTS"] ?? 60_000);
const rounds = Number(process.env["ROUNDS"] ?? 3);

/**
 * Imports one file by the program and by hand, in turn, each into its own copy of a scene; then once more by the
 * program.
 */
async function compare(args: readonly string[], scene: string, byHand: (sql: postgres.Sql) => Promise<void>) {
  const { url } = inject("testServer");
  const results = { first: new Pairs(), again: new Pairs() };
  const ours = `${scene}_accrue`;
  const theirs = `${scene}_hand`;
  for (let round = 0; round < rounds; round += 1) {
    await createDatabase(url, ours, scene);
    await createDatabase(url, theirs, scene);
    await checkpoint(url);
    const hand = await timed(() => onPlain(onDatabase(url, theirs), byHand));
    await checkpoint(url);
    const first = await timedProgram(args, onDatabase(url, ours));
    results.first.add(first, hand);
    results.again.add(await timedProgram([...args, "--force"], onDatabase(url, ours)), first);
    await dropDatabases(url, [ours, theirs]);
  }
  return results;
}

test(`${rows} orders of a Taobao report, 30 columns in GB18030`, async () => {
  const { url, template } = inject("testServer");
  const directory = inject("scratch");
  const file = join(directory, "taobao.csv");
  const scene = `${template}_taobao`;
  chmodSync(directory, 0o777); // the server writes the file itself
  await createDatabase(url, scene, template);
  await onPlain(onDatabase(url, scene), async (sql) => {
    await populate(sql, 500_000, 6000);
    await writeTaobao(sql, file, rows, 500_000, 6000);
  });
  const { first, again } = await compare(["order", "import", file], scene, (sql) => importTaobaoBySameMerge(sql, file));
  await dropDatabases(url, [scene]);
  console.log(
    comparison(`${rows} Taobao orders, median of ${rounds}`, {
      "import, against COPY by the server and the same merge": first,
      "the same file again, against the first time": again,
    }),
  );
});

test(`${rows} rows of a Douyin export, three to an order`, async () => {
  const { url, template } = inject("testServer");
  const directory = inject("scratch");
  const file = join(directory, "douyin.csv");
  const scene = `${template}_lines`;
  chmodSync(directory, 0o777); // the server writes the file itself
  await createDatabase(url, scene, template);
  await onPlain(onDatabase(url, scene), async (sql) => {
    await populate(sql, 500_000, 6000);
    await writeLines(sql, file, rows, 500_000);
  });
  const { first, again } = await compare(["order", "import", file, ...linesOptions], scene, (sql) =>
    importLinesBySameMerge(sql, file),
  );
  await dropDatabases(url, [scene]);
  console.log(
    comparison(`${rows} rows of orders of three, median of ${rounds}`, {
      "import, against COPY by the server, summed by order, and the same merge": first,
      "the same file again, against the first time": again,
    }),
  );
});

test(`${members} members with phone and address`, async () => {
  const { template } = inject("testServer");
  const directory = inject("scratch");
  const file = join(directory, "members.csv");
  writeMembers(file, members);
  chmodSync(file, 0o644);
  const { first, again } = await compare(["member", "import", file], template, (sql) =>
    importMembersBySameMerge(sql, file),
  );
  console.log(
    comparison(`${members} members, median of ${rounds}`, {
      "import, against COPY by the server and the same merge": first,
      "the same file again, against the first time": again,
    }),
  );
});

test(`${merchants} merchants`, async () => {
  const { template } = inject("testServer");
  const directory = inject("scratch");
  const file = join(directory, "merchants.csv");
  writeMerchants(file, merchants);
  chmodSync(file, 0o644);
  const { first, again } = await compare(["merchant", "import", file], template, (sql) =>
    importMerchantsBySameMerge(sql, file),
  );
  console.log(
    comparison(`${merchants} merchants, median of ${rounds}`, {
      "import, against COPY by the server and the same merge": first,
      "the same file again, against the first time": again,
    }),
  );
});

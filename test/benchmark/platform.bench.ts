import { appendFileSync, chmodSync, existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { inject, test } from "vitest";
import { ensureEmbeddedServer } from "../../src/db/embedded/server.ts";
import { stopEmbeddedServer } from "../../src/db/embedded/stop.ts";
import { socketUrl } from "../../src/db/url.ts";
import { daysAfter } from "../../src/shared/business-date.ts";
import { renderTable } from "../../src/ui/table.ts";
import { databasesNamed, onDatabase } from "../support/admin.ts";
import { createPlatform } from "../support/platform.ts";
import { optionsFor } from "../support/server.ts";
import { beyondStart, timed, timedProcess, timedProgram, type Measured } from "./measure.ts";
import { writeMembers } from "./members.ts";
import { writeMerchants } from "./merchants.ts";
import { addOlderOrders } from "./older-orders.ts";
import { holders, writeHoldersAccounts, writeNight, writeNightRequests } from "./platform-files.ts";
import { businessDate } from "./scene.ts";
import { checkpoint, onPlain } from "./side-by-side.ts";

const members = Number(process.env["MEMBERS"] ?? 500_000);
const merchants = Number(process.env["MERCHANTS"] ?? 8000);
const orders = Number(process.env["ORDERS"] ?? 2_000_000);
const nights = 10;
/** At most a million a night; those before the nights are put there by SQL. */
const perNight = Math.min(1_000_000, Math.floor(orders / nights / 2));
const membersPerFile = 1_000_000;
process.env["ACCRUE_SECRET_KEY"] = Buffer.alloc(32, 7).toString("base64");

/** The directory that `--keep` names outlives the run: one that was ended goes on where it was. */
const home = process.env["KEEP"] ?? join(inject("scratch"), "platform");
const notes = join(home, "measured.jsonl");

/** What a step came to. */
interface Step extends Measured {
  readonly step: string;
  readonly rows: number;
  /** How many bytes the database grew by. */
  readonly bytes: number;
}

/** Runs a step and notes what it took, unless an earlier run did. */
async function step(url: string, name: string, rows: number, work: () => Promise<Measured>): Promise<void> {
  if (measured().some((one) => one.step === name)) return;
  await checkpoint(url);
  const before = await sizeOf(url);
  const { seconds, peakMegabytes } = await work();
  const bytes = (await sizeOf(url)) - before;
  appendFileSync(notes, `${JSON.stringify({ step: name, rows, seconds, peakMegabytes, bytes } satisfies Step)}\n`);
  console.log(`${name}: ${seconds.toFixed(1)} s`);
}

const measured = (): readonly Step[] =>
  existsSync(notes)
    ? readFileSync(notes, "utf8")
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as Step)
    : [];

async function sizeOf(url: string): Promise<number> {
  let size = 0;
  await onPlain(url, async (sql) => {
    const [row] = await sql<{ size: number }[]>`SELECT pg_database_size(current_database())::float8 AS size`;
    size = row!.size;
  });
  return size;
}

/** Writes a file, has the program import it, and removes it. */
async function imported(url: string, noun: string, name: string, write: (path: string) => void): Promise<Measured> {
  const path = join(home, name);
  write(path);
  try {
    return await timedProgram([noun, "import", path], url);
  } finally {
    rmSync(path);
  }
}

async function load(url: string): Promise<void> {
  for (let first = 1; first <= members; first += membersPerFile) {
    const rows = Math.min(membersPerFile, members - first + 1);
    await step(url, `members from ${first}`, rows, () =>
      imported(url, "member", `members-${first}.csv`, (path) => writeMembers(path, rows, first)),
    );
  }
  await step(url, "merchants", merchants, () =>
    imported(url, "merchant", "merchants.csv", (path) => writeMerchants(path, merchants)),
  );
  const older = orders - nights * perNight;
  await step(url, "older orders, by SQL", older, () =>
    timed(() => onPlain(url, (sql) => addOlderOrders(sql, { orders: older, members, merchants }))),
  );
  await step(url, "policy without cooling-off", 1, async () => {
    await timedProgram(["policy", "set", "--cooling-off-hours", "0", "--reason", "benchmark", "--confirm", "0"], url);
    return timedProgram(["approval", "approve", "A00000001", "--operator", "alice", "--yes"], url);
  });
  await step(url, "accounts", holders, () => imported(url, "account", "accounts.csv", writeHoldersAccounts));
}

async function night(url: string, no: number): Promise<void> {
  const date = daysAfter(businessDate, no - 1);
  await step(url, `night ${no}`, perNight, async () => {
    const inbox = join(home, "inbox");
    for (const kind of ["orders", "withdrawals"]) mkdirSync(join(inbox, kind), { recursive: true });
    writeNight(join(inbox, "orders", `${date}.csv`), no, date, { orders: perNight, members, merchants });
    if (no > 1) writeNightRequests(join(inbox, "withdrawals", `${date}.csv`), no);
    const taken = await timedProgram(["settle", "--inbox", inbox, "--min-age", "0s", "--until", date], url);
    rmSync(inbox, { recursive: true });
    return taken;
  });
  if (no > 1)
    await step(url, `approvals of night ${no}`, holders / 10, () =>
      timedProgram(
        ["withdrawal", "approve", "--max-amount", "100", "--yes", "--max-total", "1000000", "--operator", "alice"],
        url,
      ),
    );
}

/** What an operator looks at, beyond Node's start. */
async function reads(url: string): Promise<void> {
  const lines = [
    "member list",
    `member show P${String(members).padStart(8, "0")}`,
    "member statement P00000002",
    "merchant list",
    "merchant show S000001",
    "order list",
    "order list --member P00000002",
    "order list --merchant S000001",
    "order show N10-000000001",
    "import list",
    "grant list",
    "withdrawal list",
    "withdrawal list --status approved",
    "account list P00000002",
    "audit list",
    "settle status",
    "report fund",
  ];
  const rows: string[][] = [];
  for (const line of lines)
    rows.push([
      line,
      await beyondStart(
        () => timedProcess(["-e", "0"], url),
        () => timedProgram(line.split(" "), url),
      ),
    ]);
  console.log(
    renderTable([{ heading: "beyond Node's start" }, { heading: "median", align: "right" }], rows, undefined),
  );
}

/** `verify --full` beside a sequential scan of all that it reads, on one connection. */
async function verified(url: string): Promise<void> {
  const full = await timedProgram(["verify", "--full"], url);
  const scan = await timed(() =>
    onPlain(url, async (sql) => {
      await sql`SET max_parallel_workers_per_gather = 0`;
      await sql`SET enable_indexonlyscan = off`;
      await sql`SET enable_indexscan = off`;
      for (const { name } of await sql<{ name: string }[]>`
        SELECT oid::regclass::text AS name FROM pg_class
        WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r'`)
        await sql.unsafe(`SELECT count(*) FROM ${name}`);
    }),
  );
  const ratio = (full.seconds / scan.seconds).toFixed(2);
  console.log(`verify --full: ${full.seconds.toFixed(1)} s; a sequential scan: ${scan.seconds.toFixed(1)} s; ${ratio}`);
}

test(`a platform of ${members} members, ${merchants} merchants and ${orders} orders`, { timeout: 0 }, async () => {
  mkdirSync(home, { recursive: true });
  chmodSync(home, 0o711); // the server runs as an unprivileged user where this one is root
  const options = optionsFor(home);
  const server = await ensureEmbeddedServer(options);
  try {
    const serverUrl = socketUrl({ ...server, host: server.socketDirectory });
    if ((await databasesNamed(serverUrl, "platform")).length === 0) await createPlatform(serverUrl, "platform");
    const url = onDatabase(serverUrl, "platform");
    await load(url);
    for (let no = 1; no <= nights; no += 1) await night(url, no);
    console.log(tableOf(measured()));
    await reads(url);
    await verified(url);
  } finally {
    await stopEmbeddedServer(options);
  }
});

const tableOf = (steps: readonly Step[]): string =>
  renderTable(
    [
      { heading: "step" },
      ...["rows", "seconds", "rows/s", "bytes a row", "peak memory", "of night 1"].map((heading) => ({
        heading,
        align: "right" as const,
      })),
    ],
    steps.map(({ step, rows, seconds, bytes, peakMegabytes }) => [
      step,
      rows.toLocaleString("en"),
      seconds.toFixed(1),
      Math.round(rows / seconds).toLocaleString("en"),
      `${Math.round(bytes / rows)}`,
      `${Math.round(peakMegabytes)} MB`,
      step.startsWith("night") ? (seconds / steps.find((one) => one.step === "night 1")!.seconds).toFixed(2) : "",
    ]),
    undefined,
  );

import { existsSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { expect } from "vitest";
import { requestWithdrawal } from "../../src/domain/withdrawals/request.ts";
import { startAccrue, until, type RunningAccrue } from "../db/orders/process.ts";
import { peopleIn, take } from "../db/orders/scene.ts";
import { cloneOf, dumpDatabase, type TestDatabase } from "../support/database.ts";
import { scratchDirectory } from "../support/files.ts";
import { Inbox, noonOf, paid, settleOn } from "../db/night/scene.ts";
import { verifyEverybody } from "../support/money/people.ts";

/**
 * Leaves a database as it is when 28 February was missed: the dates before are closed, and nobody decided a request.
 */
export async function missNight(on: TestDatabase): Promise<TestDatabase> {
  await peopleIn(on);
  await take(on, [paid("OLD", "2026-02-26")]);
  await settleOn(on, {}, { clock: noonOf("2026-02-28") });
  await on.db.sql.begin("read write", (tx) => verifyEverybody(tx));
  await requestWithdrawal(on.context({ clock: noonOf("2026-02-28") }), { memberNo: "M1", points: 20n });
  return on;
}

/** Files of several kinds: late orders, an order twice, a refund of what was settled long ago, and a row to reject. */
function filledInbox(): Inbox {
  const inbox = new Inbox();
  inbox.put("members/new.csv", "member_no,name\nN1,新人\n");
  inbox.orders("a.csv", [
    paid("A1", "2026-02-28"),
    paid("A2", "2026-02-27"),
    "A3,NOBODY,S1,1.00,paid,2026-02-28 10:00:00,,,",
  ]);
  inbox.orders("b.csv", [
    paid("A1", "2026-02-28", "100.00", "50.00"),
    "B2,N1,S2,88.88,paid,2026-02-28 09:00:00,,,",
    paid("OLD", "2026-02-26", "100.00", "100.00"),
  ]);
  return inbox;
}

/**
 * The commits of that night in their order, each with a table that its transaction writes and the ones around it do
 * not, as far as there is one. Whoever counts them sees when one is lost, or when there is a new one that nobody
 * thought of stopping at.
 */
export const nightCommits = [
  ["the slot is taken", "settlement_runs"],
  ["import begins", "settlement_steps"],
  ["members/new.csv", "members"],
  ["orders/a.csv", "import_rejects"],
  ["orders/b.csv", "orders"],
  ["what is open is matched", "open_lines"],
  ["import is done", "settlement_steps"],
  ["grant begins", "settlement_steps"],
  ["the grant run's slot is taken", "grant_runs"],
  ["a chunk is granted", "points_entries"],
  ["the grant run is complete", "run_slots"],
  ["grant is done", "settlement_steps"],
  ["expire begins", "settlement_steps"],
  ["a request expires", "withdrawals"],
  ["expire is done", "settlement_steps"],
  ["verify begins", "settlement_steps"],
  ["verify is done", "settlement_steps"],
  ["close begins", "settlement_steps"],
  ["the date is closed", "operator_actions"],
  ["the settlement is complete", "settlement_runs"],
] as const;

/**
 * The files that take their name in that night: each file's report and the file itself, and the rejects of one of them.
 */
export const nightRenames = 7;

/** One try at that night, on a copy of what it finds. */
export class MissedNight {
  readonly on: TestDatabase;
  readonly inbox: Inbox;

  constructor(on: TestDatabase, inbox = filledInbox()) {
    this.on = on;
    this.inbox = inbox;
  }

  static async of(missed: TestDatabase): Promise<MissedNight> {
    return new MissedNight(await cloneOf(missed));
  }

  get args(): readonly string[] {
    return ["settle", "--inbox", this.inbox.path, "--until", "2026-02-28", "--json"];
  }

  /** Starts the program on it; `within` and `url` may put something between it and its surroundings. */
  start({
    url = this.on.url,
    env = {},
    within,
    more = [],
  }: { url?: string; env?: Record<string, string>; within?: string; more?: readonly string[] } = {}): RunningAccrue {
    return startAccrue([...this.args, ...more], {
      database: { url },
      env,
      ...(within === undefined ? {} : { within }),
    });
  }

  /** Starts the program with something that stops it at a place (test/support/failpoint.mjs). */
  startInto(failpoint: string, env: Record<string, string> = {}): RunningAccrue {
    return this.start({
      env: {
        NODE_OPTIONS: `--import=${pathToFileURL(resolve("test/support/failpoint.mjs")).href}`,
        ACCRUE_FAILPOINT: failpoint,
        ...env,
      },
    });
  }

  /** Starts the program and freezes it right before a commit, until it is told to go on. */
  async frozenBefore(commit: (typeof nightCommits)[number][0]): Promise<RunningAccrue & { goOn(): void }> {
    const directory = scratchDirectory();
    const running = this.startInto(`commit:${nightCommits.findIndex(([name]) => name === commit) + 1}:hold`, {
      ACCRUE_HOLD: directory,
    });
    await until(async () => existsSync(join(directory, "held")));
    return { ...running, goOn: () => writeFileSync(join(directory, "go"), "") };
  }

  /** The business content, and what lies in the inbox: all that a night is for. */
  async outcome(): Promise<string> {
    return `${await dumpDatabase(this.on.db)}\n${this.inbox.files.join("\n")}`;
  }

  /** Runs once more, with nothing in the way: whatever happened before, it is as if nothing had. */
  async expectToFinish(finished: string, what = "again"): Promise<void> {
    await settleOn(
      this.on,
      { inbox: this.inbox.path, until: "2026-02-28", waitMs: 30_000 },
      { clock: () => new Date() },
    );
    expect(await this.outcome(), what).toBe(finished);
  }
}

/** What that night comes to when nothing happens, in the words of `outcome`. */
export async function undisturbed(missed: TestDatabase): Promise<string> {
  const night = await MissedNight.of(missed);
  const { exit, stderr } = await night.start().ended;
  expect({ exit, stderr }).toEqual({ exit: 3, stderr: "" });
  const finished = await night.outcome();
  expect(finished).toContain('{"state": "closed", "business_date": "2026-02-28", "reopen_reason": null}');
  expect(night.inbox.files).toHaveLength(nightRenames);
  await night.on.drop();
  return finished;
}

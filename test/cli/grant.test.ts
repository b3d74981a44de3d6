import { expect, test } from "vitest";
import { inTransaction } from "../../src/db/database.ts";
import { takeSlot } from "../../src/db/run-slots.ts";
import { registerMember } from "../../src/domain/members/register.ts";
import { changeMemberStatus } from "../../src/domain/members/status.ts";
import { accrue, accrueInProcess } from "../support/cli.ts";
import { testDatabase, testNow } from "../support/database.ts";
import { transcript } from "../support/transcript.ts";
import { peopleIn, take } from "../db/orders/scene.ts";

const database = await testDatabase();
await peopleIn(database);
await registerMember(database.context(), { name: "走了", memberNo: "M4" });
await changeMemberStatus(database.context(), "M4", "close", undefined);
await take(database, [
  "1,M1,S1,100.00,paid,2026-02-01 10:00:00,,,",
  "2,M2,S2,150.00,paid,2026-02-01 23:59:59,,,",
  "3,M1,S1,1000.00,paid,2026-02-02 00:00:00,,,",
  "4,M4,S1,100.00,paid,2026-02-01,,,",
]);

const play = (...lines: string[]) => transcript(lines, { database, now: testNow, env: { ACCRUE_OPERATOR: "cron" } });

test("a dry run, the run, the run again, a refund, and what lists and records say of it", async () => {
  const first = await play(
    "accrue grant list",
    "accrue grant run --business-date 2026-01-31",
    "accrue grant run --business-date 2026-02-01 --dry-run",
    "accrue grant run --business-date 2026-02-01",
    "accrue grant run --business-date 2026-02-01",
    "accrue grant run --business-date 2026-02-01 --dry-run",
    "accrue grant run --business-date 2026-02-02 --json",
    "accrue grant run --business-date 2026-02-02 --json --operator amy",
  );
  await take(database, ["2,M2,S2,150.00,paid,2026-02-01 23:59:59,150.00,,"]);
  expect(
    first +
      (await play(
        "accrue grant run --business-date 2026-02-01",
        "accrue grant list",
        "accrue grant list --limit 1",
        "accrue grant list --limit 1 --after 3",
        "accrue grant list --from 2026-02-02 --to 2026-02-02 --json",
        "accrue grant list --status interrupted",
        "accrue grant show 1",
        "accrue grant show 1 --json",
      )),
  ).toMatchInlineSnapshot(`
    "
    $ accrue grant list
    no grant runs

    $ accrue grant run --business-date 2026-01-31
    nothing to do: every order up to 2026-01-31 is settled

    $ accrue grant run --business-date 2026-02-01 --dry-run
    dry run for 2026-02-01, nothing kept
      orders settled        2
      members               2
      points granted        53
      points clawed back    0
      merchants contribute  75.00
      into the points fund  53.00
      skipped               1 order of closed members, 21 points

    $ accrue grant run --business-date 2026-02-01
    grant run 1 for 2026-02-01
      orders settled        2
      members               2
      points granted        53
      points clawed back    0
      merchants contribute  75.00
      into the points fund  53.00
      skipped               1 order of closed members, 21 points

    $ accrue grant run --business-date 2026-02-01
    nothing to do: every order up to 2026-02-01 is settled; run 1 of cron granted 53 points for this date

    $ accrue grant run --business-date 2026-02-01 --dry-run
    dry run for 2026-02-01, nothing kept
      orders settled        0
      members               0
      points granted        0
      points clawed back    0
      merchants contribute  0.00
      into the points fund  0.00

    $ accrue grant run --business-date 2026-02-02 --json
    {"run_id":2,"business_date":"2026-02-02","orders":1,"members":1,"points_granted":210,"points_clawed_back":0,"contribution":"300.00","fund":"210.00","skipped_orders":0,"skipped_points":0,"waiting_orders":0,"unevidenced_orders":0,"dry_run":false,"took_over_run_id":null,"earlier_run_id":null,"waits":null}

    $ accrue grant run --business-date 2026-02-02 --json --operator amy
    {"run_id":null,"business_date":"2026-02-02","orders":0,"members":0,"points_granted":0,"points_clawed_back":0,"contribution":"0.00","fund":"0.00","skipped_orders":0,"skipped_points":0,"waiting_orders":0,"unevidenced_orders":0,"dry_run":false,"took_over_run_id":null,"earlier_run_id":2,"waits":{"collection":0,"evidence":0,"delay":0}}

    $ accrue grant run --business-date 2026-02-01
    grant run 3 for 2026-02-01
      orders settled        1
      members               1
      points granted        0
      points clawed back    32
      merchants contribute  -45.00
      into the points fund  -32.00

    $ accrue grant list
    run  business date  status    orders  granted  clawed back  by
      3  2026-02-01     complete       1        0           32  cron
      2  2026-02-02     complete       1      210            0  cron
      1  2026-02-01     complete       2       53            0  cron

    $ accrue grant list --limit 1
    run  business date  status    orders  granted  clawed back  by
      3  2026-02-01     complete       1        0           32  cron
    more: --after 3

    $ accrue grant list --limit 1 --after 3
    run  business date  status    orders  granted  clawed back  by
      2  2026-02-02     complete       1      210            0  cron
    more: --after 2

    $ accrue grant list --from 2026-02-02 --to 2026-02-02 --json
    {"run_id":2,"business_date":"2026-02-02","status":"complete","orders":1,"members":1,"points_granted":210,"points_clawed_back":0,"contribution":"300.00","fund":"210.00","skipped_orders":0,"skipped_points":0,"waiting_orders":0,"unevidenced_orders":0,"operator":"cron","host":"desk-1","started_at":"<time>","finished_at":"<time>"}

    $ accrue grant list --status interrupted
    no grant runs

    $ accrue grant show 1
    grant run 1 for 2026-02-01
      status                complete
      by                    cron on desk-1
      started               <time>
      finished              <time>
      orders settled        2
      members               2
      points granted        53
      points clawed back    0
      merchants contribute  75.00
      into the points fund  53.00
      skipped               1 order of closed members, 21 points
    <time>  cron  grant.run.complete

    $ accrue grant show 1 --json
    {"run_id":1,"business_date":"2026-02-01","status":"complete","orders":2,"members":2,"points_granted":53,"points_clawed_back":0,"contribution":"75.00","fund":"53.00","skipped_orders":1,"skipped_points":21,"waiting_orders":0,"unevidenced_orders":0,"operator":"cron","host":"desk-1","started_at":"<time>","finished_at":"<time>","actions":[{"at":"<time>","operator":"cron","host":"desk-1","action":"grant.run.complete"}]}
    "
  `);
});

test("every refusal says what to do", async () => {
  expect(
    await play(
      "accrue grant run",
      "accrue grant run --business-date 2026-03-03",
      "accrue grant run --business-date 2026-03-03 --json",
      "accrue grant run --business-date 2026-02-29",
      "accrue grant run --business-date yesterday --dry-run",
      "accrue grant show",
      "accrue grant show 999",
      "accrue grant show first",
      "accrue grant list --after x --json",
      "accrue grant list --status done",
      "accrue grant list --from 2026-13-01",
      "accrue grant list --to 20260101",
      "accrue grant list --limit none",
    ),
  ).toMatchInlineSnapshot(`
    "
    $ accrue grant run
    ! error: required option '--business-date <date>' not specified
    ! hint: see \`accrue grant run --help\`
    [exit 2]

    $ accrue grant run --business-date 2026-03-03
    ! error: 2026-03-03 has not come yet: it is 2026-03-02 in Asia/Shanghai
    ! hint: grant points for today or an earlier date
    [exit 4]

    $ accrue grant run --business-date 2026-03-03 --json
    ! {"error":{"code":"business_date_in_future","message":"2026-03-03 has not come yet: it is 2026-03-02 in Asia/Shanghai","hint":"grant points for today or an earlier date","details":{}}}
    [exit 4]

    $ accrue grant run --business-date 2026-02-29
    ! error: "2026-02-29" is no business date
    ! hint: write it like 2026-01-31
    [exit 2]

    $ accrue grant run --business-date yesterday --dry-run
    ! error: "yesterday" is no business date
    ! hint: write it like 2026-01-31
    [exit 2]

    $ accrue grant show
    ! error: missing required argument 'run-id'
    ! hint: see \`accrue grant show --help\`
    [exit 2]

    $ accrue grant show 999
    ! error: there is no grant run 999
    ! hint: \`accrue grant list\` shows them
    [exit 4]

    $ accrue grant show first
    ! error: "first" is no run id
    ! hint: \`accrue grant list\` shows them
    [exit 2]

    $ accrue grant list --after x --json
    ! {"error":{"code":"invalid_run_id","message":"\\"x\\" is no run id","hint":"\`accrue grant list\` shows them","details":{}}}
    [exit 2]

    $ accrue grant list --status done
    ! error: --status done: not one of running, complete, interrupted
    [exit 2]

    $ accrue grant list --from 2026-13-01
    ! error: --from 2026-13-01: no business date
    ! hint: write it like 2026-01-31
    [exit 2]

    $ accrue grant list --to 20260101
    ! error: --to 20260101: no business date
    ! hint: write it like 2026-01-31
    [exit 2]

    $ accrue grant list --limit none
    ! error: --limit none: give a number from 1 to 10000
    [exit 2]
    "
  `);
});

test("another run at work: exit 75, and who it is", async () => {
  await take(database, ["5,M1,S1,100.00,paid,2026-02-01,,,"]);
  await inTransaction(
    database.db,
    async (tx) => {
      await takeSlot(tx, "grant", 77n, { name: "amy", host: "desk-2" }, testNow);
      expect(await play("accrue grant run --business-date 2026-02-01 --json")).toMatchInlineSnapshot(`
      "
      $ accrue grant run --business-date 2026-02-01 --json
      ! {"error":{"code":"grant_run_busy","message":"another grant run is at work","hint":"try again when it has ended (\`accrue grant list\`)","details":{}}}
      [exit 75]
      "
    `);
    },
    "rollback",
  );
  await inTransaction(database.db, (tx) => takeSlot(tx, "grant", 77n, { name: "amy", host: "desk-2" }, testNow));
  expect(await play("accrue grant run --business-date 2026-02-01")).toMatchInlineSnapshot(`
    "
    $ accrue grant run --business-date 2026-02-01
    ! error: another grant run is at work: run 77 of amy on desk-2, since <time>
    ! hint: try again when it has ended (\`accrue grant list\`)
    [exit 75]
    "
  `);
  await inTransaction(database.db, (tx) => tx`UPDATE run_slots SET backend_started_at = '2026-01-01'`);
  expect((await accrueInProcess(["grant", "run", "--business-date", "2026-02-01"], { database })).stdout).toMatch(
    /took over +the rest of run 77, which died/,
  );
});

test("the compiled program does the same", async () => {
  await take(database, ["6,M1,S1,100.00,paid,2026-02-01,,,"]);
  const { stdout, exitCode } = await accrue(["grant", "run", "--business-date", "2026-02-01", "--json"], { database });
  expect([exitCode, JSON.parse(stdout)]).toMatchObject([0, { orders: 1, points_granted: 21 }]);
});

import { describe, expect, test } from "vitest";
import { accrueInProcess } from "../support/cli.ts";
import { accrueOnTerminal } from "../support/pty.ts";
import { transcript } from "../support/transcript.ts";
import { ground, noon } from "../support/money/ground.ts";
import { addMember, earn } from "../support/money/people.ts";

const here = await ground();
const now = new Date(noon);
await addMember(here.db, "M1", { name: "王小明" });
await earn(here.db, "M1", 1_000_000n);
await addMember(here.db, "M2", { status: "frozen" });
const inProcess = { database: here, now, env: { ACCRUE_OPERATOR: "alice" } };
const play = (...lines: string[]) => transcript(lines, inProcess);

/** The error of a command under --json, and its exit code. */
async function refused(...args: string[]): Promise<{ exitCode: number; code: string; message: string; hint: string }> {
  const { exitCode, stdout, stderr } = await accrueInProcess([...args, "--json"], inProcess);
  expect(stdout).toBe("");
  const { error } = JSON.parse(stderr) as { error: { code: string; message: string; hint: string } };
  return { exitCode, code: error.code, message: error.message, hint: error.hint };
}

describe("withdrawal commands", () => {
  test("from the request to the decision, as an operator types it", async () => {
    expect(
      await play(
        "accrue withdrawal request --member M1 --points 100 --dry-run",
        "accrue withdrawal request --member M1 --points 100",
        "accrue withdrawal request --member M1 --points 50 --json",
        "accrue withdrawal list",
        "accrue withdrawal approve W00000001 W00000002",
        "accrue withdrawal approve W00000001 --yes",
        "accrue withdrawal approve W00000001 --yes --operator bob",
        "accrue withdrawal reject W00000002 --reason 'wrong account' --yes --operator bob --json",
        "accrue withdrawal cancel W00000002 --yes",
        "accrue withdrawal show W00000002",
        "accrue withdrawal list --status expired",
      ),
    ).toMatchInlineSnapshot(`
      "
      $ accrue withdrawal request --member M1 --points 100 --dry-run
      dry run: member M1 can withdraw 100 points
        points          100
        gross           100.00 yuan
        fee             5.00 yuan (5%)
        net             95.00 yuan
        status          requested, no account
        left available  2000 points

      $ accrue withdrawal request --member M1 --points 100
      requested W00000001 for member M1
        points          100
        gross           100.00 yuan
        fee             5.00 yuan (5%)
        net             95.00 yuan
        status          requested, no account
        left available  2000 points

      $ accrue withdrawal request --member M1 --points 50 --json
      {"withdrawal_no":"W00000002","member_no":"M1","points":50,"gross":"50.00","fee":"2.50","net":"47.50","status":"requested","channel":null,"requested_by":"alice","requested_at":"<time>","decided_by":null,"decided_at":null,"reason":null,"approvals":0,"approvals_needed":1,"request_no":null,"available":1950,"new":true,"dry_run":false}

      $ accrue withdrawal list
      withdrawal  member  points   gross   fee    net  status                 requested by  paid to  risks
      W00000001   M1         100  100.00  5.00  95.00  requested, no account  alice                  new_account, single_merchant
      W00000002   M1          50   50.00  2.50  47.50  requested, no account  alice                  new_account, single_merchant
      new_account: the member is new
      single_merchant: all points come from one merchant

      $ accrue withdrawal approve W00000001 W00000002
      ! error: 2 of 2 withdrawals cannot be decided (approve), so none was:
      !   withdrawal W00000001 was requested by alice, who cannot approve it too
      !   withdrawal W00000002 was requested by alice, who cannot approve it too
      ! hint: another operator has to approve it (--operator says who is at work)
      [exit 4]

      $ accrue withdrawal approve W00000001 --yes
      ! error: withdrawal W00000001 was requested by alice, who cannot approve it too
      ! hint: another operator has to approve it (--operator says who is at work)
      [exit 4]

      $ accrue withdrawal approve W00000001 --yes --operator bob
      approved: 1 withdrawal, 100 points, 100.00 yuan gross, 95.00 net
      withdrawal  member  points   gross   fee    net  status                requested by  paid to  risks
      W00000001   M1         100  100.00  5.00  95.00  approved, no account  alice                  new_account, single_merchant
      new_account: the member is new
      single_merchant: all points come from one merchant

      $ accrue withdrawal reject W00000002 --reason 'wrong account' --yes --operator bob --json
      {"withdrawal_no":"W00000002","member_no":"M1","points":50,"gross":"50.00","fee":"2.50","net":"47.50","status":"rejected","channel":null,"requested_by":"alice","requested_at":"<time>","decided_by":"bob","decided_at":"<time>","reason":"wrong account","approvals":0,"approvals_needed":1,"account":null,"risks":[],"dry_run":false}

      $ accrue withdrawal cancel W00000002 --yes
      ! error: withdrawal W00000002 is rejected already, by bob at <time>
      ! hint: nothing was changed; \`accrue withdrawal show\` shows its story
      [exit 4]

      $ accrue withdrawal show W00000002
      Withdrawal W00000002
        member         M1 王*
        status         rejected
        points         50
        gross          50.00 yuan
        fee            2.50 yuan (5%)
        net            47.50 yuan
        paid to        no account: nobody said where to
        business date  2026-03-05
        requested by   alice, <time>
        decided by     bob, <time>
        reason         wrong account

      Points entries
      kind     available  held  business date
      hold           -50    50  2026-03-05
      release         50   -50  2026-03-05

      Journal
      transaction  kind     account           amount  unit
                4  hold     points_available      50  points
                4  hold     points_held          -50  points
                5  release  points_held           50  points
                5  release  points_available     -50  points

      Who did what when
      time                 operator  identity  host    action              details
      <time>  alice     asserted  desk-1  withdrawal.request  gross=50.00 points=50 member_no=M1
      <time>  alice     asserted  desk-1  withdrawal.refuse   code=maker_is_checker deed=approve
      <time>  bob       asserted  desk-1  withdrawal.reject   gross=50.00 reason=wrong account member_no=M1

      $ accrue withdrawal list --status expired
      no withdrawals
      "
    `);
  });

  test("a withdrawal's whole story as JSON", async () => {
    const { stdout } = await accrueInProcess(["withdrawal", "show", "W00000002", "--json"], inProcess);
    // When something was done is the server's to say.
    const { actions, ...rest } = JSON.parse(stdout) as { actions: { at: string }[] };
    expect({ ...rest, actions: actions.map(({ at: _at, ...action }) => action) }).toMatchInlineSnapshot(`
      {
        "account": null,
        "actions": [
          {
            "action": "withdrawal.request",
            "details": {
              "gross": "50.00",
              "member_no": "M1",
              "points": 50,
            },
            "host": "desk-1",
            "identity": "asserted",
            "operator": "alice",
          },
          {
            "action": "withdrawal.refuse",
            "details": {
              "code": "maker_is_checker",
              "deed": "approve",
            },
            "host": "desk-1",
            "identity": "asserted",
            "operator": "alice",
          },
          {
            "action": "withdrawal.reject",
            "details": {
              "gross": "50.00",
              "member_no": "M1",
              "reason": "wrong account",
            },
            "host": "desk-1",
            "identity": "asserted",
            "operator": "bob",
          },
        ],
        "approvals": 0,
        "approvals_needed": 1,
        "approved_by": null,
        "business_date": "2026-03-05",
        "channel": null,
        "decided_at": "2026-03-05T04:00:00.000Z",
        "decided_by": "bob",
        "entries": [
          {
            "available": -50,
            "business_date": "2026-03-05",
            "created_at": "2026-03-05T04:00:00.000Z",
            "entry_no": 1,
            "held": 50,
            "kind": "hold",
          },
          {
            "available": 50,
            "business_date": "2026-03-05",
            "created_at": "2026-03-05T04:00:00.000Z",
            "entry_no": 2,
            "held": -50,
            "kind": "release",
          },
        ],
        "fee": "2.50",
        "fee_rate": "5%",
        "first_approved_by": null,
        "gross": "50.00",
        "import_id": null,
        "journal": [
          {
            "business_date": "2026-03-05",
            "journal_id": 4,
            "kind": "hold",
            "lines": [
              {
                "account": "points_available",
                "amount": 50,
                "unit": "points",
              },
              {
                "account": "points_held",
                "amount": -50,
                "unit": "points",
              },
            ],
            "operator": "alice",
            "posted_at": "2026-03-05T04:00:00.000Z",
          },
          {
            "business_date": "2026-03-05",
            "journal_id": 5,
            "kind": "release",
            "lines": [
              {
                "account": "points_held",
                "amount": 50,
                "unit": "points",
              },
              {
                "account": "points_available",
                "amount": -50,
                "unit": "points",
              },
            ],
            "operator": "bob",
            "posted_at": "2026-03-05T04:00:00.000Z",
          },
        ],
        "line": null,
        "member_name": "王*",
        "member_no": "M1",
        "net": "47.50",
        "points": 50,
        "reason": "wrong account",
        "request_no": null,
        "requested_at": "2026-03-05T04:00:00.000Z",
        "requested_by": "alice",
        "status": "rejected",
        "withdrawal_no": "W00000002",
      }
    `);
  });

  test("several decided at once are an array, with the keys of one", async () => {
    const request = async () =>
      JSON.parse(
        (await accrueInProcess(["withdrawal", "request", "--member", "M1", "--points", "10", "--json"], inProcess))
          .stdout,
      ) as { withdrawal_no: string };
    const numbers = [(await request()).withdrawal_no, (await request()).withdrawal_no];
    const { stdout } = await accrueInProcess(["withdrawal", "cancel", ...numbers, "--dry-run", "--json"], inProcess);
    expect(JSON.parse(stdout)).toMatchObject(
      numbers.map((withdrawal_no) => ({
        withdrawal_no,
        status: "cancelled",
        gross: "10.00",
        fee: "0.50",
        net: "9.50",
        dry_run: true,
      })),
    );
    const list = await accrueInProcess(
      ["withdrawal", "list", "--status", "requested", "--json", "--limit", "1"],
      inProcess,
    );
    expect(
      list.stdout
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as unknown),
    ).toMatchObject([{ withdrawal_no: numbers[0], status: "requested" }]);
    expect(await play(`accrue withdrawal list --status requested --limit 1`)).toContain(`more: --after ${numbers[0]}`);
  });

  test.each([
    [["withdrawal", "request", "--member", "M9", "--points", "10"], 4, "member_unknown"],
    [["withdrawal", "request", "--member", "M2", "--points", "10"], 4, "member_frozen"],
    [["withdrawal", "request", "--member", "M1", "--points", "1.5"], 2, "invalid_points"],
    [["withdrawal", "request", "--member", "M1"], 2, "usage"],
    [["withdrawal", "reject", "W00000001"], 2, "usage"],
    [["withdrawal", "reject", "W00000001", "--reason", " ", "--yes"], 2, "invalid_reason"],
    [["withdrawal", "approve"], 2, "nothing_named"],
    [["withdrawal", "cancel", "W00000001"], 2, "confirmation_needed"],
    [["withdrawal", "approve", "W12345678", "--yes"], 4, "withdrawal_unknown"],
    [["withdrawal", "show", "W12345678"], 4, "withdrawal_unknown"],
    [["withdrawal", "list", "--status", "open"], 2, "invalid_choice"],
    [["withdrawal", "list", "--risk", "some"], 2, "invalid_choice"],
    [["withdrawal", "list", "--risk", "any", "--status", "paid"], 2, "conflicting_options"],
    [["withdrawal", "list", "--from", "2026-02-30"], 2, "invalid_business_date"],
    [["withdrawal", "list", "--min-amount", "1e3"], 2, "invalid_amount"],
  ])("%j ends with exit code %i and the code %s", async (args, exitCode, code) => {
    const answer = await refused(...args);
    expect(answer).toMatchObject({ exitCode, code });
    expect(answer.message).not.toBe("");
  });

  test("a request number of the one who asks makes asking twice one request", async () => {
    await addMember(here.db, "M3");
    await earn(here.db, "M3", 100_000n);
    expect(
      await play(
        "accrue withdrawal request --member M3 --points 100 --request-no APP-7",
        "accrue withdrawal request --member M3 --points 100 --request-no APP-7",
        "accrue withdrawal request --member M3 --points 100 --request-no APP-7 --json",
        "accrue withdrawal request --member M3 --points 90 --request-no APP-7",
        "accrue withdrawal request --member M3 --points 90 --request-no ''",
      ),
    ).toMatchInlineSnapshot(`
      "
      $ accrue withdrawal request --member M3 --points 100 --request-no APP-7
      requested W00000005 for member M3
        points          100
        gross           100.00 yuan
        fee             5.00 yuan (5%)
        net             95.00 yuan
        status          requested, no account
        left available  110 points

      $ accrue withdrawal request --member M3 --points 100 --request-no APP-7
      request APP-7 is W00000005 already; nothing to do
        points          100
        gross           100.00 yuan
        fee             5.00 yuan (5%)
        net             95.00 yuan
        status          requested, no account
        left available  110 points

      $ accrue withdrawal request --member M3 --points 100 --request-no APP-7 --json
      {"withdrawal_no":"W00000005","member_no":"M3","points":100,"gross":"100.00","fee":"5.00","net":"95.00","status":"requested","channel":null,"requested_by":"alice","requested_at":"<time>","decided_by":null,"decided_at":null,"reason":null,"approvals":0,"approvals_needed":1,"request_no":"APP-7","available":110,"new":false,"dry_run":false}

      $ accrue withdrawal request --member M3 --points 90 --request-no APP-7
      ! error: request APP-7 is W00000005 already: the request is known with 100 points
      ! hint: one request has one number; \`accrue withdrawal show\` tells what was requested
      [exit 4]

      $ accrue withdrawal request --member M3 --points 90 --request-no ''
      ! error: --request-no: a request number cannot be empty
      ! hint: write it like --request-no APP-4711
      [exit 2]
      "
    `);
    expect(await refused("withdrawal", "request", "--member", "M3", "--points", "9", "--request-no", "")).toMatchObject(
      { exitCode: 2, code: "invalid_request_no" },
    );
  });
});

describe("on a terminal a decision shows its plan and asks", () => {
  const onTerminal = (...args: string[]) =>
    accrueOnTerminal(["withdrawal", ...args], { database: here, env: { ACCRUE_OPERATOR: "bob" } });
  const requested = async (): Promise<string> => {
    const { stdout } = await accrueInProcess(
      ["withdrawal", "request", "--member", "M1", "--points", "10", "--json"],
      inProcess,
    );
    return (JSON.parse(stdout) as { withdrawal_no: string }).withdrawal_no;
  };
  const statusOf = async (withdrawalNo: string) =>
    (await here.db.sql`SELECT status FROM withdrawals WHERE withdrawal_no = ${withdrawalNo}`)[0]!["status"];

  test("a no changes nothing, and so does Enter alone", async () => {
    const withdrawalNo = await requested();
    for (const answer of ["n\r", "\r"]) {
      const session = onTerminal("approve", withdrawalNo);
      await session.expect(`${withdrawalNo}   M1          10  10.00  0.50  9.50  requested, no account`);
      await session.expect("new_account, single_merchant");
      await session.expect("single_merchant: all points come from one merchant");
      await session.expect("Approve 1 withdrawal, 10 points, 10.00 yuan gross, 9.50 net?");
      session.send(answer);
      await session.expect("nothing was changed");
      expect(await session.exit()).toBe(0);
      expect(await statusOf(withdrawalNo)).toBe("requested");
    }
  });

  test("a yes decides, long plans are cut, and --dry-run does not ask", async () => {
    const numbers: string[] = [];
    for (let no = 0; no < 12; no += 1) numbers.push(await requested());
    const dry = onTerminal("cancel", ...numbers, "--dry-run");
    await dry.expect("dry run: cancelled: 12 withdrawals");
    expect(await dry.exit()).toBe(0);
    const session = onTerminal("approve", ...numbers);
    await session.expect("… and 2 more");
    await session.expect("Approve 12 withdrawals, 120 points, 120.00 yuan gross, 114.00 net?");
    session.send("y\r");
    await session.expect("approved: 12 withdrawals");
    expect(await session.exit()).toBe(0);
    expect(await statusOf(numbers[11]!)).toBe("approved");
  });

  test("whoever was overtaken while the question stood is told so", async () => {
    const withdrawalNo = await requested();
    const session = onTerminal("approve", withdrawalNo);
    await session.expect("Approve 1 withdrawal");
    await accrueInProcess(["withdrawal", "cancel", withdrawalNo, "--yes"], inProcess);
    session.send("y\r");
    await session.expect(`withdrawal ${withdrawalNo} is cancelled already, by alice at 2026-03-05 12:00:00`);
    expect(await session.exit()).toBe(4);
  });
});

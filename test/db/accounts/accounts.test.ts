import { dirname } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { passesLuhn, readAccountNumber } from "../../../src/domain/accounts/account-number.ts";
import { closeAccount, setDefaultAccount } from "../../../src/domain/accounts/change.ts";
import { coolingOffEnd, isSameName } from "../../../src/domain/accounts/model.ts";
import { SecretBox } from "../../../src/domain/accounts/secret-box.ts";
import { accountsChangedAt, payoutAccountOf } from "../../../src/domain/accounts/sql.ts";
import { dumpDatabase } from "../../support/database.ts";
import { addOne, cardOf, newKey } from "./ground.ts";
import { ground } from "../../support/money/ground.ts";
import { addMember, earn } from "../../support/money/people.ts";
import { inTransaction } from "../../../src/db/database.ts";
import { plainClient } from "../../support/admin.ts";
import { accrueInProcess } from "../../support/cli.ts";
import { writeScratch } from "../../support/files.ts";
import { registered } from "../../support/operators.ts";
import { accrueOnTerminal, keys } from "../../support/pty.ts";
import { transcript } from "../../support/transcript.ts";
import { requestWithdrawal } from "../../../src/domain/withdrawals/request.ts";
import { decideWithdrawals } from "../../../src/domain/withdrawals/decide.ts";

const here = await ground();
const key = newKey();
const box = new SecretBox(key);
const env = { ACCRUE_SECRET_KEY: key.toString("base64") };
const card = "6222021234567890128";

const run = (args: readonly string[], stdin?: string) =>
  accrueInProcess(args, { database: here, env, ...(stdin === undefined ? {} : { stdin }) });
const errorOf = async (args: readonly string[], stdin?: string) => {
  const { stderr, exitCode } = await run([...args, "--json"], stdin);
  return { exitCode, ...(JSON.parse(stderr) as { error: { code: string; message: string } }).error };
};
let members = 0;
const newMember = async (facts: Parameters<typeof addMember>[2] = {}) => {
  members += 1;
  const memberNo = `M${members}`;
  return { memberNo, memberId: await addMember(here.db, memberNo, facts) };
};

describe("payout accounts, at a terminal", () => {
  test("are added, listed masked, revealed on record, made the default and closed", async () => {
    await newMember();
    const cardFile = writeScratch("card.txt", `6222 0212 3456 7890 128\n`);
    const options = { database: here, env, cwd: dirname(cardFile) };
    const said = [
      await transcript(
        [
          `accrue account add M1 --channel bank --bank 工商银行 --branch 102100099996 --holder 张三 --account-file card.txt --json`,
        ],
        options,
      ),
      await transcript(["accrue account add M1 --channel alipay --holder 张三 --account-file - --dry-run"], {
        ...options,
        stdin: "138-0013-8000\n",
      }),
      await transcript(["accrue account add M1 --channel alipay --holder 张三 --account-file - --json"], {
        ...options,
        stdin: "+86 13800138000\n",
      }),
      await transcript(["accrue account list M1", "accrue account list M1 --reveal"], options),
    ]
      .join("")
      .replaceAll(/("account_id":|account |^ +)\d{4}\b/gmu, "$1<id>");
    expect(said).toMatchInlineSnapshot(`
      "
      $ accrue account add M1 --channel bank --bank 工商银行 --branch 102100099996 --holder 张三 --account-file card.txt --json
      {"member_no":"M1","account_id":<id>,"channel":"bank","number":"6222 **** 0128","bank":"工商银行","branch":"102100099996","default":true,"status":"open","added_by":"tester","added_at":"<time>","closed_by":null,"closed_at":null,"dry_run":false}

      $ accrue account add M1 --channel alipay --holder 张三 --account-file - --dry-run
      dry run: would add alipay 138****8000 to member M1

      $ accrue account add M1 --channel alipay --holder 张三 --account-file - --json
      {"member_no":"M1","account_id":<id>,"channel":"alipay","number":"138****8000","bank":null,"branch":null,"default":false,"status":"open","added_by":"tester","added_at":"<time>","closed_by":null,"closed_at":null,"dry_run":false}

      $ accrue account list M1
      account  channel  number          holder  bank      default  status  added
         <id>  bank     6222 **** 0128  张*     工商银行  yes      open    <time> tester
         <id>  alipay   138****8000     张*               no       open    <time> tester

      $ accrue account list M1 --reveal
      account  channel  number               holder  bank      default  status  added
         <id>  bank     6222021234567890128  张三    工商银行  yes      open    <time> tester
         <id>  alipay   13800138000          张三              no       open    <time> tester
      "
    `);
    const ids = (await run(["account", "list", "M1", "--json"])).stdout
      .trim()
      .split("\n")
      .map((line) => String((JSON.parse(line) as { account_id: number }).account_id));
    expect((await run(["account", "set-default", "M1", ids[1]!])).stdout).toBe(
      `account ${ids[1]} (alipay, 138****8000) is the default of member M1\n`,
    );
    expect((await run(["account", "close", "M1", ids[1]!, "--yes", "--reason", "换号"])).stdout).toBe(
      `account ${ids[1]} (alipay, 138****8000) of member M1 is closed\nmember M1 has no default account now\n`,
    );
    expect(
      (await run(["account", "list", "M1", "--all", "--json"])).stdout
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as unknown),
    ).toMatchObject([
      { account_id: Number(ids[0]), default: false, status: "open", bank: "工商银行", branch: "102100099996" },
      { account_id: Number(ids[1]), default: false, status: "closed", closed_by: "tester" },
    ]);
    expect((await run(["account", "show", "M1", ids[0]!])).stdout).toContain("others with the same  none");
    const actions = await here.db
      .sql`SELECT action, details FROM operator_actions WHERE subject = 'M1' AND action LIKE 'account.%' ORDER BY action_id`;
    expect([...actions]).toMatchObject([
      { action: "account.add", details: { channel: "bank", number: "6222 **** 0128", default: true } },
      { action: "account.add", details: { channel: "alipay", number: "138****8000", default: false } },
      { action: "account.reveal", details: { accounts: ids.join(" ") } },
      { action: "account.set-default", details: { account_id: Number(ids[1]) } },
      { action: "account.close", details: { account_id: Number(ids[1]), was_default: true, reason: "换号" } },
    ]);
  });

  test("nothing private is left in the clear: not in a row, not in the record of who did what", async () => {
    const everything = await here.db.sql<{ text: string }[]>`
      SELECT a::text AS text FROM payout_accounts a UNION ALL SELECT o::text FROM operator_actions o`;
    const text = everything.map((row) => row.text).join("\n");
    for (const secret of [card, card.slice(4, -4), "13800138000", "张三"].flatMap((one) => [
      one,
      Buffer.from(one).toString("hex"),
    ]))
      expect(text).not.toContain(secret);
  });

  test("the number is asked for, checked as it is typed, and never stands on a command line", async () => {
    await newMember(); // M2
    const session = accrueOnTerminal(["account", "add"], { database: here, env });
    await session.expect("Member number");
    session.send(`M999${keys.enter}`);
    await session.expect("there is no member M999");
    session.send(`${keys.backspace.repeat(3)}2${keys.enter}`);
    await session.expect("bank: the card number");
    session.send(`${keys.down}${keys.down}${keys.enter}`);
    await session.expect("The card number");
    session.send(`6222021234567890129${keys.enter}`);
    await session.expect("its check digit does not fit");
    session.send(`${keys.backspace.repeat(1)}8${keys.enter}`);
    await session.expect("Account holder's name");
    session.send(`李四${keys.enter}`);
    await session.expect("this is not the member's verified name");
    session.send(`${keys.backspace.repeat(2)}张三${keys.enter}`);
    await session.expect("Bank");
    session.send(`工商银行${keys.enter}`);
    await session.expect("About to add:");
    await session.expect("M2 张*");
    await session.expect("6222 **** 0128");
    await session.expect("工商银行");
    await session.expect("Add this bank account to member M2?");
    session.send(`n${keys.enter}`);
    await session.expect("nothing was written");
    expect(await session.exit()).toBe(0);
    expect((await run(["account", "list", "M2"])).stdout).toBe("member M2 has no open payout account\n");
  });

  test("a member who cannot have one is refused before anything is asked, and --yes asks nothing", async () => {
    await newMember({ isVerified: false }); // M3
    const refused = accrueOnTerminal(["account", "add", "M3"], { database: here, env });
    expect(await refused.exit()).toBe(4);
    expect(refused.screen).toMatch(/^error: the identity of member M3 is not verified/u);
    const unasked = accrueOnTerminal(["account", "add", "M2", "--channel", "alipay", "--yes"], { database: here, env });
    expect(await unasked.exit()).toBe(2);
    expect(unasked.screen).toContain("not given, and with --yes nothing is asked");
    expect(unasked.screen).toContain("give --account-file");
  });

  test("who has the same account is told, the closed ones among them", async () => {
    const [one, two] = [await newMember(), await newMember()];
    const number = "shared@example.com";
    const first = await addOne(here.as("li"), box, { memberNo: one.memberNo, number });
    const second = await addOne(here.as("li"), box, { memberNo: two.memberNo, number: "Shared@EXAMPLE.com" });
    await closeAccount(here.as("li"), { memberNo: one.memberNo, accountId: first.accountId }, undefined);
    const { stdout } = await run(["account", "show", two.memberNo, second.accountId.toString(), "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({
      shared_with: [one.memberNo],
      number: "s***@example.com",
      holder: "张*",
      key_id: box.keyId,
    });
  });
});

describe("an account is refused, each time with its own reason", () => {
  const add = (memberNo: string, ...rest: readonly string[]) => [
    "account",
    "add",
    memberNo,
    "--channel",
    "alipay",
    "--holder",
    "张三",
    "--account-file",
    "-",
    ...rest,
  ];

  test.each<[args: readonly string[], stdin: string, exitCode: number, code: string]>([
    [add("NOBODY"), "a@b.cn", 4, "member_unknown"],
    [add("M1"), "a@b", 2, "invalid_account_number"],
    [add("M1", "--channel", "wechat"), "o123", 2, "invalid_account_number"],
    [add("M1", "--channel", "stripe"), "cus_1MTfjCQ9PRzxEwkZ", 2, "invalid_account_number"],
    [add("M1", "--channel", "bank", "--bank", "工商银行"), "4111111111111112", 2, "invalid_account_number"],
    [add("M1", "--channel", "bank"), "4111111111111111", 2, "bank_missing"],
    [add("M1", "--channel", "bank", "--bank", " "), "4111111111111111", 2, "invalid_bank"],
    [
      add("M1", "--channel", "bank", "--bank", "工商银行", "--branch", "123"),
      "4111111111111111",
      2,
      "invalid_branch_code",
    ],
    [add("M1", "--bank", "工商银行"), "a@b.cn", 2, "bank_unexpected"],
    [add("M1", "--channel", "paypal"), "a@b.cn", 2, "invalid_choice"],
    [add("M1", "--holder", "李四"), "a@b.cn", 4, "account_holder_mismatch"],
    [
      ["account", "add", "M1", "--channel", "alipay", "--holder", "张三", "--account-file", "/no/such/file"],
      "",
      2,
      "account_file_unreadable",
    ],
    [["account", "add", "M1", "--channel", "alipay", "--holder", "张三"], "", 2, "missing_answer"],
    [["account", "add", "--channel", "alipay", "--holder", "张三"], "", 2, "missing_answer"],
    [["account", "list", "NOBODY"], "", 4, "member_unknown"],
    [["account", "show", "M1", "99"], "", 4, "account_unknown"],
    [["account", "show", "M1", "card"], "", 2, "invalid_account_id"],
    [["account", "set-default", "M1", "99"], "", 4, "account_unknown"],
    [["account", "close", "M1", "99"], "", 2, "confirmation_needed"],
    [["account", "close", "NOBODY", "99", "--yes"], "", 4, "member_unknown"],
  ])("%j with %j", async (args, stdin, exitCode, code) => {
    const said = await errorOf(args, stdin);
    expect(said).toMatchObject({ exitCode, code });
    if (stdin !== "") expect(JSON.stringify(said)).not.toContain(stdin);
  });

  test("of a closed member, and of one whose identity is not verified", async () => {
    const [closed, unverified] = [await newMember({ status: "closed" }), await newMember({ isVerified: false })];
    expect(await errorOf(add(closed.memberNo), "a@b.cn")).toMatchObject({ exitCode: 4, code: "member_closed" });
    expect(await errorOf(add(unverified.memberNo), "a@b.cn")).toMatchObject({
      exitCode: 4,
      code: "identity_unverified",
    });
  });

  test("that the member has already, in whatever letters; closed, it may be added anew", async () => {
    const { memberNo } = await newMember();
    const { accountId } = await addOne(here.as("li"), box, { memberNo, number: "a@b.cn" });
    expect(await errorOf(add(memberNo), " A@B.cn ")).toMatchObject({
      exitCode: 4,
      code: "account_known",
      message: `member ${memberNo} has this account already: it is account ${accountId}`,
    });
    await closeAccount(here.as("li"), { memberNo, accountId }, undefined);
    expect(await closeAccount(here.as("li"), { memberNo, accountId }, undefined)).toMatchObject({ isChanged: false });
    await expect(setDefaultAccount(here.as("li"), { memberNo, accountId })).rejects.toMatchObject({
      code: "account_closed",
    });
    expect(await addOne(here.as("li"), box, { memberNo, number: "a@b.cn" })).toMatchObject({ isDefault: true });
  });

  test("beyond ten open ones", async () => {
    const { memberNo } = await newMember();
    for (let index = 0; index < 10; index += 1)
      await addOne(here.as("li"), box, { memberNo, number: `many${index}@b.cn` });
    await expect(addOne(here.as("li"), box, { memberNo, number: "eleventh@b.cn" })).rejects.toMatchObject({
      code: "too_many_accounts",
    });
  });

  test("to be closed while a withdrawal goes there; made the default twice it is so already, and starts no cooling-off", async () => {
    const { memberNo, memberId } = await newMember();
    await earn(here.db, memberNo, 100_000n);
    const { accountId } = await addOne(here.as("li", "2026-03-01T12:00:00+08:00"), box, {
      memberNo,
      number: "open@b.cn",
    });
    const again = await setDefaultAccount(here.as("li"), { memberNo, accountId });
    expect(again).toMatchObject({ isChanged: false, defaultAt: new Date("2026-03-01T12:00:00+08:00") });
    const { withdrawalNo } = await requestWithdrawal(here.as("li"), { memberNo, points: 20n });
    await inTransaction(
      here.db,
      (tx) => tx`UPDATE withdrawals SET account_id = ${accountId} WHERE member_id = ${memberId}`,
    );
    await expect(closeAccount(here.as("li"), { memberNo, accountId }, undefined)).rejects.toMatchObject({
      code: "account_in_use",
      message: `withdrawals are still to be paid to payout account ${accountId}: ${withdrawalNo}`,
    });
    await decideWithdrawals(here.as("wang"), { name: "reject", withdrawalNos: [withdrawalNo], reason: "no" });
    await closeAccount(here.as("li"), { memberNo, accountId }, undefined);
  });

  test("without a key, and with a key that is not the one in use", async () => {
    const other = { ACCRUE_SECRET_KEY: newKey().toString("hex") };
    const withKey = async (keyEnv: Record<string, string>, args: readonly string[]) =>
      (
        JSON.parse(
          (await accrueInProcess([...args, "--json"], { database: here, env: keyEnv, stdin: "new@b.cn" })).stderr,
        ) as { error: { code: string } }
      ).error.code;
    for (const args of [add("M1"), ["account", "list", "M1", "--reveal"]]) {
      expect(await withKey({}, args)).toBe("secret_key_missing");
      expect(await withKey(other, args)).toBe("secret_key_wrong");
    }
    expect((await accrueInProcess(["account", "list", "M1"], { database: here })).exitCode).toBe(0); // masked takes no key
  });
});

describe("the account of a withdrawal", () => {
  test("is the one named or the default; what counts for the cooling-off is adding and changing the default", async () => {
    const { memberNo, memberId } = await newMember();
    expect([await payoutAccountOf(here.db.sql, memberId), await accountsChangedAt(here.db.sql, memberId)]).toEqual([
      undefined,
      null,
    ]);
    const first = await addOne(here.as("li", "2026-03-01T00:00:00Z"), box, { memberNo, number: "one@b.cn" });
    const second = await addOne(here.as("li", "2026-03-02T00:00:00Z"), box, { memberNo, number: "two@b.cn" });
    expect((await payoutAccountOf(here.db.sql, memberId))!.accountId).toBe(first.accountId);
    expect((await payoutAccountOf(here.db.sql, memberId, second.accountId))!.accountId).toBe(second.accountId);
    expect(await accountsChangedAt(here.db.sql, memberId)).toEqual(new Date("2026-03-02T00:00:00Z"));
    await setDefaultAccount(here.as("li", "2026-03-03T00:00:00Z"), { memberNo, accountId: second.accountId });
    expect((await payoutAccountOf(here.db.sql, memberId))!.accountId).toBe(second.accountId);
    expect(await accountsChangedAt(here.db.sql, memberId)).toEqual(new Date("2026-03-03T00:00:00Z"));
    await closeAccount(here.as("li", "2026-03-04T00:00:00Z"), { memberNo, accountId: second.accountId }, undefined);
    expect([
      await payoutAccountOf(here.db.sql, memberId),
      await payoutAccountOf(here.db.sql, memberId, second.accountId),
    ]).toEqual([undefined, undefined]);
    expect(await accountsChangedAt(here.db.sql, memberId)).toEqual(new Date("2026-03-03T00:00:00Z"));
  });

  test("a cooling-off ends after its hours, and there is none without an account or without hours", () => {
    const [changed, now] = [new Date("2026-03-01T00:00:00Z"), new Date("2026-03-01T23:59:59Z")];
    expect(coolingOffEnd(changed, 24, now)).toEqual(new Date("2026-03-02T00:00:00Z"));
    expect([
      coolingOffEnd(changed, 24, new Date("2026-03-02T00:00:00Z")),
      coolingOffEnd(changed, 0, now),
      coolingOffEnd(null, 24, now),
    ]).toEqual([undefined, undefined, undefined]);
  });

  test("ten operators who each add an account and make it the default leave one default", async () => {
    const { memberNo, memberId } = await newMember();
    const operators = Array.from({ length: 10 }, (_, index) => `op${index}`);
    await registered(here.db, operators);
    await Promise.all(
      operators.map((operator, index) =>
        addOne(here.as(operator), box, { memberNo, number: `race${index}@b.cn`, isDefault: true }),
      ),
    );
    const [row] = await here.db
      .sql`SELECT count(*) AS accounts, count(*) FILTER (WHERE is_default) AS defaults FROM payout_accounts WHERE member_id = ${memberId}`;
    expect(row).toEqual({ accounts: 10n, defaults: 1n });
  });
});

describe("the database itself refuses, whoever asks", () => {
  const refusalOf = async (statement: string) => {
    const superuser = plainClient(here.superuserUrl);
    try {
      return await superuser.unsafe(statement).then(
        () => "taken",
        ({ code, message, constraint_name }: { code: string; message: string; constraint_name?: string }) =>
          `${code} ${constraint_name ?? message}`,
      );
    } finally {
      await superuser.end();
    }
  };
  const change = (set: string, where = "closed_at IS NULL") =>
    refusalOf(`UPDATE payout_accounts SET ${set} WHERE ${where}`);

  test.each([
    "number_masked = 'x'",
    "channel = 'bank', bank_name = 'x'",
    "account_id = account_id + 1000000",
    "added_by = 'nobody'",
    "added_at = now()",
    "branch_code = '102100099996', bank_name = 'x', channel = 'bank'",
  ])("to rewrite an account: %s", async (set) =>
    expect(await change(set)).toMatch(/^23000 payout account \d+ is never rewritten$/u),
  );

  test.each([
    "number_sealed = number_sealed || '\\x00'",
    "holder_sealed = number_sealed",
    "number_digest = sha256('x')",
  ])("to put another number under the same key: %s", async (set) =>
    expect(await change(set)).toMatch(/^23000 payout account \d+ is sealed anew under another key only$/u),
  );

  test("to open a closed account again, delete one, or point a withdrawal to another member's", async () => {
    expect(await change("closed_at = NULL, closed_by = NULL", "closed_at IS NOT NULL")).toMatch(
      /^23000 payout account \d+ is closed, and closed is final$/u,
    );
    expect(await refusalOf("DELETE FROM payout_accounts")).toContain("rows of payout_accounts are never deleted");
    expect(await refusalOf("TRUNCATE payout_accounts CASCADE")).toContain("rows of payout_accounts are never deleted");
    expect(await refusalOf("DELETE FROM policies")).toContain("policies is append-only");
  });

  test("a second default, the same open number twice, a default that is closed", async () => {
    expect(await change("is_default = true, default_at = now()")).toBe("23505 payout_accounts_default");
    expect(await change("is_default = true, default_at = NULL")).toBe("23514 payout_accounts_default");
    expect(await change("closed_at = now(), closed_by = 'x'", "is_default")).toBe("23514 payout_accounts_default");
    expect(await change("closed_by = 'x'")).toBe("23514 payout_accounts_closed");
    expect(
      await refusalOf(
        `INSERT INTO payout_accounts SELECT (jsonb_populate_record(a, '{"account_id": 99000000, "is_default": false}')).* FROM payout_accounts a WHERE closed_at IS NULL LIMIT 1`,
      ),
    ).toBe("23505 payout_accounts_number");
  });

  test("another account for a withdrawal once somebody approved or decided it; another member's always", async () => {
    const { memberNo, memberId } = await newMember();
    await earn(here.db, memberNo, 100_000n);
    const longAgo = here.as("li", "2026-02-01T12:00:00+08:00");
    const [one, two] = [
      await addOne(longAgo, box, { memberNo, number: "w1@b.cn" }),
      await addOne(longAgo, box, { memberNo, number: "w2@b.cn" }),
    ];
    const { withdrawalNo } = await requestWithdrawal(here.as("li"), { memberNo, points: 20n });
    const pay = (accountId: bigint) =>
      refusalOf(`UPDATE withdrawals SET account_id = ${accountId} WHERE withdrawal_no = '${withdrawalNo}'`);
    const [stranger] = await here.db.sql<
      { accountId: bigint }[]
    >`SELECT account_id FROM payout_accounts WHERE member_id <> ${memberId} LIMIT 1`;
    expect(await pay(stranger!.accountId)).toBe("23503 withdrawals_account_of_channel");
    expect(
      await refusalOf(`UPDATE withdrawals SET account_channel = 'bank' WHERE withdrawal_no = '${withdrawalNo}'`),
    ).toBe("23503 withdrawals_account_of_channel");
    expect(
      await refusalOf(`UPDATE withdrawals SET account_channel = NULL WHERE withdrawal_no = '${withdrawalNo}'`),
    ).toBe("23514 withdrawals_account_channel");
    expect(await pay(one.accountId)).toBe("taken");
    await decideWithdrawals(here.as("wang"), { name: "approve", withdrawalNos: [withdrawalNo] });
    expect(await pay(two.accountId)).toBe(
      `23000 the payout account of withdrawal ${withdrawalNo} is frozen since it was approved or decided`,
    );
  });
});

describe("numbers and names", () => {
  test.each([
    ["bank", "4111 1111-1111 1111", "4111111111111111", "4111 **** 1111"],
    ["bank", "６２２２０２１２３４５６７８９０１２８", card, "6222 **** 0128"],
    ["alipay", " Zhang@Example.COM\n", "zhang@example.com", "z***@example.com"],
    ["alipay", "0086 138 0013 8000", "13800138000", "138****8000"],
    ["alipay", "+1 415 555 0100", "+14155550100", "+14****0100"],
    ["wechat", "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o", "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o", "oUpF **** eS6o"],
    ["stripe", " acct_1MTfjCQ9PRzxEwkZ\n", "acct_1MTfjCQ9PRzxEwkZ", "acct_ **** EwkZ"],
  ] as const)("%s %j is kept as %s, shown as %s", (channel, text, number, masked) => {
    expect(readAccountNumber(channel, text)).toEqual({ number, masked });
  });

  test("any digits with their check digit are a card number, and a single wrong digit or swapped pair is seen", () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^[1-9]\d{11,17}$/),
        fc.nat(),
        fc.integer({ min: 1, max: 9 }),
        (digits, place, by) => {
          const number = cardOf(digits);
          expect(passesLuhn(number)).toBe(true);
          const at = place % number.length;
          const wrong = `${number.slice(0, at)}${(Number(number[at]) + by) % 10}${number.slice(at + 1)}`;
          expect(passesLuhn(wrong)).toBe(false);
          const [left, right] = [number[at]!, number[at + 1] ?? "0"];
          const isSeen =
            left !== right && `${left}${right}` !== "09" && `${left}${right}` !== "90" && at + 1 < number.length;
          const swapped = `${number.slice(0, at)}${right}${left}${number.slice(at + 2)}`;
          if (isSeen) expect(passesLuhn(swapped)).toBe(false);
        },
      ),
    );
  });

  test("what is read is read the same again, and the mask never tells a card", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[1-9]\d{11,17}$/), (digits) => {
        const read = readAccountNumber("bank", cardOf(digits));
        if (typeof read === "string") throw new Error(read);
        expect(readAccountNumber("bank", read.number)).toEqual(read);
        expect(read.masked.replaceAll(/\D/gu, "").length).toBe(8);
      }),
    );
  });

  test.each([
    ["张三", "张三", true],
    ["张 三", "张三", true],
    ["买买提·阿里", "买买提•阿里", true],
    ["Ｚhang San", "ZHANG SAN", true],
    ["张三", "张山", false],
    ["", "张三", false],
  ])("%j and %j: the same person's name is %s", (one, other, same) => expect(isSameName(one, other)).toBe(same));
});

test("a dry run of everything keeps nothing", async () => {
  const before = await dumpDatabase(here.db);
  const id = (await payoutAccountOf(
    here.db.sql,
    (await here.db.sql<{ memberId: bigint }[]>`SELECT member_id FROM payout_accounts WHERE is_default LIMIT 1`)[0]!
      .memberId,
  ))!;
  const [{ memberNo } = { memberNo: "" }] = await here.db.sql<
    { memberNo: string }[]
  >`SELECT member_no FROM members WHERE member_id = ${id.memberId}`;
  expect((await run(["account", "close", memberNo, id.accountId.toString(), "--dry-run"])).stdout).toContain(
    "dry run: account",
  );
  expect(await dumpDatabase(here.db)).toBe(before);
});

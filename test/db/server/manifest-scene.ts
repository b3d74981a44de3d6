import { resolve } from "node:path";
import type { OperatorRole } from "../../../src/shared/operator-roles.ts";
import { accrueInProcess } from "../../support/cli.ts";
import { writeScratch } from "../../support/files.ts";
import { addMember, addMerchant, close, earn, sell, tamper } from "../../support/money/people.ts";
import { noon } from "../../support/money/ground.ts";
import type { TestDatabase } from "../../support/database.ts";

const keys = { ACCRUE_SECRET_KEY: "11".repeat(32) };

const password = "correct horse battery staple\n";

/** How a command of the scene is run. */
export const surroundings = { now: new Date(noon), env: { ...keys, ACCRUE_OPERATOR: undefined }, stdin: password };

/** Command lines by the words of their commands. */
export interface ManifestScene {
  /** A line of every command that writes; nothing that it does is kept. */
  readonly writing: Readonly<Record<string, string>>;
  /** A line of every other command that asks the database. */
  readonly reading: Readonly<Record<string, string>>;
}

/**
 * What a role writes for commands of its own, so that the database cannot tell it from these: imports, payouts that are
 * retried, the night's bills and matches.
 */
export const sameWrites: Partial<Readonly<Record<OperatorRole, readonly string[]>>> = {
  batch: [
    "member register",
    "member verify-identity",
    "member alias",
    "merchant alias",
    "merchant bill",
    "collection record",
    "withdrawal request",
    "recon match",
  ],
  finance: ["withdrawal request", "withdrawal import"],
};

/** How commands end that have nothing to do in the scene, or that are refused before they write. */
export const otherEnds: Readonly<Record<string, string>> = {
  "history archive": "history_needs_owner",
  "history attach": "history_needs_owner",
  "payout send": "stripe_key_missing",
  "withdrawal review": "review_needs_terminal",
  "approval review": "review_needs_terminal",
  "withdrawal expire": "withdrawal_not_stale",
  "approval withdraw": "proposal_not_own",
  "payout allow": "coverage_not_limited",
  "merchant write-off": "write_off_too_large",
};

/** Fills a platform so that every command has something to do. */
export async function manifestScene(database: TestDatabase): Promise<ManifestScene> {
  const { db } = database;
  const done = async (line: string, operator = "alice", now = noon): Promise<string> => {
    const env = { ...keys, ACCRUE_OPERATOR: operator };
    const options = { database, env, now: new Date(now), stdin: password };
    const { exitCode, stdout, stderr } = await accrueInProcess(line.split(" "), options);
    if (exitCode !== 0) throw new Error(`accrue ${line}: ${stderr}`);
    return stdout;
  };
  const number = writeScratch("number.txt", "a@b.cn\n");
  const folder = resolve(number, "..");
  // The scene is played by names alone, beside operators with login roles.
  await tamper(database, (tx) => tx`UPDATE policies SET proven_identity = false`);
  await addMember(db, "M1");
  await addMember(db, "M2");
  await addMember(db, "M3", { isVerified: false });
  await addMerchant(db, "S1");
  await earn(db, "M1", 1_000_000n);
  const order = await sell(db, "M1", { amountFen: 12_300n });
  for (const date of ["2026-03-01", "2026-03-02"]) await close(db, date);
  await done("merchant bill --period 2026-03-01..2026-03-01");
  await done("money-account add icbc-1 --channel bank");
  for (const no of [1, 2, 3])
    await done(`collection record S1 100 --received-on 2026-03-02 --reference r${no} --proof p`);
  await done("collection confirm C00000002 C00000003", "bob");
  const moves = writeScratch(
    "moves.csv",
    "occurred_at,line_no,amount,balance,counterparty,remark\n2026-03-02 10:00:00,1,100.00,1100.00,a,x\n2026-03-02 11:00:00,2,100.00,1200.00,b,y\n",
  );
  const statement = (
    JSON.parse(await done(`statement import --account icbc-1 ${moves} --json`)) as { import_id: number }
  ).import_id;
  await done("recon match L00000002 C00000002 --reason same");
  await done("member alias M1 nick --source taobao");
  const names = writeScratch("names.csv", "member_no,alias,source\nM1,n1,jd\n");
  const undone = (JSON.parse(await done(`member import-aliases ${names} --json`)) as { import_id: number }).import_id;
  await done("merchant alias S1 shop --source jd");
  const account = (
    JSON.parse(
      await done(
        `account add M1 --channel alipay --holder 张三 --account-file ${number} --json --yes`,
        "alice",
        "2026-03-01T12:00:00+08:00",
      ),
    ) as { account_id: number }
  ).account_id;
  const other = (
    JSON.parse(
      await done(
        `account add M1 --channel alipay --holder 张三 --account-file ${writeScratch("other.txt", "c@d.cn\n")} --json --yes`,
        "alice",
        "2026-03-01T12:00:00+08:00",
      ),
    ) as { account_id: number }
  ).account_id;
  for (let no = 1; no <= 5; no += 1) await done("withdrawal request --member M1 --points 20");
  await done("withdrawal approve W00000001 W00000002 W00000003 --yes", "bob");
  await done(`payout export --channel alipay --limit 1 --output ${folder}`);
  await done(`payout result ${writeScratch("answer.csv", "detail_no,status,amount\nD00000001,failed,19.00\n")}`);
  await done(`payout export --channel alipay --limit 1 --output ${folder}`);
  await done("policy set --fee 4% --reason costs --yes");
  await addMerchant(db, "S2");
  await done("merchant suspend S2");
  await addMember(db, "M4", { status: "frozen" });
  await done("operator suspend race");
  await done(`member set-password M2 --password-stdin`);
  const file = (name: string, text: string) => writeScratch(name, text);
  const files = {
    members: file("members.csv", "member_no,name,phone\nM9,李四,13800138009\n"),
    merchants: file("merchants.csv", "merchant_code,name,contribution_rate\nS9,店,20%\n"),
    products: file("products.csv", "merchant_code,sku,name,price\nS1,P1,茶,1\n"),
    orders: file("orders.csv", "order_no,member_no,merchant_code,amount,paid_at\nN1,M1,S1,10.00,2026-03-04 09:00:00\n"),
    aliases: file("aliases.csv", "member_no,alias,source\nM1,a1,jd\n"),
    shops: file("shops.csv", "merchant_code,alias,source\nS1,s1,taobao\n"),
    accounts: file("accounts.csv", "member_no,channel,account,account_name\nM2,alipay,e@f.cn,张三\n"),
    requests: file("requests.csv", "request_no,member_no,points\nQ1,M1,20\n"),
    answers: file("answers.csv", "detail_no,status,amount\nD00000002,paid,19.00\n"),
    moves: file(
      "more.csv",
      "occurred_at,line_no,amount,balance,counterparty,remark\n2026-03-03 10:00:00,3,5.00,1205.00,a,x\n",
    ),
    opening: file("opening.csv", "member_no,points\nM2,7\n"),
    evidence: file(
      "evidence.csv",
      "order_no,payment_no,channel,amount,paid_at\nN1,T1,alipay,10.00,2026-03-04 09:00:00\n",
    ),
    fresh: number,
  };
  const writing = linesOf({ ...files, folder, order, undone: String(undone) }, other);
  return { writing, reading: readingOf({ account, statement, order, folder }) };
}

function linesOf(at: Readonly<Record<string, string>>, other: number): Readonly<Record<string, string>> {
  const writing: Readonly<Record<string, string>> = {
    "member register": "--member-no M8 --name 王五 --yes",
    "member import": at["members"]!,
    "member edit": "M2 --phone 13800138999 --reason new",
    "member unverify": "M1 --reason doubt",
    "member freeze": "M2",
    "member unfreeze": "M4",
    "member close": "M2",
    "member verify-identity": "M3",
    "member set-password": "M1 --password-stdin",
    "member alias": "M1 other --source jd",
    "member unalias": "nick --source taobao",
    "member import-aliases": at["aliases"]!,
    "account add": `M2 --channel alipay --holder 张三 --account-file ${at["fresh"]} --yes`,
    "account import": at["accounts"]!,
    "account set-default": `M1 ${other}`,
    "account close": `M1 ${other} --reason old --yes`,
    "merchant import": at["merchants"]!,
    "merchant approve": "S2",
    "merchant suspend": "S1",
    "merchant set-rate": "S1 25% --reason spring --yes",
    "merchant alias": "S1 store --source pos",
    "merchant unalias": "shop --source jd",
    "merchant import-aliases": at["shops"]!,
    "merchant bill": "--period 2026-03-02..2026-03-02",
    "merchant correct-bill": "B00000001 -1 --reason wrong",
    "merchant write-off": "S1 1 --reason gone",
    "collection record": "S1 10 --received-on 2026-03-02 --reference r9 --proof p",
    "collection confirm": "C00000001",
    "collection reject": "C00000001 --reason wrong",
    "money-account add": "icbc-2 --channel bank",
    "product import": at["products"]!,
    "order import": at["orders"]!,
    "order import-evidence": at["evidence"]!,
    "order void": `${at["order"]} --reason twice`,
    "import undo": `${at["undone"]} --reason wrong`,
    "order correct": `${at["order"]} --amount 5 --reason slip`,
    "grant run": "--business-date 2026-03-04",
    "withdrawal request": "--member M1 --points 20",
    "withdrawal import": at["requests"]!,
    "withdrawal review": "",
    "withdrawal approve": "W00000004 --yes",
    "withdrawal reject": "W00000004 --reason no --yes",
    "withdrawal cancel": "W00000004 --reason no --yes",
    "withdrawal expire": "W00000004 --reason no --yes",
    "payout export": `--channel alipay --output ${at["folder"]}`,
    "payout send": "--channel stripe",
    "payout result": at["answers"]!,
    "payout retry": "W00000001 --yes",
    "payout record": "D00000002 paid --reason seen",
    "payout allow": "100 --reason tomorrow",
    "statement import": `--account icbc-1 ${at["moves"]}`,
    "recon run": "",
    "recon match": "L00000001 C00000003 --reason same",
    "recon unmatch": "L00000002 --reason wrong",
    "recon void": "L00000001 --reason nobody",
    "recon set-rule": "batch_no --switch off",
    "points adjust": "M1 +5 --reason-class goodwill --reference g1 --reason kind",
    "opening import": `${at["opening"]} --date 2026-03-04 --control-points 7 --control-fund 7.00 --reason former`,
    "policy set": "--fee 3% --reason more --yes",
    "approval review": "",
    "approval approve": "A00000001",
    "approval reject": "A00000001 --reason no",
    "approval withdraw": "A00000001",
    "settle reopen": "2026-03-02 --reason late --yes",
    "operator add": "new.one --role clerk",
    "operator set": "boss --role clerk",
    "operator suspend": "boss",
    "operator resume": "race",
    "db rotate-key": "--yes",
    "history archive": `--before 2026-01-02 --directory ${at["folder"]}`,
    "history attach": "1",
  };
  const lines = Object.entries(writing).map(([words, rest]) => [
    words,
    `${words} ${rest} --dry-run`.replaceAll(/ +/gu, " "),
  ]);
  return {
    ...(Object.fromEntries(lines) as Record<string, string>),
    // It does what it says or nothing; whoever may not is refused before it settles.
    settle: "settle --until 2026-03-03",
    "member verify-password": "member verify-password M2 --password-stdin",
    "db rotate-key": "db rotate-key --yes --dry-run",
    init: "init",
  };
}

function readingOf({
  account,
  statement,
  order,
  folder,
}: Readonly<Record<string, string | number>>): Readonly<Record<string, string>> {
  const reading: Readonly<Record<string, string>> = {
    "member list": "",
    "member show": "M1",
    "member statement": "M1",
    "member aliases": "",
    "account list": "M1",
    "account show": `M1 ${account}`,
    "merchant list": "",
    "merchant show": "S1 --orders",
    "merchant aliases": "",
    "merchant bills": "",
    "merchant statement": "S1",
    "collection list": "",
    "collection show": "C00000001",
    "money-account list": "",
    "money-account show": "icbc-1",
    "product list": "",
    "order list": "",
    "order evidence": "",
    "order show": `${order}`,
    "import list": "",
    "import show": "1",
    "grant list": "",
    "grant show": "1",
    "withdrawal list": "",
    "withdrawal show": "W00000001",
    "payout list": "--unanswered",
    "payout show": "P00000001",
    "statement list": "",
    "statement show": `${statement}`,
    "recon list": "",
    "recon show": "L00000001",
    "recon rules": "",
    "points list": "",
    "policy show": "",
    "approval list": "",
    "approval show": "A00000001",
    "audit list": "",
    "settle status": "",
    "settle plan": "",
    "settle schedule": "--cron",
    "report night": `--business-date 2026-03-01 --output ${folder}/night.html`,
    "report fund": "",
    verify: "",
    doctor: "",
    "operator list": "",
    "operator show": "alice",
    "operator grant-sql": "",
    "history list": "",
    "db status": "",
  };
  return Object.fromEntries(Object.entries(reading).map(([words, rest]) => [words, `${words} ${rest}`.trim()]));
}

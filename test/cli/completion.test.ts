import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { Command } from "commander";
import { describe, expect, test } from "vitest";
import { askWithin } from "../../src/cli/completion/live.ts";
import { offers } from "../../src/cli/completion/offers.ts";
import { helpTopics } from "../../src/cli/help-topics.ts";
import { manifest } from "../../src/cli/manifest.ts";
import { loadVerb } from "../../src/cli/verb.ts";
import { connect } from "../../src/db/database.ts";
import { targetFromUrl } from "../../src/db/url.ts";
import { ground, noon } from "../support/money/ground.ts";
import { addMember, addMerchant, earn, sell, tamper } from "../support/money/people.ts";
import { accrue, accrueInProcess, cliEnvironment, type InProcessOptions } from "../support/cli.ts";
import { scratchDirectory, writeScratch } from "../support/files.ts";

/** What a shell is told for the last of the words. */
async function answer(words: readonly string[], options: InProcessOptions = {}) {
  const { stdout, stderr, exitCode } = await accrueInProcess(["__complete", ...words], options);
  expect({ stderr, exitCode }).toEqual({ stderr: "", exitCode: 0 });
  const [paths, ...lines] = stdout.trimEnd().split("\n");
  return { paths, lines, values: lines.map((line) => line.split("\t")[0]!) };
}

const valuesFor = async (...words: string[]) => (await answer(words)).values;

const verbs = await Promise.all(
  manifest.map(async (entry) => {
    const verb = new Command(entry.path.join(" "));
    await loadVerb(entry, verb);
    return { path: entry.path, verb };
  }),
);

describe("without a database, a shell is offered", () => {
  test("every noun and plain command, and the verbs of a noun, each with what it is for", async () => {
    expect((await valuesFor("")).toSorted()).toEqual(
      [...new Set(manifest.map(({ path }) => path[0])), "help"].toSorted(),
    );
    expect((await answer(["mer"])).lines).toEqual([
      "merchant\tthe shops, and the share of each order that they contribute",
    ]);
    for (const noun of new Set(manifest.map(({ path }) => path[0]))) {
      const expected = manifest.flatMap(({ path }) => (path[0] === noun && path[1] !== undefined ? [path[1]] : []));
      if (expected.length > 0)
        expect((await valuesFor(noun, "")).filter((value) => expected.includes(value))).toEqual(expected);
    }
    expect(await valuesFor("membr", "")).toEqual([]);
    expect(await valuesFor("--json", "--operator", "li", "member", "--quiet", "fr")).toEqual(["freeze"]);
  });

  test("every option of every command, once, unless it may be repeated", async () => {
    for (const { path, verb } of verbs) {
      const long = verb.options.map((option) => option.long);
      expect(await valuesFor(...path, "-"), path.join(" ")).toEqual([...long, "--help"]);
    }
    expect((await answer(["withdrawal", "list", "--st"])).lines).toEqual(["--status\tof this status"]);
    expect(await valuesFor("member", "list", "--verified", "--ver")).toEqual([]);
    expect(await valuesFor("order", "import", "--map", "amount=x", "--map")).toEqual(["--map"]);
    expect(await valuesFor("--op")).toEqual(["--operator"]);
    expect(await valuesFor("settle", "schedule", "--", "--op")).toEqual([]);
  });

  test("the choices of every option that has some, behind it or behind =", async () => {
    const withChoices = verbs.flatMap(({ path, verb }) =>
      verb.options.filter(({ argChoices }) => argChoices !== undefined).map((option) => ({ path, option })),
    );
    expect(withChoices.length).toBeGreaterThan(20);
    for (const {
      path,
      option: { long, argChoices },
    } of withChoices) {
      expect(await valuesFor(...path, long!, ""), `${path.join(" ")} ${long}`).toEqual(argChoices);
      expect(await valuesFor(...path, `${long}=`)).toEqual(argChoices!.map((choice) => `${long}=${choice}`));
      expect(await valuesFor(...path, long!, "=")).toEqual(argChoices); // as bash divides it
    }
    expect(await valuesFor("withdrawal", "list", "--status", "=", "re")).toEqual(["requested", "rejected"]);
    expect(await valuesFor("--operator", "")).toEqual([]);
    expect(await valuesFor("member", "list", "--nothing=")).toEqual([]);
  });

  test("the fields of a thing, one after another, each once", async () => {
    expect(await valuesFor("product", "list", "--fields", "")).toEqual(["merchant_code", "sku", "name", "price"]);
    expect(await valuesFor("product", "list", "--fields", "price,s")).toEqual(["price,sku"]);
    expect(await valuesFor("product", "list", "--fields=price,name,")).toEqual(
      ["merchant_code", "sku"].map((name) => `--fields=price,name,${name}`),
    );
  });

  test("topics and commands behind help", async () => {
    expect(await valuesFor("help", "")).toEqual(
      expect.arrayContaining([...helpTopics().map(({ name }) => name), "member", "doctor"]),
    );
    expect(await valuesFor("help", "settle", "sch")).toEqual(["schedule"]);
  });

  test("paths by the shell itself, where a file or a directory is named, and words that stand for one", async () => {
    expect(await answer(["member", "import", "in"])).toMatchObject({ paths: "files", values: [] });
    expect(await answer(["member", "import", "one.csv", "tw"])).toMatchObject({ paths: "files" });
    expect(await answer(["settle", "--inbox", ""])).toMatchObject({ paths: "directories", values: [] });
    expect(await answer(["payout", "export", "--output=o"])).toMatchObject({ paths: "directories", values: [] });
    expect(await answer(["order", "import", "--profile", "ta"])).toMatchObject({ paths: "files", values: ["taobao"] });
    expect(await answer(["member", "import", "--profile", ""])).toMatchObject({ paths: "files", values: ["auto"] });
    expect(await answer(["order", "profiles", "j"])).toMatchObject({
      paths: "words",
      values: ["jd", "jd-settlement", "jd-consumer"],
    });
    expect(await answer(["init", "--time-zone", "Asia/Shang"])).toMatchObject({
      paths: "words",
      values: ["Asia/Shanghai"],
    });
    expect(await answer(["version", ""])).toMatchObject({ paths: "words", values: [] });
  });

  test("nothing for a placeholder that no command has", () => {
    const ofArguments = verbs.flatMap(({ verb }) => verb.registeredArguments.map((argument) => argument.name()));
    const ofOptions = verbs.flatMap(({ verb }) =>
      verb.options.flatMap(({ flags }) => /[<[]([^>\].]+)/.exec(flags)?.[1] ?? []),
    );
    const used = new Set([...ofArguments, ...ofOptions].flatMap((placeholder) => placeholder.split("|")));
    expect(Object.keys(offers).filter((placeholder) => !used.has(placeholder))).toEqual([]);
  });

  test("and the command that answers is in no help", async () => {
    expect((await accrueInProcess(["--help"])).stdout).not.toContain("__complete");
    expect(await valuesFor("__")).toEqual([]);
  });
});

describe("with a database at hand, a shell is offered", async () => {
  const here = await ground();
  const inProcess = { database: here, now: new Date(noon), env: { ACCRUE_OPERATOR: "alice" } };
  for (const memberNo of ["M1", "M2", "X-9"]) await addMember(here.db, memberNo);
  await addMerchant(here.db, "S1");
  await earn(here.db, "M1", 1_000_000n);
  const order = await sell(here.db, "M2", { amountFen: 100n });
  const run = async (line: string) =>
    expect(await accrueInProcess(line.split(" "), inProcess)).toMatchObject({ exitCode: 0 });
  await run("db new-key --file " + join(scratchDirectory(), "unused.key"));
  for (const points of [100, 200, 300]) await run(`withdrawal request --member M1 --points ${points}`);
  const [waiting, rejected, approved] = (
    await here.db.sql<{ no: string }[]>`SELECT withdrawal_no AS no FROM withdrawal_keys ORDER BY 1`
  ).map(({ no }) => no);
  await run(`withdrawal reject ${rejected} --reason no --yes --operator bob`);
  await run(`withdrawal approve ${approved} --yes --operator bob`);
  const live = async (...words: string[]) => (await answer(words, inProcess)).lines;

  test("withdrawals with their state and amount, and for a decision those that it can be about", async () => {
    expect(await live("withdrawal", "show", "W")).toEqual([
      `${waiting}\trequested, 100.00 yuan`,
      `${rejected}\trejected, 200.00 yuan`,
      `${approved}\tapproved, 300.00 yuan`,
    ]);
    expect(await live("withdrawal", "show", waiting!)).toEqual([`${waiting}\trequested, 100.00 yuan`]);
    expect(await live("withdrawal", "approve", "")).toEqual([`${waiting}\trequested, 100.00 yuan`]);
    expect((await live("withdrawal", "reject", "")).map((line) => line.split("\t")[0])).toEqual([waiting, approved]);
    expect(await live("withdrawal", "reject", waiting!, "")).toEqual([`${approved}\tapproved, 300.00 yuan`]);
    expect(await live("payout", "retry", "")).toEqual([]);
  });

  test("members, merchants, orders and grant runs, as arguments and as values of options", async () => {
    expect(await live("member", "show", "X")).toEqual(["X-9"]);
    expect(await live("withdrawal", "list", "--member", "M")).toEqual(expect.arrayContaining(["M1", "M2"]));
    expect(await live("withdrawal", "list", "--member=X")).toEqual(["--member=X-9"]);
    expect((await live("order", "list", "--merchant", "S1"))[0]).toMatch(/^S1\t./);
    expect(await live("order", "show", order)).toEqual([order]);
    expect((await live("grant", "show", ""))[0]).toMatch(/^\d+\t2026-03-01, complete$/);
  });

  test("files imported, payout batches and payouts, by what tells them apart", async () => {
    const file = writeScratch("members.csv", "member_no,name\nM7,王小明\n");
    await run(`member import ${file}`);
    const [newest = ""] = await live("import", "show", "");
    expect(newest.replace(/^\d+/, "")).toBe(`\tmembers, ${file}`);
    expect(await live("import", "show", "9")).toEqual([]);
    await tamper(
      here,
      (tx) => tx`
      INSERT INTO payout_batches (batch_no, channel, template, business_date, details, total_fen, digest, operator, host, created_at)
      VALUES ('P00000001', 'alipay', 'alipay', '2026-03-01', 1, 100, ${"0".repeat(64)}, 'alice', 'desk', now())`,
    );
    await tamper(here, (tx) => tx`INSERT INTO payout_detail_keys (detail_no, member_id) VALUES ('D00000001', 1)`);
    expect(await live("payout", "show", "")).toEqual(["P00000001\talipay, 2026-03-01", "D00000001"]);
    expect(await live("payout", "export", "--batch", "")).toEqual(["P00000001\talipay, 2026-03-01"]);
  });

  test("accounts of the member who is named before", async () => {
    const env = { ACCRUE_SECRET_KEY: "11".repeat(32) };
    const number = writeScratch("number.txt", "someone@example.com\n");
    const added = await accrueInProcess(
      ["account", "add", "M2", "--channel", "alipay", "--holder", "张三", "--account-file", number, "--json", "--yes"],
      { ...inProcess, env },
    );
    const { account_id: accountId } = JSON.parse(added.stdout) as { account_id: number };
    expect(await live("account", "show", "M2", "")).toEqual([`${accountId}\talipay s***@example.com`]);
    expect(await live("withdrawal", "request", "--member", "M2", "--account", "")).toEqual([
      `${accountId}\talipay s***@example.com`,
    ]);
    expect(await live("account", "show", "M1", "")).toEqual([]);
    expect(await live("withdrawal", "request", "--account", "")).toEqual([]);
  });

  test("of many only the newest, and the first: what all begin with is what the shell may write", async () => {
    await tamper(
      here,
      (tx) => tx`
      INSERT INTO member_numbers (member_no, member_id) SELECT 'N' || lpad(n::text, 4, '0'), 900000 + n FROM generate_series(1, 300) n`,
    );
    const found = await live("member", "show", "N");
    expect([found.length, found[0], found[1], found.at(-1)]).toEqual([51, "N0001", "N0251", "N0300"]);
    expect((await live("member", "show", "N02")).length).toBe(51);
  });

  test("nothing that would break the lines of the answer", async () => {
    await tamper(
      here,
      (tx) =>
        tx`INSERT INTO member_numbers (member_no, member_id) VALUES (E'Q1\nfiles', 990001), (E'Q2\tx', 990002), ('Q3', 990003)`,
    );
    expect(await live("member", "show", "Q")).toEqual(["Q3"]);
  });

  test("nothing while another session holds the table: the time is limited", async () => {
    await tamper(here, async (tx) => {
      await tx`LOCK TABLE withdrawal_keys IN ACCESS EXCLUSIVE MODE`;
      expect(await accrue(["__complete", "withdrawal", "show", ""], { database: here })).toMatchObject({
        exitCode: 0,
        stdout: "words\n",
        stderr: "",
      });
    });
  });

  test("nothing by a question that writes: none can", async () => {
    const ask = askWithin(() =>
      Promise.resolve({ databaseAtHand: () => Promise.resolve(connect(targetFromUrl(here.url)!)) }),
    );
    expect(await ask((sql) => sql`SELECT 'x' AS value`)).toEqual([{ value: "x" }]);
    expect(await ask((sql) => sql`DELETE FROM withdrawal_keys RETURNING withdrawal_no AS value`)).toEqual([]);
    expect(await live("withdrawal", "show", "W")).toHaveLength(3);
  });
});

describe("off a database", () => {
  test("commands and options are offered, numbers are not, and nothing is said about it", async () => {
    expect(await answer(["withdrawal", "show", ""])).toMatchObject({ paths: "words", values: [] });
    expect(await answer(["withdrawal", "show", ""], { env: { DATABASE_URL: "what" } })).toMatchObject({ values: [] });
    expect(await answer(["payout", "show", "--js"])).toMatchObject({ values: ["--json"] });
  });

  test("settings that cannot be read are nothing to a shell", async () => {
    const home = scratchDirectory();
    writeScratch("config.json", "{", home);
    expect(await answer(["member", "show", ""], { env: { ACCRUE_HOME: home } })).toMatchObject({ values: [] });
  });

  test("the embedded server is not started, and nothing is written", async () => {
    const home = join(scratchDirectory(), "home");
    expect(await answer(["member", "show", ""], { env: { ACCRUE_HOME: home, DATABASE_URL: undefined } })).toMatchObject(
      { values: [] },
    );
    expect(existsSync(home)).toBe(false);
  });
});

describe("accrue completion", () => {
  test.each(["bash", "zsh", "fish"])("prints the script for %s, which asks the program", async (shell) => {
    const { stdout, stderr, exitCode } = await accrueInProcess(["completion", shell]);
    expect({ stderr, exitCode }).toEqual({ stderr: "", exitCode: 0 });
    expect(stdout).toBe(readFileSync(`src/cli/completion/accrue.${shell}`, "utf8"));
    expect(stdout).toContain(" __complete ");
    expect(JSON.parse((await accrueInProcess(["completion", shell, "--json"])).stdout)).toEqual({
      shell,
      script: stdout.trimEnd(),
    });
  });

  test("refuses a shell that it does not know, and says which it does", async () => {
    const { stderr, exitCode } = await accrueInProcess(["completion", "tcsh"]);
    expect({ stderr, exitCode }).toEqual({
      exitCode: 2,
      stderr:
        "error: command-argument value 'tcsh' is invalid for argument 'shell'. Allowed choices are bash, zsh, fish.\nhint: see `accrue completion --help`\n",
    });
  });

  /** What bash has as candidates when the last word is completed. */
  function inBash(
    words: readonly string[],
    program = resolve("bin/accrue.js"),
    cwd = scratchDirectory(),
  ): readonly string[] {
    const script = `
      source "$1"; shift
      COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
      _accrue "$1" "\${COMP_WORDS[COMP_CWORD]}" ''
      printf '%s\\n' "\${COMPREPLY[@]}"`;
    const args = ["--norc", "-c", script, "bash", resolve("src/cli/completion/accrue.bash"), program, ...words];
    return execFileSync("bash", args, { cwd, env: cliEnvironment({}), encoding: "utf8" })
      .split("\n")
      .filter((line) => line !== "");
  }

  test("in bash: commands, choices behind =, and paths", () => {
    const directory = scratchDirectory();
    writeScratch("two words.csv", "", directory);
    mkdirSync(join(directory, "twigs"));
    expect(inBash(["withd"])).toEqual(["withdrawal"]);
    expect(inBash(["withdrawal", "list", "--status", "=", "re"])).toEqual(["requested", "rejected"]);
    expect(inBash(["order", "import", "tw"], undefined, directory).toSorted()).toEqual(["twigs", "two words.csv"]);
    expect(inBash(["payout", "export", "--output", "tw"], undefined, directory)).toEqual(["twigs"]);
    expect(inBash(["version", ""])).toEqual([]);
  });

  test("in bash: a number out of a file of somebody else is written so that it runs nothing", () => {
    const program = writeScratch("accrue", "#!/bin/sh\nprintf 'words\\n$(touch x);y\\tan order\\n'\n");
    chmodSync(program, 0o755);
    expect(inBash(["order", "show", ""], program)).toEqual(["\\$\\(touch\\ x\\)\\;y"]);
  });

  test("bash takes the script that the compiled program prints, and registers it for accrue", async () => {
    const { stdout } = await accrue(["completion", "bash"]);
    const script = 'eval "$1"; complete -p accrue';
    expect(execFileSync("bash", ["--norc", "-c", script, "bash", stdout], { encoding: "utf8" })).toMatch(
      /-F _accrue accrue/,
    );
  });
});

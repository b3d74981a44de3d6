import { chmodSync, mkdtempSync } from "node:fs";
import { join } from "node:path";
import { inject, test } from "vitest";
import { renderTable } from "../../src/ui/table.ts";
import { createDatabase, dropDatabases, onDatabase } from "../support/admin.ts";
import { accrueOnTerminal, keys, onTerminal, type TerminalSession } from "../support/pty.ts";
import { beyondStart, timed, timedProcess, timedProgram, type Measured } from "./measure.ts";
import { checkpoint, comparison, onPlain, Pairs } from "./side-by-side.ts";
import { answerByHand, approveByHand, exportByHand, importByHand } from "./withdrawals-by-hand.ts";
import { addHistory, populateHolders, writeAccounts, writeAnswers, writeRequests } from "./withdrawals.ts";

const rows = Number(process.env["WITHDRAWALS"] ?? 100_000);
const rounds = Number(process.env["ROUNDS"] ?? 3);
const scale = { rows, members: rows, older: Number(process.env["OLDER"] ?? 1_000_000) };
process.env["ACCRUE_SECRET_KEY"] = Buffer.alloc(32, 7).toString("base64");

const { url, template } = inject("testServer");

const directory = inject("scratch");
const scene = `${template}_withdrawals`;
const fileNamed = (name: string) => join(directory, name);

/** Starts a review on a terminal, and times it until it asks about the first withdrawal. */
async function timedReview(databaseUrl: string): Promise<Measured> {
  let review: TerminalSession | undefined;
  const taken = await timed(async () => {
    review = accrueOnTerminal(["withdrawal", "review"], { database: { url: databaseUrl } });
    await review.expect("skip, quit");
  });
  review!.send(`q${keys.enter}`);
  await review!.exit();
  return taken;
}

const nodeOnTerminal = (): Promise<Measured> =>
  timed(async () => void (await onTerminal(`${process.execPath} -e 0`).exit()));

test(`${rows} requests from the file to the channel's answer, behind ${scale.older} older withdrawals`, async () => {
  chmodSync(directory, 0o777); // the server reads and writes files itself
  const [accounts, requests] = [fileNamed("accounts.csv"), fileNamed("requests.csv")];
  writeAccounts(accounts, scale.members);
  writeRequests(requests, scale);
  chmodSync(requests, 0o644);
  await createDatabase(url, scene, template);
  await onPlain(onDatabase(url, scene), (sql) => populateHolders(sql, scale.members));
  const accountsTaken = await timedProgram(["account", "import", accounts], onDatabase(url, scene));
  console.log(
    `account import of ${scale.members} rows: ${accountsTaken.seconds.toFixed(1)} s, ${Math.round(accountsTaken.peakMegabytes)} MB`,
  );
  await onPlain(onDatabase(url, scene), (sql) => addHistory(sql, scale));

  const results = { importing: new Pairs(), approving: new Pairs(), exporting: new Pairs(), answering: new Pairs() };
  const [ours, theirs] = [`${scene}_accrue`, `${scene}_hand`];
  const [oursUrl, theirsUrl] = [onDatabase(url, ours), onDatabase(url, theirs)];
  const step = async (pairs: Pairs, args: readonly string[], byHand: Parameters<typeof onPlain>[1]) => {
    await checkpoint(url);
    const hand = await timed(() => onPlain(theirsUrl, byHand));
    await checkpoint(url);
    pairs.add(await timedProgram(args, oursUrl), hand);
  };
  for (let round = 0; round < rounds; round += 1) {
    await createDatabase(url, ours, scene);
    await createDatabase(url, theirs, scene);
    const output = mkdtempSync(fileNamed("out-"));
    const [ourAnswers, theirAnswers] = [join(output, "answers-accrue.csv"), join(output, "answers-hand.csv")];
    chmodSync(output, 0o777);
    await step(results.importing, ["withdrawal", "import", requests, "--operator", "alice"], (sql) =>
      importByHand(sql, requests),
    );
    const filter = ["--max-amount", "99", "--risk", "none", "--yes", "--max-total", "100000000"];
    await step(results.approving, ["withdrawal", "approve", ...filter, "--operator", "bob"], (sql) =>
      approveByHand(sql, 9900),
    );
    await step(
      results.exporting,
      ["payout", "export", "--channel", "csv", "--output", output, "--operator", "bob"],
      (sql) => exportByHand(sql, join(output, "hand.csv")),
    );
    await onPlain(oursUrl, (sql) => writeAnswers(sql, ourAnswers));
    await onPlain(theirsUrl, (sql) => writeAnswers(sql, theirAnswers));
    await step(results.answering, ["payout", "result", ourAnswers, "--operator", "bob"], (sql) =>
      answerByHand(sql, theirAnswers),
    );
    await dropDatabases(url, [ours, theirs]);
  }
  console.log(
    comparison(`${rows} withdrawals behind ${scale.older} older ones, median of ${rounds}`, {
      "import, against COPY and plain inserts by hand": results.importing,
      "approve by filter, risks looked up, against an update by hand": results.approving,
      "export, accounts opened, against an update and COPY by hand": results.exporting,
      "answer, against updates and inserts by hand": results.answering,
    }),
  );
});

test(`one screen of a list of ${scale.older} withdrawals and more`, async () => {
  const sceneUrl = onDatabase(url, scene);
  await timedProgram(["withdrawal", "import", fileNamed("requests.csv"), "--operator", "alice"], sceneUrl);
  const screens = [
    [],
    ["--status", "requested"],
    ["--channel", "wechat"],
    ["--status", "paid", "--channel", "wechat"],
    ["--channel", "bank"],
    ["--member", "M00000001"],
  ];
  const measured: string[][] = [];
  for (const options of screens) {
    const list = ["withdrawal", "list", ...options];
    measured.push([
      list.join(" "),
      await beyondStart(
        () => timedProcess(["-e", "0"], sceneUrl),
        () => timedProgram(list, sceneUrl),
      ),
    ]);
  }
  measured.push(["withdrawal review, on a terminal", await beyondStart(nodeOnTerminal, () => timedReview(sceneUrl))]);
  await dropDatabases(url, [scene]);
  console.log(
    renderTable([{ heading: "beyond Node's start" }, { heading: "median", align: "right" }], measured, undefined),
  );
});

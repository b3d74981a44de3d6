import { execFileSync } from "node:child_process";
import {
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openInput } from "../../../src/csv/input/input.ts";
import { isUnchanged, listInbox, moveWithReport, placeFor, straysIn } from "../../../src/night/inbox.ts";
import { planSettlement } from "../../../src/night/plan.ts";
import { peopleIn } from "../orders/scene.ts";
import { Inbox, paid, settleOn } from "./scene.ts";
import { cloneOf, dumpDatabase, testDatabase, type TestDatabase } from "../../support/database.ts";
import { scratchDirectory, writeScratch } from "../../support/files.ts";

const people = await testDatabase();
await peopleIn(people);

let on: TestDatabase;
let inbox: Inbox;
beforeEach(async () => {
  on = await cloneOf(people);
  inbox = new Inbox();
});
afterEach(() => on.drop());

const night = () => settleOn(on, { inbox: inbox.path, quietMs: 0 });
const planned = () => planSettlement(on.context(), { inbox: inbox.path, until: undefined, quietMs: 0 });
const secret = "root:$6$saltsalt$hashhashhash:19000:0:99999:7:::";

describe("what is delivered and is no file", () => {
  test("is never followed and never waited for: links, dangling ones too, pipes and sockets are named and stay", async () => {
    const shadow = writeScratch("shadow", `${secret}\n`);
    inbox.orders("good.csv", [paid("A1", "2026-03-01")]);
    const orders = join(inbox.path, "orders");
    symlinkSync(shadow, join(orders, "c.csv"));
    symlinkSync(join(orders, "nowhere"), join(orders, "dangling.csv"));
    symlinkSync(scratchDirectory(), join(inbox.path, "elsewhere"));
    execFileSync("mkfifo", [join(orders, "pipe.csv")]);
    const server = createServer().listen(join(orders, "socket.csv"));
    const strays = [
      ["./elsewhere", "it is a symbolic link, and none is followed"],
      ["orders/c.csv", "it is a symbolic link, and none is followed"],
      ["orders/dangling.csv", "it is a symbolic link, and none is followed"],
      ["orders/pipe.csv", "it is a pipe and no file"],
      ["orders/socket.csv", "it is a socket and no file"],
    ];
    expect((await planned()).strays.map(({ folder, name, reason }) => [`${folder}/${name}`, reason])).toEqual(strays);
    const { files, state } = await night();
    server.close();
    expect(state).toBe("complete");
    expect(
      files
        .filter(({ outcome }) => outcome === "unread")
        .map(({ folder, name, reason }) => [`${folder}/${name}`, reason]),
    ).toEqual(strays);
    expect(files.filter(({ outcome }) => outcome !== "unread").map(({ name, outcome }) => [name, outcome])).toEqual([
      ["good.csv", "done"],
    ]);
    expect(inspect(files, { depth: 9 }) + (await dumpDatabase(on.db))).not.toContain("saltsalt");
  });

  test("and takes no file's place between the look and the opening", async () => {
    const path = inbox.orders("a.csv", [paid("A1", "2026-03-01")]);
    const [file] = await listInbox(inbox.path, 0);
    const opening = () => openInput({ path, found: file! });
    expect(await isUnchanged(file!)).toBe(true);
    await (await opening()).close();
    for (const put of [
      () => symlinkSync(writeScratch("shadow", secret), path),
      () => execFileSync("mkfifo", [path]),
      () => writeFileSync(path, readFileSync(`${path}.kept`)),
      () => mkdirSync(path),
    ]) {
      if (existsSync(`${path}.kept`)) rmSync(path, { recursive: true });
      else renameSync(path, `${path}.kept`);
      put();
      expect(await isUnchanged(file!)).toBe(false);
      await expect(opening()).rejects.toMatchObject({ code: "file_changed" });
    }
    rmSync(path, { recursive: true });
    await expect(opening()).rejects.toMatchObject({
      code: "csv_cannot_open",
      message: `cannot open ${path}: there is no such file`,
    });
  });
});

describe("a folder of the inbox", () => {
  test.each(["orders", "done", "failed", "done/orders", "failed/members"])(
    "%s: one that is a link is refused before anything is imported",
    async (name) => {
      inbox.put("members/a.csv", "member_no,name\nN1,新人\n");
      const elsewhere = scratchDirectory();
      mkdirSync(join(inbox.path, name, ".."), { recursive: true });
      symlinkSync(elsewhere, join(inbox.path, name));
      const before = inbox.files;
      const refused = {
        kind: "usage",
        code: "inbox_unsafe",
        message: `cannot work in ${join(inbox.path, name)}: it is a symbolic link`,
        hint: expect.stringContaining("directories of the user at work, or of root") as string,
      };
      await expect(night()).rejects.toMatchObject(refused);
      await expect(planned()).rejects.toMatchObject(refused);
      expect([inbox.files, readdirSync(elsewhere)]).toEqual([before, []]);
    },
  );

  test.runIf(process.getuid?.() === 0).each([".", "orders", "done", "failed/orders"])(
    "%s: one that is somebody else's is refused, as its owner could change it at any time",
    async (name) => {
      inbox.orders("a.csv", [paid("A1", "2026-03-01")]);
      mkdirSync(join(inbox.path, name), { recursive: true });
      chownSync(join(inbox.path, name), 12345, 0);
      await expect(night()).rejects.toMatchObject({
        code: "inbox_unsafe",
        message: `cannot work in ${join(inbox.path, name)}: it belongs to user 12345, who is neither this one (0) nor root`,
      });
      chownSync(join(inbox.path, name), 0, 0);
      chownSync(join(inbox.path, "orders/a.csv"), 12345, 0);
      expect((await night()).files.map(({ outcome }) => outcome)).toEqual(["done"]);
    },
  );

  test("that is made a link while files are imported gets none of them", async () => {
    inbox.orders("a.csv", [paid("A1", "2026-03-01")]);
    const [file] = await listInbox(inbox.path, 0);
    const elsewhere = scratchDirectory();
    symlinkSync(elsewhere, join(inbox.path, "done"));
    await expect(placeFor(inbox.path, "done", file!)).rejects.toMatchObject({ code: "inbox_unsafe" });
  });
});

test("what lies below done and failed is for its owner alone: new folders, reports and rejects", async () => {
  inbox.orders("a.csv", [paid("A1", "2026-03-01"), "A2,NOBODY,S1,1.00,,,,,"]);
  inbox.put("orders/b.csv", `${secret}\n`);
  await expect(night()).rejects.toMatchObject({ code: "files_failed" });
  const modeOf = (name: string) => (statSync(join(inbox.path, name)).mode & 0o777).toString(8);
  expect(["done", "done/orders", "failed", "failed/orders"].map(modeOf)).toEqual(["700", "700", "700", "700"]);
  expect(
    ["done/orders/a.csv.report.json", "done/orders/a.rejects.csv", "failed/orders/b.csv.report.json"].map(modeOf),
  ).toEqual(["600", "600", "600"]);
  expect(readFileSync(join(inbox.path, "failed/orders/b.csv.report.json"), "utf8")).not.toContain("root");
});

test("a report's temporary name cannot be foreseen, and a link in the place of the report is replaced, not written through", async () => {
  inbox.orders("a.csv", [paid("A1", "2026-03-01")]);
  const [file] = await listInbox(inbox.path, 0);
  const place = await placeFor(inbox.path, "done", file!);
  const victim = writeScratch("victim", "untouched");
  for (const name of [`.${file!.name}.report.tmp`, "a.csv.report.json"])
    symlinkSync(victim, join(inbox.path, "done/orders", name));
  await moveWithReport(file!, place, { fine: true });
  expect(readFileSync(victim, "utf8")).toBe("untouched");
  expect(lstatSync(place.reportPath).isFile()).toBe(true);
  expect(await straysIn(inbox.path)).toEqual([]);
});

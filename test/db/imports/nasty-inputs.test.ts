import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { accrue, accrueInProcess, cliEnvironment } from "../../support/cli.ts";
import { testDatabase } from "../../support/database.ts";
import { scratchDirectory } from "../../support/files.ts";
import { transcript } from "../../support/transcript.ts";
import { nastyInputs } from "./nasty-inputs.ts";
import { peopleIn } from "../orders/scene.ts";

const folder = resolve("fixtures/nasty");
const database = await testDatabase();
await peopleIn(database);

/** `NASTY=write npx vitest run test/db/imports/nasty-inputs.test.ts` writes the files anew. */
if (process.env["NASTY"] === "write") {
  mkdirSync(folder, { recursive: true });
  for (const [name, bytes] of Object.entries(nastyInputs)) writeFileSync(join(folder, name), bytes);
}

/** What one deflater packs is not what the next one does, to the byte. */
const isPacked = (name: string): boolean => /\.(gz|zip)$|^workbook/.test(name);

test("the files are what the script makes", () => {
  for (const [name, bytes] of Object.entries(nastyInputs)) {
    const file = readFileSync(join(folder, name));
    if (!isPacked(name)) expect([name, file.equals(bytes)]).toEqual([name, true]);
  }
});

test("each is read, or refused with the reason and the way out", async () => {
  const lines = Object.keys(nastyInputs).map((name) => `accrue order import ${name} --dry-run`);
  expect(await transcript(lines, { database, cwd: folder })).toMatchInlineSnapshot(`
    "
    $ accrue order import utf8-bom.csv --dry-run
    utf8-bom.csv: dry run, nothing kept
      read       3
      inserted   2
      updated    0
      duplicate  0
      rejected   1, 8.00 yuan
      file       utf-8-bom, sha256 52e2233940d7802a…
      took       <seconds>, <rate>
      1 x unknown_member
      line 3, 会员号: no member has this number; register or import the member first
    [exit 3]

    $ accrue order import gbk.csv --dry-run
    gbk.csv: dry run, nothing kept
      read       3
      inserted   2
      updated    0
      duplicate  0
      rejected   1, 8.00 yuan
      file       gb18030, sha256 675e981f0eaaefea…
      took       <seconds>, <rate>
      1 x unknown_member
      line 3, 会员号: no member has this number; register or import the member first
    [exit 3]

    $ accrue order import utf16le.csv --dry-run
    utf16le.csv: dry run, nothing kept
      read       3
      inserted   2
      updated    0
      duplicate  0
      rejected   1, 8.00 yuan
      file       utf-16le, sha256 90ecb6bde097cbbe…
      took       <seconds>, <rate>
      1 x unknown_member
      line 3, 会员号: no member has this number; register or import the member first
    [exit 3]

    $ accrue order import utf16be.csv --dry-run
    utf16be.csv: dry run, nothing kept
      read       3
      inserted   2
      updated    0
      duplicate  0
      rejected   1, 8.00 yuan
      file       utf-16be, sha256 7d4af91c0b02d2d6…
      took       <seconds>, <rate>
      1 x unknown_member
      line 3, 会员号: no member has this number; register or import the member first
    [exit 3]

    $ accrue order import utf16le-no-mark.csv --dry-run
    ! error: utf16le-no-mark.csv looks like UTF-16 LE without a byte-order mark: every other byte is NUL
    ! hint: if it is, give --encoding utf-16le; else save the file again as UTF-8 (in Excel: CSV UTF-8), then import that
    [exit 2]

    $ accrue order import latin1.csv --dry-run
    ! error: latin1.csv is in no encoding that is read here: no UTF-8 at byte 44 (e9 2c 4d 31), no GB18030 at byte 44 (e9 2c 4d 31); it looks like Latin-1 (Windows-1252)
    ! hint: if it is, give --encoding windows-1252; else save the file again as UTF-8 (in Excel: CSV UTF-8), then import that
    [exit 2]

    $ accrue order import utf8-then-gbk.csv --dry-run
    ! error: utf8-then-gbk.csv is in no encoding that is read here: no UTF-8 at byte 236 (d2 d1 b8 b6), no GB18030 at byte 8 (b7 2c e4 bc)
    ! hint: mend the bytes there, or save the file again as UTF-8 (in Excel: CSV UTF-8), then import that
    [exit 2]

    $ accrue order import gbk-damaged.csv --dry-run
    ! error: gbk-damaged.csv is in no encoding that is read here: no UTF-8 at byte 0 (b6 a9 b5 a5), no GB18030 at byte 148 (ff 33 2c 4d)
    ! hint: mend the bytes there, or save the file again as UTF-8 (in Excel: CSV UTF-8), then import that
    [exit 2]

    $ accrue order import gbk-cut.csv --dry-run
    ! error: gbk-cut.csv is in no encoding that is read here: no UTF-8 at byte 0 (b6 a9 b5 a5), no GB18030 at byte 163 (b4), where it ends inside a character
    ! hint: mend the bytes there, or save the file again as UTF-8 (in Excel: CSV UTF-8), then import that
    [exit 2]

    $ accrue order import nul.csv --dry-run
    nul.csv: dry run, nothing kept
      read       3
      inserted   2
      updated    0
      duplicate  0
      rejected   1
      file       utf-8, sha256 f2ff3af92956c989…
      took       <seconds>, <rate>
      1 x nul_character
      line 3, 金额: "8\\u0000.00" contains a NUL character
    [exit 3]

    $ accrue order import members-of-one.csv.gz --dry-run
    members-of-one.csv.gz: dry run, nothing kept
      read       3
      inserted   2
      updated    0
      duplicate  0
      rejected   1, 8.00 yuan
      file       gb18030, sha256 e806c5ba96d2c3ff…
      took       <seconds>, <rate>
      1 x unknown_member
      line 3, 会员号: no member has this number; register or import the member first
    [exit 3]

    $ accrue order import truncated.csv.gz --dry-run
    ! error: truncated.csv.gz is a damaged gzip file: unexpected end of file after 151 of 151 bytes, which gave 176 unpacked
    ! hint: fetch the file again; most often it was not copied to its end
    [exit 2]

    $ accrue order import two-texts.csv.gz --dry-run
    ! error: two-texts.csv.gz is a damaged gzip file: incorrect header check after 179 of 179 bytes, which gave 0 unpacked
    ! hint: fetch the file again; most often it was not copied to its end
    [exit 2]

    $ accrue order import alipay-like.zip --dry-run
    alipay-like.zip: dry run, nothing kept
      read       3
      inserted   2
      updated    0
      duplicate  0
      rejected   1, 8.00 yuan
      member     20260201_账务明细.csv
      file       gb18030, sha256 abe46b14dc5705da…
      took       <seconds>, <rate>
      1 x unknown_member
      line 3, 会员号: no member has this number; register or import the member first
    [exit 3]

    $ accrue order import alipay-ledger.csv --dry-run
    ! error: alipay-ledger.csv, line 5, read as alipay: the header has no column 对方账户; 订单金额（元）; 退款批次号/请求号. Found: 账务流水号, 业务流水号, 商户订单号, 商品名称, 发生时间, 对方账号, 收入金额（+元）, 支出金额（-元）, 账户余额（元）, 交易渠道, 业务类型, 备注
    ! hint: a line above the rows must name the columns (an import shows with --explain what is in the file). Needed: 支付宝交易号 (or 商户订单号); 对方账户; 订单金额（元）; 业务类型; 退款批次号/请求号; may also have: 门店名称 (or 门店编号); 完成时间 (or 创建时间); 订单金额（元）; 商家实收（元）
    [exit 2]

    $ accrue order import two-that-fit.zip --dry-run
    ! error: two-that-fit.zip has several members that fit: a.csv, b.csv
    ! hint: unpack it and import them one by one
    [exit 2]

    $ accrue order import none-that-fits.zip --dry-run
    ! error: none-that-fits.zip (汇总.csv): no line names any of the columns
    ! hint: a line above the rows must name the columns (an import shows with --explain what is in the file). Needed: order_no (or 订单号); member_no (or 会员号); merchant_code (or 商家编号); amount (or 金额); may also have: status (or 状态); paid_at (or 支付时间); refunded_amount (or 退款金额); source (or 来源); skus (or 商品编号)
    [exit 2]

    $ accrue order import password.zip --dry-run
    ! error: password.zip is protected with a password (a.csv)
    ! hint: unpack it with its password and import the CSV file within
    [exit 2]

    $ accrue order import empty.zip --dry-run
    ! error: empty.zip has no member that can be imported: it is empty
    ! hint: check that it is the archive you meant, or unpack it and import the CSV file within
    [exit 2]

    $ accrue order import truncated.zip --dry-run
    ! error: truncated.zip is a damaged zip archive: End of central directory record signature not found. Either not a zip file, or file is truncated.
    ! hint: fetch the file again; most often it was not copied to its end
    [exit 2]

    $ accrue order import workbook.csv --dry-run
    ! error: workbook.csv is an Excel workbook, not a CSV file
    ! hint: open it and save it as CSV UTF-8, then import that
    [exit 2]

    $ accrue order import old-workbook.csv --dry-run
    ! error: old-workbook.csv is an old Excel workbook (.xls) or another Office document, not a CSV file
    ! hint: open it and save it as CSV UTF-8, then import that
    [exit 2]
    "
  `);
});

describe("what was found wrong can be said right", () => {
  const inCopy = (name: string) => {
    const directory = scratchDirectory();
    copyFileSync(join(folder, name), join(directory, name));
    return directory;
  };

  test("UTF-16 without a mark is read when --encoding says so; a wrong --encoding is a refusal", async () => {
    const lines = [
      "utf16le-no-mark.csv --encoding utf-16le",
      "gbk.csv --encoding GBK",
      "gbk.csv --encoding utf-8",
      "utf8-bom.csv --encoding gbk",
      "gbk.csv --encoding big5",
    ];
    expect(
      await transcript(
        lines.map((line) => `accrue order import ${line} --dry-run`),
        { database, cwd: folder },
      ),
    ).toMatchInlineSnapshot(`
      "
      $ accrue order import utf16le-no-mark.csv --encoding utf-16le --dry-run
      utf16le-no-mark.csv: dry run, nothing kept
        read       3
        inserted   2
        updated    0
        duplicate  0
        rejected   1, 8.00 yuan
        read with  encoding utf-16le
        file       utf-16le, sha256 946df132db312367…
        took       <seconds>, <rate>
        1 x unknown_member
        line 3, 会员号: no member has this number; register or import the member first
      [exit 3]

      $ accrue order import gbk.csv --encoding GBK --dry-run
      gbk.csv: dry run, nothing kept
        read       3
        inserted   2
        updated    0
        duplicate  0
        rejected   1, 8.00 yuan
        read with  encoding gb18030
        file       gb18030, sha256 675e981f0eaaefea…
        took       <seconds>, <rate>
        1 x unknown_member
        line 3, 会员号: no member has this number; register or import the member first
      [exit 3]

      $ accrue order import gbk.csv --encoding utf-8 --dry-run
      ! error: gbk.csv is not valid UTF-8, which --encoding says: no character at byte 0 (b6 a9 b5 a5)
      ! hint: the file is damaged there, or in another encoding; leave --encoding out to have it found, or save the file again as UTF-8 (in Excel: CSV UTF-8), then import that
      [exit 2]

      $ accrue order import utf8-bom.csv --encoding gbk --dry-run
      ! error: utf8-bom.csv starts with the byte-order mark of UTF-8, and --encoding says GB18030
      ! hint: leave --encoding out: a byte-order mark leaves no doubt
      [exit 2]

      $ accrue order import gbk.csv --encoding big5 --dry-run
      ! error: --encoding big5 is not an encoding that is read here
      ! hint: give one of utf-8, gb18030 (or gbk, gb2312), utf-16le, utf-16be, windows-1252, or leave it out: the encoding is found from the bytes
      [exit 2]
      "
    `);
  });

  test("the rejects of a GBK file are UTF-8 with a mark, as Excel wants them, and go in when mended", async () => {
    const directory = inCopy("gbk.csv");
    const play = (...args: string[]) =>
      accrueInProcess(["order", "import", ...args, "--json"], { database, cwd: directory });
    expect(JSON.parse((await play("gbk.csv")).stdout)).toMatchObject({
      encoding: "gb18030",
      read: 3,
      inserted: 2,
      rejected: 1,
      rejects_file: "gbk.rejects.csv",
    });
    const text = readFileSync(join(directory, "gbk.rejects.csv"), "utf8");
    expect(text.startsWith("\ufeff订单号,会员号,")).toBe(true);
    writeFileSync(join(directory, "gbk.rejects.csv"), text.replace("M9", "M3"));
    expect(JSON.parse((await play("gbk.rejects.csv")).stdout)).toMatchObject({
      encoding: "utf-8-bom",
      read: 1,
      inserted: 1,
      rejected: 0,
    });
  });

  test("an archive through a pipe is read, and known the next time, as a file too", async () => {
    const directory = inCopy("alipay-like.zip");
    const [first, again] = [
      await accrue(["order", "import", "-", "--force", "--json"], {
        database,
        cwd: directory,
        stdin: readFileSync(join(folder, "alipay-like.zip")),
      }),
      await accrueInProcess(["order", "import", "alipay-like.zip", "--json"], { database, cwd: directory }),
    ];
    expect(JSON.parse(first.stdout)).toMatchObject({
      file: "standard input",
      member: "20260201_账务明细.csv",
      encoding: "gb18030",
      read: 3,
    });
    expect(JSON.parse(again.stdout)).toMatchObject({
      file: "alipay-like.zip",
      member: "20260201_账务明细.csv",
      read: 0,
      earlier_import_id: expect.any(Number) as number,
    });
  });
});

test("a pipe that does not fit on the disk: exit 2, says so, and nothing is kept", () => {
  // A file may have 8 blocks of 512 bytes, and passing that is an error instead of a signal: the nearest to a full disk
  // that needs no disk.
  const script = `trap '' XFSZ; ulimit -f 8; exec ${process.execPath} ${resolve("bin/accrue.js")} order import - --json`;
  const { status, stderr } = spawnSync("sh", ["-c", script], {
    input: "order_no\n".repeat(2000),
    env: cliEnvironment({ database }),
    cwd: scratchDirectory(),
    encoding: "utf8",
  });
  expect(stderr).toContain('"code":"spool_failed"');
  expect(stderr).toContain("cannot keep a copy of standard input in /tmp: it would become larger than a file may be");
  expect(status).toBe(2);
});

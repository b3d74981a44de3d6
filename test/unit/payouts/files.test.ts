import { execFileSync } from "node:child_process";
import { readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fileProvider } from "../../../src/domain/payouts/file-provider.ts";
import { encodeGbk, notInGbk } from "../../../src/domain/payouts/gbk.ts";
import type { FileChannel } from "../../../src/domain/payouts/model.ts";
import type { BatchPart, Payout } from "../../../src/domain/payouts/provider.ts";
import { publishFile } from "../../../src/domain/payouts/publish-file.ts";
import { templates } from "../../../src/domain/payouts/templates.ts";
import { valueProblem } from "../../../src/domain/payouts/values.ts";
import { scratchDirectory } from "../../support/files.ts";

const payout: Payout = {
  detailNo: "D00000001",
  withdrawalNo: "W00000001",
  netFen: 9_500n,
  accountChannel: "bank",
  accountNumber: "6222020000000000018",
  holder: "张三",
  bankName: "招商银行",
  branchCode: "308100005027",
};
const part = (payouts: readonly Payout[]): BatchPart => ({
  batchNo: "P00000007",
  businessDate: "2026-03-05",
  appid: "wx0123456789abcdef",
  fileNo: 2,
  payouts,
});
const linesOf = (channel: FileChannel, payouts: readonly Payout[]) => templates[channel].lines(part(payouts));

describe("GBK", () => {
  test("is written so that every reader gets the same text back", () => {
    const decode = (bytes: Buffer, label: string) => new TextDecoder(label, { fatal: true }).decode(bytes);
    for (let code = 0x20; code <= 0xffff; code += 1) {
      const character = String.fromCharCode(code);
      if (/\p{Cs}/u.test(character) || notInGbk(character) !== undefined) continue;
      expect([decode(encodeGbk(character), "gb18030"), decode(encodeGbk(character), "gbk")]).toEqual([
        character,
        character,
      ]);
    }
  });

  test("has the characters of GB2312 and GBK, 〇 among them, and not those that only GB18030 or Unicode has", () => {
    expect(notInGbk("支付宝批量（必填，单位：元）镕堃喆〇·龑")).toBeUndefined();
    expect(encodeGbk("付a〇")).toEqual(Buffer.from([0xb8, 0xb6, 0x61, 0xa9, 0x96]));
    expect(["䶮", "𠮷", "€", "㑇", "ḿ", "é", "\ue863"].map((character) => notInGbk(`张${character}`))).toEqual([
      "䶮",
      "𠮷",
      "€",
      "㑇",
      "ḿ",
      "é",
      "\ue863",
    ]);
    expect(() => encodeGbk("张䶮")).toThrow("GBK has no U+4DAE");
  });
});

describe("a value that could break a file is refused, never altered", () => {
  test.each([
    ["a comma", "张,三"],
    ["a full-width comma", "张，三"],
    ["a quote", '张"三'],
    ["a full-width quote", "张＂三"],
    ["an apostrophe", "O'Brien"],
    ["a semicolon", "张；三"],
    ["a line break", "张\n三"],
    ["a carriage return", "张\r三"],
    ["a tab", "张\t三"],
    ["a control character", "张\u0000三"],
    ["a zero-width mark", "张\u200b三"],
    ["a no-break space", "张\u00a0三"],
    ["an ideographic space", "张　三"],
    ["a byte-order mark", "\ufeff张三"],
    ["=", "=HYPERLINK(1)"],
    ["+", "+8613800001111"],
    ["-", "-1"],
    ["@", "@SUM"],
    ["full-width =", "＝1"],
    ["a blank in front", " 张三"],
    ["a blank behind", "张三 "],
  ])("%s", (_what, text) => {
    expect(valueProblem("the holder's name", text, true)).toMatchObject({
      code: "value_breaks_file",
      reason: expect.not.stringContaining("张") as string,
    });
  });

  test("what is empty, too long, or has a character that the encoding lacks; UTF-8 has them all", () => {
    expect(valueProblem("the branch code", " ", true)).toEqual({
      code: "value_missing",
      reason: "the branch code is empty",
    });
    expect(valueProblem("the holder's name", "三".repeat(65), true)).toEqual({
      code: "value_too_long",
      reason: "the holder's name has more than 64 characters",
    });
    expect(valueProblem("the holder's name", "张䶮", true)).toMatchObject({ code: "value_not_in_gbk" });
    expect(valueProblem("the holder's name", "张䶮", false)).toBeUndefined();
  });

  test("names and numbers as they are go through", () => {
    for (const text of [
      "张三",
      "买买提·艾合买提",
      "John Smith",
      "zhang.san+1@example.com",
      "13800001111",
      "三".repeat(64),
    ]) {
      expect(valueProblem("it", text, true)).toBeUndefined();
    }
  });

  test("whatever goes through comes back as the one cell that it was, in every file", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "grapheme", maxLength: 70 }),
        fc.constantFrom(...(["alipay", "wechat", "bank", "csv"] as const)),
        (holder, channel) => {
          const one = {
            ...payout,
            netFen: 200_000n,
            holder,
            accountChannel: channel === "csv" ? ("bank" as const) : channel,
          };
          if (fileProvider(channel, ".").problemWith(one) !== undefined) return;
          const last = linesOf(channel, [one]).at(-1)!;
          expect(last.split(",").length).toBe(linesOf(channel, [payout]).at(-1)!.split(",").length);
          expect(last.split(",")).toContain(holder);
        },
      ),
    );
  });
});

describe("the files are what the channels' templates say", () => {
  const second = { ...payout, detailNo: "D00000002", withdrawalNo: "W00000002", netFen: 1n, holder: "李四" };

  test("Alipay: two header lines in GBK", () => {
    expect(linesOf("alipay", [{ ...payout, accountNumber: "13800001111" }, second])).toEqual([
      "支付宝批量付款文件模板",
      "序号（必填）,收款方支付宝账号（必填）,收款方姓名（必填）,金额（必填，单位：元）,备注（选填）",
      "1,13800001111,张三,95.00,D00000001",
      "2,6222020000000000018,李四,0.01,D00000002",
    ]);
    expect(templates.alipay).toMatchObject({ isGbk: true, lineEnd: "\r\n" });
  });

  test("WeChat: a head with the total of its rows; a name from 2000.00 yuan on, and none below", () => {
    const large = { ...payout, netFen: 200_000n, detailNo: "D00000003" };
    expect(linesOf("wechat", [{ ...payout, netFen: 199_999n }, second, large])).toEqual([
      "\ufeff微信支付批量转账到零钱模版（勿删）",
      "商家批次单号（必填）,P00000007F2",
      "批次名称（必填）,积分提现 2026-03-05",
      "转账appid（必填）,wx0123456789abcdef",
      "转账总金额（必填，单位：元）,4000.00",
      "转账总笔数（必填）,3",
      "批次备注（必填）,积分提现 P00000007",
      ",",
      "转账明细（勿删）",
      "商家明细单号（必填）,收款用户openid（必填）,收款用户姓名（选填）,收款用户身份证（选填）,转账金额（必填，单位：元）,转账备注（必填）",
      "D00000001,6222020000000000018,,,1999.99,积分提现 W00000001",
      "D00000002,6222020000000000018,,,0.01,积分提现 W00000002",
      "D00000003,6222020000000000018,张三,,2000.00,积分提现 W00000001",
    ]);
    expect(fileProvider("wechat", ".", 9999).partRows).toBe(1000);
  });

  test("a bank: with bank and branch, and not without them", () => {
    expect(linesOf("bank", [payout])).toEqual([
      "收款方名称,收款方账号,收款方开户行名称,收款行联行号,金额,附言/用途",
      "张三,6222020000000000018,招商银行,308100005027,95.00,D00000001",
    ]);
    expect(fileProvider("bank", ".").problemWith({ ...payout, branchCode: null })).toEqual({
      code: "value_missing",
      reason: "the branch code is empty",
    });
    expect(fileProvider("csv", ".").problemWith({ ...payout, branchCode: null })).toBeUndefined();
  });

  test("a plain file: everything there is", () => {
    expect(linesOf("csv", [payout])).toEqual([
      "detail_no,withdrawal_no,channel,account,account_name,bank_name,branch_code,amount",
      "D00000001,W00000001,bank,6222020000000000018,张三,招商银行,308100005027,95.00",
    ]);
  });
});

test("a payout file takes the place of nothing: no link, not even one to the same bytes, and no pipe, which would never be read to its end", async () => {
  const [bytes, directory] = [Buffer.from("payout"), scratchDirectory()];
  const [file, link, dangling, pipe] = ["file", "link", "dangling", "pipe"].map((name) => join(directory, name)) as [
    string,
    string,
    string,
    string,
  ];
  writeFileSync(file, bytes);
  symlinkSync(file, link);
  symlinkSync(join(directory, "nowhere"), dangling);
  execFileSync("mkfifo", [pipe]);
  await publishFile(file, bytes);
  for (const path of [link, dangling, pipe])
    await expect(publishFile(path, bytes), path).rejects.toMatchObject({ code: "payout_file_exists" });
  await expect(publishFile(file, Buffer.from("other"))).rejects.toMatchObject({ code: "payout_file_exists" });
  expect(readFileSync(file)).toEqual(bytes);
});

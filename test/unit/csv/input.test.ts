import { isUtf8 } from "node:buffer";
import { execFileSync, spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { appendFileSync, mkdirSync, openSync, readdirSync, readlinkSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { gzipSync } from "node:zlib";
import { afterEach, describe, expect, test, vi } from "vitest";
import { parseEncoding, type EncodingName } from "../../../src/csv/input/encodings.ts";
import { openInput, type Input, type InputOptions, type InputText } from "../../../src/csv/input/input.ts";
import { interruptedError } from "../../../src/shared/errors.ts";
import { encode, zip } from "./encode.ts";
import { scratchDirectory, writeScratch } from "../../support/files.ts";

const opened: Input[] = [];
afterEach(async () => {
  vi.unstubAllEnvs();
  for (const input of opened.splice(0)) await input.close();
});

/** Opens bytes as a file. */
async function open(data: string | Uint8Array, options?: InputOptions, name = "orders.csv"): Promise<Input> {
  const input = await openInput({ path: writeScratch(name, data) }, options);
  opened.push(input);
  return input;
}

async function textOf(text: InputText): Promise<string> {
  const pieces: string[] = [];
  for await (const piece of text.chunks()) pieces.push(piece);
  return pieces.join("");
}

const only = ({ texts }: Input): InputText => {
  expect(texts.length).toBe(1);
  return texts[0]!;
};

/** Encoding and text of what bytes turn out to be. */
async function readAs(
  data: string | Uint8Array,
  options?: InputOptions,
): Promise<readonly [encoding: string, text: string]> {
  const text = only(await open(data, options));
  return [text.encoding, await textOf(text)];
}

const refusal = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => {
      throw new Error("was not refused");
    },
    (error: unknown) => error,
  );
const refusalOf = (data: Uint8Array, options?: InputOptions) => refusal(open(data, options));

const sentence = "订单号,金额\r\nA1,1.00\r\n张三丰,€20 naïve 𠮷😀\r\n";
const marks: Readonly<Record<Exclude<EncodingName, "windows-1252">, Buffer>> = {
  "utf-8": Buffer.of(0xef, 0xbb, 0xbf),
  gb18030: Buffer.of(0x84, 0x31, 0x95, 0x33),
  "utf-16le": Buffer.of(0xff, 0xfe),
  "utf-16be": Buffer.of(0xfe, 0xff),
};

describe("the encoding is found", () => {
  test("by its byte-order mark, which is no part of the text", async () => {
    for (const [encoding, mark] of Object.entries(marks) as [EncodingName, Buffer][]) {
      const found = await readAs(Buffer.concat([mark, encode(sentence, encoding)]));
      expect(found).toEqual([encoding === "utf-8" ? "utf-8-bom" : encoding, sentence]);
    }
  });

  test("as UTF-8, else as GB18030, where there is no mark", async () => {
    expect(await readAs(sentence)).toEqual(["utf-8", sentence]);
    expect(await readAs(encode(sentence, "gb18030"))).toEqual(["gb18030", sentence]);
    expect(await readAs("")).toEqual(["utf-8", ""]);
  });

  test("over the whole content: what stays ASCII for a long way decides nothing", async () => {
    const plain = "A1,1.00\n".repeat(100_000);
    expect(await readAs(Buffer.concat([Buffer.from(plain), encode(sentence, "gb18030")]))).toEqual([
      "gb18030",
      plain + sentence,
    ]);
  });

  describe("and where the bytes are valid in both, never guessed:", () => {
    const head = "member_no,name\n";
    test.each(["M1,元", "M1,袁", "M1,毛毛", "M1,茅", "M1,梅", "M1,28.16元", "M1,5楼301", "M1,小肖孝校"])(
      "%s in GB18030 is refused",
      async (row) => {
        const bytes = encode(`${head}${row}\n`, "gb18030");
        expect(isUtf8(bytes)).toBe(true);
        const word = /[^\0-\x7f]+/u.exec(row)![0];
        expect(await refusalOf(bytes)).toMatchObject({
          kind: "usage",
          code: "csv_encoding_ambiguous",
          details: { utf8: encode(word, "gb18030").toString("utf8"), gb18030: word },
          hint: "look which of the two it should say, and give --encoding utf-8 or --encoding gb18030",
        });
        expect(await readAs(bytes, { encoding: "gb18030" })).toEqual(["gb18030", `${head}${row}\n`]);
      },
    );

    test.each(["M1,Zoë", "M1,Ян", "M1,É"])("%s in UTF-8 is refused, too: it could be Chinese", async (row) => {
      expect(await refusalOf(Buffer.from(`${head}${row}\n`))).toMatchObject({ code: "csv_encoding_ambiguous" });
      expect(await readAs(`${head}${row}\n`, { encoding: "utf-8" })).toEqual(["utf-8", `${head}${row}\n`]);
    });

    test.each([
      "M1,袁\nM2,Müller",
      "M1,José Muñoz",
      "M1,¥28.16",
      "M1,元元,€3",
      "M1,Zoë\nM2,王",
      "M1,Иван",
      "M1,Νίκη",
      "M1,Payé",
      "M1,CÔTE",
      "M1,£3",
    ])("%j in UTF-8 is UTF-8: something in it says so", async (row) => {
      expect(await readAs(`${head}${row}\n`)).toEqual(["utf-8", `${head}${row}\n`]);
    });

    test("wherever in it that stands", async () => {
      const rows = "M1,Zoë\n".repeat(50_000);
      expect(await refusalOf(Buffer.from(head + rows))).toMatchObject({
        code: "csv_encoding_ambiguous",
        details: { utf8: "ë", gb18030: "毛" },
      });
      expect((await readAs(`${head}${rows}M2,王\n`))[0]).toBe("utf-8");
    });
  });

  test("although its first Chinese word is valid UTF-8 as well", async () => {
    const text = "模,1\n订单号,2\n";
    expect(isUtf8(encode("模,1", "gb18030"))).toBe(true);
    expect(await readAs(encode(text, "gb18030"))).toEqual(["gb18030", text]);
  });

  test("as the operator says, in any of its names, with or without its mark", async () => {
    for (const [said, encoding] of [
      ["GBK", "gb18030"],
      ["gb2312", "gb18030"],
      ["UTF8", "utf-8"],
      ["utf-16LE", "utf-16le"],
      ["utf-16be", "utf-16be"],
    ] as const) {
      expect(await readAs(encode(sentence, encoding), { encoding: parseEncoding(said) })).toEqual([encoding, sentence]);
      const marked = await readAs(Buffer.concat([marks[encoding], encode(sentence, encoding)]), { encoding });
      expect(marked).toEqual([encoding === "utf-8" ? "utf-8-bom" : encoding, sentence]);
    }
    // Valid UTF-8 that somebody knows to be GB18030.
    const [encoding, text] = await readAs(encode("模\n", "gb18030"), { encoding: "gb18030" });
    expect([encoding, text]).toEqual(["gb18030", "模\n"]);
    expect(() => parseEncoding("koi8-r")).toThrow(
      expect.objectContaining({
        code: "invalid_encoding",
        message: "--encoding koi8-r is not an encoding that is read here",
        hint: "give one of utf-8, gb18030 (or gbk, gb2312), utf-16le, utf-16be, windows-1252, or leave it out: the encoding is found from the bytes",
      }),
    );
  });

  test("and every character that Unicode has comes through each of them", async () => {
    const codes = Array.from({ length: 0x11_0000 }, (_, code) => code).filter(
      (code) => code !== 0 && (code < 0xd800 || code > 0xdfff),
    );
    // GB18030 has no place for a few private ones.
    const everything = `x${codes
      .filter((code) => code < 0xe000 || code > 0xf8ff)
      .map((code) => String.fromCodePoint(code))
      .join("")}`;
    for (const encoding of ["utf-8", "gb18030", "utf-16le", "utf-16be"] as const) {
      const [, text] = await readAs(encode(everything, encoding), { encoding });
      expect(text === everything).toBe(true);
    }
  });
});

describe("what is in no encoding is refused, with the place and what it looks like", () => {
  const head = "order_no,amount\n";

  test("neither UTF-8 nor GB18030", async () => {
    const data = Buffer.concat([
      Buffer.from(head),
      encode("张", "gb18030"),
      Buffer.from(",1\nA,2\n"),
      Buffer.of(0xff, 0x41),
      Buffer.from("\n"),
    ]);
    expect(await refusalOf(data)).toMatchObject({
      kind: "usage",
      code: "csv_encoding_unknown",
      message: expect.stringMatching(
        /orders\.csv is in no encoding that is read here: no UTF-8 at byte 16 \(d5 c5 2c 31\), no GB18030 at byte 25 \(ff 41 0a\)$/,
      ) as string,
      hint: "mend the bytes there, or save the file again as UTF-8 (in Excel: CSV UTF-8), then import that",
      details: { utf8_byte_offset: 16, gb18030_byte_offset: 25, looks_like: [] },
    });
  });

  test("UTF-8 cut off inside a character, which is not GB18030 either", async () => {
    expect(await refusalOf(Buffer.concat([Buffer.from(`${head}é,1\n`), Buffer.of(0xe4)]))).toMatchObject({
      message: expect.stringContaining(
        "no UTF-8 at byte 21 (e4), where it ends inside a character, no GB18030 at byte 21 (e4), where it ends inside a character",
      ) as string,
    });
  });

  test("Latin-1, Big5", async () => {
    expect(await refusalOf(Buffer.from(`${head}Andr\u00e9,1\n`, "latin1"))).toMatchObject({
      message: expect.stringMatching(/; it looks like Latin-1 \(Windows-1252\)$/) as string,
      details: { looks_like: ["Latin-1 (Windows-1252)"] },
      hint: "if it is, give --encoding windows-1252; else save the file again as UTF-8 (in Excel: CSV UTF-8), then import that",
    });
    // 電 and 話 in Big5, and a character that GB18030 has no place for: F9D6 with a trail byte below 0x40 behind it.
    const big5 = Buffer.concat([Buffer.from(head), Buffer.of(0xb9, 0x71, 0xb8, 0xdc, 0xa4, 0xff, 0xa4, 0xa4, 0x0a)]);
    expect(await refusalOf(big5)).toMatchObject({ code: "csv_encoding_unknown" });
  });

  test("Windows-1252 whose accented letters happen to be GB18030: asked about, and read as what is asked for", async () => {
    const western = "order_no,member\r\nA1,M\u00fcller\r\nA2,Gr\u00f6\u00dfe\r\nA3,Fran\u00e7ois n\u00e9e\r\n";
    expect(await refusalOf(encode(western, "windows-1252"))).toMatchObject({
      code: "csv_encoding_ambiguous",
      message: expect.stringMatching(
        /is valid GB18030 \("M黮ler"\), but looks like Windows-1252 \("Müller"\)$/,
      ) as string,
      hint: "look which of the two it should say, and give --encoding gb18030 or --encoding windows-1252",
      details: { gb18030: "M黮ler", windows_1252: "Müller" },
    });
    expect(await readAs(encode(western, "windows-1252"), { encoding: "windows-1252" })).toEqual([
      "windows-1252",
      western,
    ]);
    expect(await readAs(Buffer.of(0x80, 0x31, 0x93), { encoding: "windows-1252" })).toEqual(["windows-1252", "€1“"]);
    for (const word of ["Andr\u00e9s", "Bj\u00f6rn", "Br\u00f8ndum", "\u00c5sa", "cr\u00e9\u00e9e", "Ca\u00f1adas"]) {
      expect(await refusalOf(encode(`member\n${word}\n`, "windows-1252"))).toMatchObject({
        code: "csv_encoding_ambiguous",
        details: { windows_1252: word },
      });
    }
  });

  test.each([
    ["Big5", "big5", Buffer.of(0xb9, 0x71, 0xb8, 0xdc, 0x0a, 0xa4, 0xa4, 0xa4, 0xe5, 0x0a), "電話"],
    ["Shift-JIS", "shift_jis", Buffer.of(0x83, 0x65, 0x83, 0x58, 0x83, 0x67, 0x0a), "テスト"],
  ])("%s that happens to be GB18030: asked about", async (title, label, bytes, word) => {
    expect(await refusalOf(Buffer.concat([Buffer.from("order_no,name\n"), bytes]))).toMatchObject({
      code: "csv_encoding_ambiguous",
      message: expect.stringContaining(`looks like ${title} ("${word}")`) as string,
      hint: `if it is ${title}, save the file again as UTF-8 (in Excel: CSV UTF-8), then import that; if it is not, give --encoding gb18030`,
      details: { [label]: word },
    });
  });

  test.each([
    ["\ufeff <table border=1><tr><td>order_no</td></tr></table>", "a page in HTML or XML, which may be called .xls"],
    ['<?xml version="1.0"?><Workbook></Workbook>', "a page in HTML or XML, which may be called .xls"],
    ['[{"order_no": 1}]', "JSON"],
  ])("%j is no table", async (text, what) => {
    expect(await refusalOf(Buffer.from(text))).toMatchObject({
      code: "csv_not_text",
      message: expect.stringContaining(`is ${what}`) as string,
    });
  });

  test("but no Chinese text is asked about, be it one character, traditional, or rare ones among others", async () => {
    const texts = [
      "order_no,amount\nA1,12元整\n",
      "member\n訂單編號會員\n",
      "member\n朱镕基\n",
      "amount\n￥1\n",
      "a\n，\n",
      "member\n張慧\n",
    ];
    for (const text of texts) expect(await readAs(encode(text, "gb18030"))).toEqual(["gb18030", text]);
  });

  test("UTF-16 without a mark: not taken for ASCII full of NULs, and read when asked for", async () => {
    for (const [encoding, title] of [
      ["utf-16le", "UTF-16 LE"],
      ["utf-16be", "UTF-16 BE"],
    ] as const) {
      expect(await refusalOf(encode(sentence, encoding))).toMatchObject({
        code: "csv_encoding_unknown",
        message: expect.stringContaining(
          `looks like ${title} without a byte-order mark: every other byte is NUL`,
        ) as string,
        hint: `if it is, give --encoding ${encoding}; else save the file again as UTF-8 (in Excel: CSV UTF-8), then import that`,
      });
    }
    expect(await readAs("order_no,amount\nA\0B,1\n")).toEqual(["utf-8", "order_no,amount\nA\0B,1\n"]);
  });

  test("another one than its mark or the operator says", async () => {
    const broken = Buffer.concat([marks["utf-16le"], encode("订单\ud800x\n", "utf-16le")]);
    expect(await refusalOf(broken)).toMatchObject({
      code: "csv_encoding_invalid",
      message: expect.stringContaining(
        "is not valid UTF-16 LE, which its byte-order mark says: no character at byte 6 (00 d8 78 00)",
      ) as string,
      details: { encoding: "utf-16le", byte_offset: 6 },
    });
    expect(await refusalOf(Buffer.concat([marks["utf-16be"], Buffer.of(0)]))).toMatchObject({
      details: { byte_offset: 2 },
    });
    expect(await refusalOf(encode(sentence, "gb18030"), { encoding: "utf-8" })).toMatchObject({
      code: "csv_encoding_invalid",
      message: expect.stringContaining(
        "is not valid UTF-8, which --encoding says: no character at byte 0 (b6 a9 b5 a5)",
      ) as string,
      hint: "the file is damaged there, or in another encoding; leave --encoding out to have it found, or save the file again as UTF-8 (in Excel: CSV UTF-8), then import that",
    });
    expect(
      await refusalOf(Buffer.concat([marks["utf-8"], Buffer.from(sentence)]), { encoding: "gb18030" }),
    ).toMatchObject({
      code: "csv_encoding_contradicted",
      message: expect.stringContaining(
        "starts with the byte-order mark of UTF-8, and --encoding says GB18030",
      ) as string,
      hint: "leave --encoding out: a byte-order mark leaves no doubt",
    });
  });

  test.each([
    ["d0cf11e0a1b11ae1", "an old Excel workbook (.xls) or another Office document, not a CSV file"],
    ["255044462d312e34", "a PDF document, not a CSV file"],
    ["526172211a0700", "a RAR archive, not a CSV file"],
    ["fffe00006f000000", "text in UTF-32, not a CSV file"],
  ])("%s: %s", async (hex, message) => {
    expect(await refusalOf(Buffer.from(hex, "hex"))).toMatchObject({
      code: "csv_not_text",
      message: expect.stringContaining(message) as string,
    });
  });

  test("a workbook, which is a zip archive from the outside", async () => {
    const data = zip([
      { name: "[Content_Types].xml", data: Buffer.from("<x/>") },
      { name: "xl/workbook.xml", data: Buffer.from("<x/>") },
    ]);
    expect(await refusalOf(data)).toMatchObject({
      code: "csv_not_text",
      message: expect.stringContaining("orders.csv is an Excel workbook, not a CSV file") as string,
      hint: "open it and save it as CSV UTF-8, then import that",
    });
  });
});

describe("an input is known before it is parsed, and can be read again", () => {
  test("its hash and size are those of the raw bytes, packed as they may be", async () => {
    for (const data of [
      Buffer.from(sentence),
      encode(sentence, "gb18030"),
      gzipSync(sentence),
      zip([{ name: "a.csv", data: Buffer.from(sentence) }]),
    ]) {
      const input = await open(data);
      expect(input.identity).toEqual({
        sha256: createHash("sha256").update(data).digest("hex"),
        sizeBytes: data.length,
      });
      for (let round = 0; round < 2; round += 1) expect(await textOf(only(input))).toBe(sentence);
      expect(input.bytesRead).toBe(data.length);
    }
  });

  test("a file that changes meanwhile is found out at its end, or where it is no text any more", async () => {
    for (const [name, data] of [
      ["a.csv", Buffer.from(sentence)],
      ["a.csv.gz", gzipSync(sentence)],
      ["a.zip", zip([{ name: "a.csv", data: Buffer.from(sentence) }])],
    ] as const) {
      const path = writeScratch(name, data);
      const input = await openInput({ path });
      opened.push(input);
      appendFileSync(path, Buffer.alloc(20));
      expect(await refusal(textOf(only(input)))).toMatchObject({
        code: "file_changed",
        message: `${path} changed while it was read`,
      });
    }
    const path = writeScratch("a.csv", sentence);
    const input = await openInput({ path });
    opened.push(input);
    writeSync(openSync(path, "r+"), Buffer.of(0xff), 0, 1, 0);
    expect(await refusal(textOf(only(input)))).toMatchObject({ code: "file_changed" });
  });
});

describe("gzip", () => {
  test("is told by its first bytes, may have several members and be padded with zeros", async () => {
    const packed = Buffer.concat([gzipSync("order_no\n"), gzipSync("A1\n"), Buffer.alloc(512)]);
    expect(await readAs(packed)).toEqual(["utf-8", "order_no\nA1\n"]);
    expect(await readAs(gzipSync(encode(sentence, "gb18030")))).toEqual(["gb18030", sentence]);
  });

  test.each<[what: string, data: Buffer, message: RegExp]>([
    [
      "cut off",
      gzipSync("order_no\n".repeat(9)).subarray(0, 22),
      /is a damaged gzip file: unexpected end of file after 22 of 22 bytes, which gave \d+ unpacked$/,
    ],
    [
      "in its second member",
      Buffer.concat([gzipSync("order_no\n"), gzipSync("A1\n").subarray(0, 12)]),
      /unexpected end of file after 41 of 41 bytes, which gave \d+ unpacked$/,
    ],
    [
      "with a wrong checksum",
      Buffer.from(gzipSync("order_no\n").map((byte, at, all) => (at === all.length - 6 ? byte ^ 1 : byte))),
      /incorrect data check/,
    ],
    [
      "with other bytes behind",
      Buffer.concat([gzipSync("order_no\n"), Buffer.from("order_no\n")]),
      /incorrect header check/,
    ],
    [
      "with other bytes behind zeros",
      Buffer.concat([gzipSync("order_no\n"), Buffer.alloc(3), gzipSync("A1\n")]),
      /bytes that are no gzip member behind byte 29$/,
    ],
  ])("damaged: %s", async (_what, data, message) => {
    expect(await refusalOf(data)).toMatchObject({
      code: "archive_damaged",
      message: expect.stringMatching(message) as string,
      hint: "fetch the file again; most often it was not copied to its end",
    });
  });

  const rows = (bytes: number) => gzipSync("A1,1.00\n".repeat(bytes / 8));

  test("packs a small file as well as it may, a large one as well as tables do: what grows beyond that is refused while it is unpacked", async () => {
    expect((await readAs(rows(16 * 1024 * 1024)))[1]).toHaveLength(16 * 1024 * 1024);
    const packed = rows(64 * 1024 * 1024);
    expect(await refusalOf(packed)).toMatchObject({
      kind: "usage",
      code: "unpacked_too_large",
      details: { bytes: packed.length, max_bytes: 16 * 1024 * 1024 },
      message: expect.stringContaining(
        `has ${packed.length.toLocaleString("en-US")} bytes and unpacks to more than 16,777,216: no table packs that well`,
      ) as string,
    });
    // Eighty times its size: within what tables do.
    const noise = Buffer.concat([gzipSync(randomBytes(300_000).toString("hex")), rows(20 * 1024 * 1024)]);
    expect((await readAs(noise))[1]).toHaveLength(600_000 + 20 * 1024 * 1024);
  });

  test("of something else than text", async () => {
    const archive = zip([{ name: "a.csv", data: Buffer.from("x") }]);
    expect(await refusalOf(gzipSync(archive))).toMatchObject({
      code: "csv_not_text",
      message: expect.stringContaining("is a zip archive within an archive") as string,
    });
    expect(await refusalOf(gzipSync(gzipSync("x")))).toMatchObject({
      code: "csv_not_text",
      message: expect.stringContaining("is a gzip file within an archive") as string,
    });
  });
});

describe("zip", () => {
  const bill = encode(sentence, "gb18030");

  test("gives the texts in it, each in its own encoding, and says what else there is", async () => {
    const input = await open(
      zip([
        { name: "账务/", data: Buffer.alloc(0), method: 0 },
        { name: encode("账务/明细(汇总).csv", "gb18030"), data: bill },
        { name: "账务/明细.TXT", data: Buffer.from(sentence), method: 0 },
        { name: "说明.pdf", data: Buffer.from("%PDF") },
        { name: "__MACOSX/._明细.csv", data: Buffer.from("x") },
        { name: "big5.txt", data: Buffer.of(0xff, 0x0a) },
      ]),
      {},
      "alipay.zip",
    );
    expect(await Promise.all(input.texts.map(async (text) => [text.entry, text.encoding, await textOf(text)]))).toEqual(
      [
        ["账务/明细(汇总).csv", "gb18030", sentence],
        ["账务/明细.TXT", "utf-8", sentence],
      ],
    );
    expect(input.passedOver.map((reason) => reason.replace(/^\/.*\//, ""))).toEqual([
      "说明.pdf is no .csv or .txt file",
      "__MACOSX/._明细.csv is no .csv or .txt file",
      expect.stringContaining("alipay.zip (big5.txt) is in no encoding that is read here") as string,
    ]);
  });

  test("is larger than what is read at a time, and read as it is unpacked", async () => {
    const text = "A1,1.00\n".repeat(200_000);
    const input = await open(zip([{ name: "a.csv", data: Buffer.from(text) }]), {}, "a.zip");
    let [chunks, length] = [0, 0];
    for await (const chunk of only(input).chunks()) [chunks, length] = [chunks + 1, length + chunk.length];
    expect(length).toBe(text.length);
    expect(chunks).toBeGreaterThan(10);
  });

  const good = zip([{ name: "a.csv", data: bill }]);
  /** The same archive, whose last member says that it is where the first one is. */
  const overlapped = (archive: Buffer) => {
    const changed = Buffer.from(archive);
    changed.writeUInt32LE(0, changed.lastIndexOf("PK\u0001\u0002") + 42);
    return changed;
  };
  const flip = (at: number) => Buffer.from(good.map((byte, index) => (index === at ? byte ^ 0x55 : byte)));
  test.each<[what: string, data: Buffer, code: string, message: RegExp]>([
    [
      "cut off",
      good.subarray(0, -30),
      "archive_damaged",
      /is a damaged zip archive: End of central directory record signature not found/,
    ],
    ["with a damaged member", flip(45), "archive_damaged", /is a damaged zip archive: .+ in a\.csv$/],
    [
      "with a wrong checksum",
      zip([{ name: "a.csv", data: bill, method: 0 }]).map((byte, at) => (at === 40 ? byte ^ 1 : byte)) as Buffer,
      "archive_damaged",
      /the checksum does not match in a\.csv$/,
    ],
    [
      "packed in a way that is not read",
      zip([{ name: "a.csv", data: bill, method: 9 }]),
      "archive_damaged",
      /unsupported compression method: 9 in a\.csv$/,
    ],
    [
      "with a password",
      zip([{ name: "a.csv", data: bill, flags: 1 }]),
      "zip_encrypted",
      /is protected with a password \(a\.csv\)$/,
    ],
    [
      "with a strong password",
      zip([{ name: "a.csv", data: bill, flags: 0x41 }]),
      "archive_damaged",
      /strong encryption is not supported/,
    ],
    [
      "of members that share bytes",
      overlapped(
        zip([
          { name: "a.csv", data: bill },
          { name: "b.csv", data: bill },
        ]),
      ),
      "zip_overlapping_members",
      /has members that share bytes with each other, b\.csv among them: no tool writes a zip archive so$/,
    ],
    [
      "of members that unpack to more than any table",
      zip(Array.from({ length: 20 }, (_, index) => ({ name: `${index}.csv`, data: Buffer.alloc(1024 * 1024, "a") }))),
      "unpacked_too_large",
      /and unpacks to more than 16,777,216: no table packs that well$/,
    ],
    [
      "of more members than anybody sends",
      zip(Array.from({ length: 1001 }, (_, index) => ({ name: `${index}.csv`, data: bill }))),
      "zip_too_many_members",
      /has 1001 members; at most 1000 are looked through$/,
    ],
  ])("refused: %s", async (_what, data, code, message) => {
    expect(await refusalOf(data)).toMatchObject({
      kind: "usage",
      code,
      message: expect.stringMatching(message) as string,
    });
  });
});

describe("what can be read only once is copied first", () => {
  test("standard input, in whatever pieces, and a stream of text", async () => {
    const data = encode(sentence, "gb18030");
    const told: (readonly (number | undefined)[])[] = [];
    const stdin = Readable.from(
      [...data].map((byte) => Buffer.of(byte)),
      { objectMode: false },
    );
    const input = await openInput({ path: "-", stdin }, { onSurvey: (...bytes) => void told.push(bytes) });
    opened.push(input);
    expect([input.name, input.identity.sizeBytes, await textOf(only(input))]).toEqual([
      "standard input",
      data.length,
      sentence,
    ]);
    expect([told[0], told.at(-1)]).toEqual([[1], [data.length, data.length]]);
    const text = await openInput({ path: "-", stdin: Readable.from(["order_no\n", "A1\n"]) });
    opened.push(text);
    expect(await textOf(only(text))).toBe("order_no\nA1\n");
  });

  test("a named pipe, which may be written to later; an archive through it, too", async () => {
    const path = join(scratchDirectory(), "pipe");
    execFileSync("mkfifo", [path]);
    const opening = openInput({ path });
    const writer = spawn("sh", ["-c", `cat > ${path}`], { stdio: ["pipe", "ignore", "ignore"] });
    writer.stdin.end(zip([{ name: "a.csv", data: Buffer.from(sentence) }]));
    const input = await opening;
    opened.push(input);
    expect(await textOf(only(input))).toBe(sentence);
  });

  test("a device", async () => {
    const input = await openInput({ path: "/dev/null" });
    opened.push(input);
    expect([input.identity.sizeBytes, await textOf(only(input))]).toEqual([0, ""]);
  });

  test("the copy has no name, so that nothing can be left behind", async () => {
    const directory = scratchDirectory();
    vi.stubEnv("TMPDIR", directory);
    const input = await openInput({ path: "-", stdin: Readable.from([Buffer.from(sentence)]) });
    expect(readdirSync(directory)).toEqual([]);
    const targets = () =>
      readdirSync("/proc/self/fd")
        .map((fd) => linkOf(`/proc/self/fd/${fd}`))
        .filter((target) => target.startsWith(directory));
    expect(targets().length).toBe(1);
    await input.close();
    expect(targets()).toEqual([]);
  });

  test("an interrupt ends waiting for a pipe that says nothing, and a pipe that nobody writes to", async () => {
    const path = join(scratchDirectory(), "pipe");
    execFileSync("mkfifo", [path]);
    for (const csv of [{ path: "-", stdin: new PassThrough() }, { path }]) {
      const interruption = new AbortController();
      const reason = new Error("stopped by SIGINT");
      setTimeout(() => interruption.abort(reason), 20);
      expect(await refusal(openInput(csv, { signal: interruption.signal }))).toBe(reason);
    }
  });

  test("an interrupt is heard between pieces that a few packed bytes unpack to", async () => {
    const reason = new Error("stopped");
    const text = Buffer.from("A1,1.00\n".repeat(1_000_000));
    for (const data of [gzipSync(text), zip([{ name: "a.csv", data: text }])]) {
      const interruption = new AbortController();
      const chunks = only(await open(data, { signal: interruption.signal })).chunks();
      await chunks.next();
      interruption.abort(reason);
      expect(await refusal(chunks.next())).toBe(reason);
    }
  });

  test("an interrupt that came before opens nothing, one that comes later ends the reading", async () => {
    const reason = new Error("stopped");
    expect(await refusal(openInput({ path: "/nowhere" }, { signal: AbortSignal.abort(reason) }))).toBe(reason);
    for (const data of [
      Buffer.from(sentence),
      gzipSync(sentence),
      zip([{ name: "a.csv", data: Buffer.from(sentence) }]),
    ]) {
      const interruption = new AbortController();
      const input = await open(data, { signal: interruption.signal });
      interruption.abort(reason);
      expect(await refusal(textOf(only(input)))).toBe(reason);
    }
  });

  test("an interrupt at any moment of the first reading is that, and never a member passed over", async () => {
    const reason = interruptedError("SIGINT");
    const data = zip([
      { name: "a.csv", data: encode(sentence, "gb18030") },
      { name: "b.csv", data: Buffer.from(sentence) },
    ]);
    for (let moment = 1; ; moment += 1) {
      let left = moment;
      const signal = new AbortController().signal;
      signal.throwIfAborted = () => {
        left -= 1;
        if (left <= 0) throw reason;
      };
      const outcome = await open(data, { signal, chunkBytes: 64 }).catch((error: unknown) => error);
      if (outcome === reason) continue;
      expect((outcome as Input).texts.length).toBe(2);
      expect(moment).toBeGreaterThan(20);
      return;
    }
  });

  test("a pipe that fails, a place that has no room", async () => {
    const broken = Readable.from(
      (async function* () {
        yield Buffer.from("order_no\n");
        throw Object.assign(new Error("i/o error"), { code: "EIO" });
      })(),
    );
    expect(await refusal(openInput({ path: "-", stdin: broken }))).toMatchObject({
      code: "csv_cannot_read",
      message: "reading standard input failed: EIO",
    });
    vi.stubEnv("TMPDIR", "/nowhere");
    expect(await refusal(openInput({ path: "-", stdin: Readable.from(["x"]) }))).toMatchObject({
      kind: "usage",
      code: "spool_failed",
      message: "cannot keep a copy of standard input in /nowhere: there is no such directory",
      hint: "make room there, name another directory with TMPDIR, or save the input as a file and import that",
    });
  });
});

test("what cannot be opened", async () => {
  const directory = scratchDirectory();
  mkdirSync(join(directory, "folder"));
  writeFileSync(join(directory, "plain"), "x");
  for (const [name, reason] of [
    ["nowhere.csv", "there is no such file"],
    ["folder", "it is a directory"],
    ["plain/x.csv", "a part of the path is not a directory"],
  ] as const) {
    const path = join(directory, name);
    expect(await refusal(openInput({ path }))).toMatchObject({
      kind: "usage",
      code: "csv_cannot_open",
      message: `cannot open ${path}: ${reason}`,
      hint: "check the path; - reads standard input",
    });
  }
});

/** Descriptors come and go while they are listed. */
function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
}

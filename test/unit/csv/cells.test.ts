import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  isLongNumber,
  readAmountFen,
  readBoolean,
  readDecimal,
  readId,
  readRate,
  readText,
  zeroedTailOf,
} from "../../../src/csv/cells.ts";
import { cleanNumeric, cleanText, narrowWidth, usualNumber } from "../../../src/csv/clean.ts";
import { CellProblem } from "../../../src/csv/problem.ts";
import { dateOrders, readTimestamp } from "../../../src/csv/timestamp.ts";
import { formatYuan, maxAmountFen } from "../../../src/shared/money.ts";
import { formatRate } from "../../../src/shared/rates.ts";
import { runs } from "../../support/runs.ts";

const zone = "Asia/Shanghai";
const code = (value: unknown) => (value instanceof CellProblem ? value.code : value);
const message = (value: unknown) => (value instanceof CellProblem ? value.message : undefined);
const toFullWidth = (text: string) =>
  text.replace(/[!-~]/g, (narrow) => String.fromCharCode(narrow.charCodeAt(0) + 0xfee0));

describe("what spreadsheets and platforms wrap around a value comes off", () => {
  it.each([
    ["plain", "plain"],
    ["", ""],
    ["  a b\t", "a b"],
    ["\u3000张三\u00a0", "张三"],
    ["\u3000张三", "张三"],
    ["张三\u2003", "张三"],
    ["张三\ufeff", "张三"],
    ['="0012"', "0012"],
    ['="\t12"', "12"],
    ["'13800000000", "13800000000"],
    ["`4200001", "4200001"],
    ["691\t", "691"],
    ["O'Brien", "O'Brien"],
    ["=", "="],
    ['="', '="'],
    ["ＡＢ公司", "ＡＢ公司"],
  ])("%j is %j", (cell, text) => {
    expect(cleanText(cell)).toBe(text);
  });

  it("from numbers also width, currency and thousands separators", () => {
    expect(cleanNumeric("￥1,234.50")).toBe("1234.50");
    expect(cleanNumeric("¥ 28.16")).toBe("28.16");
    expect(cleanNumeric("28.16元")).toBe("28.16");
    expect(cleanNumeric("１，２３４．５０ 元")).toBe("1234.50");
    expect(cleanNumeric('="-￥5"')).toBe("-5");
    expect(cleanNumeric("1,23")).toBe("1,23");
    expect(cleanNumeric("12,34,567")).toBe("12,34,567");
  });

  it("text without wrapping is left exactly as it is", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        const plain = text.trim();
        fc.pre(!/^['`=]/.test(plain));
        expect(cleanText(plain)).toBe(plain);
        expect(cleanText(` ${plain}\t`)).toBe(plain);
        expect(cleanText(`="${plain}"`)).toBe(plain);
        expect(cleanText(`'${plain}`)).toBe(plain);
      }),
    );
  });

  it("every ASCII sign has a full-width form that narrows to it", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[!-~]{0,20}$/), (text) => {
        expect(narrowWidth(toFullWidth(text))).toBe(text);
      }),
    );
  });
});

describe("an id", () => {
  it("is text: zeros, letters and inner blanks stay; width does not tell two ids apart", () => {
    expect(readId("000123")).toBe("000123");
    expect(readId("123456789012345678901234567890")).toBe("123456789012345678901234567890");
    expect(readId('="0012"')).toBe("0012");
    expect(readId("ＡＢ－１２")).toBe("AB-12");
    expect(readId("A 1")).toBe("A 1");
    expect(readId("订单1")).toBe("订单1");
    expect(readId("12E5")).toBe("12E5");
    expect(readId("1E-X")).toBe("1E-X");
  });

  it.each(["1.23E+17", "1.23e17", "1E+5", "12E-5", "1E-5", '="1.2E+10"', "１．２３Ｅ＋１７", "-1.5E10"])(
    "%s is refused, since its digits are lost",
    (cell) => expect(code(readId(cell))).toBe("scientific_notation"),
  );

  it("says why it is none", () => {
    expect(message(readId("1.23E+17"))).toBe(
      '"1.23E+17" is a number in scientific notation, so digits of the id are lost; format the column as text and export it again',
    );
    expect(message(readId("  "))).toBe("the cell is empty");
    expect(code(readId('=""'))).toBe("empty");
    expect(message(readId("a\u200bb"))).toBe('"a\u200bb" contains the invisible character U+200B at position 2');
    expect(code(readId("a\u0000b"))).toBe("control_character");
    expect(code(readId("a\nb"))).toBe("control_character");
    expect(readId("x".repeat(64))).toBe("x".repeat(64));
    expect(message(readId("x".repeat(65)))).toBe(`"${"x".repeat(40)}…" has 65 characters; at most 64 are taken`);
  });

  it("never comes out with blanks outside, invisible characters or too long, whatever the cell", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 80 }), (cell) => {
        const id = readId(cell);
        if (id instanceof CellProblem) return;
        expect(id).toBe(id.trim());
        expect(id).not.toMatch(/[\p{Cc}\u200b\u2028]/u);
        expect(id.length).toBeGreaterThan(0);
        expect(id.length).toBeLessThanOrEqual(64);
      }),
      runs(300),
    );
  });
});

describe("a text", () => {
  it("keeps its characters, full-width ones too", () => {
    expect(readText(" ＡＢ　公司 ")).toBe("ＡＢ　公司");
    expect(code(readText("\t"))).toBe("empty");
    expect(code(readText("a\u202eb"))).toBe("control_character");
    expect(code(readText("abc", 2))).toBe("too_long");
  });
});

describe("an amount", () => {
  it("is read in whole fen from every way of writing it", () => {
    const amount = fc.bigInt({ min: 0n, max: maxAmountFen });
    const thousands = (yuan: string) => yuan.replace(/\B(?=(\d{3})+(?!\d)(?=\.|$))/g, ",");
    fc.assert(
      fc.property(amount, (fen) => {
        const yuan = formatYuan(fen);
        const grouped = yuan.replace(/^\d+/, (whole) => thousands(whole));
        for (const cell of [
          yuan,
          ` ${yuan}\t`,
          `￥${grouped}`,
          `${grouped}元`,
          `="${yuan}"`,
          `'${yuan}`,
          toFullWidth(grouped),
          `${yuan}000`,
        ]) {
          expect(readAmountFen(cell)).toBe(fen);
        }
      }),
      { numRuns: 300 },
    );
  });

  it("of less than a fen is refused, never rounded", () => {
    fc.assert(
      fc.property(fc.nat(99_999), fc.stringMatching(/^\d\d\d*[1-9]$/), (yuan, decimals) => {
        fc.pre(decimals.length > 2);
        expect(code(readAmountFen(`${yuan}.${decimals}`))).toBe("too_many_decimals");
      }),
    );
  });

  it("says why it is none", () => {
    expect(message(readAmountFen("1.005"))).toBe('"1.005" is finer than one fen; write at most two decimals');
    expect(message(readAmountFen("-5"))).toBe('"-5" is negative; an amount is zero or more');
    expect(message(readAmountFen("100000000.01"))).toBe(
      '"100000000.01" is more than the largest amount taken, 100 million yuan',
    );
    expect(message(readAmountFen("abc"))).toBe('"abc" is not an amount of yuan such as 1234.50');
    expect(message(readAmountFen(" "))).toBe("the cell is empty");
    expect(message(readAmountFen("9".repeat(41)))).toBe(`"${"9".repeat(40)}…" is too long to be an amount of yuan`);
    for (const cell of ["1,23", "1E+5", "1.234,50", "12 34", "0x10", "NaN", "5.", ".5", "--5", "131.77(已退款89.84)"]) {
      expect([cell, code(readAmountFen(cell))]).toEqual([cell, "not_an_amount"]);
    }
  });
});

describe("a number that is finer than money", () => {
  it("is read exactly, below zero too", () => {
    const million = 1_000_000n;
    const number = fc.bigInt({ min: -(10n ** 18n), max: 10n ** 18n });
    fc.assert(
      fc.property(number, (units) => {
        const digits = (units < 0n ? -units : units).toString().padStart(7, "0");
        const text = `${units < 0n ? "-" : ""}${digits.slice(0, -6)}.${digits.slice(-6)}`;
        expect(readDecimal(` ${text}00`, 6)).toBe(units);
      }),
    );
    expect([readDecimal("12", 6), readDecimal("12.", 6), readDecimal("1,200元", 6)]).toEqual([
      12n * million,
      12n * million,
      1200n * million,
    ]);
  });

  it("says why it is none", () => {
    expect(message(readDecimal("1.2345678", 6))).toBe('"1.2345678" has more than 6 decimals');
    expect(message(readDecimal("1e3", 6))).toBe('"1e3" is not a number such as 12 or 2.55');
    expect(code(readDecimal(" ", 6))).toBe("empty");
  });
});

describe("a number in the style of its file", () => {
  const fen = fc.bigInt({ min: -(10n ** 12n), max: 10n ** 12n });
  const groups = (digits: string, mark: string) => digits.replaceAll(/\B(?=(?:\d{3})+$)/g, mark);

  it("says what the usual way says: with a decimal comma, whatever stands between thousands", () => {
    fc.assert(
      fc.property(
        fen,
        fc.constantFrom("", ".", " ", "\u00a0", "\u202f", "'", "\u2019"),
        fc.constantFrom("", "￥", " ", "\t"),
        (amount, mark, wrapping) => {
          const usual = formatYuan(amount);
          const [whole, decimals] = usual.replace("-", "").split(".") as [string, string];
          const written = `${amount < 0n ? "-" : wrapping}${groups(whole, mark)},${decimals}`;
          expect(usualNumber(written, { hasDecimalComma: true, isInFen: false })).toBe(usual);
        },
      ),
    );
  });

  it("in fen, as a whole number", () => {
    fc.assert(
      fc.property(fen, fc.boolean(), (amount, hasDecimalComma) => {
        expect(usualNumber(`${amount}`, { hasDecimalComma, isInFen: true })).toBe(formatYuan(amount));
        expect(usualNumber(`${amount}${hasDecimalComma ? "," : "."}00`, { hasDecimalComma, isInFen: true })).toBe(
          formatYuan(amount),
        );
      }),
    );
  });

  it("and is no number where it is in another", () => {
    const comma = { hasDecimalComma: true, isInFen: false };
    for (const cell of ["12.50", "1,234.50", "1.23,50", "1.234'567,00", "1234.567,00", "x"]) {
      expect(usualNumber(cell, comma)).toBe(`${cell} (no decimal comma)`);
      expect(code(readAmountFen(usualNumber(cell, comma)))).toBe("not_an_amount");
    }
    const inFen = usualNumber("12.5", { hasDecimalComma: false, isInFen: true });
    expect(inFen).toBe("12.5 (no whole number of fen)");
    const why = '"12.5" is no whole number of fen, which the profile says it is a number of';
    expect([message(readAmountFen(inFen)), message(readDecimal(inFen, 6))]).toEqual([why, why]);
    expect(message(readAmountFen(usualNumber("1,234,567,890,123.50", comma)))).toBe(
      '"1,234,567,890,123.50" is no number with a decimal comma such as 1.234,50, which the profile says it is',
    );
    expect(usualNumber(" ", comma)).toBe("");
  });
});

describe("an id that went through a spreadsheet", () => {
  it.each([
    ["201605231234567000", true],
    ["2016052312345670000", true],
    [" 201605231234567000 ", true],
    ["201605231234567001", false],
    ["201605231234567800", false],
    ["20160523123456700", false],
    ["A01605231234567000", false],
    ['="201605231234567000"', false],
    ["'201605231234567000", false],
    ["`201605231234567000", false],
    ["201605231234567000\t", false],
  ])("%j lost its tail: %s", (cell, isZeroed) => expect(zeroedTailOf(cell)).toBe(isZeroed));

  it("is one that a spreadsheet could not hold", () => {
    expect([
      isLongNumber("201605231234567001"),
      isLongNumber("20160523123456700"),
      isLongNumber("A01605231234567001"),
    ]).toEqual([true, false, false]);
  });
});

describe("a point in time", () => {
  it.each([
    ["2026-01-02 03:04:05", "2026-01-02 03:04:05 Asia/Shanghai"],
    ["2026-01-02", "2026-01-02 00:00:00 Asia/Shanghai"],
    ["2026/1/2 3:04", "2026-01-02 03:04:00 Asia/Shanghai"],
    ["20260102", "2026-01-02 00:00:00 Asia/Shanghai"],
    ["20260102030405", "2026-01-02 03:04:05 Asia/Shanghai"],
    ["2026-01-02T03:04:05Z", "2026-01-02 03:04:05+00:00"],
    ["2026-01-02T03:04:05.250+08:00", "2026-01-02 03:04:05.25+08:00"],
    ["2012-01-01 11:13:25 -0500", "2012-01-01 11:13:25-05:00"],
    ["2026-01-02 03:04:05+08", "2026-01-02 03:04:05+08:00"],
    ["2026-01-02 03:04:05.9999999", "2026-01-02 03:04:05.999999 Asia/Shanghai"],
    ["\t２０２６－０１－０２　０３：０４：０５ ", "2026-01-02 03:04:05 Asia/Shanghai"],
    ['="2026-01-02"', "2026-01-02 00:00:00 Asia/Shanghai"],
    ["2024-02-29 00:00:00", "2024-02-29 00:00:00 Asia/Shanghai"],
    ["2000-02-29", "2000-02-29 00:00:00 Asia/Shanghai"],
    ["2026年1月2日 3:04", "2026-01-02 03:04:00 Asia/Shanghai"],
    ["2026年01月02日", "2026-01-02 00:00:00 Asia/Shanghai"],
    ["2026.01.02", "2026-01-02 00:00:00 Asia/Shanghai"],
    ["2026.1.2 3:04:05", "2026-01-02 03:04:05 Asia/Shanghai"],
    ["2026/1/2 3:04:05 PM", "2026-01-02 15:04:05 Asia/Shanghai"],
    ["2026-01-02 03:04pm +08:00", "2026-01-02 15:04:00+08:00"],
    ["2026-01-02 12:00 a.m.", "2026-01-02 00:00:00 Asia/Shanghai"],
    ["2026/1/2 下午3:04", "2026-01-02 15:04:00 Asia/Shanghai"],
    ["2026年1月2日上午 12:30:01", "2026-01-02 00:30:01 Asia/Shanghai"],
    ["2026/1/2 下午 12:30", "2026-01-02 12:30:00 Asia/Shanghai"],
    ["Jan 2, 2026", "2026-01-02 00:00:00 Asia/Shanghai"],
    ["Jan 2, 2026, 3:04:05 PM", "2026-01-02 15:04:05 Asia/Shanghai"],
    ["January 2nd 2026 at 3:04 pm", "2026-01-02 15:04:00 Asia/Shanghai"],
    ["SEPT. 2, 2026 03:04", "2026-09-02 03:04:00 Asia/Shanghai"],
    ["2-Jan-2026", "2026-01-02 00:00:00 Asia/Shanghai"],
    ["02 Dec 2026 03:04:05.5 +0100", "2026-12-02 03:04:05.5+01:00"],
    ["Fri, 02 Jan 2026 03:04:05 GMT", "2026-01-02 03:04:05+00:00"],
    ["2026-May-02T03:04:05Z", "2026-05-02 03:04:05+00:00"],
    ["2026-01-02 03:04:05 UTC", "2026-01-02 03:04:05+00:00"],
    ["2026-01-02 03:04:05 GMT+0800", "2026-01-02 03:04:05+08:00"],
  ])("%s is %s", (cell, text) => expect(readTimestamp(cell, zone)).toBe(text));

  it.each([
    ["2026-02-29 00:00:00", "impossible_date"],
    ["2100-02-29", "impossible_date"],
    ["2026-13-01", "impossible_date"],
    ["2026-04-31 10:00:00", "impossible_date"],
    ["20260001", "impossible_date"],
    ["05/06/2026", "ambiguous_date"],
    ["23/05/2026 10:00", "ambiguous_date"],
    ["5-6-26", "two_digit_year"],
    ["1999-12-31 23:59:59", "year_out_of_range"],
    ["2101-01-01", "year_out_of_range"],
    ["2101-01-01 00:00:00", "year_out_of_range"],
    ["2026-01-02 24:00:00", "not_a_time"],
    ["2026-01-02 13:00 PM", "not_a_time"],
    ["2026-01-02 0:30 AM", "not_a_time"],
    ["2026-01-02 下午3:04 PM", "not_a_time"],
    ["2026-01-02 下午", "not_a_time"],
    ["2026.01/02", "not_a_time"],
    ["02.01.2026", "ambiguous_date"],
    ["2026-01-02 23:60:00", "not_a_time"],
    ["2026-01-02 23:59:60", "not_a_time"],
    ["2026-01-02 03:04:05+15:00", "not_a_time"],
    ["2026-01-02 03:04:05+08:75", "not_a_time"],
    ["2026-01/02", "not_a_time"],
    ["46024", "not_a_time"],
    ["1767323045", "not_a_time"],
    ["Feb 30, 2026", "impossible_date"],
    ["Jan 2 10:00", "not_a_time"],
    ["Jux 2, 2026", "not_a_time"],
    ["Janus 2, 2026", "not_a_time"],
    ["Jan 2026", "not_a_time"],
    ["2-Jan-26", "two_digit_year"],
    ["Jan 2, 26 3:04", "two_digit_year"],
    ["yesterday", "not_a_time"],
    ["2026-01-02; drop", "not_a_time"],
    [" ", "empty"],
  ])("%s is refused: %s", (cell, reason) => expect(code(readTimestamp(cell, zone))).toBe(reason));

  it.each([
    ["05/06/2026", "2026-05-06 00:00:00 Asia/Shanghai", "2026-06-05 00:00:00 Asia/Shanghai"],
    ["5/6/2026 7:08", "2026-05-06 07:08:00 Asia/Shanghai", "2026-06-05 07:08:00 Asia/Shanghai"],
    ["05.06.2026 07:08:09.5Z", "2026-05-06 07:08:09.5+00:00", "2026-06-05 07:08:09.5+00:00"],
    ["23/05/2026", "impossible_date", "2026-05-23 00:00:00 Asia/Shanghai"],
    ["5-6-26", "two_digit_year", "two_digit_year"],
    ["26/01/02 10:00", "two_digit_year", "two_digit_year"],
    ["05/06/2026 noon", "not_a_time", "not_a_time"],
    ["2026-05-06", "2026-05-06 00:00:00 Asia/Shanghai", "2026-05-06 00:00:00 Asia/Shanghai"],
  ])("%s is %s with the month first, and %s with the day first", (cell, monthFirst, dayFirst) => {
    expect(code(readTimestamp(cell, zone, { dateOrder: "mdy" }))).toBe(monthFirst);
    expect(code(readTimestamp(cell, zone, { dateOrder: "dmy" }))).toBe(dayFirst);
  });

  it.each([
    ["1767323045", "2026-01-02 03:04:05+00:00"],
    ["1767323045.25", "2026-01-02 03:04:05.25+00:00"],
    ["1767323045250", "2026-01-02 03:04:05.25+00:00"],
    ["1767323045000.5", "2026-01-02 03:04:05.0005+00:00"],
    ["946684800", "2000-01-01 00:00:00+00:00"],
    ["946684799999", "year_out_of_range"],
    ["9999999999", "year_out_of_range"],
    ["17673230451", "not_a_time"],
    ["20260102", "2026-01-02 00:00:00 Asia/Shanghai"],
    ["20260102030405", "2026-01-02 03:04:05 Asia/Shanghai"],
  ])("%s is %s where bare numbers count from 1970", (cell, text) => {
    expect(code(readTimestamp(cell, zone, { hasUnixTimes: true }))).toBe(text);
  });

  it.each(["2-Jan-26", "Jan 2, 26", "02 January, 26"])("%s has its year last, whatever the order of dates", (cell) => {
    for (const dateOrder of dateOrders)
      expect(readTimestamp(cell, zone, { dateOrder, yearPivot: 70 })).toBe("2026-01-02 00:00:00 Asia/Shanghai");
  });

  it("of any day is read in every shape that says the same", () => {
    const two = (value: number) => String(value).padStart(2, "0");
    const day = fc.date({
      min: new Date("2000-01-01T00:00:00Z"),
      max: new Date("2099-12-31T23:59:59Z"),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(day, fc.integer({ min: 0, max: 100 }), fc.constantFrom("-", "/", "."), (date, pivot, mark) => {
        const [year, month, dayOfMonth] = [date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()];
        const [hour, minute, second] = [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()];
        const expected = `${year}-${two(month)}-${two(dayOfMonth)} ${two(hour)}:${two(minute)}:${two(second)} ${zone}`;
        const [clock, half] = [
          `${hour % 12 === 0 ? 12 : hour % 12}:${two(minute)}:${two(second)}`,
          hour < 12 ? ["AM", "上午"] : ["pm", "下午"],
        ];
        for (const time of [
          `${hour}:${two(minute)}:${two(second)}`,
          `${clock} ${half[0]}`,
          `${clock}${half[0]}`,
          `${half[1]}${clock}`,
          `${half[1]} ${clock}`,
        ]) {
          expect(readTimestamp([year, month, dayOfMonth].join(mark) + ` ${time}`, zone)).toBe(expected);
          const short = two(year % 100);
          const written = {
            ymd: [short, two(month), two(dayOfMonth)],
            mdy: [month, dayOfMonth, short],
            dmy: [dayOfMonth, month, short],
          };
          for (const order of dateOrders) {
            const cell = `${written[order].join(mark)} ${time}`;
            expect(code(readTimestamp(cell, zone, { dateOrder: order, yearPivot: pivot }))).toBe(
              year % 100 < pivot ? expected : "year_out_of_range",
            );
            expect(code(readTimestamp(cell, zone, { dateOrder: order }))).toBe("two_digit_year");
          }
        }
      }),
    );
  });

  it("says why it is none", () => {
    expect(message(readTimestamp("05/06/2026", zone))).toBe(
      '"05/06/2026" could put the month first or the day first; write the year first: 2026-01-02',
    );
    expect(message(readTimestamp("26-01-02", zone, { dateOrder: "dmy" }))).toBe(
      '"26-01-02" has a year of two digits; write all four, and the year first: 2026-01-02 (a profile may say year_pivot)',
    );
    expect(message(readTimestamp("2026-02-29", zone))).toBe('"2026-02-29" is a day that the calendar does not have');
    expect(message(readTimestamp("1999-01-01", zone))).toBe('"1999-01-01" lies outside the years 2000 to 2100');
    expect(message(readTimestamp("1767323045", zone))).toBe(
      '"1767323045" is a bare number; where it counts seconds or milliseconds since 1970, a profile may say "unix_times": true',
    );
    expect(message(readTimestamp("x", zone))).toBe('"x" is not a date or time such as 2026-01-02 03:04:05');
  });

  it("exists exactly when the calendar has the day", () => {
    const parts = fc.record({ year: fc.integer({ min: 2000, max: 2100 }), month: fc.nat(13), day: fc.nat(32) });
    fc.assert(
      fc.property(parts, ({ year, month, day }) => {
        const date = new Date(Date.UTC(year, month - 1, day));
        const exists = month >= 1 && month <= 12 && day >= 1 && date.getUTCMonth() === month - 1;
        const two = (value: number) => String(value).padStart(2, "0");
        for (const text of [`${year}-${two(month)}-${two(day)} 01:02:03`, `${year}/${month}/${day} 1:02:03`]) {
          const expected = exists ? `${year}-${two(month)}-${two(day)} 01:02:03 ${zone}` : "impossible_date";
          expect(code(readTimestamp(text, zone))).toBe(expected);
        }
      }),
      runs(300),
    );
  });
});

describe("a rate", () => {
  it("is read in basis points from percent and fraction", () => {
    fc.assert(
      fc.property(fc.nat(10_000), (bps) => {
        expect(readRate(formatRate(bps))).toBe(bps);
        expect(readRate(toFullWidth(` ${formatRate(bps)}`))).toBe(bps);
        expect(readRate(`${Math.floor(bps / 10_000)}.${String(bps % 10_000).padStart(4, "0")}`)).toBe(bps);
      }),
    );
    expect(readRate("30 %")).toBe(3000);
  });

  it("says why it is none", () => {
    expect(message(readRate("30"))).toBe('"30" is not a rate from 0% to 100% in steps of 0.01%; write 30% or 0.3');
    expect(code(readRate("101%"))).toBe("not_a_rate");
    // 1 % or 100 %? A merchant would find out too late.
    expect(code(readRate("1"))).toBe("not_a_rate");
    expect(readRate("1.0")).toBe(10_000);
    expect(code(readRate("0.12345"))).toBe("not_a_rate");
    expect(code(readRate(""))).toBe("empty");
  });
});

describe("a yes or no", () => {
  it("is read in either language, any case and width", () => {
    for (const cell of ["是", "yes", "Y", "TRUE", "t", "1", "已认证", "ＹＥＳ", " 是\t"])
      expect(readBoolean(cell)).toBe(true);
    for (const cell of ["否", "no", "N", "False", "f", "0", "未认证", "０"]) expect(readBoolean(cell)).toBe(false);
  });

  it("says why it is none", () => {
    expect(message(readBoolean("maybe"))).toBe('"maybe" is not yes or no (是/否, true/false, 1/0)');
    expect(code(readBoolean(""))).toBe("empty");
  });
});

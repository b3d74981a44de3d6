import { scryptSync } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  emailKey,
  emailProblem,
  memberNoProblem,
  nameProblem,
  normalPhone,
  passwordProblem,
  phoneProblem,
} from "../../../src/domain/members/model.ts";
import { reasonProblem } from "../../../src/shared/text.ts";
import { hashPassword, isOutdated, verifyPassword } from "../../../src/domain/members/password.ts";

describe("what a member's data may be", () => {
  test.each([
    [memberNoProblem, "", "a member number cannot be empty"],
    [memberNoProblem, "9".repeat(65), "a member number has at most 64 characters"],
    [memberNoProblem, "A\u0000", "a member number takes printable characters only"],
    [memberNoProblem, "A\u200bB", "a member number takes printable characters only"],
    [memberNoProblem, "A B", "a member number takes no spaces and no commas"],
    [memberNoProblem, "A\u3000B", "a member number takes no spaces and no commas"],
    [memberNoProblem, "A,B", "a member number takes no spaces and no commas"],
    [memberNoProblem, "会员-001/甲", undefined],
    [nameProblem, " \t", "a name cannot be empty"],
    [nameProblem, "名".repeat(101), "a name has at most 100 characters"],
    [nameProblem, "张\n三", "a name takes printable characters only"],
    [nameProblem, "𠮷".repeat(100), undefined],
    [nameProblem, "Anna-Lena O'Neill", undefined],
    [phoneProblem, "1234", "a phone number has 5 to 20 digits, with or without a + in front"],
    [phoneProblem, "+861380013800012345678", "a phone number has 5 to 20 digits, with or without a + in front"],
    [phoneProblem, "138x", "a phone number has 5 to 20 digits, with or without a + in front"],
    [phoneProblem, "+8613800138000", undefined],
    [emailProblem, "nobody", "an e-mail address looks like name@example.com"],
    [emailProblem, "a@b", "an e-mail address looks like name@example.com"],
    [emailProblem, "a@b..cn", "an e-mail address looks like name@example.com"],
    [emailProblem, "a b@c.cn", "an e-mail address looks like name@example.com"],
    [emailProblem, `${"a".repeat(250)}@b.cn`, "an e-mail address has at most 254 characters"],
    [emailProblem, "张三@例子.中国", undefined],
    [passwordProblem, "1234567", "a password has at least 8 characters"],
    [passwordProblem, "𠮷".repeat(257), "a password has at most 256 characters"],
    [passwordProblem, "密码密码密码密码", undefined],
    [reasonProblem, " ", "a reason cannot be empty"],
    [reasonProblem, "理".repeat(201), "a reason has at most 200 characters"],
    [reasonProblem, "a\u0007b", "a reason takes printable characters only"],
    [reasonProblem, "电话被盗", undefined],
  ])("%o of %j: %j", (problem, text, said) => {
    expect(problem(text)).toBe(said);
  });

  test("a phone is the same however people space it, and normal form is stable", () => {
    expect(normalPhone(" (021) 1234-5678 ")).toBe("02112345678");
    expect(normalPhone("（021）1234 5678")).toBe("02112345678");
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(normalPhone(normalPhone(text))).toBe(normalPhone(text));
      }),
    );
  });

  test("the key of an address ignores the case of Latin letters and nothing else", () => {
    fc.assert(
      fc.property(fc.emailAddress(), (address) => {
        expect(emailProblem(address)).toBeUndefined();
        expect(emailKey(address.toUpperCase())).toBe(emailKey(address));
      }),
    );
    expect(emailKey("İ@x.cn")).toBe("İ@x.cn");
  });
});

describe("password hashes", () => {
  test("carry their parameters and a salt of their own, and fit their password only", async () => {
    const [one, other] = await Promise.all([hashPassword("correct horse"), hashPassword("correct horse")]);
    expect(one).toMatch(/^\$scrypt\$ln=17,r=8,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
    expect(one).not.toBe(other);
    expect(await verifyPassword("correct horse", one)).toBe(true);
    expect(await verifyPassword("correct horsf", one)).toBe(false);
    expect(await verifyPassword("correct horse", null)).toBe(false);
    expect(isOutdated(one)).toBe(false);
    for (const older of ["ln=15,r=8,p=1", "ln=17,r=4,p=1", "ln=17,r=8,p=2"])
      expect(isOutdated(one.replace("ln=17,r=8,p=1", older))).toBe(true);
  });

  test("are checked with the parameters they were made with, as other programs make them", async () => {
    const salt = Buffer.from("a salt of 16 by.");
    const hash = scryptSync("password", salt, 64, { N: 2 ** 11, r: 4, p: 2 });
    const [salted, hashed] = [salt, hash].map((bytes) => bytes.toString("base64").replaceAll("=", ""));
    expect(await verifyPassword("password", `$scrypt$ln=11,r=4,p=2$${salted}$${hashed}`)).toBe(true);
    expect(await verifyPassword("password", `$scrypt$ln=12,r=4,p=2$${salted}$${hashed}`)).toBe(false);
    expect(await verifyPassword("passwore", `$scrypt$ln=11,r=4,p=2$${salted}$${hashed}`)).toBe(false);
  });

  test("the same password typed through another input method is the same password", async () => {
    expect(await verifyPassword("ｐａｓｓｗｏｒｄ１", await hashPassword("password1"))).toBe(true);
  });

  test.each([
    "",
    "plain text",
    "$scrypt$ln=40,r=8,p=1$AAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "$scrypt$ln=15,r=8,p=1$AA$AA",
  ])("what is no hash is a bug, not a mismatch: %j", async (stored) => {
    await expect(verifyPassword("password", stored)).rejects.toThrow("a stored password hash is not in the form");
  });
});

import { randomBytes } from "node:crypto";
import { addAccount, type NewAccount } from "../../../src/domain/accounts/add.ts";
import type { SecretBox } from "../../../src/domain/accounts/secret-box.ts";
import type { AccountRow } from "../../../src/domain/accounts/sql.ts";
import type { Context } from "../../../src/db/context.ts";

/** A secret key of a test's own, and what seals under it. */
export const newKey = () => randomBytes(32);

/** A card number that passes the check, made from any digits. */
export function cardOf(digits: string): string {
  const sums = [...digits].reduceRight((total, digit, index) => {
    const value = Number(digit) * ((digits.length - index) % 2 === 1 ? 2 : 1);
    return total + (value > 9 ? value - 9 : value);
  }, 0);
  return `${digits}${(10 - (sums % 10)) % 10}`;
}

/** Adds an account of 张三's, as `addMember` names everybody, unless the story says otherwise. */
export const addOne = (
  context: Context,
  box: SecretBox,
  account: Partial<NewAccount> & Pick<NewAccount, "memberNo" | "number">,
): Promise<AccountRow> => addAccount(context, box, { channel: "alipay", holder: "张三", isDefault: false, ...account });

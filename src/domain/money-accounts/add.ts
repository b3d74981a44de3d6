import { recordAction } from "../../db/audit.ts";
import type { Context } from "../../db/context.ts";
import { inTransaction } from "../../db/database.ts";
import { refusedError, usageError } from "../../shared/errors.ts";
import { isMoneyAccountName, type MoneyChannel } from "./model.ts";
import { findMoneyAccount, insertMoneyAccount, type MoneyAccount } from "./sql.ts";

/** The account, and whether this call added it. */
export interface AddedMoneyAccount {
  readonly account: MoneyAccount;
  readonly isNew: boolean;
}

/**
 * Adds one of the platform's own accounts. Repeating it changes nothing.
 *
 * @throws a usage error, `invalid_money_account`; refused `money_account_exists`, of another channel
 */
export async function addMoneyAccount(
  context: Context,
  name: string,
  channel: MoneyChannel,
): Promise<AddedMoneyAccount> {
  if (!isMoneyAccountName(name)) {
    throw usageError("invalid_money_account", `"${name}" cannot be the name of a money account`, {
      hint: "1 to 40 lower-case letters, digits and hyphens, like alipay-main",
    });
  }
  return inTransaction(
    context.db,
    async (tx) => {
      const account = { moneyAccount: name, channel, addedBy: context.operator.name, addedAt: context.clock() };
      if (await insertMoneyAccount(tx, account)) {
        await recordAction(tx, context, {
          action: "money_account.add",
          subjectKind: "money_account",
          subject: name,
          details: { channel },
        });
        return { account, isNew: true };
      }
      const present = (await findMoneyAccount(tx, name))!;
      if (present.channel === channel) return { account: present, isNew: false };
      throw refusedError("money_account_exists", `${name} is an account at ${present.channel} already`, {
        hint: "give the other one another name; `accrue money-account list` shows them",
        details: { money_account: name, channel: present.channel },
      });
    },
    context.ending,
  );
}

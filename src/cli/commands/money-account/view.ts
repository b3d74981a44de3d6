import type { BookedMoneyAccount, MoneyAccountStory } from "../../../domain/money-accounts/sql.ts";
import { formatYuan, type Fen } from "../../../shared/money.ts";
import { figure, id, yuan, type Field, type Fields, type Thing } from "../../fields.ts";
import { byText } from "../../story-view.ts";

const fields: Fields<BookedMoneyAccount> = {
  money_account: id((one) => one.moneyAccount, { heading: "account" }),
  channel: { of: (one) => one.channel },
  booked: yuan((one) => one.bookedFen, { fact: (one) => inYuan(one.bookedFen) }),
  added_by: { of: (one) => one.addedBy, rank: 2, fact: (one, zone) => byText(one.addedBy, one.addedAt, zone) },
  added_at: { of: (one) => one.addedAt },
};

/** One of the platform's own accounts in a list. */
export const moneyAccount: Thing<BookedMoneyAccount> = {
  fields,
  columns: ["money_account", "channel", "booked", "added_by"],
};

function inYuan(fen: Fen): string {
  return `${formatYuan(fen)} yuan`;
}

/** An amount that only statements state. */
const stated = (fenOf: (one: MoneyAccountStory) => Fen | null, label: string): Field<MoneyAccountStory> => ({
  of: (one) => {
    const fen = fenOf(one);
    return fen === null ? null : formatYuan(fen);
  },
  label,
  fact: (one) => {
    const fen = fenOf(one);
    return fen === null ? undefined : inYuan(fen);
  },
});

const openingDifference = ({ openingFen, openingCollectedFen }: MoneyAccountStory): Fen | null =>
  openingFen === null ? null : openingFen - openingCollectedFen;

/** One account, and what its statements say. */
export const moneyAccountStory: Thing<MoneyAccountStory> = {
  fields: {
    ...fields,
    statements: figure((one) => one.statements),
    last_at: { of: (one) => one.lastAt, label: "statements up to" },
    opening: stated((one) => one.openingFen, "stood there before"),
    opening_collections: yuan((one) => one.openingCollectedFen, { fact: (one) => inYuan(one.openingCollectedFen) }),
    opening_difference: stated(openingDifference, "difference"),
    open_lines: figure((one) => one.openLines, {
      fact: (one) => `${one.openLines}: ${inYuan(one.openInFen)} in, ${inYuan(-one.openOutFen)} out`,
    }),
    open_in: yuan((one) => one.openInFen),
    open_out: yuan((one) => one.openOutFen),
  },
  facts: [
    "channel",
    "booked",
    "statements",
    "last_at",
    "opening",
    "opening_collections",
    "opening_difference",
    "open_lines",
    "added_by",
  ],
};

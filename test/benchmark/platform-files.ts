import { daysAfter, type BusinessDate } from "../../src/shared/business-date.ts";
import { randomIntegers } from "./scene.ts";
import { writeRows } from "./write-rows.ts";

/** Members who have an account and ask for their points: those with the first even numbers, whose identity is verified. */
export const holders = 20_000;

export interface NightSize {
  readonly orders: number;
  readonly members: number;
  readonly merchants: number;
}

const memberNo = (no: number): string => `P${String(no).padStart(8, "0")}`;
const two = (value: number): string => String(value).padStart(2, "0");

/**
 * Writes the orders of a night, the same ones every time: a few merchants have most of them, one in a hundred was paid
 * the day before and comes late, and one in two hundred is an order of the night before, refunded as a whole. Each of
 * those who ask for their points has one, where there are so many.
 */
export function writeNight(path: string, night: number, date: BusinessDate, size: NightSize): void {
  writeRows(path, "order_no,member_no,merchant_code,amount,paid_at,refunded_amount", size.orders, (no) =>
    night > 1 && no % 200 === 0
      ? orderRow(night - 1, no - 100, daysAfter(date, -1), size, true)
      : orderRow(night, no, date, size, false),
  );
}

function orderRow(night: number, no: number, date: BusinessDate, size: NightSize, isRefunded: boolean): string {
  const below = randomIntegers(night * 1_000_003 + no);
  // Cubed, so that one merchant in a hundred has every fifth order.
  const merchant = Math.floor((below(1_000_000) / 1_000_000) ** 3 * size.merchants) + 1;
  const member = no <= holders ? 2 * no : below(size.members) + 1;
  const amount = `${100 + below(1000)}.${two(below(100))}`;
  const paidAt = `${no % 100 === 1 ? daysAfter(date, -1) : date} ${two(below(24))}:${two(below(60))}:${two(below(60))}`;
  const orderNo = `N${two(night)}-${String(no).padStart(9, "0")}`;
  const cells = [orderNo, memberNo(member), `S${String(merchant).padStart(6, "0")}`, amount, paidAt];
  return [...cells, isRefunded ? amount : ""].join(",");
}

/** Writes the accounts of those who ask for their points. */
export const writeHoldersAccounts = (path: string): void =>
  writeRows(path, "member_no,channel,account,account_name", holders, (no) => {
    const digits = String(2 * no).padStart(8, "0");
    return `${memberNo(2 * no)},alipay,139${digits},会员${2 * no}`;
  });

/** Writes the requests of a night: every tenth of those with an account asks for ten points, none of whom was refunded an order. */
export const writeNightRequests = (path: string, night: number): void =>
  writeRows(path, "request_no,member_no,points", holders / 10, (no) => `R${night}-${no},${memberNo(20 * no - 18)},10`);

import { emailKey, emailProblem, normalPhone, phoneProblem } from "../members/model.ts";
import { textProblem } from "../../shared/text.ts";
import type { Channel } from "./model.ts";

/** An account's number as it is stored and compared, and as lists show it. */
export interface AccountNumber {
  readonly number: string;
  readonly masked: string;
}

/** What people call an account's number in each channel. */
export const numberWords: Readonly<Record<Channel, string>> = {
  alipay: "the Alipay login (e-mail address or phone number)",
  wechat: "the WeChat openid",
  bank: "the card number",
  stripe: "the id of the connected Stripe account",
};

/**
 * Reads an account's number: without blanks and hyphens, letters of an address in lower case.
 *
 * @returns a text that says why it can be none; never with the number in it
 */
export function readAccountNumber(channel: Channel, text: string): AccountNumber | string {
  const readers = { alipay: readLogin, wechat: readOpenid, bank: readCard, stripe: readConnected } as const;
  return readers[channel](text.normalize("NFKC").trim());
}

function readLogin(text: string): AccountNumber | string {
  if (text.includes("@")) {
    const address = emailKey(text);
    return emailProblem(address) ?? { number: address, masked: maskEmail(address) };
  }
  // The same phone with and without the country's code is the same account.
  const phone = normalPhone(text).replace(/^(?:\+|00)?86(?=1\d{10}$)/, "");
  return phoneProblem(phone) === undefined
    ? { number: phone, masked: maskPhone(phone) }
    : "an Alipay login is an e-mail address or a phone number of 5 to 20 digits";
}

function readOpenid(text: string): AccountNumber | string {
  if (!/^[\w-]{20,64}$/.test(text)) return "a WeChat openid has 20 to 64 letters, digits, - and _";
  return { number: text, masked: middleMasked(text) };
}

function readCard(text: string): AccountNumber | string {
  const digits = text.replaceAll(/[\s-]/gu, "");
  if (!/^\d{12,19}$/.test(digits)) return "a card number has 12 to 19 digits";
  if (!passesLuhn(digits))
    return "this is no card number: its check digit does not fit, so a digit is wrong or two are swapped";
  return { number: digits, masked: middleMasked(digits) };
}

function readConnected(text: string): AccountNumber | string {
  if (!/^acct_[A-Za-z0-9]{8,64}$/.test(text))
    return "the id of a connected Stripe account is acct_ and 8 to 64 letters and digits";
  return { number: text, masked: `acct_ **** ${text.slice(-4)}` };
}

/** 138****5678, as the database masks a member's. A number too short to show seven digits shows only its last two. */
function maskPhone(phone: string): string {
  return phone.length >= 11 ? `${phone.slice(0, 3)}****${phone.slice(-4)}` : `****${phone.slice(-2)}`;
}

/** a***@example.com, as the database masks a member's. */
const maskEmail = (email: string): string => `${[...email][0]!}***${email.slice(email.lastIndexOf("@"))}`;

const middleMasked = (number: string): string => `${number.slice(0, 4)} **** ${number.slice(-4)}`;

/** The check that every card number passes: each second digit from the right counts double, and the sum ends in 0. */
export function passesLuhn(digits: string): boolean {
  const sum = [...digits].reduceRight((total, digit, index) => {
    const value = Number(digit) * ((digits.length - index) % 2 === 0 ? 2 : 1);
    return total + (value > 9 ? value - 9 : value);
  }, 0);
  return sum % 10 === 0;
}

const maxBankNameLength = 60;

/**
 * Why bank and branch do not go with an account of a channel, or undefined when they do: a card has a bank, and nothing
 * else has.
 */
export function bankProblem(
  channel: Channel,
  bankName: string | null,
  branchCode: string | null,
): { readonly code: string; readonly message: string } | undefined {
  if (channel !== "bank") {
    if (bankName === null && branchCode === null) return undefined;
    return { code: "bank_unexpected", message: `bank and branch belong to a card, and this account is of ${channel}` };
  }
  if (bankName === null) return { code: "bank_missing", message: "a card needs the name of its bank" };
  const problem = textProblem("a bank's name", bankName, maxBankNameLength);
  if (problem !== undefined) return { code: "invalid_bank", message: problem };
  return branchCode === null || /^\d{12}$/.test(branchCode)
    ? undefined
    : { code: "invalid_branch_code", message: "a branch code has 12 digits; leave it out where it is not known" };
}

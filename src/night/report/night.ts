import type { Context } from "../../db/context.ts";
import { reading } from "../../db/database.ts";
import { importedRows, type ImportedRows } from "../night-files-sql.ts";
import { businessDateOf, type BusinessDate } from "../../shared/business-date.ts";
import { refusedError } from "../../shared/errors.ts";
import type { Fen } from "../../shared/money.ts";
import { fundByDay, type FundOfDay } from "../../reports/fund.ts";
import {
  dateSettlement,
  openWithdrawalsByAge,
  pointsByDay,
  pointsByMerchant,
  suspendedMerchants,
  type DateSettlement,
  type OpenSince,
  type PointsOfDay,
  type PointsOfMerchant,
  type SuspendedMerchant,
} from "./sql.ts";

/** Open withdrawals of one range of ages. */
export interface AgeGroup {
  readonly label: string;
  readonly withdrawals: bigint;
  readonly grossFen: Fen;
}

/** The contents of a night's report. */
export interface NightReport {
  readonly businessDate: BusinessDate;
  readonly zone: string;
  /** Undefined while no settlement has reached the date. */
  readonly settlement: DateSettlement | undefined;
  readonly imported: ImportedRows;
  /** The days up to the date, it included, the oldest first. */
  readonly days: readonly PointsOfDay[];
  /** The merchants whose orders earned the most points on the date. */
  readonly merchants: readonly PointsOfMerchant[];
  /** The merchants that were suspended behind the date, for bills that were overdue too long. */
  readonly suspended: readonly SuspendedMerchant[];
  readonly fund: readonly FundOfDay[];
  readonly ages: readonly AgeGroup[];
}

const spanDays = 30;
const maxMerchants = 15;

/** The ranges of ages, each by its last day. */
const ageRanges: readonly (readonly [label: string, lastDay: number])[] = [
  ["0 to 1 day", 1],
  ["2 to 3 days", 3],
  ["4 to 7 days", 7],
  ["8 to 14 days", 14],
  ["15 to 30 days", 30],
  ["over 30 days", Number.POSITIVE_INFINITY],
];

/**
 * Reports the night of a business date: points granted, merchants, rejected rows, and the fund and withdrawals at its
 * end. Read in one snapshot. For a closed date it is always the same.
 *
 * @throws refused `business_date_in_future`
 */
export async function reportNight({ db, clock, zone }: Context, businessDate: BusinessDate): Promise<NightReport> {
  const today = businessDateOf(clock(), zone);
  if (businessDate > today) {
    throw refusedError("business_date_in_future", `${businessDate} has not come yet: it is ${today} in ${zone}`, {
      hint: "report a date that has come",
    });
  }
  return reading(() =>
    db.sql.begin("isolation level repeatable read read only", async (sql) => {
      const settlement = await dateSettlement(sql, businessDate);
      return {
        businessDate,
        zone,
        settlement,
        imported: await importedRows(sql, businessDate, zone),
        days: await pointsByDay(sql, businessDate, spanDays),
        merchants: await pointsByMerchant(sql, businessDate, maxMerchants),
        suspended: await suspendedMerchants(sql, businessDate),
        fund: await fundByDay(sql, businessDate, spanDays),
        ages: groupAges(await openWithdrawalsByAge(sql, businessDate)),
      };
    }),
  );
}

function groupAges(open: readonly OpenSince[]): readonly AgeGroup[] {
  return ageRanges.map(([label, lastDay], index) => {
    const firstDay = index === 0 ? 0 : ageRanges[index - 1]![1] + 1;
    const members = open.filter(({ ageDays }) => ageDays >= firstDay && ageDays <= lastDay);
    const sum = (of: (one: OpenSince) => bigint) => members.reduce((total, one) => total + of(one), 0n);
    return { label, withdrawals: sum(({ withdrawals }) => withdrawals), grossFen: sum(({ grossFen }) => grossFen) };
  });
}

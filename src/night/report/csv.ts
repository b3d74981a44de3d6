import { byteOrderMark, encodeCsvRow } from "../../csv/rejects-text.ts";
import { formatYuan } from "../../shared/money.ts";
import { guardedCell } from "../../shared/text.ts";
import type { NightReport } from "./night.ts";

const columns = ["business_date", "section", "item", "name", "measure", "value"];

/** The night's report as CSV, one figure a row, for a spreadsheet: points and counts as integers, money in yuan. */
export function nightCsv({ businessDate, imported, days, merchants, suspended, fund, ages }: NightReport): string {
  const rows: (readonly string[])[] = [columns];
  const add = (
    section: string,
    item: string,
    name: string,
    measures: Readonly<Record<string, string | number | bigint>>,
  ) => {
    for (const [measure, value] of Object.entries(measures))
      rows.push([businessDate, section, guardedCell(item), guardedCell(name), measure, String(value)]);
  };
  for (const day of days)
    add("points_by_day", day.businessDate, "", {
      points_granted: day.grantedPoints,
      points_clawed_back: day.clawedBackPoints,
    });
  for (const { merchantCode, name, orders, grantedPoints, contributingOrders, unevidencedOrders } of merchants)
    add("points_by_merchant", merchantCode, name, {
      orders,
      points_granted: grantedPoints,
      ...(unevidencedOrders === null
        ? {}
        : { orders_settled: contributingOrders!, orders_without_evidence: unevidencedOrders }),
    });
  for (const { merchantCode, name, overdueDays } of suspended)
    add("suspended_merchants", merchantCode, name, { overdue_days: overdueDays });
  const { reasons, setAside, named, ...counts } = imported;
  add("imported", "", "", { ...counts, files_set_aside: setAside.length });
  for (const { importId: _, kind, file, ...rows } of named) add("files", kind, file, rows);
  for (const [reason, count] of Object.entries(reasons)) add("rejects_by_reason", reason, "", { rows: count });
  for (const { businessDate, fundFen, worthFen, debtsFen, cashFen } of fund) {
    add("fund", businessDate, "", {
      fund_yuan: formatYuan(fundFen),
      liability_yuan: formatYuan(worthFen),
      debts_yuan: formatYuan(debtsFen),
      ...(cashFen === null ? {} : { cash_yuan: formatYuan(cashFen) }),
    });
  }
  for (const { label, withdrawals, grossFen } of ages)
    add("open_withdrawals_by_age", label, "", { withdrawals, gross_yuan: formatYuan(grossFen) });
  return `${byteOrderMark}${rows.map(encodeCsvRow).join("")}`;
}

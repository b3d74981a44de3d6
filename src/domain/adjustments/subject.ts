import { businessDateOf, type BusinessDate } from "../../shared/business-date.ts";
import { formatYuan, fundOfPoints } from "../../shared/money.ts";
import { signedPoints } from "../../shared/number-text.ts";
import type { OperatorRole } from "../../shared/operator-roles.ts";
import type { Fact, Subject } from "../approvals/subject.ts";
import { applyRows } from "./apply.ts";

const proposers: readonly OperatorRole[] = ["clerk", "approver", "finance", "admin"];
const approvers: readonly OperatorRole[] = ["approver", "finance", "admin"];

/** What is proposed when points are adjusted; the rows themselves are kept beside it. */
export type AdjustmentDocument = {
  /** The file that they came in; null for one that was typed. */
  readonly file: string | null;
  readonly rows: number;
  readonly members: number;
  readonly given: string;
  readonly taken: string;
  /** Rows and points by their class. */
  readonly classes: Readonly<Record<string, { readonly rows: number; readonly points: string }>>;
  readonly rows_sha256: string;
  /** The one row, where it was typed. */
  readonly row: { readonly member_no: string; readonly points: string; readonly reference: string } | null;
};

const netOf = ({ given, taken }: AdjustmentDocument): bigint => BigInt(given) - BigInt(taken);

const moneyFact = (fundFen: bigint): Fact =>
  fundFen >= 0n
    ? ["money", `the platform's share puts ${formatYuan(fundFen)} yuan into the fund`]
    : ["money", `the platform's share gets ${formatYuan(-fundFen)} yuan of the fund back`];

/** Adjustments of points. They rest on nothing but what they are held to when they are applied. */
export const adjustmentSubject: Subject<AdjustmentDocument> = {
  kind: "points_adjustment",
  proposers,
  approvers,
  title: ({ file, rows, row, given, taken, classes }) =>
    row === null
      ? `${file}: ${rows} adjustments, +${given} -${taken} points`
      : `${row.member_no} ${signedPoints(BigInt(row.points))} points, ${Object.keys(classes).join()}, reference ${row.reference}`,
  facts: (document) => [
    ...(document.row === null
      ? [
          ["rows", `${document.rows}, of ${document.members} members`] as const,
          ["points given", document.given] as const,
          ["points taken", document.taken] as const,
          ...Object.entries(document.classes).map(
            ([name, { rows, points }]) => [name.replaceAll("_", " "), `${rows} rows, ${points} points`] as const,
          ),
        ]
      : []),
    moneyFact(fundOfPoints(netOf(document))),
  ],
  basis: () => Promise.resolve({}),
  apply: (tx, context, { rows_sha256: rowsSha256, file }, proposal) =>
    applyRows(tx, context, proposal, {
      rowsSha256,
      file,
      businessDate: businessDateOf(context.clock(), context.zone),
      moneyOf: (points) => ({ fundFen: fundOfPoints(points), counter: "platform_share" }),
    }),
};

/** What is proposed when members bring balances of a former system. */
export type OpeningDocument = {
  readonly file: string;
  readonly date: BusinessDate;
  readonly rows: number;
  readonly points: string;
  /** Fen that the fund opens with. */
  readonly fund_fen: string;
  readonly rows_sha256: string;
};

/** Opening balances of a former system, dated. */
export const openingSubject: Subject<OpeningDocument> = {
  kind: "opening_balances",
  proposers: ["finance", "admin"],
  approvers: ["finance", "admin"],
  title: ({ file, date, rows, points }) => `opening balances of ${date}: ${rows} members, ${points} points (${file})`,
  facts: ({ points, fund_fen: fundFen }) => [
    ["money", `the fund opens with ${formatYuan(BigInt(fundFen))} yuan`],
    ["behind each point", `a yuan would make it ${formatYuan(fundOfPoints(BigInt(points)))}`],
  ],
  basis: () => Promise.resolve({}),
  apply: (tx, context, { date, rows_sha256: rowsSha256, fund_fen: fundFen, file }, proposal) =>
    applyRows(tx, context, proposal, {
      businessDate: date,
      rowsSha256,
      file,
      moneyOf: () => ({ fundFen: BigInt(fundFen), counter: "suspense" }),
    }),
};

import { readAmountFen, readDecimal } from "../../csv/cells.ts";
import { CellProblem, showCell } from "../../csv/problem.ts";
import { canSay, type Profile } from "../../imports/profile.ts";
import { cellRefusal, type CellOf, type Refusal } from "../../imports/kind.ts";
import { maxAmountFen, microsPerFen, type Fen } from "../../shared/money.ts";
import type { OrderColumn } from "./columns.ts";

/** Reads the amount of a row. */
export type AmountReader = (cell: CellOf<OrderColumn>) => bigint | Refusal<OrderColumn>;

/** Makes what reads the amount of a row that is a whole order, in fen. */
export function orderAmountReader(profile: Profile<OrderColumn>): AmountReader {
  if (!isProduct(profile)) return readAmount;
  return (cell) => {
    const micros = readProduct(cell);
    if (typeof micros !== "bigint") return micros;
    if (profile.rounding === "half-up") return (micros + microsPerFen / 2n) / microsPerFen;
    if (micros % microsPerFen === 0n) return micros / microsPerFen;
    const message = `${showCell(cell("quantity"))} x ${showCell(cell("unit_price"))} is finer than one fen; the profile may say "rounding": "half-up"`;
    return cellRefusal("unit_price", new CellProblem("too_many_decimals", message));
  };
}

/** Makes what reads the amount of a row that is a part of an order, in millionths of a yuan: parts are rounded when they are summed. */
export function lineAmountReader(profile: Profile<OrderColumn>): AmountReader {
  if (isProduct(profile)) return readProduct;
  return (cell) => {
    const fen = readAmount(cell);
    return typeof fen === "bigint" ? fen * microsPerFen : fen;
  };
}

const isProduct = (profile: Profile<OrderColumn>): boolean => !canSay(profile, "amount");

function readAmount(cell: CellOf<OrderColumn>): Fen | Refusal<OrderColumn> {
  const fen = readAmountFen(cell("amount"));
  return fen instanceof CellProblem ? cellRefusal("amount", fen) : fen;
}

const factorDecimals = 6;
const productScale = 10n ** BigInt(factorDecimals);

/** Quantity x unit price, exactly. */
function readProduct(cell: CellOf<OrderColumn>): bigint | Refusal<OrderColumn> {
  const quantity = readDecimal(cell("quantity"), factorDecimals);
  if (quantity instanceof CellProblem) return cellRefusal("quantity", quantity);
  if (quantity < 0n) return cellRefusal("quantity", negative(cell("quantity"), "a quantity that is returned is no order"));
  const unitPrice = readDecimal(cell("unit_price"), factorDecimals);
  if (unitPrice instanceof CellProblem) return cellRefusal("unit_price", unitPrice);
  if (unitPrice < 0n) return cellRefusal("unit_price", negative(cell("unit_price"), "a price is zero or more"));
  const product = quantity * unitPrice;
  if (product > maxAmountFen * microsPerFen * productScale) {
    return cellRefusal("unit_price", new CellProblem("too_large", "quantity x unit price is more than the largest amount taken, 100 million yuan"));
  }
  if (product % productScale === 0n) return product / productScale;
  return cellRefusal("unit_price", new CellProblem("too_many_decimals", "quantity x unit price has more than 6 decimals"));
}

const negative = (cell: string, why: string): CellProblem => new CellProblem("negative", `${showCell(cell)} is negative; ${why}`);

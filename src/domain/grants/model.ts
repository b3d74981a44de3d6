import { fenPerPoint, fundOfPoints, type Fen } from "../../shared/money.ts";
import { fullBps, type Bps } from "../../shared/rates.ts";
import { divideRoundHalfUp } from "../../shared/rounding.ts";

/**
 * The grant rule: points due for an order.
 *
 * @param netFen amount less refunds, zero or more
 * @param contributionBps the merchant's rate on the order's paid business date
 * @param pointsBps the platform's rate on that date
 * @returns round-half-up(net x contribution x points / (100 x 10000 x 10000)): 100.00 yuan at 30 % and 70 % gives 21
 */
export const pointsDue = (netFen: Fen, contributionBps: Bps, pointsBps: Bps): bigint =>
  divideRoundHalfUp(netFen * BigInt(contributionBps) * BigInt(pointsBps), fenPerPoint * fullBps * fullBps);

/** The merchant's contribution of an order, in fen. */
export const contributionFen = (netFen: Fen, contributionBps: Bps): Fen =>
  divideRoundHalfUp(netFen * BigInt(contributionBps), fullBps);

interface MovedPoints {
  readonly pointsGranted: bigint;
  readonly pointsClawedBack: bigint;
}

/** What a run put into the points fund, in fen; negative where it clawed back more than it granted. */
export const fundFen = ({ pointsGranted, pointsClawedBack }: MovedPoints): Fen =>
  fundOfPoints(pointsGranted - pointsClawedBack);

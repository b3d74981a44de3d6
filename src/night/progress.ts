import type { Context, Progress } from "../db/context.ts";
import type { BusinessDate } from "../shared/business-date.ts";
import type { SettlementStep } from "./events.ts";

/** The fixed cost of a date, in orders: verifying and closing take as long as settling this many. */
const ordersPerDate = 2000;

/** The share of a date's work that is done when a step begins, and when it ends. */
const spans: Readonly<Record<SettlementStep, readonly [from: number, to: number]>> = {
  import: [0, 0],
  grant: [0, 0.65],
  expire: [0.65, 0.7],
  verify: [0.7, 0.95],
  close: [0.95, 1],
  bill: [1, 1],
  suspend: [1, 1],
};

/** The progress of settling several dates. Dates weigh as much as their orders. */
export class CatchUp {
  readonly #dates: readonly BusinessDate[];
  readonly #weights: readonly number[];
  readonly #all: number;
  readonly #onProgress: Context["onProgress"];
  #index = 0;
  #step: SettlementStep = "grant";

  /** @param orders the number of orders of each date that wait to be settled; the first date settles older ones, too */
  constructor(
    dates: readonly BusinessDate[],
    orders: ReadonlyMap<BusinessDate, number>,
    onProgress: Context["onProgress"],
  ) {
    this.#dates = dates;
    const late = [...orders].reduce((sum, [date, count]) => (date < dates[0]! ? sum + count : sum), 0);
    this.#weights = dates.map((date, index) => ordersPerDate + (orders.get(date) ?? 0) + (index === 0 ? late : 0));
    this.#all = this.#weights.reduce((sum, weight) => sum + weight, 0);
    this.#onProgress = onProgress;
  }

  /** A step of a date begins. */
  at(date: BusinessDate, step: SettlementStep): void {
    this.#index = this.#dates.indexOf(date);
    this.#step = step;
    this.tell(0);
  }

  /** Takes the progress of a step. */
  readonly take = ({ done, total, share = total === undefined || total === 0 ? 0 : done / total }: Progress): void =>
    this.tell(Math.min(1, share));

  tell(ofStep: number): void {
    const [from, to] = spans[this.#step];
    const before = this.#weights.slice(0, this.#index).reduce((sum, weight) => sum + weight, 0);
    const share = (before + this.#weights[this.#index]! * (from + (to - from) * ofStep)) / this.#all;
    const at = `${this.#dates[this.#index]}, ${this.#index + 1} of ${this.#dates.length} dates`;
    this.#onProgress({ phase: "settling", done: this.#index, total: this.#dates.length, unit: "dates", share, at });
  }
}

import { markup, type Markup } from "../../reports/markup.ts";

/** A chart's frame, in units of its view box. */
const width = 720;
const height = 240;
const left = 84;
const right = 12;
const top = 12;
const bottom = 26;

/** The length of `value` where `max` has `length`, to a tenth of a unit. Geometry only, never an amount. */
const scaled = (value: bigint, max: bigint, length: number): number =>
  max === 0n ? 0 : Number((value * BigInt(length * 10)) / max) / 10;

/** Steps of 1, 2 or 5 times a power of ten, at most five of them up to `max`. */
function stepFor(max: bigint): bigint {
  for (let power = 1n; ; power *= 10n) {
    const step = [1n, 2n, 5n].map((digit) => digit * power).find((one) => max / one <= 5n);
    if (step !== undefined) return step;
  }
}

const lowestOf = (values: readonly bigint[]): bigint => values.reduce((a, b) => (b < a ? b : a));
const highestOf = (values: readonly bigint[]): bigint => values.reduce((a, b) => (b > a ? b : a));

/** The axis of a chart: from a multiple of the step at or below the lowest value to one above the highest. */
class Axis {
  readonly ticks: readonly bigint[];
  readonly #low: bigint;
  readonly #high: bigint;

  constructor(values: readonly bigint[], unit: bigint) {
    const [lowest, highest] = [lowestOf(values), highestOf(values)];
    const step = stepFor((highest - lowest) / unit) * unit;
    // Division of bigints rounds towards zero, and has to round down for negative values.
    this.#low = (lowest < 0n ? (lowest - step + 1n) / step : lowest / step) * step;
    this.#high = (highest > 0n ? (highest + step - 1n) / step : highest / step) * step;
    if (this.#high === this.#low) this.#high += step;
    const ticks: bigint[] = [];
    for (let tick = this.#low; tick <= this.#high; tick += step) ticks.push(tick);
    this.ticks = ticks;
  }

  y(value: bigint): number {
    return height - bottom - scaled(value - this.#low, this.#high - this.#low, height - top - bottom);
  }
}

/** One series of a line chart, or the two halves of a column chart. */
export interface Series {
  readonly name: string;
  /** Its CSS class. */
  readonly className: string;
  readonly values: readonly bigint[];
}

/** Every chart has a title and a description for screen readers, labels along the bottom, and a format of values. */
export interface ChartText {
  readonly title: string;
  readonly description: string;
  readonly labels: readonly string[];
  /** The smallest step of axis labels, such as 100 fen for a yuan. */
  readonly unit: bigint;
  readonly format: (value: bigint) => string;
}

/** Columns side by side, one for each label; negative ones point down. */
export function columnChart(text: ChartText, series: readonly Series[]): Markup {
  const axis = new Axis([0n, ...series.flatMap(({ values }) => values)], text.unit);
  const slot = (width - left - right) / text.labels.length;
  const zero = axis.y(0n);
  const columns = series.flatMap(({ name, className, values }) =>
    values.map((value, index) => {
      const [x, y] = [placeOf(left + index * slot + slot * 0.15), axis.y(value)];
      const size = placeOf(Math.abs(zero - y));
      return markup`<rect class="${className}" x="${x}" y="${placeOf(Math.min(y, zero))}" width="${placeOf(slot * 0.7)}" height="${size}"><title>${text.labels[index]!} ${name}: ${text.format(value)}</title></rect>`;
    }),
  );
  return frame(text, axis, slot, columns);
}

/**
 * Lines over the labels, each with its own dash, for readers without colours. The axis need not begin at zero, for the
 * lines are compared with each other.
 */
export function lineChart(text: ChartText, series: readonly Series[]): Markup {
  const axis = new Axis(
    series.flatMap(({ values }) => values),
    text.unit,
  );
  const slot = (width - left - right) / text.labels.length;
  const lines = series.map(({ name, className, values }) => {
    const points = values
      .map((value, index) => `${placeOf(left + (index + 0.5) * slot)},${placeOf(axis.y(value))}`)
      .join(" ");
    return markup`<polyline class="${className}" points="${points}"><title>${name}</title></polyline>`;
  });
  return frame(text, axis, slot, lines);
}

/** A bar in a table, as long as its share of the longest. */
export function bar(value: bigint, longest: bigint): Markup {
  return markup`<svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true"><rect width="${scaled(value, longest, 100)}" height="10"/></svg>`;
}

const placeOf = (place: number): number => Math.round(place * 10) / 10;

function frame(
  { title, description, labels, format }: ChartText,
  axis: Axis,
  slot: number,
  marks: readonly Markup[],
): Markup {
  const id = title.toLowerCase().replaceAll(/[^a-z]+/g, "-");
  const grid = axis.ticks.map((tick) => {
    const y = placeOf(axis.y(tick));
    return markup`<line class="${tick === 0n ? "zero" : "grid"}" x1="${left}" x2="${width - right}" y1="${y}" y2="${y}"/><text x="${left - 8}" y="${y + 4}" text-anchor="end">${format(tick)}</text>`;
  });
  // Every seventh day counted from the last one, which is the one the report is about.
  const dates = labels
    .map((label, index) => ({ label, index }))
    .filter(({ index }) => (labels.length - 1 - index) % 7 === 0);
  const axisLabels = dates.map(({ label, index }) => {
    const isLast = index === labels.length - 1;
    return markup`<text x="${placeOf(isLast ? width - right : left + (index + 0.5) * slot)}" y="${height - 8}" text-anchor="${isLast ? "end" : "middle"}">${label}</text>`;
  });
  return markup`<svg class="chart" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="${id}-title ${id}-desc">
<title id="${id}-title">${title}</title><desc id="${id}-desc">${description}</desc>
${grid}
${marks}
${axisLabels}
</svg>`;
}

const unitsMs: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000 };

/** Reads a duration such as `30s`, `10m` or `2h` as milliseconds; undefined when the text is none. */
export function parseDuration(text: string): number | undefined {
  const [, count, unit = ""] = /^(\d{1,5})([smh])$/u.exec(text) ?? [];
  return count === undefined ? undefined : Number(count) * unitsMs[unit]!;
}

const unitsMs: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000 };

/** Reads a length of time such as `30s`, `10m` or `2h`, in milliseconds; undefined when it is none. */
export function parseDuration(text: string): number | undefined {
  const [, count, unit = ""] = /^(\d{1,5})([smh])$/u.exec(text) ?? [];
  return count === undefined ? undefined : Number(count) * unitsMs[unit]!;
}

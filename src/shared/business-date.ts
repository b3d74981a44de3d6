/** A business date, `YYYY-MM-DD`: the day in the platform's time zone that an event belongs to. */
export type BusinessDate = string;

const datePattern = /^(\d{4})-(\d{2})-(\d{2})$/;

/** Whether a text is a real calendar date written as `YYYY-MM-DD`; 30 February is not. */
export function isBusinessDate(text: string): text is BusinessDate {
  const match = datePattern.exec(text);
  return match !== null && isCalendarDate(Number(match[1]), Number(match[2]), Number(match[3]));
}

/** Whether year, month (1 to 12) and day name a day of the Gregorian calendar. */
export function isCalendarDate(year: number, month: number, day: number): boolean {
  if (month < 1 || month > 12 || day < 1 || year < 1) return false;
  const isLeap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const days = month === 2 ? (isLeap ? 29 : 28) : month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
  return day <= days;
}

/** Zones that the machine is known to know. Asking it takes as long as making a formatter. */
const knownZones = new Set<string>();

/** Whether the machine knows an IANA time zone of that name. */
export function isTimeZone(name: string): boolean {
  if (knownZones.has(name)) return true;
  try {
    const zone = new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone;
    if (zone === "" || !/^[A-Za-z]/.test(name)) return false;
    knownZones.add(name);
    return true;
  } catch {
    return false;
  }
}

/** The business date of an instant in a time zone. */
export const businessDateOf = (instant: Date, zone: string): BusinessDate => formatInstant(instant, zone).slice(0, 10);

const dayMs = 86_400_000;

/** The business date `days` later, or earlier where `days` is negative. */
export const daysAfter = (date: BusinessDate, days: number): BusinessDate =>
  new Date(Date.parse(`${date}T00:00:00Z`) + days * dayMs).toISOString().slice(0, 10);

/** The business dates from one to another, both included; none when the first is the later one. */
export function datesBetween(first: BusinessDate, last: BusinessDate): readonly BusinessDate[] {
  const dates: BusinessDate[] = [];
  for (let date = first; date <= last; date = daysAfter(date, 1)) dates.push(date);
  return dates;
}

/** Making a formatter takes a hundred times what formatting takes. */
const formatters = new Map<string, Intl.DateTimeFormat>();

function formatterFor(zone: string): Intl.DateTimeFormat {
  let formatter = formatters.get(zone);
  if (formatter === undefined) {
    formatter = new Intl.DateTimeFormat("en-CA", {
      timeZone: zone,
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
      hourCycle: "h23",
    });
    formatters.set(zone, formatter);
  }
  return formatter;
}

/** An instant as local time: `2026-01-02 03:04:05`. */
export function formatInstant(instant: Date, zone: string): string {
  const parts = formatterFor(zone).formatToParts(instant);
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.find((one) => one.type === type)!.value;
  return `${part("year")}-${part("month")}-${part("day")} ${part("hour")}:${part("minute")}:${part("second")}`;
}

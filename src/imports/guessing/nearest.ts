import { headerJudge, headerNames } from "../../csv/header.ts";
import type { TableFormat } from "../../csv/table-format.ts";

/** The profile that knows most names of a header, and what that lacks of it; undefined where none knows any. */
export function nearestProfile(profiles: readonly TableFormat[], header: readonly string[]): string | undefined {
  const names = headerNames(header);
  const fits = profiles.map((profile) => ({ profile, ...headerJudge(profile, profiles)(names, header.length) }));
  const [best] = fits.filter(({ known }) => known > 0).toSorted((one, other) => other.known - one.known);
  if (best === undefined) return undefined;
  const { profile, known } = best;
  const lacking = profile.columns
    .filter(({ required, names: its }) => required && ![...headerNames(its)].some((name) => names.has(name)))
    .map(({ names: [first = ""] }) => first);
  const lacks = lacking.length === 0 ? "too few of them are its own" : `it lacks ${lacking.join(", ")}`;
  return `${profile.name}, which knows ${known} of the ${names.size} names; ${lacks}`;
}

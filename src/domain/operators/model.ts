import { usageError } from "../../shared/errors.ts";
import type { OperatorRole } from "../../shared/operator-roles.ts";
import { idProblem, normalId, skeletonOf } from "../../shared/text.ts";

const maxLength = 64;

/** The roles that approve or move money: nobody gives one alone where another admin could approve it. */
export const weightyRoles: readonly OperatorRole[] = ["approver", "finance", "admin"];

/**
 * Reads an operator's name.
 *
 * @param hint what to do where it can be none
 * @throws a usage error `invalid_operator` for one that is empty, too long, or looks like another one
 */
export function readOperatorName(text: string, hint = "give --operator NAME or set ACCRUE_OPERATOR"): string {
  const name = normalId(text);
  const problem =
    idProblem("an operator's name", name, maxLength) ??
    (skeletonOf(name) === "" ? "an operator's name has letters or digits" : undefined);
  if (problem !== undefined) throw usageError("invalid_operator", problem, { hint });
  return name;
}

/** The registered name that a mistyped one was probably meant to be; undefined when none is near. */
export function nearestName(typed: string, names: readonly string[]): string | undefined {
  const [meant, allowed] = [skeletonOf(typed), typed.length < 4 ? 1 : 2];
  const near = names
    .map((name) => ({ name, distance: distanceBetween(meant, skeletonOf(name), allowed) }))
    .filter(({ distance }) => distance <= allowed);
  return near.toSorted((one, other) => one.distance - other.distance)[0]?.name;
}

/** How many letters have to be typed anew, added or left out to get from one text to the other. */
function distanceBetween(one: string, other: string, allowed: number): number {
  if (Math.abs(one.length - other.length) > allowed) return Infinity;
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (const [at, letter] of [...one].entries()) {
    const next = [at + 1];
    for (const [index, opposite] of [...other].entries())
      next.push(Math.min(next[index]! + 1, row[index + 1]! + 1, row[index]! + (letter === opposite ? 0 : 1)));
    row = next;
  }
  return row.at(-1)!;
}

import { clockSkewLimitMs } from "../shared/clock.ts";
import { refusedError } from "../shared/errors.ts";
import type { Greeting } from "./greeting.ts";

/**
 * The time by the server's clock, which decides business dates, cooling-off periods and the policy in force: a user can
 * set the clock of this host, but not the server's. It was read once, and is advanced by `performance.now()`.
 */
export const serverNow = ({ serverTime, heardAtMs }: Greeting): Date =>
  new Date(serverTime.getTime() + performance.now() - heardAtMs);

/**
 * Refuses a host whose clock is more than `clockSkewLimitMs` from the server's: one of them is wrong, and this host's
 * files and logs would have other times than the database.
 *
 * @throws refused `clock_skewed`, with both times
 */
export function requireSameTime({ serverTime, hostTime }: Greeting): void {
  const skewMs = Math.abs(serverTime.getTime() - hostTime.getTime());
  if (skewMs <= clockSkewLimitMs) return;
  const [here, there] = [hostTime.toISOString(), serverTime.toISOString()];
  const apart = `${Math.round(skewMs / 1000)} s apart, and at most ${clockSkewLimitMs / 1000} s are allowed`;
  throw refusedError("clock_skewed", `this host's clock shows ${here} and the database server's ${there}: ${apart}`, {
    hint: "let NTP set both clocks, then run the same command again",
    details: { host_time: here, server_time: there },
  });
}

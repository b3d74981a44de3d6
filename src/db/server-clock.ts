import { clockSkewLimitMs } from "../shared/clock.ts";
import { refusedError } from "../shared/errors.ts";
import type { Greeting } from "./greeting.ts";

/**
 * What time it is by the server's clock, which all that is decided by time goes by: business dates, cooling-off periods, from when a
 * policy is in force. It was read once, and goes on by a clock of this process that nobody sets: the time of a host is its user's to
 * choose, the server's is not.
 */
export const serverNow = ({ serverTime, heardAtMs }: Greeting): Date => new Date(serverTime.getTime() + performance.now() - heardAtMs);

/**
 * Refuses a host whose clock is far from the server's: one of the two is wrong, and this host's files and logs would tell of other
 * times than the database.
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

/** How far the clocks of this host and of the server may be apart, in milliseconds, before times of one and the other contradict. */
export const clockSkewLimitMs = 30_000;

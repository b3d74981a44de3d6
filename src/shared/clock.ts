/** The largest difference between the clocks of this host and of the server that is accepted, in milliseconds. */
export const clockSkewLimitMs = 30_000;

/** The oldest PostgreSQL that accrue is made for. */
export const lowestServerMajor = 15;

/** The major version in a server's own number for its version: 150004 is 15. */
export const serverMajor = (versionNum: number): number => Math.floor(versionNum / 10_000);

/** How often a property is tried: so often, or as often as ACCRUE_TEST_RUNS says, for who changed what it is about. */
export const runs = (count: number): { readonly numRuns: number } => ({
  numRuns: Number(process.env["ACCRUE_TEST_RUNS"] ?? count),
});

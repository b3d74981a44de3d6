import fc from "fast-check";

/**
 * One commit has one verdict: the random values of properties are the same in each run. ACCRUE_TEST_SEED gives others,
 * a number for those of a run that is to be repeated, `random` for who looks for what nobody has thought of.
 */
const seed = process.env["ACCRUE_TEST_SEED"] ?? "20260101";

fc.configureGlobal(seed === "random" ? {} : { seed: Number(seed) });

import { spawnSync } from "node:child_process";
import { parseArgs } from "node:util";

// Sizes are options here and environment variables in the processes that measure: Vitest takes no options of others.
const sizes = ["rows", "orders", "older", "members", "merchants", "withdrawals", "lines", "rounds"];
const { values, positionals } = parseArgs({
  options: Object.fromEntries([...sizes, "keep"].map((name) => [name, { type: "string" }])),
  allowPositionals: true,
});
for (const name of sizes)
  if (values[name] !== undefined && !/^[1-9]\d*$/u.test(values[name])) throw new Error(`--${name} takes a number`);

const { status } = spawnSync("npx", ["vitest", "run", "--config", "test/benchmark/vitest.config.ts", ...positionals], {
  stdio: "inherit",
  env: {
    ...process.env,
    ...Object.fromEntries(Object.entries(values).map(([name, value]) => [name.toUpperCase(), value])),
  },
});
process.exitCode = status ?? 1;

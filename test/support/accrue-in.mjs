// The compiled program in surroundings of a test's own: `node accrue-in.mjs SURROUNDINGS ARGUMENT...`, with SURROUNDINGS as JSON. In
// the program itself no option, variable or setting leads to a clock other than the server's.
import { main } from "../../dist/main.js";

const [surroundings, ...args] = process.argv.slice(2);
const { now, ...others } = JSON.parse(surroundings);
process.exitCode = await main(args, process.env, process, {
  ...others,
  ...(now === undefined ? {} : { clock: () => new Date(now) }),
});

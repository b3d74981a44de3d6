import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";

/** Compiles the program unless that is done: tests of the compiled program must never pass on yesterday's code. */
export function compileWhenStale(): void {
  if (existsSync("dist/main.js") && newest("src", ".ts") < oldest("dist", ".js")) return;
  execFileSync("npm", ["run", "--silent", "build"], { stdio: ["ignore", "inherit", "inherit"] });
}

const timesOf = (directory: string, ending: string): number[] =>
  readdirSync(directory, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(ending))
    .map((name) => statSync(join(directory, name)).mtimeMs);

const newest = (directory: string, ending: string): number => Math.max(...timesOf(directory, ending));
const oldest = (directory: string, ending: string): number => Math.min(...timesOf(directory, ending));

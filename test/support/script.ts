import { resolve } from "node:path";
import { buildSync } from "esbuild";

let scripts = 0;

/**
 * Compiles a script that a process of its own will run. It imports modules of the program by their paths in the
 * project: `./src/ui/log.ts`.
 *
 * @param outfile where it goes: in the project when not given, where its packages are found; the next build removes it
 * @returns its path
 */
export function compiledScript(
  contents: string,
  outfile = resolve(`dist/tests/${process.pid}-${++scripts}.js`),
): string {
  buildSync({
    stdin: { contents, resolveDir: process.cwd(), loader: "ts" },
    outfile,
    bundle: true,
    format: "esm",
    platform: "node",
    packages: "external",
    logLevel: "error",
  });
  return outfile;
}

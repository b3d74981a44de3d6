import { join, resolve } from "node:path";
import { buildSync } from "esbuild";

let scripts = 0;

/**
 * Compiles a script that a process of its own will run. It imports modules of the program by their paths in the
 * project: `./src/ui/log.ts`.
 *
 * @returns its path, in the project, where its packages are found. The next build removes it
 */
export function compiledScript(contents: string): string {
  scripts += 1;
  const outfile = resolve(join("dist/tests", `${process.pid}-${scripts}.js`));
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

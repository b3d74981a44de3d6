import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { isLateDriverWrite } from "../../src/db/driver/lost-queries.ts";
import { cliEnvironment } from "../support/cli.ts";

const withStack = (error: Error, frame: string) => Object.assign(error, { stack: `${String(error)}\n    at ${frame}` });
const message = "Cannot read properties of null (reading 'write')";

describe("what nobody could catch", () => {
  test("is let pass only when it is the driver's late write to a dead connection", () => {
    const inDriver = "Immediate.nextWrite (file:///x/node_modules/postgres/src/connection.js:255:22)";
    expect(isLateDriverWrite(withStack(new TypeError(message), inDriver))).toBe(true);
    expect(isLateDriverWrite(withStack(new TypeError(message), "Ui.note (file:///x/dist/ui/ui.js:1:1)"))).toBe(false);
    expect(isLateDriverWrite(withStack(new Error(message), inDriver))).toBe(false);
    expect(isLateDriverWrite(withStack(new TypeError("x is not a function"), inDriver))).toBe(false);
    expect(isLateDriverWrite(undefined)).toBe(false);
  });

  test("is otherwise a bug: exit 1, in the words of every error", () => {
    const script = `
      import { main } from "./dist/main.js";
      setImmediate(() => { throw new Error("boom"); });
      process.exitCode = await main(["member", "list", "--json"], process.env, process);`;
    const { status, stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", script], {
      env: cliEnvironment({}),
      encoding: "utf8",
    });
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    expect(JSON.parse(stderr)).toMatchObject({
      error: { code: "bug", message: "boom", hint: expect.stringContaining("--debug") },
    });
  });
});

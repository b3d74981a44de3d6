import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { temporaryPathFor } from "../../../src/files/temporary-file.ts";
import { runHook } from "../../../src/night/hook.ts";
import { metricsText } from "../../../src/night/metrics-text.ts";
import { ping, requirePingUrl } from "../../../src/night/ping.ts";
import { replaceFile } from "../../../src/files/replace-file.ts";
import { scratchDirectory, writeScratch } from "../../support/files.ts";
import { parseMetrics } from "../../support/metrics.ts";
import { monitor } from "../../support/monitor.ts";

const rid = "5c5b7a5e-0d5c-4f2e-9b57-3a1f1d8f6a10";

describe("a metrics text", () => {
  test("is read back as it was meant, whatever stands in its labels and its help", () => {
    const sample = fc.record({
      labels: fc.dictionary(fc.constantFrom("step", "reason"), fc.string({ unit: "binary" })),
      value: fc.bigInt(),
    });
    fc.assert(
      fc.property(
        fc.uniqueArray(sample, { selector: ({ labels }) => JSON.stringify(Object.entries(labels).sort()) }),
        fc.string(),
        (samples, help) => {
          const text = metricsText([
            { name: "accrue_probe", help: `Probe ${help}`, samples },
            { name: "accrue_empty", help: "None.", samples: [] },
          ]);
          expect(parseMetrics(text)).toEqual(
            samples.map(({ labels, value }) => ({ name: "accrue_probe", labels: { ...labels }, value: Number(value) })),
          );
        },
      ),
    );
  });
});

describe("a file that is replaced", () => {
  test("is the new one with its rights, and what a killed attempt left is gone", async () => {
    const directory = scratchDirectory();
    const path = writeScratch("m.prom", "old", directory);
    const killed = spawnSync("true").pid;
    writeFileSync(temporaryPathFor(path).replace(`-${process.pid}-`, `-${killed}-`), "half a fi");
    await replaceFile(path, "new", 0o644);
    expect(readFileSync(path, "utf8")).toBe("new");
    expect(statSync(path).mode & 0o777).toBe(0o644);
    expect(readdirSync(directory)).toEqual(["m.prom"]);
  });

  test("is written under a name that nobody can foresee, and takes the place of a link: what that leads to stays as it is", async () => {
    const directory = scratchDirectory();
    const victim = writeScratch("victim", "untouched");
    for (const name of ["m.prom", ".m.prom.part"]) symlinkSync(victim, join(directory, name));
    await replaceFile(join(directory, "m.prom"), "new", 0o644);
    expect([readFileSync(join(directory, "m.prom"), "utf8"), readFileSync(victim, "utf8")]).toEqual([
      "new",
      "untouched",
    ]);
    expect([temporaryPathFor("m.prom"), temporaryPathFor("m.prom")]).toSatisfy(
      ([one, other]: string[]) => one !== other,
    );
  });

  test("is left as it was, with nothing beside it, when it cannot be", async () => {
    const directory = scratchDirectory();
    mkdirSync(join(directory, "m.prom"));
    await expect(replaceFile(join(directory, "m.prom"), "new", 0o644)).rejects.toThrow(/EISDIR|ENOTEMPTY|EEXIST/u);
    expect(readdirSync(directory)).toEqual(["m.prom"]);
  });
});

describe("a ping", () => {
  test("goes to the check's URL for success, below it for start and failure, with the run's id and the summary", async () => {
    const { url, heard, close } = await monitor();
    for (const kind of ["start", "success", "fail"] as const)
      expect(await ping(new URL(`${url}/`), kind, kind, { rid })).toBeUndefined();
    expect(heard).toEqual([
      { path: "/secret-check/start", rid, body: "start" },
      { path: "/secret-check", rid, body: "success" },
      { path: "/secret-check/fail", rid, body: "fail" },
    ]);
    await close();
  });

  test("is tried again when the monitor stumbles", async () => {
    const { url, heard, close } = await monitor((_heard, count) => (count < 3 ? 503 : 200));
    expect(await ping(new URL(url), "success", "", { rid })).toBeUndefined();
    expect(heard).toHaveLength(3);
    await close();
  });

  test.each<[string, number | "never", RegExp]>([
    ["says no", 404, /^ping fail to 127\.0\.0\.1:\d+ failed 2 times: HTTP 404$/u],
    ["never answers", "never", /failed 2 times: no answer in 0\.2 s$/u],
  ])("tells why it failed when the monitor %s, without the URL's secret", async (_does, status, expected) => {
    const { url, close } = await monitor(() => status);
    const problem = await ping(new URL(url), "fail", "", { rid, attempts: 2, timeoutMs: 200 });
    expect(problem).toMatch(expected);
    expect(problem).not.toContain("secret-check");
    await close();
  });

  test("with a user and a password in the URL hands them over as basic authentication, and never tells them", async () => {
    const { url, heard, close } = await monitor(() => 401);
    const check = new URL(url.replace("http://", "http://me:p%40ss%word@"));
    const problem = await ping(check, "start", "", { rid, attempts: 1 });
    await close();
    expect(heard).toMatchObject([
      { path: "/secret-check/start", authorization: `Basic ${Buffer.from("me:p%40ss%word").toString("base64")}` },
    ]);
    expect(problem).toMatch(/^ping start to 127\.0\.0\.1:\d+ failed 1 times: HTTP 401$/u);
    const escaped = await monitor();
    expect(
      await ping(new URL(escaped.url.replace("http://", "http://me:p%40ss@")), "success", "", { rid }),
    ).toBeUndefined();
    await escaped.close();
    expect(escaped.heard).toMatchObject([{ authorization: `Basic ${Buffer.from("me:p@ss").toString("base64")}` }]);
    expect(await ping(check, "start", "", { rid, attempts: 1 })).not.toMatch(/me:|secret|p%40/u);
  });

  test("goes nowhere else, wherever the monitor sends it", async () => {
    const elsewhere = await monitor();
    const { url, close } = await monitor(() => elsewhere.url);
    const problem = await ping(new URL(url), "success", "what the night says", { rid, attempts: 1 });
    await close();
    await elsewhere.close();
    expect(elsewhere.heard).toEqual([]);
    expect(problem).toMatch(/HTTP 307: redirects are not followed; give the URL that it leads to$/u);
  });

  test("tells that nobody is there", async () => {
    const { url, close } = await monitor();
    await close();
    expect(await ping(new URL(url), "start", "", { rid, attempts: 1 })).toContain("ECONNREFUSED");
  });

  test.each(["", "hc-ping.com/x", "ftp://host/x", "javascript:alert(1)"])("%j is no URL of a check", (text) => {
    expect(() => requirePingUrl(text, "--ping")).toThrow("--ping does not give the URL of a check");
  });
});

describe("a hook", () => {
  const env = { PATH: process.env["PATH"] };

  test("reads the summary on its stdin and its figures in its environment; what it says is caught", async () => {
    const outcome = await runHook({
      command: 'cat; echo " $ACCRUE_NIGHT_STATE"; echo oops >&2',
      stdin: '{"a":1}',
      env: { ...env, ACCRUE_NIGHT_STATE: "complete" },
    });
    expect(outcome).toEqual({ problem: undefined, output: '{"a":1} complete\noops' });
  });

  test("that reads nothing of a long summary does no harm", async () => {
    expect(await runHook({ command: "exit 0", stdin: "x".repeat(1_000_000), env })).toEqual({
      problem: undefined,
      output: "",
    });
  });

  test.each([
    ["exit 9", "exit code 9"],
    ["kill -TERM $$", "ended by SIGTERM"],
    ["no-such-command-here", "exit code 127"],
  ])("%s: %s", async (command, problem) => {
    expect((await runHook({ command, stdin: "", env })).problem).toBe(problem);
  });

  test("that takes too long is killed, with all that it started", async () => {
    const directory = scratchDirectory();
    const proof = join(directory, "still-alive");
    const outcome = await runHook({
      command: `(sleep 1; touch '${proof}') & echo begun; wait`,
      stdin: "",
      env,
      timeLimitMs: 200,
    });
    expect(outcome).toEqual({ problem: "killed after 0.2 s", output: "begun" });
    await sleep(1300);
    expect(existsSync(proof)).toBe(false);
  });

  test("that leaves something running in the background is not waited for", async () => {
    const begun = performance.now();
    expect(await runHook({ command: "echo done; sleep 20 &", stdin: "", env })).toEqual({
      problem: undefined,
      output: "done",
    });
    expect(performance.now() - begun).toBeLessThan(5_000);
  });

  test("keeps no more than the end of what it said", async () => {
    const { output } = await runHook({ command: "yes 0123456789 | head -c 100000; echo the end", stdin: "", env });
    expect(output.length).toBeLessThanOrEqual(4_000);
    expect(output).toMatch(/the end$/u);
  });
});

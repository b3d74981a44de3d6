import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { ProgressLine, progressText, type ProgressStyle } from "../../../src/ui/progress.ts";
import { fakeStreams } from "../../support/streams.ts";

test.each([
  [
    { phase: "importing orders", done: 412_000, total: 1_000_000, unit: "rows", rejected: 3 },
    10,
    "importing orders  41%  412,000 rows  41,200/s  15 s left  3 rejected",
  ],
  [
    { phase: "reading", done: 50, total: 100, rows: 7, unit: "bytes" },
    1,
    "reading  50%  50 B of 100 B  7 rows  7/s  1 s left",
  ],
  [{ phase: "reading", done: 10, unit: "rows" }, 2, "reading  10 rows  5/s"],
  [{ phase: "granting", done: 0, total: 100, unit: "orders" }, 0, "granting  0%  0 orders"],
  [{ phase: "granting", done: 1, total: 1000, unit: "orders" }, 10, "granting  0%  1 orders  0/s  2 h 46 min left"],
  [{ phase: "granting", done: 100, total: 1000, unit: "orders" }, 20, "granting  10%  100 orders  5/s  3 min 0 s left"],
  [{ phase: "granting", done: 1100, total: 1000, unit: "orders" }, 20, "granting  100%  1,100 orders  55/s  0 s left"],
  [
    { phase: "importing orders", done: 100, total: 100, rows: 7, unit: "bytes", share: 0.6 },
    15,
    "importing orders  60%  100 B of 100 B  7 rows  0/s  10 s left",
  ],
  [
    { phase: "settling", done: 2, total: 9, unit: "dates", share: 0.29, at: "2026-01-03, 3 of 9 dates" },
    29,
    "settling  2026-01-03, 3 of 9 dates  29%  1 min 11 s left",
  ],
])("%j after %d s reads %s", (facts, seconds, expected) => {
  expect(progressText(facts, seconds)).toBe(expected);
});

test("while nothing is told, the time left goes down, and is no more told when there should be none", () => {
  const facts = { phase: "importing orders", done: 100, total: 100, unit: "rows", share: 0.6 };
  expect([0, 4, 12].map((since) => progressText(facts, 15, since).split("  ").slice(4))).toEqual([
    ["10 s left"],
    ["6 s left"],
    [],
  ]);
});

test("off a terminal a line is due, however long one statement takes: nothing has to be told for it", () => {
  vi.useFakeTimers({ toFake: ["performance", "setInterval", "clearInterval"] });
  const { stderr, text } = fakeStreams();
  const line = new ProgressLine(stderr, "plain", false);
  line.tell({ phase: "importing", done: 0, total: 100, unit: "rows" });
  vi.advanceTimersByTime(8000);
  line.tell({ phase: "importing", done: 60, total: 100, unit: "rows" });
  vi.advanceTimersByTime(13_000);
  expect(text("stderr")).toBe("importing  60%  60 rows  8/s  4 s left\nimporting  60%  60 rows  8/s\n");
  line.end();
  vi.advanceTimersByTime(60_000);
  expect(text("stderr").split("\n"), "nothing behind its end").toHaveLength(3);
  vi.useRealTimers();
});

describe("off a terminal", () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ["performance"] }));
  afterEach(() => void vi.useRealTimers());

  const tellFor = (style: ProgressStyle, seconds: number) => {
    const { stderr, text } = fakeStreams();
    const line = new ProgressLine(stderr, style, false);
    for (let done = 0; done <= seconds; done += 1) {
      line.tell({ phase: "importing", done, total: 100, unit: "rows" });
      vi.advanceTimersByTime(1000);
    }
    line.end();
    return text("stderr");
  };

  test("there is one plain line per interval, and none for short work", () => {
    expect(tellFor("plain", 25)).toBe(
      "importing  10%  10 rows  1/s  1 min 30 s left\nimporting  20%  20 rows  1/s  1 min 20 s left\n",
    );
    expect(tellFor("plain", 9)).toBe("");
  });

  test("with --json each is a JSON line", () => {
    expect(tellFor("json", 10)).toBe(
      '{"progress":{"phase":"importing","done":10,"total":100,"unit":"rows","seconds":10}}\n',
    );
  });
});

test("work that ends while the spinner is being loaded leaves no spinner behind", async () => {
  const streams = fakeStreams({ terminal: {} });
  const line = new ProgressLine(streams.stderr, "animated", false);
  line.tell({ phase: "importing", done: 0, unit: "rows" });
  await sleep(150);
  line.tell({ phase: "importing", done: 1, unit: "rows" });
  line.end();
  await import("ora");
  await sleep(200);
  expect(streams.said).toEqual([]);
});

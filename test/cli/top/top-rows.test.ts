import { describe, expect, it } from "vitest";
import { stateText } from "../../../src/cli/state-text.ts";
import { type TopRow, topLines } from "../../../src/cli/top/top-rows.ts";

const row = (name: string, more: Partial<TopRow> = {}): TopRow => ({
  name,
  state: "running",
  messagesPerSecond: 0,
  lag: 0,
  late: 0,
  deadLettered: 0,
  delaySeconds: null,
  ...more,
});

const ROWS = [
  row("b", { lag: 1_234_567, delaySeconds: 90 }),
  row("a", { messagesPerSecond: 20 }),
  row("größer", { lag: 2, delaySeconds: 7_300, state: "failed" }),
];

const names = (key: string, isReversed = false) =>
  topLines(ROWS, { key, isReversed })
    .slice(1)
    .map((line) => line.split(" ")[0]);

describe("the state of a pipeline", () => {
  const status = (state: string, ...states: readonly string[]) => stateText({ state, statements: states.map((one) => ({ state: one })) });

  it("says how many of its statements have stopped", () => {
    expect(status("running", "running", "detached")).toBe("running");
    expect(status("running", "running", "failed")).toBe("running, 1 of 2 failed");
    expect(status("failed", "failed", "failed")).toBe("failed");
  });
});

describe("the lines of top", () => {
  it("stand in columns, numbers to the right", () => {
    expect(topLines(ROWS, { key: "l", isReversed: false })).toEqual([
      "PIPELINE  STATE    MESSAGES/S       LAG▼  LATE  DEAD LETTERS  WATERMARK",
      "b         running           0  1,234,567     0             0       90 s",
      "größer    failed            0          2     0             0        2 h",
      "a         running          20          0     0             0          -",
    ]);
  });

  it("are sorted by any column: texts from A, numbers from the largest", () => {
    expect(names("p")).toEqual(["a", "b", "größer"]);
    expect(names("s")).toEqual(["größer", "a", "b"]);
    expect(names("m")).toEqual(["a", "b", "größer"]);
    expect(names("w")).toEqual(["größer", "b", "a"]);
    expect(names("w", true)).toEqual(["a", "b", "größer"]);
  });

  it("cannot do anything to a terminal", () => {
    expect(topLines([row("x\u001b[2J")], { key: "p", isReversed: false })[1]).toContain("x\\u001b[2J");
  });
});

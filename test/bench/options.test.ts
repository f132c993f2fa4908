import { describe, expect, it } from "vitest";
import { DEFINITIONS, select } from "../../bench/definitions.ts";
import { parseOptions } from "../../bench/options.ts";

describe("the bench's options", () => {
  it("have defaults", () => {
    expect(parseOptions([])).toMatchObject({ rounds: 5, messages: 5_000_000, minutes: Number.POSITIVE_INFINITY, action: "measure" });
  });

  it("refuse what means nothing", () => {
    expect(() => parseOptions(["--rounds", "0"])).toThrow(/--rounds/);
    expect(() => parseOptions(["--minutes", "soon"])).toThrow(/--minutes/);
    expect(() => parseOptions(["--stop", "--resume"])).toThrow(/do not go together/);
    expect(() => parseOptions(["--surprise"])).toThrow(/surprise/);
  });

  it("choose runs by name, optional ones only where they are wanted", () => {
    expect(select(/W2$/, false).map(({ name }) => name)).toEqual(["sluice W2", "flink-1.20 W2"]);
    expect(select(/W2$/, true).map(({ name }) => name)).toEqual(["sluice W2", "flink-1.20 W2", "flink-2.2 W2"]);
  });

  it("name every run once, and keep those of a workload together", () => {
    expect(new Set(DEFINITIONS.map(({ name }) => name)).size).toBe(DEFINITIONS.length);
    const changes = DEFINITIONS.filter(({ workload }, index) => workload !== DEFINITIONS[index - 1]?.workload);
    expect(new Set(changes.map(({ workload }) => workload)).size).toBe(changes.length);
  });
});

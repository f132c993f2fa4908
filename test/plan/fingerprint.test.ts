import { describe, expect, it } from "vitest";
import { must } from "../../src/assert.ts";
import { planOf } from "./run-statement.ts";

/** The part that kept state rests on. */
const fingerprintOf = (window: string): string => {
  const plan = planOf(`INSERT INTO a SELECT d, window_start, COUNT(*) AS n FROM t ${window} GROUP BY d`);
  return must(must(plan.statements[0]).fingerprint.split(".")[0]);
};

describe("the fingerprint of a statement", () => {
  it("is that of earlier versions for a plain tumbling window, whose kept state still fits", () => {
    expect(fingerprintOf("WINDOW TUMBLING (SIZE 1 MINUTE, GRACE PERIOD 5 SECONDS)")).toBe("6PWbZyga5-jrudPs");
  });

  it("is another one for another window", () => {
    const windows = [
      "WINDOW TUMBLING (SIZE 2 MINUTES)",
      "WINDOW TUMBLING (SIZE 1 MINUTE)",
      "WINDOW TUMBLING (SIZE 1 MINUTE, GRACE PERIOD 5 SECONDS)",
    ];
    expect(new Set(windows.map(fingerprintOf)).size).toBe(windows.length);
  });
});

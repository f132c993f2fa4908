import { expect, it } from "vitest";
import { describeWith } from "../needs.ts";
import { BAD, RECOVERY_MS, runIsolation } from "./isolation-run.ts";
import { isFlatAgain } from "./lag-samples.ts";

describeWith("kafka", "ten pipelines, of which one leaks memory, one loops without end and one throws", ({ brokers }) => {
  it("leave the others alone, say what they were at, and complete once they are mended", async () => {
    const options = { brokers, rate: 200, beforeMs: 4_000, afterMs: 4_000, silentMs: 8_000, heapMb: 48, leakBytes: 50_000, tell: () => {} };
    const { before, after, wrong, bad, shown, healthy } = await runIsolation(options);
    expect(wrong).toEqual([]);
    expect(healthy.map(({ state, failures, restarts }) => [state, failures, restarts])).toEqual(healthy.map(() => ["running", [], 0]));
    for (const name of BAD) {
      expect(bad[name], name).toMatchObject({ state: "failed", restarts: expect.toSatisfy((count: number) => count > 0) });
    }
    const error = (name: (typeof BAD)[number]) => bad[name].failures.at(-1);
    expect(error("leak")).toMatchObject({ code: "LIMIT_EXCEEDED", message: expect.stringContaining("more heap than 48 MB") });
    expect(error("spin")).toMatchObject({
      code: "INTERNAL",
      message: expect.stringContaining("has told nothing for 8 s"),
      topic: expect.stringContaining("spin"),
      partition: 0,
      offset: shown.spin.harmful,
      hint: expect.stringMatching(/it was at spin.*-0, offset \d+, for/),
    });
    expect(error("crash")).toMatchObject({
      code: "INTERNAL",
      message: "a pipeline of harm",
      offset: shown.crash.harmful,
      stack: expect.stringContaining("bad.ts"),
    });
    for (const name of ["spin", "crash"] as const) {
      expect(shown[name].text, name).toMatch(new RegExp(`last failure.* ${name}\\S* partition 0 offset ${shown[name].harmful}: `));
    }
    // On a machine that does other things: well below the time that they would have stood still.
    expect(isFlatAgain(before, after, 3, 1), JSON.stringify({ before, after, RECOVERY_MS })).toBe(true);
  });
});

import { expect, it } from "vitest";
import { describeWith } from "../needs.ts";
import { runTakeover } from "./takeover-run.ts";

const GROUPS = 20_000;
const SESSION_MS = 6_000;

describeWith("kafka", "a server that is killed beside another one", ({ brokers }) => {
  it("leaves its partitions to that, with the state of their windows, and takes a share again that others give up alone", {
    timeout: 240_000,
  }, async () => {
    const report = await runTakeover({ brokers, groups: GROUPS, sessionTimeoutMs: SESSION_MS, tell: () => {} });
    expect(report.wrong).toEqual([]);
    expect(report.results).toBe(GROUPS);
    expect(report.kept).toBe(2);
    expect(report.rate.bytes).toBeGreaterThan(GROUPS);
    // As `npm run soak:takeover`: five seconds beyond the session's.
    expect(report.takeoverSeconds, JSON.stringify(report)).toBeLessThan(SESSION_MS / 1000 + 5);
  });
});

import { appendFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { appendRun, beginSession, readSession, remainingSteps } from "../../bench/session.ts";
import { scratch } from "../support/scratch.ts";
import { aRun, aSession } from "./runs.ts";

describe("a session", () => {
  it("measures round 1 of everything, then round 2", () => {
    const steps = remainingSteps({ names: ["a", "b"], rounds: 2 }, []);
    expect(steps.map(({ name, round }) => `${name}${round}`)).toEqual(["a1", "b1", "a2", "b2"]);
  });

  it("goes on behind what is measured, and tries again what has failed", () => {
    const done = [
      { name: "a", round: 1 },
      { name: "c", round: 1 },
      { name: "a", round: 2 },
    ];
    const steps = remainingSteps({ names: ["a", "b", "c"], rounds: 2 }, done);
    expect(steps.map(({ name, round }) => `${name}${round}`)).toEqual(["b1", "b2", "c2"]);
    expect(remainingSteps({ names: ["a"], rounds: 2 }, done)).toEqual([]);
  });

  it("keeps every run, and drops a line that a crash has cut short", () => {
    const { path } = beginSession(aSession(), scratch());
    appendRun(path, aRun({ name: "sluice W1", round: 1 }));
    const whole = readFileSync(path, "utf8");
    appendFileSync(path, '{"name":"sluice W2","round":1,"me');
    const file = readSession(path);
    expect(file.session).toEqual(aSession());
    expect(file.runs).toEqual([aRun({ name: "sluice W1", round: 1 })]);
    expect(readFileSync(path, "utf8")).toBe(whole);
  });

  it("has a file of its own, named after time and commit", () => {
    const folder = scratch();
    expect(beginSession(aSession(), folder).path).toBe(join(folder, "2026-01-02T030405-012345678.jsonl"));
    expect(() => beginSession(aSession(), folder)).toThrow(/EEXIST/);
  });
});

import { describe, expect, it } from "vitest";
import { WorkPlace } from "../../src/runtime/work-place.ts";
import { planOf } from "../plan/run-statement.ts";

describe("what a thread is at", () => {
  it("is seen through shared memory, until it is over", () => {
    const plan = planOf("INSERT INTO a SELECT n FROM first; INSERT INTO b SELECT n FROM second;");
    const worker = new WorkPlace(plan);
    const starter = new WorkPlace(plan, worker.buffer);
    expect(starter.read()).toBeNull();
    worker.enter(plan.statements[1]?.statement.name ?? "", "second", 3, 2 ** 40, 2 ** 40 + 9);
    expect(starter.read()).toEqual({
      coordinates: { statement: "b#1", topic: "second", partition: 3, offset: 2 ** 40 },
      lastOffset: 2 ** 40 + 9,
    });
    worker.leave();
    expect(starter.read()).toBeNull();
    // A log that is merged of several has no topic of that name.
    worker.enter("a#1", "first+second", 0, 1, 2);
    expect(starter.read()?.coordinates).toEqual({ statement: "a#1", partition: 0, offset: 1 });
    worker.enter("nobody", "first", 0, 1, 2);
    expect(starter.read()).toBeNull();
  });
});

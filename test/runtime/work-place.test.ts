import { describe, expect, it } from "vitest";
import { WorkPlace } from "../../src/runtime/work-place.ts";
import { planOf } from "../plan/run-statement.ts";

const plan = planOf("INSERT INTO a SELECT n FROM first; INSERT INTO b SELECT n FROM second;");

describe("what a thread is at", () => {
  it("is seen through shared memory, also when it is over", () => {
    const worker = new WorkPlace(plan);
    const starter = new WorkPlace(plan, { buffer: worker.buffer });
    expect(starter.read()).toBeNull();
    const records = { topic: "second", partition: 3, first: 2 ** 40, last: 2 ** 40 + 9 };
    const statement = "b#1";
    const stretch = { statement, ...records, isOfResults: false };
    worker.enter(stretch);
    expect(starter.read()).toEqual({ coordinates: { statement, topic: "second", partition: 3 }, records, stretch, isOver: false });
    const results = { statement: "a#1", topic: "first", partition: 0, first: 0, last: 7, isOfResults: true };
    worker.during(results, { ...records, last: 2 ** 40 }, () => {
      expect(starter.read()).toMatchObject({ coordinates: { statement: "a#1", offset: 2 ** 40 }, stretch: results, isOver: false });
    });
    expect(starter.read()).toMatchObject({ stretch, isOver: false });
    worker.record[0] = 2 ** 40 + 5;
    const told = { first: 2 ** 40 + 5, last: 2 ** 40 + 5 };
    expect(starter.read()).toMatchObject({ coordinates: { offset: told.first }, records: told, stretch: told, isOver: false });
    worker.leave();
    expect(starter.read()).toMatchObject({ stretch, isOver: true });
    worker.enter({ statement: "nobody", topic: "first", partition: 0, first: 1, last: 2 });
    expect(starter.read()).toBeNull();
  });

  it("is shown with an offset where it is one record, by the topic that this lies in", () => {
    const place = new WorkPlace(plan);
    const log = { statement: "a#1", topic: "first+second", partition: 0, first: 40, last: 40 };
    place.enter(log, { topic: "second", partition: 1, first: 7, last: 7 });
    // A log that is merged of several has no topic of that name.
    expect(place.read()).toMatchObject({
      coordinates: { statement: "a#1", topic: "second", partition: 1, offset: 7 },
      stretch: { ...log, topic: null },
    });
  });

  it("is one record at a time where a thread was lost before, and at full speed behind", () => {
    const suspects = [
      { statement: "a#1", topic: "first", partition: 1, first: 10, last: 12 },
      { statement: "a#1", topic: null, partition: 1, first: 3, last: 3 },
    ];
    const place = new WorkPlace(plan, { suspects });
    const ends = (topic: string, partition: number, numbers: readonly number[]) =>
      numbers.map((number) => place.endOfPiece({ statement: "a#1", topic, partition }, number));
    expect(ends("first", 1, [0, 9, 10, 11, 12, 13])).toEqual([10, 10, 11, 12, 13, Number.POSITIVE_INFINITY]);
    expect(ends("merged", 1, [0, 3, 4])).toEqual([3, 4, Number.POSITIVE_INFINITY]);
    expect(ends("first", 0, [10])).toEqual([Number.POSITIVE_INFINITY]);
    expect(place.endOfPiece({ statement: "b#1", topic: "first", partition: 1 }, 10)).toBe(Number.POSITIVE_INFINITY);
  });
});

import { afterEach, describe, expect, it } from "vitest";
import { lowerLimits } from "../property/lower-limits.ts";
import { Harness, record } from "./harness.ts";
import { Traffic } from "./traffic.ts";

/** A group's records that pay for a delta of it. */
const RECORDS_PER_GROUP = 20;
const DEVICES = 100;
const ROUNDS = 60;

lowerLimits({ deltaGroupsCheap: 20, deltaRecordsPerGroup: RECORDS_PER_GROUP, fetchBytesMax: 8192, batchRowsMax: 100 });

describe("deltas of an aggregate that emits final results", () => {
  let harness = new Harness();
  afterEach(() => harness.dispose());

  it("wait where they are large until reading the records again would cost more", async () => {
    const traffic = new Traffic();
    harness = new Harness(traffic.wrap);
    const records = Array.from({ length: DEVICES * ROUNDS }, (_, n) => record({ device: n % DEVICES, n }));
    for (let from = 0; from < records.length; from += 100) await harness.append("t", records.slice(from, from + 100));
    const sql = `SET 'commit.interval' = 1;
      INSERT INTO sums SELECT device, COUNT(*) AS c, SUM(n) AS total FROM t WINDOW TUMBLING (SIZE 1 MINUTE) GROUP BY device EMIT FINAL;`;
    await harness.run("p", sql, { close: true });
    const documents = (await harness.table("sums")) as { device: number; c: number }[];
    expect(documents).toHaveLength(DEVICES);
    expect(documents.every(({ c }) => c === ROUNDS)).toBe(true);
    // And those at the beginning and the end. A blob after each fetch of some 300 records would be 20.
    expect(traffic.blobs).toBeLessThanOrEqual(ROUNDS / RECORDS_PER_GROUP + 4);
  });
});

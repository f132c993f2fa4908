import { afterEach, describe, expect, it } from "vitest";
import { lowerLimits } from "../property/lower-limits.ts";
import { Harness, record } from "./harness.ts";
import { Traffic } from "./traffic.ts";

lowerLimits({ deltaGroupsCheap: 20, deltaRecordsPerGroup: 4, fetchBytesMax: 8192, batchRowsMax: 100 });

const DEVICES = 100;
const ROUNDS = 60;

describe("deltas of an aggregate that emits final results", () => {
  let harness = new Harness();
  afterEach(() => harness.dispose());

  const blobsOf = async (devices: number): Promise<number> => {
    const traffic = new Traffic();
    harness = new Harness(traffic.wrap);
    const records = Array.from({ length: DEVICES * ROUNDS }, (_, n) => record({ device: n % devices, n }));
    for (let from = 0; from < records.length; from += 100) await harness.append("t", records.slice(from, from + 100));
    const sql = `SET 'commit.interval' = 1;
      INSERT INTO sums SELECT device, COUNT(*) AS c, SUM(n) AS total FROM t WINDOW TUMBLING (SIZE 1 MINUTE) GROUP BY device EMIT FINAL;`;
    await harness.run("p", sql, { close: true });
    const documents = (await harness.table("sums")) as { device: number; c: number }[];
    expect(documents).toHaveLength(devices);
    expect(documents.every(({ c }) => c === (DEVICES * ROUNDS) / devices)).toBe(true);
    return traffic.blobs;
  };

  it("wait where they are large until reading the records again would cost more", async () => {
    const dear = await blobsOf(DEVICES);
    harness.dispose();
    const cheap = await blobsOf(10);
    // One for each four records a group, and those at the beginning and the end; one fetch gives 100 to 300 records.
    expect(dear).toBeLessThanOrEqual((DEVICES * ROUNDS) / (DEVICES * 4) + 4);
    expect(cheap).toBeGreaterThan(dear);
  });
});

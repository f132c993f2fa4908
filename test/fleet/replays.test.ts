import { describe, expect, it } from "vitest";
import type { BeginningPlace } from "../../src/plan/pipeline-plan.ts";
import { SeededRandom, seeds } from "../property/random.ts";
import { until } from "../support/until.ts";
import { runningFleet } from "./running-fleet.ts";

const COUNT = "CREATE STREAM readings WITH (key = 'id'); INSERT INTO elastic.counts SELECT id, COUNT(*) AS n FROM readings GROUP BY id;";
const START = Date.parse("2026-03-01T00:00:00Z");
const PARTITIONS = 3;
const ROUNDS = 6;

interface Written {
  readonly id: string;
  readonly timestampMs: number;
}

/** Of each partition, the first offset that a statement takes which is made to begin at that place; null: it goes on. */
function firstOffset(records: readonly Written[], place: BeginningPlace, partition: number): number | null {
  if (place === "earliest") return 0;
  if (place === "here" || place === "start") throw new Error("where that is depends on how far it has come");
  if ("offsets" in place) return place.offsets[partition] ?? null;
  const found = records.findIndex(({ timestampMs }) => timestampMs >= place.timeMs);
  return found === -1 ? records.length : found;
}

describe("beginning anew at a time or at offsets", () => {
  it.each(seeds([], 3))("counts what is behind it in each partition, and nothing twice: seed %i", async (seed) => {
    const random = new SeededRandom(seed);
    const running = await runningFleet();
    await running.source.createTopic("readings", { partitions: PARTITIONS });
    const log: Written[][] = Array.from({ length: PARTITIONS }, () => []);
    let seconds = 0;
    const write = async (): Promise<void> => {
      const records = log.flatMap((written, partition) =>
        Array.from({ length: 1 + random.below(20) }, () => {
          const record = { id: `${partition}-${random.below(3)}`, timestampMs: START + 1000 * seconds++ };
          written.push(record);
          return { key: Buffer.from(record.id), value: Buffer.from(JSON.stringify(record)), timestampMs: record.timestampMs, partition };
        }),
      );
      await running.source.append("readings", records);
    };
    /** Where the count of each partition begins, and what was counted of groups that have not come again. */
    const from = log.map(() => 0);
    const shown = new Map<string, number>();
    const counted = async (why: string): Promise<void> => {
      for (const [partition, records] of log.entries()) {
        const own = records.slice(from[partition]).map(({ id }) => id);
        for (const id of new Set(own)) shown.set(id, own.filter((one) => one === id).length);
      }
      const expected = Object.fromEntries([...shown].sort());
      const found = async (): Promise<object> => {
        const documents = (await running.documents("counts")) as readonly { id: string; n: number }[];
        return Object.fromEntries(documents.map(({ id, n }) => [id, n] as const).sort());
      };
      await until(
        async () => JSON.stringify(await found()) === JSON.stringify(expected),
        why,
        20_000,
        () => JSON.stringify({ expected, status: running.fleet.status("p") }),
      );
    };
    const places: readonly (() => BeginningPlace)[] = [
      () => "earliest",
      () => ({ timeMs: START + random.below(1000 * seconds) }),
      () => ({
        offsets: Object.fromEntries(log.flatMap((records, n) => (random.below(2) === 0 ? [] : [[n, random.below(records.length + 1)]]))),
      }),
    ];
    await write();
    await running.put("p", COUNT);
    await counted("the first count");
    for (let round = 0; round < ROUNDS; round++) {
      const place = (places[random.below(places.length)] as () => BeginningPlace)();
      const offsets = log.map((records, partition) => firstOffset(records, place, partition));
      await running.deployments.change([{ kind: "put", name: "p", text: COUNT, begin: { "counts#1": place } }], { by: "test" });
      for (const [partition, offset] of offsets.entries()) from[partition] = offset ?? (from[partition] as number);
      await write();
      await counted(`round ${round}, ${JSON.stringify(place)}`);
    }
    expect(running.fleet.status("p")?.failures).toEqual([]);
  });
});

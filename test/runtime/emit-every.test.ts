import { afterEach, describe, expect, it } from "vitest";
import { must } from "../../src/assert.ts";
import { SeededRandom } from "../property/random.ts";
import { Witness } from "../property/wrap-connection.ts";
import { SteppedClock } from "../support/stepped-clock.ts";
import { until } from "../support/until.ts";
import { Harness, record } from "./harness.ts";

const START = 1_700_000_040_000;
const SECOND = 1000;
const at = (device: string, seconds: number) => record({ device }, { key: device, timestampMs: START + seconds * SECOND });

describe("EMIT EVERY", () => {
  const clock = new SteppedClock(START);
  let harness = new Harness();
  afterEach(() => harness.dispose());

  it("spaces out what changes; positions are durable meanwhile, closed windows and an orderly stop do not wait", async () => {
    const sql = `CREATE STREAM readings (device STRING) WITH (key = 'device'); SET 'idle.timeout' = 0;
      INSERT INTO minutes SELECT device, window_start AS at, COUNT(*) AS n FROM readings
        WINDOW TUMBLING (SIZE 1 MINUTE) GROUP BY device EMIT EVERY 10 SECONDS;`;
    harness = new Harness(undefined, null, clock);
    await harness.append("readings", [at("a", 1)]);
    const run = harness.start("p", sql, { until: "follow" });
    const rows = async () => ((await harness.table("minutes")) as { device: string; n: number }[]).map(({ device, n }) => [device, n]);
    const durable = (): number => {
      const last = run.messages.findLast((message) => message.kind === "progress");
      return must(must(last?.statements[0]).partitions[0]).durable;
    };
    await clock.pass(9 * SECOND);
    expect(await rows()).toEqual([]);
    expect(durable()).toBe(1);
    await clock.pass(3 * SECOND);
    expect(await rows()).toEqual([["a", 1]]);
    await harness.append("readings", [at("a", 2), at("b", 3), at("a", 4)]);
    await clock.pass(5 * SECOND);
    expect(durable()).toBe(4);
    expect(await rows()).toEqual([["a", 1]]);
    await clock.pass(5 * SECOND);
    expect(await rows()).toEqual([
      ["a", 3],
      ["b", 1],
    ]);
    // Its minute closes at once, and is written with all that has come.
    await harness.append("readings", [at("b", 5), at("c", 61)]);
    await clock.pass(2 * SECOND);
    expect(await rows()).toEqual([
      ["a", 3],
      ["b", 2],
    ]);
    run.handle.stop(1000);
    const { statements } = await run.ended;
    expect(await rows()).toEqual([
      ["a", 3],
      ["b", 2],
      ["c", 1],
    ]);
    expect(statements[0]?.counters).toMatchObject({ in: 6, applied: 6, sent: 5, written: 5 });
  });

  it.each([1, 40, 200])("sends after crashes what no run before has sent, of blobs of every kind: %i records at a time", async (count) => {
    const witness = new Witness();
    harness = new Harness(witness.wrap);
    const sql = `SET 'commit.interval' = 1; CREATE STREAM readings (device STRING) WITH (key = 'device');
      INSERT INTO totals SELECT device, COUNT(*) AS n FROM readings GROUP BY device EMIT EVERY 1 HOUR;`;
    const expected = new Map<string, number>();
    const random = new SeededRandom(count);
    witness.isDeaf = true;
    for (let crash = 0; crash < 4; crash++) {
      const run = harness.start("p", sql, { until: "follow", progressIntervalMs: 5 });
      for (let part = 0; part < 3; part++) {
        const devices = Array.from({ length: count }, () => `d${random.below(3 * count)}`);
        for (const device of devices) expected.set(device, (expected.get(device) ?? 0) + 1);
        await harness.append(
          "readings",
          devices.map((device) => at(device, 1)),
        );
        const isDurable = (): boolean => {
          const last = run.messages.findLast((message) => message.kind === "progress");
          return last?.statements[0]?.partitions[0]?.durable === (crash * 3 + part + 1) * count;
        };
        await until(isDurable, "all of it to be durable");
      }
      expect(await harness.table("totals").catch(() => [])).toEqual([]);
      run.handle.stop(0);
      await run.ended;
    }
    witness.isDeaf = false;
    witness.take();
    const { fetched } = await harness.run("p", sql);
    expect(fetched).toBe(0);
    const rows = (await harness.table("totals")) as { device: string; n: number }[];
    expect(new Map(rows.map(({ device, n }) => [device, n]))).toEqual(expected);
  });
});

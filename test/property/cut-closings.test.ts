import { beforeEach, describe, expect, it } from "vitest";
import { must } from "../../src/assert.ts";
import { LIMITS } from "../../src/limits.ts";
import { idOf } from "../../src/model/change.ts";
import type { Connection } from "../../src/ports/connection.ts";
import type { RawRecord } from "../../src/ports/source.ts";
import { type Harness, record } from "../runtime/harness.ts";
import { newHarness } from "../runtime/new-harness.ts";
import { until } from "../support/until.ts";
import { lowerLimits } from "./lower-limits.ts";
import { SeededRandom, seeds } from "./random.ts";
import { withSinks } from "./wrap-connection.ts";

const BARRIER_CHANGES = 20;
lowerLimits({ barrierChangesMax: BARRIER_CHANGES, fetchWaitMs: 30 });

const START = 1_700_000_040_000;
const sqlOf = (window: string): string => `
  INSERT INTO finals SELECT device, window_start, window_end, COUNT(*) AS n, SUM(v) AS total, COLLECT_LIST(v) AS list
  FROM t WINDOW ${window} GROUP BY device HAVING COUNT(*) > 1 EMIT FINAL;`;

/** What every change was when it was sent: also its place among the results of the record that closed the window. */
class Deliveries {
  readonly sizes: number[] = [];
  readonly places = new Map<string, Set<string>>();
  sent = 0;
  /** After so many changes targets take everything and never say so. */
  muteAfter = Number.POSITIVE_INFINITY;

  wrap = (connection: Connection): Connection =>
    withSinks(connection, (_target, sink) => ({
      write: async (batch, origin, signal) => {
        this.sizes.push(batch.count);
        this.sent += batch.count;
        for (let row = 0; row < batch.count; row++) {
          const place = `${batch.versions[row]} ${batch.causeOffsets[row]} ${batch.causeOrdinals[row]}`;
          const places = this.places.get(idOf(batch, row)) ?? new Set();
          this.places.set(idOf(batch, row), places.add(place));
        }
        const result = await sink.write(batch, origin, signal);
        if (this.sent > this.muteAfter && !signal.aborted) {
          await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
        }
        signal.throwIfAborted();
        return result;
      },
      close: () => sink.close(),
    }));
}

function windowsOf(random: SeededRandom): RawRecord[] {
  const records: RawRecord[] = [];
  for (let window = 0; window < 3; window++) {
    for (let n = 0; n < 400; n++) {
      const device = `d${random.below(120)}`;
      records.push(record({ device, v: random.below(100) }, { key: device, timestampMs: START + window * 10_000 + n * 20 }));
    }
  }
  // Closes what is open, two windows at once.
  records.push(record({ device: "last", v: 1 }, { key: "last", timestampMs: START + 60_000 }));
  return records;
}

describe.each([
  ["with a blob after each part", LIMITS.deltaGroupsCheap, "TUMBLING (SIZE 10 SECONDS)"],
  ["without blobs in between", 0, "TUMBLING (SIZE 10 SECONDS)"],
  ["of panes, with blobs", LIMITS.deltaGroupsCheap, "HOPPING (SIZE 10 SECONDS, ADVANCE BY 4 SECONDS)"],
  ["sessions, with blobs", LIMITS.deltaGroupsCheap, "SESSION (GAP 3 SECONDS, GRACE PERIOD 30 SECONDS)"],
  ["sessions, without blobs", 0, "SESSION (GAP 2 SECONDS, GRACE PERIOD 10 SECONDS)"],
  ["of panes, without blobs", 0, "CUMULATING (SIZE 10 SECONDS, STEP 5 SECONDS)"],
  ["of rows, with blobs", LIMITS.deltaGroupsCheap, "COUNT (SIZE 3)"],
  ["of rows that overlap, without blobs", 0, "COUNT (SIZE 4, ADVANCE BY 3)"],
])("windows with more groups than a barrier holds, %s", (_how, deltaGroupsCheap, window) => {
  const SQL = sqlOf(window);
  beforeEach(() => lowerLimits({ deltaGroupsCheap }));

  const newRun = async (records: readonly RawRecord[]): Promise<{ harness: Harness; deliveries: Deliveries }> => {
    const deliveries = new Deliveries();
    const harness = newHarness(deliveries.wrap);
    await harness.append("t", records);
    return { harness, deliveries };
  };

  it.each(seeds([], 4))("are closed in several, and after a crash between two go on where they were: seed %i", async (seed) => {
    const random = new SeededRandom(seed);
    const records = windowsOf(random);
    const whole = await newRun(records);
    const first = await whole.harness.run("p", SQL, { close: true });
    expect(first.last.kind).toBe("done");
    expect(whole.deliveries.sizes.length).toBeGreaterThan(6);
    expect(Math.max(...whole.deliveries.sizes)).toBeLessThanOrEqual(BARRIER_CHANGES);

    const { harness, deliveries } = await newRun(records);
    for (let crash = 0; crash < 3; crash++) {
      deliveries.muteAfter = deliveries.sent + 1 + random.below(90);
      const target = Math.min(deliveries.muteAfter, deliveries.places.size + 1);
      const { handle, ended } = harness.start("p", SQL, { until: "follow" });
      await until(
        () => deliveries.sent > target,
        "results before the crash",
        10_000,
        () => String(deliveries.sent),
      );
      handle.stop(0);
      await ended;
    }
    deliveries.muteAfter = Number.POSITIVE_INFINITY;
    const { statements } = await harness.run("p", SQL, { close: true });
    expect(await harness.tableTexts("finals")).toEqual(await whole.harness.tableTexts("finals"));
    expect(must(statements[0]).counters).toMatchObject({
      ...must(first.statements[0]).counters,
      written: expect.any(Number),
      superseded: expect.any(Number),
    });
    const { sent, written, superseded } = must(statements[0]).counters;
    expect(sent).toBe(written + superseded);
    // The place of each result is the same in every try. Versions are, too: the clock goes on from the blob.
    for (const [id, places] of deliveries.places) expect([...places], id).toHaveLength(1);
    const placeOf = (all: Deliveries) =>
      new Map([...all.places].map(([id, places]) => [id, [...places][0]?.split(" ").slice(1).join(" ")]));
    expect(placeOf(deliveries)).toEqual(placeOf(whole.deliveries));
  });
});

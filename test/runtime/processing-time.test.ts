import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { must } from "../../src/assert.ts";
import { SteppedClock } from "../support/stepped-clock.ts";
import { Harness, record } from "./harness.ts";
import { SeenNotes } from "./seen-notes.ts";

const START = 1_700_000_040_000;
const SECOND = 1000;

/** Of long ago, by its own time. */
const of = (device: string) => record({ device }, { key: device, timestampMs: START - 1_000_000 * SECOND });

const counts = (target: string): string =>
  `SET 'time' = 'processing';
   CREATE STREAM readings (device STRING) WITH (key = 'device');
   INSERT INTO ${target} SELECT device, window_start, COUNT(*) AS n FROM readings
     WINDOW TUMBLING (SIZE 10 SECONDS) GROUP BY device EMIT FINAL;`;

const windowOf = (device: string, seconds: number, n: number) => ({
  device,
  window_start: new Date(START + seconds * SECOND).toISOString(),
  n,
});

describe("processing time", () => {
  let clock = new SteppedClock(START);
  let notes = new SeenNotes("wall");
  let harness = new Harness();
  beforeEach(() => {
    clock = new SteppedClock(START);
    notes = new SeenNotes("wall");
    harness = new Harness(notes.wrap, null, clock);
  });
  afterEach(() => harness.dispose());

  /** A program that is started later, on the same store. */
  const later = (): Harness => new Harness(undefined, null, clock, harness.directory);
  const passUntilEnd = async (run: Promise<unknown>): Promise<void> => {
    let hasEnded = false;
    run.finally(() => {
      hasEnded = true;
    });
    await clock.passUntil(() => hasEnded, "the end of a run");
  };
  const stop = async ({ handle, ended }: ReturnType<Harness["start"]>) => {
    handle.stop(1000);
    return (await ended).statements[0]?.counters;
  };

  it("puts records into the windows in which they were first read; a replay, and a statement that comes later, into its own", async () => {
    await harness.append("readings", [of("a"), of("b"), of("a")]);
    const run = harness.start("p", counts("x"), { until: "follow" });
    await clock.passUntil(() => notes.seen.length === 1, "the first batch");
    await clock.pass(12 * SECOND);
    await harness.append("readings", [of("a")]);
    await clock.passUntil(async () => (await harness.table("x")).length === 2, "the first window");
    expect(await harness.table("x")).toEqual([windowOf("a", 0, 2), windowOf("b", 0, 1)]);
    expect(notes.seen.map(({ first, offset }) => [first, offset])).toEqual([
      [0, 2],
      [3, 3],
    ]);
    await clock.pass(45 * SECOND);
    expect((await harness.table("x")).length).toBe(3);
    expect(await stop(run)).toMatchObject({ in: 4, applied: 4, late: 0 });

    const elapsed = Math.floor((clock.now() - START) / 10_000) * 10;
    await passUntilEnd(later().run("q", counts("y"), { close: true }));
    expect(await harness.table("y")).toEqual([windowOf("a", elapsed, 3), windowOf("b", elapsed, 1)]);
  });

  it("keeps the time of a batch over a crash between its note and its first effect", async () => {
    await harness.append("readings", [of("a"), of("a")]);
    notes.isHeld = true;
    harness.start("p", counts("x"), { until: "follow" });
    await clock.passUntil(() => notes.seen.length === 1, "the note");
    const { timeMs } = must(notes.seen[0]);
    await clock.pass(60 * SECOND);
    await harness.append("readings", [of("a")]);
    const then = Math.floor((clock.now() - START) / 10_000) * 10;
    await passUntilEnd(later().run("p", counts("x"), { close: true }));
    const first = Math.floor((timeMs - START) / 10_000) * 10;
    expect(first).toBeLessThan(then);
    expect(await harness.table("x")).toEqual([windowOf("a", first, 2), windowOf("a", then, 1)]);
  });

  it("is refused for joins and for aggregates over aggregates", () => {
    const declare = "SET 'time' = 'processing'; CREATE STREAM l (k STRING) WITH (key = 'k'); CREATE STREAM r (k STRING) WITH (key = 'k');";
    expect(() => harness.plan("p", `${declare} INSERT INTO x SELECT l.k FROM l JOIN r WITHIN 1 MINUTE ON l.k = r.k;`)).toThrow(
      "joins by processing time",
    );
    const inner = "SELECT k, window_start AS s, COUNT(*) AS n FROM l WINDOW TUMBLING (SIZE 1 SECOND) GROUP BY k EMIT FINAL";
    expect(() => harness.plan("p", `${declare} INSERT INTO x SELECT k, MAX(n) AS m FROM (${inner}) AS i GROUP BY k;`)).toThrow(
      "aggregates over aggregates by processing time",
    );
  });
});

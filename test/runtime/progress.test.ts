import { afterEach, describe, expect, it } from "vitest";
import { must } from "../../src/assert.ts";
import { SluiceError } from "../../src/errors.ts";
import type { Connection } from "../../src/ports/connection.ts";
import { DURATION_BOUNDS_MS, Durations } from "../../src/runtime/durations.ts";
import type { DurationCounts, StatementProgress } from "../../src/runtime/protocol.ts";
import { withSinks } from "../property/wrap-connection.ts";
import { SteppedClock } from "../support/stepped-clock.ts";
import { until } from "../support/until.ts";
import { Harness, record } from "./harness.ts";

const NOON = Date.parse("2025-06-01T12:00:00Z");

/** Ten readings in partition 0, five in 1, none in 2; of each partition the first is too cold. */
const READINGS = [10, 5].flatMap((count, partition) =>
  Array.from({ length: count }, (_, n) =>
    record({ id: `${partition}`, v: n, at: NOON + n * 1_000 }, { partition, key: `${partition}`, timestampMs: NOON + n * 1_000 + 250 }),
  ),
);

const WINDOWED = `
  CREATE STREAM readings (id STRING, v BIGINT, at BIGINT) WITH (timestamp = 'at', key = 'id');
  SET 'error.policy' = 'noop'; SET 'dead.letters' = 'embedded.dlq';
  INSERT INTO sums SELECT id, COUNT(*) AS n FROM readings WHERE v > 0 GROUP BY id WINDOW TUMBLING (SIZE 1 HOUR) EMIT FINAL;`;

const timesOf = ({ counts }: DurationCounts) => counts.reduce((total, count) => total + count, 0);

/** A connection whose first writes fail, as many as are asked for. */
function failing(times: number): (connection: Connection) => Connection {
  let left = times;
  return (connection) =>
    withSinks(connection, (_target, sink) => ({
      write: (...given) => {
        if (left-- > 0) throw new SluiceError("CONNECTION_FAILED", "not now");
        return sink.write(...given);
      },
      close: () => sink.close(),
    }));
}

describe("progress", () => {
  let harness: Harness;
  afterEach(() => harness.dispose());

  it.each([1, 2])("tells how a statement stands in each partition, in %i threads", async (parallelism) => {
    harness = new Harness();
    await harness.append("readings", READINGS, 3);
    const { last, statements } = await harness.run("p", WINDOWED, { parallelism });
    const [sums] = statements as [StatementProgress];
    expect(sums.partitions.map(({ topic, partition, position, durable, lag }) => [topic, partition, position, durable, lag])).toEqual([
      ["readings", 0, 10, 10, 0],
      ["readings", 1, 5, 5, 0],
      ["readings", 2, 0, 0, 0],
    ]);
    expect(sums.partitions.map(({ counters }) => [counters.in, counters.applied, counters.filtered])).toEqual([
      [10, 9, 1],
      [5, 4, 1],
      [0, 0, 0],
    ]);
    expect(sums.partitions.map(({ recordTimeMs, streamTimeMs }) => [recordTimeMs, streamTimeMs])).toEqual([
      [NOON + 9_250, NOON + 9_000],
      [NOON + 4_250, NOON + 4_000],
      [null, null],
    ]);
    const [first, second, empty] = sums.partitions.map(({ stateBytes }) => stateBytes) as [number, number, number];
    expect(first).toBeGreaterThan(empty);
    expect(second).toBeGreaterThan(empty);
    expect(sums.routes.map(({ to }) => to)).toEqual(["target", "dead-letters"]);
    const { batches } = last as { batches: DurationCounts };
    expect(timesOf(batches)).toBeGreaterThanOrEqual(2);
    expect(batches.totalMs).toBeGreaterThan(0);
  });

  it("counts writes and what was tried again", async () => {
    harness = new Harness(failing(2));
    await harness.append("t", [record({ id: 1 })]);
    const { statements } = await harness.run("p", "SET 'retry.interval' = '1 ms'; INSERT INTO x SELECT id FROM t;");
    const [{ routes, counters }] = statements as [StatementProgress];
    expect(counters).toMatchObject({ sent: 1, written: 1 });
    const [route] = routes;
    expect(route).toMatchObject({ to: "target", queuedBytes: 0, retries: 2 });
    expect(timesOf(must(route).writes)).toBe(3);
  });

  it("keeps the error of a partition that a statement has failed in, with its place and stack", async () => {
    harness = new Harness();
    await harness.append("t", [record({ id: 1 }, { partition: 0 }), record("{", { partition: 0 }), record({ id: 2 }, { partition: 1 })], 2);
    const { statements } = await harness.run("p", "INSERT INTO x SELECT id FROM t;");
    const [{ partitions }] = statements as [StatementProgress];
    expect(partitions.map(({ state, position }) => [state, position])).toEqual([
      ["failed", 1],
      ["running", 1],
    ]);
    expect(partitions[0]?.error).toMatchObject({ code: "RECORD_MALFORMED", topic: "t", partition: 0, offset: 1 });
    expect(partitions[0]?.error?.stack).toContain("statement-task");
    expect(partitions[1]?.error).toBeNull();
  });

  it("is told rarely where nothing comes, and of what comes then at once", async () => {
    const clock = new SteppedClock(NOON);
    harness = new Harness(undefined, null, clock);
    await harness.append("t", [record({ id: 1 })]);
    const options = { until: "follow", progressIntervalMs: 1_000 } as const;
    const { handle, messages, ended } = harness.start("p", "INSERT INTO x SELECT id FROM t;", options);
    const told = () => messages.flatMap((message) => (message.kind === "progress" ? [message] : []));
    await clock.passUntil(() => told().at(-1)?.statements[0]?.counters.written === 1, "the first record");
    await clock.pass(10_000);
    const before = told().length;
    await clock.pass(60_000);
    expect(told().length - before).toBeLessThanOrEqual(13);
    expect(Math.max(...told().map(({ loopLagMs }) => loopLagMs))).toBeLessThan(1_000);
    await harness.append("t", [record({ id: 2 })]);
    const nowMs = clock.now();
    await clock.passUntil(() => told().at(-1)?.messages === 2, "the second one");
    expect(clock.now() - nowMs).toBeLessThanOrEqual(1_000);
    handle.stop(1_000);
    await clock.pass(1_000);
    await ended;
  });

  it("tells how long its thread was busy otherwise", async () => {
    harness = new Harness();
    await harness.append("t", [record({ id: 1 })]);
    const { handle, messages, ended } = harness.start("p", "INSERT INTO x SELECT id FROM t;", { until: "follow", progressIntervalMs: 20 });
    const lags = () => messages.flatMap((message) => (message.kind === "progress" ? [message.loopLagMs] : []));
    await until(() => lags().length > 0, "progress");
    const before = lags().length;
    // Longer than a pause of a pipeline that is at rest; what was told before may be under way.
    for (const endMs = performance.now() + 500; performance.now() < endMs; );
    await until(
      () =>
        lags()
          .slice(before)
          .some((lagMs) => lagMs > 150),
      "progress that tells of it",
      10_000,
      () => lags().join(),
    );
    handle.stop(1_000);
    await ended;
  });
});

describe("durations", () => {
  it("are counted below the first bound that they do not pass", () => {
    const durations = new Durations();
    for (const ms of [0, 1, 1.1, 30_000, 30_001]) durations.add(ms);
    const { counts, totalMs } = durations.now;
    expect(counts).toHaveLength(DURATION_BOUNDS_MS.length + 1);
    expect([counts[0], counts[1], counts.at(-2), counts.at(-1)]).toEqual([2, 1, 1, 1]);
    expect(totalMs).toBeCloseTo(60_003.1);
  });
});

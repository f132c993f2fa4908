import { describe, expect, it } from "vitest";
import type { ToldStatement, ToldStatus } from "../../src/fleet/pipeline-status.ts";
import { mergedStatus, type ServerStatus } from "../../src/fleet/shared-status.ts";
import { readRecord, writeRecord } from "../../src/fleet/status-record.ts";
import { ToldServers, toldKey } from "../../src/fleet/told-servers.ts";
import { NO_COUNTERS } from "../../src/runtime/counters.ts";
import type { ErrorReport, PartitionProgress } from "../../src/runtime/protocol.ts";

const AT = "2026-01-01T00:00:00.000Z";
const LATER = "2026-01-01T00:00:01.000Z";

const ERROR: ErrorReport = {
  code: "RECORD_TYPE",
  message: "it is no number",
  hint: null,
  statement: "hot#1",
  topic: "readings",
  partition: 1,
  offset: 7,
  stack: null,
};

const partition = (number: number, taken: number, more: Partial<PartitionProgress> = {}): PartitionProgress => ({
  topic: "readings",
  partition: number,
  state: "running",
  generation: 1,
  position: taken,
  durable: taken,
  lag: 1,
  counters: { ...NO_COUNTERS, in: taken, applied: taken },
  recordTimeMs: 0,
  streamTimeMs: null,
  stateBytes: 0,
  error: null,
  ...more,
});

/** Its own sums are those of a run, which has counted on partitions that it has given up since. */
const statement = (name: string, partitions: readonly PartitionProgress[], more: Partial<ToldStatement> = {}): ToldStatement => ({
  name,
  target: "elastic.hot",
  state: "running",
  counters: { ...NO_COUNTERS, in: 1_000 },
  lag: 1_000,
  partitions,
  ...more,
});

const status = (statements: readonly ToldStatement[], more: Partial<ToldStatus> = {}): ToldStatus => ({
  state: "running",
  since: AT,
  waitingFor: [],
  messages: 10,
  bytes: 100,
  messagesPerSecond: 5,
  statements,
  failures: [],
  skipped: [],
  late: [],
  troubles: {},
  unavailable: [],
  restarts: 0,
  ...more,
});

const on = (server: string, told: ToldStatus, generation = 1): ServerStatus => ({ server, generation, status: told });

describe("a pipeline on several servers", () => {
  it("is the sum of their shares, whoever is first", () => {
    const left = on("left", status([statement("hot#1", [partition(0, 3), partition(2, 5)])]));
    const right = on("right", status([statement("hot#1", [partition(1, 4)])], { since: LATER }));
    const merged = mergedStatus([left, right]);
    expect(merged).toMatchObject({ state: "running", since: LATER, messages: 20, bytes: 200, messagesPerSecond: 10 });
    expect(merged.statements).toMatchObject([{ name: "hot#1", lag: 3, counters: { in: 12, applied: 12 } }]);
    expect(merged.statements[0]?.partitions.map((one) => [one.partition, one.server])).toEqual([
      [0, "left"],
      [1, "right"],
      [2, "left"],
    ]);
    expect(mergedStatus([right, left])).toEqual(merged);
  });

  it("has each partition where it was claimed last, with all members of a UNION ALL there", () => {
    const before = on("left", status([statement("hot#1", [partition(0, 3), partition(0, 3)])]));
    const now = [partition(0, 5, { generation: 2 }), partition(0, 6, { generation: 2 })];
    const merged = mergedStatus([before, on("right", status([statement("hot#1", now)]))]);
    expect(merged.statements[0]).toMatchObject({ lag: 2, counters: { in: 11 } });
    expect(merged.statements[0]?.partitions.map(({ server }) => server)).toEqual(["right", "right"]);
  });

  it("runs where all run that do not pause it, and has failed where one has, with what stopped that one", () => {
    const states = (...all: readonly ToldStatus["state"][]) =>
      mergedStatus(all.map((state, n) => on(`s${n}`, status([], { state })))).state;
    expect(states("running", "running")).toBe("running");
    expect(states("running", "starting")).toBe("starting");
    expect(states("paused", "stopping")).toBe("stopping");
    expect(states("paused", "running")).toBe("running");
    expect(states("paused", "paused")).toBe("paused");
    expect(states("running", "failed", "starting")).toBe("failed");
    const failed = status([], { state: "failed", since: LATER, failures: [{ ...ERROR, at: LATER }], restarts: 2 });
    const skipping = status([], { failures: [{ ...ERROR, code: "RECORD_INVALID" as ErrorReport["code"], at: AT }] });
    const merged = mergedStatus([on("left", failed), on("right", skipping)]);
    expect(merged).toMatchObject({ state: "failed", since: LATER, restarts: 2 });
    expect(merged.failures.map(({ server, at }) => [server, at])).toEqual([
      ["right", AT],
      ["left", LATER],
    ]);
    expect(merged.servers).toEqual([
      { server: "left", state: "failed", since: LATER },
      { server: "right", state: "running", since: AT },
    ]);
  });

  it("has the statements of the latest text first, and those that are still drained behind", () => {
    const old = on("a", status([statement("cold#1", [partition(0, 1)]), statement("hot#1", [partition(0, 1)])]), 4);
    const latest = on("b", status([statement("hot#1", [partition(1, 1)])]), 5);
    expect(mergedStatus([old, latest]).statements.map(({ name }) => name)).toEqual(["hot#1", "cold#1"]);
  });
});

describe("what a server tells the others", () => {
  const told = { generation: 7, status: status([statement("hot#1", [partition(1, 4, { state: "failed", error: ERROR })])]) };

  it("is read as it was", () => {
    expect(readRecord(writeRecord(told))).toEqual(told);
  });

  it("leaves out what metrics alone tell, so that it is another text only where it says something else", () => {
    const withRoutes = { ...told.status.statements[0], routes: [{ to: "target", queuedBytes: 5 }] } as unknown as ToldStatement;
    expect(writeRecord({ ...told, status: { ...told.status, loopLagMs: 3, statements: [withRoutes] } as ToldStatus })).toBe(
      writeRecord(told),
    );
  });

  it("is refused where it is none, or of a later format", () => {
    const other = (change: object): string => JSON.stringify({ ...(JSON.parse(writeRecord(told)) as object), ...change });
    expect(readRecord(other({ format: 2, status: "?" }))).toBe("has the format 2, not 1");
    for (const text of ["", "null", "[]", "{}", "garbage", other({ status: null }), other({ status: { ...told.status, statements: [1] } })])
      expect(readRecord(text), text).toBe("is no record of a pipeline");
    expect(readRecord(other({ added: "later" }))).toMatchObject(told);
  });
});

describe("servers that tell", () => {
  const servers = () => {
    const troubles: string[] = [];
    return { troubles, all: new ToldServers((message) => troubles.push(message)) };
  };
  const record = (server: string, pipeline: string, value: string | null, seconds: number) => {
    return { key: toldKey(server, pipeline), value, timestampMs: seconds * 1000 };
  };
  const text = writeRecord({ generation: 1, status: status([]) });

  it("are there as long as the log's clock has not gone on for long without them", () => {
    const { all } = servers();
    all.take(record("a", "p", text, 0));
    all.take(record("b", "", "{}", 1));
    all.take(record("b", "p", text, 2));
    expect(all.of("p").map(({ server }) => server)).toEqual(["a", "b"]);
    expect(all.forgetGone()).toEqual([]);
    all.take(record("b", "", "{}", 26));
    expect([all.present, all.of("p").map(({ server }) => server)]).toEqual([["b"], ["b"]]);
    expect(all.forgetGone()).toEqual([{ key: "a|p", value: null }]);
    // That it is forgotten is no sign of life; that it tells again is one.
    all.take(record("a", "q", text, 26));
    all.take(record("b", "", "{}", 60));
    all.take(record("a", "q", null, 60));
    expect(all.present).toEqual(["b"]);
    all.take(record("a", "", "{}", 61));
    expect(all.present).toEqual(["a", "b"]);
  });

  it("say nothing any more of what is gone", () => {
    const { all } = servers();
    all.take(record("a", "p", text, 0));
    all.take(record("a", "", "{}", 0));
    all.take(record("a", "p", null, 1));
    expect([all.of("p"), all.present]).toEqual([[], ["a"]]);
    all.take(record("a", "", null, 1));
    expect(all.present).toEqual([]);
  });

  it("are passed over where they cannot be understood, which is said once", () => {
    const { all, troubles } = servers();
    all.take(record("a", "p", '{"format":2}', 0));
    all.take(record("b", "p", text, 0));
    all.take({ key: "garbage", value: "x", timestampMs: 0 });
    for (const _ of [1, 2]) expect(all.of("p").map(({ server }) => server)).toEqual(["b"]);
    expect(troubles).toEqual([
      "'garbage' is no record of a server; it is left out",
      "what a tells of the pipeline 'p' has the format 2, not 1; it is left out",
    ]);
  });
});

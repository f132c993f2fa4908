import { afterEach, describe, expect, it } from "vitest";
import { must } from "../../src/assert.ts";
import { SluiceError } from "../../src/errors.ts";
import type { Connection } from "../../src/ports/connection.ts";
import type { FetchResult, PartitionReader } from "../../src/ports/source.ts";
import { Harness, record } from "../runtime/harness.ts";
import { until } from "../support/until.ts";
import { lowerLimits } from "./lower-limits.ts";
import { Gates, withParts, withSinks } from "./wrap-connection.ts";

lowerLimits({ barrierChangesMax: 50, barriersUnackedMax: 2, fetchBytesMax: 4096, fetchWaitMs: 30, batchRowsMax: 100 });

const ROWS = "INSERT INTO rows SELECT n FROM t PK n;";
const numbered = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => record({ n: from + index }));

describe("when something fails", () => {
  let harness = new Harness();
  afterEach(() => harness.dispose());

  const withState =
    (isBroken: () => boolean) =>
    (connection: Connection): Connection =>
      withParts(connection, {
        openStateLog: async (pipeline, partitions) => {
          const log = must(await connection.openStateLog(pipeline, partitions));
          return withParts(log, {
            append: (...given) => (isBroken() ? Promise.reject(new SluiceError("STATE_FENCED", "another owner")) : log.append(...given)),
          });
        },
      });

  it("with the state log while draining, the pipeline ends at once and says so", async () => {
    let isBroken = false;
    harness = new Harness(withState(() => isBroken));
    await harness.append("t", numbered(0, 10));
    const { handle, messages, ended } = harness.start("p", `SET 'commit.interval' = 60000; ${ROWS}`, { until: "follow" });
    const read = (): boolean => messages.some((message) => message.kind === "progress" && message.statements[0]?.counters.in === 10);
    await until(read, "the records to be read");
    isBroken = true;
    await harness.append("t", numbered(10, 20));
    handle.stop(60_000);
    const { statements } = await ended;
    expect(messages.find((message) => message.kind === "statement-failed")).toMatchObject({ error: { code: "STATE_FENCED" } });
    expect(must(statements[0]).state).toBe("failed");
  });

  it("with the target at the start, a follower says so before any record comes", async () => {
    harness = new Harness((connection) =>
      withParts(connection, { openSink: () => Promise.reject(new SluiceError("TARGET_MISMATCH", "another key")) }),
    );
    await harness.append("t", []);
    const { messages, ended } = harness.start("p", ROWS, { until: "follow" });
    expect((await ended).statements).toMatchObject([{ state: "failed" }]);
    expect(messages.find((message) => message.kind === "statement-failed")).toMatchObject({ error: { code: "TARGET_MISMATCH" } });
  });

  it("with all statements of a bounded run, it ends", async () => {
    harness = new Harness();
    await harness.append("t", [record("{"), ...numbered(0, 5)], 1);
    const { last, statements } = await harness.run("p", `${ROWS} INSERT INTO more SELECT n FROM t;`);
    expect(last.kind).toBe("done");
    expect(statements.map(({ state, counters }) => [state, counters.in])).toEqual([
      ["failed", 0],
      ["failed", 0],
    ]);
  });

  it("with one record, what came before it is written even if the target is slow", async () => {
    let isSlow = true;
    harness = new Harness((connection) =>
      withSinks(connection, (_target, sink) => ({
        write: async (batch, origin, signal) => {
          if (isSlow) await new Promise((resolve) => setTimeout(resolve, 200));
          isSlow = false;
          return sink.write(batch, origin, signal);
        },
        close: () => sink.close(),
      })),
    );
    await harness.append("t", [...numbered(0, 5), record("{")]);
    const { statements } = await harness.run("p", ROWS);
    expect(must(statements[0])).toMatchObject({ state: "failed", counters: { in: 5, written: 5 } });
  });

  it("with a stop in the middle of a write, nothing is called a failure", async () => {
    let writes = 0;
    harness = new Harness((connection) =>
      withSinks(connection, (_target, sink) => ({
        write: async (batch, origin) => {
          writes++;
          await new Promise((resolve) => setTimeout(resolve, 50));
          return sink.write(batch, origin, new AbortController().signal);
        },
        close: () => sink.close(),
      })),
    );
    await harness.append("t", numbered(0, 200));
    const { handle, messages, ended } = harness.start("p", `SET 'commit.interval' = 1; ${ROWS}`, { until: "follow" });
    await until(() => writes > 1, "a write to begin");
    handle.stop(0);
    expect((await ended).statements).toMatchObject([{ state: "stopped" }]);
    expect(messages.filter(({ kind }) => kind === "statement-failed")).toEqual([]);
  });

  it("with the reader, the statements say so, and the neighbours on other topics go on", async () => {
    const broken = (): PartitionReader => ({
      fetch: () => Promise.reject(new SluiceError("LOG_CORRUPT", "no record batch")),
      close: () => Promise.reject(new Error("closed badly")),
    });
    harness = new Harness((connection) => {
      const source = must(connection.source);
      const openPartition = (topic: string, partition: number) => (topic === "bad" ? broken() : source.openPartition(topic, partition));
      return withParts(connection, { source: withParts(source, { openPartition }) });
    });
    await harness.append("t", numbered(0, 5));
    await harness.append("bad", numbered(0, 5));
    const { statements, messages } = await harness.run("p", `${ROWS} INSERT INTO more SELECT n FROM bad;`);
    expect(statements.map(({ state, counters }) => [state, counters.in])).toEqual([
      ["finished", 5],
      ["failed", 0],
    ]);
    expect(messages.find((message) => message.kind === "statement-failed")).toMatchObject({ error: { code: "LOG_CORRUPT", topic: "bad" } });
  });
});

describe("bounded runs", () => {
  let harness = new Harness();
  afterEach(() => harness.dispose());

  it("end over topics and partitions without records", async () => {
    await harness.append("t", numbered(0, 1), 3);
    await harness.append("empty", []);
    const { last, statements } = await harness.run("p", `${ROWS} INSERT INTO more SELECT n FROM empty;`, { close: true });
    expect(last.kind).toBe("done");
    expect(statements.map(({ counters }) => counters.in)).toEqual([1, 0]);
  });

  it("end where the last offsets are holes", async () => {
    const HOLE = 7;
    harness = new Harness((connection) => {
      const source = must(connection.source);
      const longer = (result: FetchResult): FetchResult => {
        const bounds = { ...result.bounds, endOffset: result.bounds.endOffset + HOLE };
        return { ...result, bounds, nextOffset: result.batches.length === 0 ? bounds.endOffset : result.nextOffset };
      };
      const parts = {
        bounds: async (topic: string, partition: number) => {
          const { startOffset, endOffset } = await source.bounds(topic, partition);
          return { startOffset, endOffset: endOffset + HOLE };
        },
        openPartition: (topic: string, partition: number): PartitionReader => {
          const reader = source.openPartition(topic, partition);
          return {
            fetch: async (request) => longer(await reader.fetch({ ...request, offset: Math.min(request.offset, 10) })),
            close: () => reader.close(),
          };
        },
      };
      return withParts(connection, { source: withParts(source, parts) });
    });
    await harness.append("t", numbered(0, 10));
    for (let run = 0; run < 2; run++) {
      const { last, statements } = await harness.run("p", ROWS);
      expect(last.kind).toBe("done");
      expect(must(statements[0])).toMatchObject({ counters: { in: 10 }, lag: 0 });
    }
  });
});

describe("dead letters", () => {
  it("that cannot be kept hold their statement, which goes on when they can", async () => {
    const gates = new Gates();
    const harness = new Harness(gates.wrap);
    try {
      gates.shut.add("letters");
      await harness.append("t", []);
      const sql = `SET 'error.policy' = 'noop'; SET 'dead.letters' = 'embedded.letters'; SET 'max.retries' = 100000;
        SET 'retry.interval' = 1; SET 'commit.interval' = 1; ${ROWS}`;
      const { handle, messages, ended } = harness.start("p", sql, { until: "follow" });
      const progress = () => {
        const last = messages.findLast((message) => message.kind === "progress");
        return last?.kind === "progress" ? must(last.statements[0]) : null;
      };
      for (let part = 0; part < 20; part++)
        await harness.append(
          "t",
          Array.from({ length: 100 }, () => record("{")),
        );
      await until(() => progress()?.state === "detached", "the statement to be held");
      expect(must(progress()).counters.in).toBeLessThan(1000);
      gates.shut.clear();
      await until(() => progress()?.counters.in === 2000, "the rest to be read");
      handle.stop(10_000);
      expect(must((await ended).statements[0]).counters).toMatchObject({ in: 2000, deadLettered: 2000 });
      expect(await harness.table("letters")).toHaveLength(2000);
    } finally {
      harness.dispose();
    }
  });
});

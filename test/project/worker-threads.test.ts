import { describe, expect, it } from "vitest";
import type { PipelinePlan } from "../../src/plan/pipeline-plan.ts";
import { inWorkers, type WorkerOptions } from "../../src/project/worker-threads.ts";
import type { StartThread } from "../../src/runtime/pipeline-thread.ts";
import type { LastMessage } from "../../src/runtime/protocol.ts";
import type { StatementStretch } from "../../src/runtime/work-place.ts";
import { type Harness, record } from "../runtime/harness.ts";
import { newHarness } from "../runtime/new-harness.ts";

const ENTRY = new URL("./faulty-worker.ts", import.meta.url);
const SQL = "INSERT INTO totals SELECT device, COUNT(*) AS n, SUM(v) AS total FROM t GROUP BY device;";

/** How a pipeline of that name ends in a worker that is faulty. */
async function endOf(name: string, options: Partial<WorkerOptions> = {}): Promise<LastMessage> {
  const plan: PipelinePlan = { name, origin: name, sources: [], statements: [], stateConnection: null };
  const start = {
    kind: "start",
    plan,
    connections: [],
    dataDirectory: "",
    until: "follow",
    close: false,
    start: null,
    to: null,
    progressIntervalMs: 100,
    parallelism: 1,
  } as const;
  const kinds: string[] = [];
  const last = await new Promise<LastMessage>((resolve) => {
    inWorkers({ entry: ENTRY, ...options })(start, (message) => {
      kinds.push(message.kind);
      if (message.kind === "failed" || message.kind === "done") resolve(message);
    });
  });
  // What a thread told just before its heap was full may be lost.
  expect(kinds.filter((kind) => kind !== "progress")).toEqual(["failed"]);
  return last;
}

const harnessWith = async (startThread: StartThread, topic = "t"): Promise<Harness> => {
  const harness = newHarness(undefined, startThread);
  const records = Array.from({ length: 2_000 }, (_, n) => record({ device: `d${n % 17}`, v: n }, { key: `d${n % 17}` }));
  await harness.append(topic, records, 4);
  return harness;
};

describe("a pipeline in a worker thread", () => {
  it("gives what it gives in this thread, with one as with several", { timeout: 60_000 }, async () => {
    const declared = `CREATE STREAM t (device STRING, v INT) WITH (key = 'device'); ${SQL}`;
    const rows: unknown[] = [];
    for (const parallelism of [1, 2, 4]) {
      const harness = await harnessWith(inWorkers());
      const { last, statements } = await harness.run("p", declared, { parallelism });
      expect([last.kind, statements[0]?.counters.in]).toEqual(["done", 2_000]);
      rows.push(await harness.tableTexts("totals"));
      expect(await harness.run("p", declared, { parallelism: 3 })).toMatchObject({ fetched: 0, statements: [{ counters: { in: 2_000 } }] });
    }
    expect(rows[0]).toHaveLength(17);
    expect(rows).toEqual([rows[0], rows[0], rows[0]]);
  });

  it("gives the same where records are taken one at a time, since a thread was lost among them", { timeout: 60_000 }, async () => {
    const other = "CREATE STREAM u (device STRING, w INT) WITH (key = 'device');";
    const text = `CREATE STREAM t (device STRING, v INT) WITH (key = 'device'); ${other}
      INSERT INTO totals SELECT device, COUNT(*) AS n, SUM(v) AS total FROM t GROUP BY device;
      INSERT INTO rows SELECT device, v FROM t WHERE v % 3 = 0;
      INSERT INTO pairs SELECT a.device AS device, v, w FROM t a JOIN u b WITHIN 1 HOUR ON a.device = b.device;
      INSERT INTO maxima SELECT n, MAX(v) AS v FROM (SELECT device, COUNT(*) AS n, MAX(v) AS v FROM t GROUP BY device) GROUP BY n;`;
    const names = ["totals#1", "rows#1", "pairs#1", "maxima#1"];
    const results = async (suspects: readonly StatementStretch[]): Promise<{ batches: number; results: unknown }> => {
      const harness = await harnessWith(inWorkers());
      await harness.append(
        "u",
        Array.from({ length: 8 }, (_, n) => record({ device: `d${n}`, w: n }, { key: `d${n}` })),
        4,
      );
      const { last, statements } = await harness.run("p", text, { suspects });
      expect([last.kind, statements.map(({ name }) => name)]).toEqual(["done", names]);
      const batches = last.kind === "done" ? last.batches.counts.reduce((sum, count) => sum + count, 0) : 0;
      const tables = await Promise.all(["totals", "rows", "pairs", "maxima"].map((name) => harness.tableTexts(name)));
      const counted = statements.map(({ counters: { in: taken, applied, filtered } }) => ({ taken, applied, filtered }));
      return { batches, results: [tables, counted] };
    };
    const whole = await results([]);
    for (const [index, statement] of names.entries()) {
      const suspects = [0, 1, 2, 3].flatMap((partition) =>
        ["t", null].map((topic) => ({ statement, topic, partition, first: 10 * index, last: 250, isOfResults: partition % 2 === 1 })),
      );
      const apart = await results(suspects);
      expect(apart.results, statement).toEqual(whole.results);
      // At least those of one partition: the last statement reads all of them as one log.
      expect(apart.batches, statement).toBeGreaterThan(whole.batches + 200);
    }
  });

  it("fails with the exception's words and stack", async () => {
    expect(await endOf("throws")).toMatchObject({
      error: { code: "INTERNAL", message: "nothing is undefined", stack: expect.stringContaining("faulty-worker.ts") },
    });
    expect(await endOf("rejects")).toMatchObject({ error: { code: "INTERNAL", message: "a promise nobody waited for" } });
  });

  it("fails where its thread ends for no reason", async () => {
    expect(await endOf("exits")).toMatchObject({ error: { code: "INTERNAL", message: "the thread of exits ended with code 7" } });
  });

  it("fails where it hangs", async () => {
    expect(await endOf("loops", { silentMsMax: 300 })).toMatchObject({
      error: { code: "INTERNAL", message: "the thread of loops has told nothing for 0.3 s and was ended" },
    });
  });

  it("does not hang where it tells nothing, and shows that it goes on when it is asked", async () => {
    expect(await endOf("rests", { silentMsMax: 300 })).toMatchObject({ error: { message: "asked eight times" } });
  });

  it("fails where its heap is full, and the process goes on", async () => {
    expect(await endOf("fills", { heapMbMax: 32 })).toMatchObject({
      error: { code: "LIMIT_EXCEEDED", message: "fills needs more heap than 32 MB (threadHeapMbMax)" },
    });
  });

  it("fails where its buffers are more than it may hold, which its heap does not tell", async () => {
    expect(await endOf("hoards", { heapMbMax: 32, buffersMbMax: 64 })).toMatchObject({
      error: { code: "LIMIT_EXCEEDED", message: expect.stringContaining("hoards holds more than 64 MB in state, columns and buffers") },
    });
  });

  it("takes its other threads with it when one crashes, and no other pipeline", { timeout: 60_000 }, async () => {
    const sound = inWorkers();
    const faulty = inWorkers({ entry: ENTRY });
    let started = 0;
    const harness = await harnessWith((start, onMessage) => {
      const isFaulty = start.plan.name === "throws" && started++ === 1;
      return (isFaulty ? faulty : sound)(start, onMessage);
    });
    const other = harness.start("other", "INSERT INTO rows SELECT device, v FROM t;", { parallelism: 2 });
    const { last } = await harness.run("throws", "INSERT INTO lost SELECT device, v FROM t;", { parallelism: 2, until: "follow" });
    expect(last).toMatchObject({ kind: "failed", error: { message: "nothing is undefined" } });
    expect(await other.ended).toMatchObject({ last: { kind: "done" }, statements: [{ counters: { in: 2_000, written: 2_000 } }] });
    const again = await harness.run("throws-not", "INSERT INTO lost SELECT device, v FROM t;", { parallelism: 2 });
    expect(again.statements[0]?.counters.in).toBe(2_000);
  });
});

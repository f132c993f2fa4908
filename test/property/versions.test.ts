import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { must } from "../../src/assert.ts";
import type { RawRecord } from "../../src/ports/source.ts";
import type { Claim, StateRecord } from "../../src/ports/state-log.ts";
import { Harness, record } from "../runtime/harness.ts";
import { until } from "../support/until.ts";
import { SeededRandom, seeds } from "./random.ts";
import { type SentChange, Witness, withParts } from "./wrap-connection.ts";

const MINUTE = 60_000;
const OLD = "INSERT INTO rows SELECT n, 'old' AS shape FROM t PK n;";
const NEW = "INSERT INTO rows SELECT n, 'new' AS shape, 1 AS more FROM t PK n;";

describe("versions", () => {
  let witness: Witness;
  let harness: Harness;
  beforeEach(() => {
    witness = new Witness();
    harness = new Harness(witness.wrap);
  });
  afterEach(() => harness.dispose());

  /** A run that writes `count` changes and is dropped before anything of it is durable. */
  const abort = async (sql: string, count: number): Promise<SentChange[]> => {
    witness.isMute = true;
    const { handle, ended } = harness.start("p", sql, { until: "follow" });
    await until(
      () => witness.sent.length >= count,
      "the changes",
      5_000,
      () => String(witness.sent.length),
    );
    handle.stop(0);
    expect((await ended).messages.filter(({ kind }) => kind === "failed" || kind === "statement-failed")).toEqual([]);
    witness.isMute = false;
    return witness.take();
  };

  const drain = async (sql: string): Promise<SentChange[]> => {
    const { last } = await harness.run("p", sql);
    expect(last.kind).toBe("done");
    return witness.take();
  };

  const shapes = async (): Promise<unknown[]> => [
    ...new Set(((await harness.table("rows")) as { shape: string }[]).map((row) => row.shape)),
  ];

  const highest = (changes: readonly SentChange[]): number => Math.max(...changes.map(({ version }) => version));
  const lowest = (changes: readonly SentChange[]): number => Math.min(...changes.map(({ version }) => version));

  /** Timestamps as far ahead as clocks may be moved by them, so that versions run ahead of the wall. */
  const ahead = (from: number, to: number): RawRecord[] =>
    Array.from({ length: to - from }, (_, index) => record({ n: from + index }, { timestampMs: Date.now() + 9 * MINUTE }));

  it.each(seeds([], 3))("of the same records are the same after a crash, whatever their timestamps: seed %i", async (seed) => {
    const random = new SeededRandom(seed);
    const spread = [-60, -1, 0, 5, 11, 60, 60 * 24 * 365];
    const records = Array.from({ length: 300 }, (_, n) => record({ n }, { timestampMs: Date.now() + random.pick(spread) * MINUTE }));
    await harness.append("t", records);
    const first = await abort(OLD, records.length);
    const second = await abort(OLD, records.length);
    const third = await drain(OLD);
    expect(second).toEqual(first);
    expect(third).toEqual(first);
    // Refused timestamps move no clock, so none is further ahead than the bound allows.
    expect(highest(third)).toBeLessThan((Date.now() + 10 * MINUTE) * 1000 + records.length);
  });

  it("do not leave a note for every refused timestamp in the state log for ever", async () => {
    const future = (from: number, to: number): RawRecord[] =>
      Array.from({ length: to - from }, (_, index) => record({ n: from + index }, { timestampMs: Date.now() + 60 * MINUTE }));
    let kept: readonly StateRecord[] = [];
    const spy = new Harness((connection) =>
      withParts(connection, {
        openStateLog: async (pipeline, partitions) => {
          const log = must(await connection.openStateLog(pipeline, partitions));
          const claim = async (partition: number, owner: string): Promise<Claim> => {
            const claimed = await log.claim(partition, owner);
            kept = claimed.records;
            return claimed;
          };
          return withParts(log, { claim });
        },
      }),
    );
    try {
      for (let part = 0; part < 4; part++) {
        await spy.append("t", future(part * 200, (part + 1) * 200));
        const { statements } = await spy.run("p", OLD);
        expect(statements).toMatchObject([{ counters: { in: (part + 1) * 200 } }]);
      }
      await spy.run("p", OLD);
      const last = new Map(kept.map(({ key, value }) => [key, value]));
      const notes = [...last].filter(([key, value]) => key.startsWith("note|") && value !== null);
      expect(notes.length).toBeLessThan(300);
    } finally {
      spy.dispose();
    }
  });

  it("are above all that was written when a text changes after a drained stop", async () => {
    await harness.append("t", ahead(0, 50));
    const before = await drain(OLD);
    await harness.append("t", ahead(0, 50));
    const after = await drain(NEW);
    expect(lowest(after)).toBeGreaterThan(highest(before));
    expect(await shapes()).toEqual(["new"]);
  });

  it("are above all that was written when a text changes before anything was durable", async () => {
    await harness.append("t", ahead(0, 50));
    const before = await abort(OLD, 50);
    const after = await drain(NEW);
    expect(lowest(after)).toBeGreaterThan(highest(before));
    expect(await shapes()).toEqual(["new"]);
  });

  it("are above all that was written when a text changes after a crash that followed a drained stop", async () => {
    await harness.append("t", [record({ n: 0 })]);
    await drain(OLD);
    await harness.append("t", ahead(0, 50));
    const before = await abort(OLD, 50);
    const after = await drain(NEW);
    expect(lowest(after)).toBeGreaterThan(highest(before));
    expect(await shapes()).toEqual(["new"]);
  });

  it("are above all that was written when a text comes back that a crashed run had replaced", async () => {
    await harness.append("t", [record({ n: 0 })]);
    await drain(OLD);
    await harness.append("t", ahead(0, 50));
    const before = await abort(NEW, 50);
    const after = await drain(OLD);
    expect(lowest(after)).toBeGreaterThan(highest(before));
    expect(await shapes()).toEqual(["old"]);
  });
});

import { setTimeout as delay } from "node:timers/promises";
import { afterAll, expect, it } from "vitest";
import type { SluiceError } from "../../../src/errors.ts";
import { Outcome } from "../../../src/ports/sink.ts";
import { changesOf, connect, ORIGIN, type Row, targetOf } from "../../adapters/elasticsearch/support.ts";
import { ensure, kill, wipe } from "../launcher/launcher.ts";
import { describeWith } from "../needs.ts";
import { Scratch } from "./scratch.ts";

/** A server of this test's own, so that it may be killed. */
const INSTANCE = "elasticsearch-crash";
const never = new AbortController().signal;

describeWith("elasticsearch", "a server that is killed while changes are under way", () => {
  afterAll(() => wipe("elasticsearch", INSTANCE));

  it("has everything exactly once when it is back", async () => {
    const node = `http://${(await ensure("elasticsearch", { instance: INSTANCE })).address}`;
    const scratch = new Scratch(node);
    const name = scratch.name("crash");
    const { connection } = connect({ node, bulkDocuments: 200, inFlight: 4, requestTimeoutMs: 10_000 });
    const sink = await connection.openSink(targetOf(name, { autocreate: true }));
    const total = 40_000;
    const each = 4000;
    const rowsFrom = (from: number): Row[] =>
      Array.from({ length: each }, (_, i) => ({ id: `id-${from + i}`, version: 1_000_000 + from + i, document: `{"n":${from + i}}` }));
    const failures: string[] = [];

    /** As a runtime does: what is not settled is sent again, unchanged. */
    async function settle(rows: readonly Row[]): Promise<void> {
      const deadline = Date.now() + 100_000;
      let rest = rows;
      while (rest.length > 0) {
        if (Date.now() > deadline) throw new Error(`not settled in time: ${failures.at(-1)}`);
        const sending = rest;
        const result = await sink.write(changesOf(sending), ORIGIN, never).catch((error: SluiceError) => error);
        if (result instanceof Error) {
          failures.push(result.code);
          expect(result.retryable, result.message).toBe(true);
          await delay(100);
          continue;
        }
        expect([...result.outcomes]).not.toContain(Outcome.rejected);
        rest = sending.filter((_, i) => result.outcomes[i] === Outcome.retry);
      }
    }

    let restarted: Promise<unknown> = Promise.resolve();
    for (let from = 0; from < total; from += each) {
      const settling = settle(rowsFrom(from));
      if (from === 3 * each) {
        // Some requests of this batch have been answered, others are under way.
        await expect.poll(() => scratch.count(name), { interval: 2, timeout: 30_000 }).toBeGreaterThan(from);
        await kill("elasticsearch", INSTANCE);
        restarted = ensure("elasticsearch", { instance: INSTANCE });
      }
      await settling;
    }
    await restarted;

    expect(failures.length).toBeGreaterThan(0);
    expect(["CONNECTION_FAILED", "CHANGE_UNAVAILABLE"]).toEqual(expect.arrayContaining([...new Set(failures)]));
    // What the crash left behind is versioned as before: nothing of it can be written twice.
    const again = await sink.write(changesOf(rowsFrom(3 * each)), ORIGIN, never);
    expect(new Set(again.outcomes)).toEqual(new Set([Outcome.superseded]));
    expect(await scratch.count(name)).toBe(total);
    let seen = 0;
    for await (const slices of connection.readTable(name, never) ?? []) {
      for (let row = 0; row < slices.count; row++) {
        const key = slices.bytes.toString("utf8", slices.keyStarts[row], slices.keyEnds[row]);
        const value = slices.bytes.toString("utf8", slices.valueStarts[row], slices.valueEnds[row]);
        expect(value).toBe(`{"n":${key.slice(3)}}`);
        seen++;
      }
    }
    expect(seen).toBe(total);
    await connection.close();
  });
});

import { describe, expect, it } from "vitest";
import { createDecoder } from "../../src/adapters/codecs/create-decoder.ts";
import { systemClock } from "../../src/adapters/system-clock.ts";
import { systemRandom } from "../../src/adapters/system-random.ts";
import { SluiceError } from "../../src/errors.ts";
import { idOf } from "../../src/model/change.ts";
import { ChangeBatchBuilder } from "../../src/model/change-batch-builder.ts";
import type { Clock } from "../../src/ports/clock.ts";
import { type Origin, Outcome, type Sink, type WriteResult } from "../../src/ports/sink.ts";
import { Lease } from "../../src/runtime/owners/lease.ts";
import { Route } from "../../src/runtime/routes/route.ts";
import { SteppedClock } from "../support/stepped-clock.ts";
import { until } from "../support/until.ts";

/** A sink whose calls end when the test says so. */
class HeldSink implements Sink {
  readonly overlaps: boolean;
  readonly calls: { readonly partition: number; end(error?: Error): void }[] = [];

  constructor(overlaps: boolean) {
    this.overlaps = overlaps;
  }

  async write(_batch: unknown, origin: Origin): Promise<WriteResult> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.calls.push({ partition: origin.partition, end: (error) => (error === undefined ? resolve() : reject(error)) });
    await promise;
    return { outcomes: new Uint8Array(1), errors: new Map(), retryAfterMs: null };
  }

  async close(): Promise<void> {}
}

const always = new Lease(systemClock, () => Number.POSITIVE_INFINITY);

interface Sent {
  readonly route: Route;
  readonly ends: string[];
  send(partition: number, name: string, isCancelled?: () => boolean, rows?: number): void;
}

function routeTo(sink: Sink, retriesMax = 0, lease = always, clock: Clock = systemClock, oneByOne = false): Sent {
  const ends: string[] = [];
  const route = new Route({
    name: "t",
    settings: {
      errorPolicy: "throw",
      retriesMax,
      retryIntervalMs: 1,
      autocreate: false,
      delivery: "idempotent",
      pace: "free",
      lookup: { cacheRows: 0, cacheTtlMs: 0, timeoutMs: 1000 },
      commitIntervalMs: 1,
      idleTimeoutMs: 0,
      time: "event",
      deadLetters: null,
      deadLettersMask: [],
      deadLettersRetentionMs: null,
      errorBudget: null,
      start: "earliest",
    },
    oneByOne,
    openSink: async () => sink,
    env: { clock, random: systemRandom, createDecoder, openConnection: () => Promise.reject(new Error("not used")) },
    lease,
    onTrouble: (message) => ends.push(message),
    onRecovered: () => ends.push("recovered"),
    onFailed: (error) => ends.push(`route: ${error.code}`),
  });
  const send = (partition: number, name: string, isCancelled = () => false, rows = 1): void => {
    const builder = new ChangeBatchBuilder();
    for (let row = 0; row < rows; row++) {
      builder.beginId();
      builder.writer.utf8(String(row));
      builder.addDelete(1, 1, 1 + row, 0, null);
    }
    route.send({
      batch: builder.build(),
      origin: { pipeline: "p", statement: "s", partition, generation: 1 },
      onSettled: ({ written }) => ends.push(written === rows ? `${name} settled` : `${name} settled: ${written} of ${rows}`),
      onFailed: (error) => ends.push(`${name} failed: ${error.code}`),
      isCancelled,
      onRejected: () => Promise.resolve(null),
    });
  };
  return { route, ends, send };
}

describe("a route", () => {
  it("says when a target does not take what is sent, and when it does again", async () => {
    const sink = new HeldSink(true);
    const { ends, send } = routeTo(sink, 5);
    send(0, "a");
    await until(() => sink.calls.length === 1, "the first try");
    sink.calls[0]?.end(new SluiceError("CHANGE_UNAVAILABLE", "busy"));
    await until(() => sink.calls.length === 2, "the second");
    expect(ends).toEqual(["write: busy (try 1 of 6)"]);
    sink.calls[1]?.end();
    await until(() => ends.length === 3, "its end");
    expect(ends.slice(1)).toEqual(["recovered", "a settled"]);
    send(0, "b");
    await until(() => sink.calls.length === 3, "another");
    sink.calls[2]?.end();
    await until(() => ends.length === 4, "its end");
    expect(ends.at(-1)).toBe("b settled");
  });

  it("sends again not before the time that the target asked for", async () => {
    const clock = new SteppedClock(0);
    const callsAtMs: number[] = [];
    const retryAfterMs = [5_000, 90_000, null];
    const sink: Sink = {
      write: async () => {
        const outcome = callsAtMs.length < retryAfterMs.length ? Outcome.retry : Outcome.written;
        const after = retryAfterMs[callsAtMs.length] ?? null;
        callsAtMs.push(clock.monotonic());
        return { outcomes: Uint8Array.of(outcome), errors: new Map(), retryAfterMs: after };
      },
      close: async () => {},
    };
    const { route, ends, send } = routeTo(sink, 5, always, clock);
    send(0, "a");
    await until(() => callsAtMs.length === 1, "the first try");
    await clock.passUntil(() => ends.includes("a settled"), "its end");
    // Where nothing is asked for, the pause is that of `retry.interval`: the clock's next step.
    expect(callsAtMs).toEqual([0, 5_000, 95_000, 95_250]);
    expect(ends).toEqual([...Array<string>(3).fill("1 of 1 changes to be sent again: not taken"), "recovered", "a settled"]);
    await route.close();
  });

  it("writes for several source partitions at once where the sink allows it, and in order for each", async () => {
    const sink = new HeldSink(true);
    const { route, ends, send } = routeTo(sink);
    send(0, "a");
    send(0, "b");
    send(1, "c");
    await until(() => sink.calls.length === 2, "two writes");
    expect(sink.calls.map(({ partition }) => partition)).toEqual([0, 1]);
    sink.calls[1]?.end();
    sink.calls[0]?.end();
    await until(() => sink.calls.length === 3, "the third write");
    sink.calls[2]?.end();
    await until(() => ends.length === 3, "all to be settled");
    expect(ends).toEqual(["c settled", "a settled", "b settled"]);
    await route.close();
  });

  it("writes one after the other where the sink takes one call at a time", async () => {
    const sink = new HeldSink(false);
    const { route, ends, send } = routeTo(sink);
    for (const [partition, name] of ["a", "b", "c"].entries()) send(partition, name);
    for (let call = 0; call < 3; call++) {
      await until(() => ends.length === call && sink.calls.length > call, `write ${call}`);
      expect(sink.calls).toHaveLength(call + 1);
      sink.calls[call]?.end();
    }
    await until(() => ends.length === 3, "all to be settled");
    await route.close();
  });

  it("has each change settled before it sends the next where it sends one by one, and sends none behind a refused one", async () => {
    const sent: string[] = [];
    const outcomes = [Outcome.written, Outcome.retry, Outcome.written, Outcome.rejected];
    const sink: Sink = {
      write: async (batch, _origin, _signal, stopsAtRefusal) => {
        expect([batch.count, stopsAtRefusal]).toEqual([1, true]);
        const outcome = outcomes[sent.length] ?? Outcome.written;
        sent.push(idOf(batch, 0));
        return { outcomes: Uint8Array.of(outcome), errors: new Map(), retryAfterMs: null };
      },
      close: async () => {},
    };
    const { route, ends, send } = routeTo(sink, 5, always, systemClock, true);
    send(0, "a", () => false, 5);
    await until(() => ends.includes("a failed: CHANGE_REJECTED"), "the refusal");
    expect(sent).toEqual(["0", "1", "1", "2"]);
    send(1, "b", () => false, 3);
    await until(() => ends.includes("b settled"), "the neighbour");
    expect(sent.slice(4)).toEqual(["0", "1", "2"]);
    await route.close();
  });

  it("writes nothing while the lease is not held, tries again neither, and leaves out what was given up meanwhile", async () => {
    const sink = new HeldSink(true);
    let isHeld = true;
    let looks = 0;
    const lease = new Lease(systemClock, () => {
      looks++;
      return isHeld ? Number.POSITIVE_INFINITY : 0;
    });
    const { route, ends, send } = routeTo(sink, 5, lease);
    let isCancelled = false;
    send(0, "a");
    send(1, "b", () => isCancelled);
    await until(() => sink.calls.length === 2, "the first tries");
    isHeld = false;
    looks = 0;
    for (const call of sink.calls) call.end(new SluiceError("CHANGE_UNAVAILABLE", "busy"));
    await until(() => looks > 4, "both to wait");
    expect(sink.calls).toHaveLength(2);
    isCancelled = true;
    isHeld = true;
    await until(() => sink.calls.length === 3, "the second try of the one that is left");
    expect(sink.calls[2]?.partition).toBe(0);
    sink.calls[2]?.end();
    await until(() => ends.includes("a settled"), "its end");
    await route.close();
    expect(sink.calls).toHaveLength(3);
    expect(ends).not.toContain("b settled");
  });

  it("that fails for one source partition gives up the others, and settles nothing afterwards", async () => {
    const sink = new HeldSink(true);
    const { route, ends, send } = routeTo(sink);
    send(0, "a");
    send(1, "b");
    send(1, "c");
    await until(() => sink.calls.length === 2, "two writes");
    sink.calls[0]?.end(new SluiceError("TARGET_MISSING", "gone"));
    await until(() => ends.length === 4, "all to be given up");
    sink.calls[1]?.end();
    await route.close();
    send(1, "d");
    const expected = ["a", "b", "c", "d"].map((name) => `${name} failed: TARGET_MISSING`);
    expect(ends.toSorted()).toEqual([...expected, "route: TARGET_MISSING"]);
    expect(sink.calls).toHaveLength(2);
  });
});

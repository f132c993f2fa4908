import { describe, expect, it } from "vitest";
import { createDecoder } from "../../src/adapters/codecs/create-decoder.ts";
import { systemClock } from "../../src/adapters/system-clock.ts";
import { systemRandom } from "../../src/adapters/system-random.ts";
import { ChangeBatchBuilder } from "../../src/model/change-batch-builder.ts";
import { Lease } from "../../src/runtime/owners/lease.ts";
import { Route } from "../../src/runtime/routes/route.ts";
import { TaskListeners } from "../../src/runtime/tasks/task-listeners.ts";
import { until } from "../support/until.ts";

/** A route whose target takes everything at once. */
function openRoute(name: string): { readonly route: Route; send(): void; settled: number } {
  const made = {
    settled: 0,
    route: new Route({
      name,
      settings: {
        errorPolicy: "noop",
        retriesMax: 0,
        retryIntervalMs: 1,
        autocreate: false,
        delivery: "idempotent",
        pace: "free",
        lookup: { cacheRows: 0, cacheTtlMs: 0, timeoutMs: 1000 },
        commitIntervalMs: 1,
        idleTimeoutMs: 0,
        deadLetters: null,
        deadLettersMask: [],
        deadLettersRetentionMs: null,
        errorBudget: null,
        start: "earliest",
        time: "event",
      },
      oneByOne: false,
      openSink: async () => ({
        write: async () => ({ outcomes: new Uint8Array(1), errors: new Map(), retryAfterMs: null }),
        close: () => Promise.resolve(),
      }),
      env: { clock: systemClock, random: systemRandom, createDecoder, openConnection: () => Promise.reject(new Error("not used")) },
      lease: new Lease(systemClock, () => Number.POSITIVE_INFINITY),
      onTrouble: () => {},
      onRecovered: () => {},
      onFailed: () => {},
    }),
    send: (): void => {
      const builder = new ChangeBatchBuilder();
      builder.beginId();
      builder.addDelete(1, 1, 1, 0, null);
      made.route.send({
        batch: builder.build(),
        origin: { pipeline: "p", statement: "s", partition: 0, generation: 1 },
        onSettled: () => made.settled++,
        onFailed: () => {},
        isCancelled: () => false,
        onRejected: () => Promise.resolve(null),
      });
    },
  };
  return made;
}

describe("who waits for a task", () => {
  it("is told once of each room in its routes, however long it goes on waiting", async () => {
    const [target, deadLetters] = [openRoute("target"), openRoute("dead letters")];
    const listeners = new TaskListeners([target.route, deadLetters.route, null]);
    let told = 0;
    const wait = (): void => {
      told++;
      listeners.add(wait);
    };
    listeners.add(wait);
    const rounds = 40;
    for (let round = 1; round <= rounds; round++) {
      for (const one of [target, deadLetters]) {
        one.send();
        await until(() => one.settled === round, "the delivery");
      }
    }
    await until(() => told >= rounds * 2, "the last room");
    expect(told).toBe(rounds * 2);
  });
});

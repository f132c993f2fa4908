import { expect, it, vi } from "vitest";
import { Openings } from "../../../src/adapters/cassandra/openings.ts";
import { clock } from "./routes.ts";

it("openings that take long are told every 10 s, once for all of a connection, until they end", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  try {
    const told: string[] = [];
    const openings = new Openings(clock, (message) => told.push(message));
    expect(await openings.watch("quick", async () => 1)).toBe(1);
    const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const [a, b] = [openings.watch("a", () => first.promise), openings.watch("b", () => second.promise)];
    await vi.advanceTimersByTimeAsync(9_999);
    expect(told).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(told.splice(0)).toEqual(["table a has been opening for 10 s, 1 more wait; tables are made one after the other"]);
    first.resolve();
    await a;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(told.splice(0)).toEqual(["table b has been opening for 20 s"]);
    second.reject(new Error("refused"));
    await expect(b).rejects.toThrow("refused");
    expect(vi.getTimerCount()).toBe(0);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(told).toEqual([]);
  } finally {
    vi.useRealTimers();
  }
});

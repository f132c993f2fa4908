import { afterEach, describe, expect, it } from "vitest";
import { LIMITS } from "../../src/limits.ts";
import type { FromPipeline } from "../../src/runtime/protocol.ts";
import { lowerLimits } from "../property/lower-limits.ts";
import { SeededRandom } from "../property/random.ts";
import { Gates } from "../property/wrap-connection.ts";
import { until } from "../support/until.ts";
import { Harness, record } from "./harness.ts";

const START = 1_700_000_040_000;
const DEVICES = 40;
const ROUTE_BYTES = 8_000;
lowerLimits({ barrierChangesMax: 10, barriersUnackedMax: 2, routeBytesMax: ROUTE_BYTES });

const readings = (count: number, fromMs: number) =>
  Array.from({ length: count }, (_, n) => {
    const device = `d${n % DEVICES}`;
    return record({ device }, { key: device, timestampMs: fromMs + n });
  });

const SETTINGS = "SET 'max.retries' = 100000; SET 'retry.interval' = 5; SET 'commit.interval' = 1;";
const sqlOf = (emit: string): string => `${SETTINGS}
  CREATE STREAM readings (device STRING) WITH (key = 'device');
  INSERT INTO slow SELECT device, window_start AS at, COUNT(*) AS n FROM readings
    WINDOW HOPPING (SIZE 10 SECONDS, ADVANCE BY 1 SECOND) GROUP BY device EMIT ${emit};`;

const queuedOf = (message: FromPipeline): number =>
  message.kind === "progress"
    ? Math.max(0, ...message.statements.flatMap(({ routes }) => routes.map(({ queuedBytes }) => queuedBytes)))
    : 0;

describe("what closes at the end of a run", () => {
  const gates = new Gates();
  const harness = new Harness(gates.wrap);
  afterEach(() => {
    gates.shut.clear();
    harness.dispose();
  });

  it.each(["FINAL", "CHANGES", "EVERY 1 HOUR"])("waits for its target, and does not queue without bound: EMIT %s", async (emit) => {
    gates.shut.add("slow");
    await harness.append("readings", readings(DEVICES, START));
    const { messages, ended } = harness.start("p", sqlOf(emit), { close: true });
    const isBlocked = (message: FromPipeline): boolean => message.kind === "progress" && message.statements[0]?.state === "detached";
    await until(() => messages.filter(isBlocked).length > 3, "the statement to wait for its target");
    gates.shut.clear();
    const { statements } = await ended;
    // Ten windows hold the second of each device.
    expect(await harness.table("slow")).toHaveLength(DEVICES * 10);
    expect(statements[0]).toMatchObject({ state: "finished", counters: { in: DEVICES, applied: DEVICES } });
    const queued = Math.max(...messages.map(queuedOf));
    expect(queued).toBeGreaterThan(0);
    expect(queued).toBeLessThan(ROUTE_BYTES + LIMITS.barriersUnackedMax * LIMITS.barrierChangesMax * 200);
  });

  it("is given up where the run is stopped while it waits, and made by the next one", async () => {
    await harness.append("readings", readings(DEVICES, START));
    gates.shut.add("slow");
    const { handle, messages, ended } = harness.start("p", sqlOf("FINAL"), { close: true });
    await until(() => messages.some(({ kind }) => kind === "trouble"), "the first results to be refused");
    handle.stop(50);
    await ended;
    gates.shut.clear();
    await harness.run("p", sqlOf("FINAL"));
    expect(await harness.table("slow")).toHaveLength(DEVICES * 10);
  });

  it.each(["FINAL", "CHANGES", "EVERY 1 HOUR"])("is what windows have, however far time jumps over them: EMIT %s", async (emit) => {
    const later = START + 20 * 365 * 86_400_000;
    const sql = sqlOf(emit).replace("SIZE 10 SECONDS, ADVANCE BY 1 SECOND", "SIZE 10 MILLISECONDS, ADVANCE BY 1 MILLISECOND");
    await harness.append("readings", [...readings(1, START), ...readings(1, later)]);
    const startMs = performance.now();
    await harness.run("p", sql, { close: true });
    // 600 million windows have nothing in them.
    expect(await harness.table("slow")).toHaveLength(20);
    expect(performance.now() - startMs).toBeLessThan(20_000);
  });

  it.each([1, 2, 3, 4, 5, 6])("is all of it where barriers cut ids that are gone: sessions, seed %i", async (seed) => {
    const random = new SeededRandom(seed);
    const records = Array.from({ length: 120 }, (_, n) => {
      const device = random.pick(["a", "b", "c", "d"]);
      return record({ device }, { key: device, timestampMs: START + n * 200 - random.below(9_000) });
    });
    const later = record({ device: "z" }, { key: "z", timestampMs: START + 3_600_000 });
    const sessions = (name: string, emit: string): string => `
      INSERT INTO ${name} SELECT device, window_start AS at, COUNT(*) AS n FROM readings
        WINDOW SESSION (GAP 2 SECONDS, GRACE PERIOD 1 MINUTE) GROUP BY device EMIT ${emit};`;
    const declare = "CREATE STREAM readings (device STRING) WITH (key = 'device'); SET 'commit.interval' = 60000;";
    await harness.append("readings", [...records, later]);
    lowerLimits({ barrierChangesMax: 1, barriersUnackedMax: 100, routeBytesMax: 1 << 20 });
    await harness.run("p", `${declare} ${sessions("spaced", "EVERY 1 HOUR")}`, { close: true });
    await harness.run("q", `${declare} ${sessions("finals", "FINAL")}`, { close: true });
    expect(await harness.table("spaced")).toEqual(await harness.table("finals"));
  });
});

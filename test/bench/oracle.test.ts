import { describe, expect, it } from "vitest";
import { Digest } from "../../bench/data/digest.ts";
import { consult, rowText } from "../../bench/data/oracle.ts";
import { JITTER_MS, readings, readingText } from "../../bench/data/readings.ts";
import { outputsOf, type WorkloadName } from "../../bench/workloads.ts";

const STANDARD = { messages: 20_000, devices: 10_000, perSecond: 2_000 };

const consulted = (workload: WorkloadName, options = STANDARD) =>
  consult(
    options,
    outputsOf(workload).map(({ oracle }) => oracle(options)),
  );

describe("oracles", () => {
  it("find what a query over the parsed readings finds", () => {
    const digest = new Digest();
    for (const reading of readings(STANDARD)) {
      const { deviceId, ts, temperature } = JSON.parse(readingText(reading)) as { deviceId: string; ts: number; temperature: number };
      if (temperature > 25) digest.add(rowText({ deviceId, ts: new Date(ts).toISOString(), temperature }));
    }
    expect(consulted("w1")).toEqual([digest.fingerprint()]);
  });

  it("average in the order of the readings", () => {
    const groups = new Map<string, { deviceId: string; startMs: number; values: number[] }>();
    for (const reading of readings(STANDARD)) {
      const { deviceId, ts, temperature } = JSON.parse(readingText(reading)) as { deviceId: string; ts: number; temperature: number };
      const startMs = Math.floor(ts / 60_000) * 60_000;
      const group = groups.get(`${deviceId} ${startMs}`) ?? { deviceId, startMs, values: [] };
      group.values.push(temperature);
      groups.set(`${deviceId} ${startMs}`, group);
    }
    const digest = new Digest();
    for (const { deviceId, startMs, values } of groups.values()) {
      const iso = (timeMs: number): string => new Date(timeMs).toISOString();
      const average = values.reduce((sum, value) => sum + value, 0) / values.length;
      const times = { window_start: iso(startMs), window_end: iso(startMs + 60_000) };
      const numbers = { readings: values.length, average, lowest: Math.min(...values), highest: Math.max(...values) };
      digest.add(rowText({ deviceId, ...times, ...numbers }));
    }
    expect(consulted("w2")).toEqual([digest.fingerprint()]);
    expect(consulted("w2-update")[0]?.rows).toBe(groups.size + 4);
  });

  it("rest on windows that no reading misses: none is late by the grace", () => {
    let streamTimeMs = 0;
    for (const { timestampMs } of readings(STANDARD)) {
      expect(timestampMs).toBeGreaterThan(streamTimeMs - JITTER_MS);
      streamTimeMs = Math.max(streamTimeMs, timestampMs);
    }
  });

  it("share the devices of W4 out", () => {
    const found = consulted("w4");
    expect(found).toHaveLength(50);
    const filtered = found.filter((_, index) => index % 2 === 0).reduce((sum, { rows }) => sum + rows, 0);
    expect(filtered / STANDARD.messages).toBeCloseTo(0.25, 1);
    expect(consulted("w4-pair")).toEqual(found.slice(0, 2));
  });
});

describe("a digest", () => {
  const of = (...rows: string[]) => {
    const digest = new Digest();
    for (const row of rows) digest.add(row);
    return digest.fingerprint();
  };

  it("does not depend on the order", () => {
    expect(of("a|1", "b|2", "c|3")).toEqual(of("c|3", "a|1", "b|2"));
  });

  it("shows a row more, less, twice or other", () => {
    const base = of("a|1", "b|2");
    for (const other of [of("a|1"), of("a|1", "b|2", "b|2"), of("a|1", "a|1"), of("a|1", "b|3"), of("a|2", "b|1")]) {
      expect(other).not.toEqual(base);
    }
  });
});

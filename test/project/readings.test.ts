import { describe, expect, it } from "vitest";
import { Readings, STANDARD_READINGS } from "../../src/project/readings.ts";

const OPTIONS = { ...STANDARD_READINGS, startMs: Date.UTC(2026, 0, 1) };

describe("readings", () => {
  it("are the same for the same seed, whatever the batches, and others for another", () => {
    const whole = new Readings(OPTIONS).batch(1_000);
    const inTwo = new Readings(OPTIONS);
    expect([...inTwo.batch(400), ...inTwo.batch(600)]).toEqual(whole);
    expect(new Readings({ ...OPTIONS, seed: 2 }).batch(1_000)).not.toEqual(whole);
  });

  it("are sound documents of about 190 bytes, keyed by device and timed by their field", () => {
    const records = new Readings(OPTIONS).batch(2_000);
    for (const { key, value, timestampMs } of records) {
      const reading = JSON.parse(String(value)) as Record<string, unknown>;
      expect(reading["deviceId"]).toBe(String(key));
      expect(reading["time"]).toBe(timestampMs);
      expect(reading["temperature"]).toBeGreaterThan(10);
      expect(reading["temperature"]).toBeLessThan(32);
    }
    const bytes = records.reduce((sum, { value }) => sum + (value?.length ?? 0), 0);
    expect(bytes / records.length).toBeGreaterThan(175);
    expect(bytes / records.length).toBeLessThan(205);
  });

  it("come from all devices alike", () => {
    const counts = new Map<string, number>();
    for (const { key } of new Readings({ ...OPTIONS, devices: 100 }).batch(20_000)) {
      counts.set(String(key), (counts.get(String(key)) ?? 0) + 1);
    }
    expect(counts.size).toBe(100);
    expect(Math.min(...counts.values())).toBeGreaterThan(140);
    expect(Math.max(...counts.values())).toBeLessThan(270);
  });

  it("advance at the rate asked for and arrive out of order by less than 5 seconds", () => {
    const times = new Readings(OPTIONS).batch(20_000).map(({ timestampMs }) => timestampMs);
    let latest = 0;
    let disorderMs = 0;
    for (const time of times) {
      latest = Math.max(latest, time);
      disorderMs = Math.max(disorderMs, latest - time);
    }
    expect(disorderMs).toBeGreaterThan(4_000);
    expect(disorderMs).toBeLessThan(5_000);
    expect(latest - OPTIONS.startMs).toBeGreaterThan(9_900);
    expect(latest - OPTIONS.startMs).toBeLessThan(10_000);
  });
});

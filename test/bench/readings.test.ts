import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { deviceId, END_MS, endMarkerText, PARTITIONS, readings, readingText } from "../../bench/data/readings.ts";

/** Of what the first generator, in Java, printed: key, tab, value, line feed. */
const SHA256 = "070d6ae9e8a2bfbc7a32549a6de6f32d70f676b450af617ec9db5876e1ddb989";

describe("readings", () => {
  it("are the same bytes on every machine", () => {
    const hash = createHash("sha256");
    let latestMs = 0;
    for (const reading of readings({ messages: 100_000, devices: 10_000, perSecond: 2_000 })) {
      latestMs = Math.max(latestMs, reading.timestampMs);
      hash.update(`${deviceId(reading.device)}\t${readingText(reading)}\n`);
    }
    for (let partition = 0; partition < PARTITIONS; partition++) {
      hash.update(`end-${partition}\t${endMarkerText(partition, latestMs + END_MS)}\n`);
    }
    expect(hash.digest("hex")).toBe(SHA256);
  });

  it("are the JSON of their numbers", () => {
    for (const reading of readings({ messages: 1_000, devices: 1_000_000, perSecond: 100_000 })) {
      expect(JSON.parse(readingText(reading))).toMatchObject({
        deviceId: deviceId(reading.device),
        ts: reading.timestampMs,
        temperature: reading.temperature / 10,
        humidity: reading.humidity,
        battery: reading.battery / 100,
      });
    }
  });
});

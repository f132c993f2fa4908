import { Digest } from "./digest.ts";
import { ceiling, owner, type Visit, visits } from "./joined.ts";
import { charge, degrees, type Oracle, resultRow } from "./oracle.ts";
import { deviceId, type ReadingsOptions } from "./readings.ts";

const MINUTE_MS = 60_000;

/** Rows of (deviceId, ts, temperature, humidity, battery), about as many as `enrichOracle` finds. */
export function plainOracle(): Oracle {
  const digest = new Digest();
  return {
    add: (reading) => {
      const { device, timestampMs, temperature, humidity } = reading;
      if (temperature <= 268) return;
      digest.add(resultRow(deviceId(device), timestampMs, degrees(reading), humidity, charge(reading)));
    },
    finish: () => digest.fingerprint(),
  };
}

/** Rows of (deviceId, ts, temperature, owner, ceiling). End markers are of no device. */
export function enrichOracle(): Oracle {
  const digest = new Digest();
  return {
    add: (reading) => {
      const { device, timestampMs } = reading;
      if (degrees(reading) <= ceiling(device)) return;
      digest.add(resultRow(deviceId(device), timestampMs, degrees(reading), owner(device), ceiling(device)));
    },
    finish: () => digest.fingerprint(),
  };
}

/** Rows of (deviceId, ts, temperature, visited, technician). */
export function pairsOracle(options: ReadingsOptions): Oracle {
  const digest = new Digest();
  const byDevice = new Map<number, Visit[]>();
  for (const visit of visits(options)) {
    const own = byDevice.get(visit.device);
    if (own === undefined) byDevice.set(visit.device, [visit]);
    else own.push(visit);
  }
  return {
    add: (reading) => {
      if (reading.temperature <= 280) return;
      for (const { timestampMs, technician } of byDevice.get(reading.device) ?? []) {
        if (Math.abs(timestampMs - reading.timestampMs) > MINUTE_MS) continue;
        digest.add(resultRow(deviceId(reading.device), reading.timestampMs, degrees(reading), timestampMs, technician));
      }
    },
    finish: () => digest.fingerprint(),
  };
}

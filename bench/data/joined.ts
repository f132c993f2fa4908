import { Random } from "./random.ts";
import { deviceId, JITTER_MS, type ReadingsOptions, START_MS } from "./readings.ts";

/** What W7 joins with the readings: the same options give the same records. */
export interface Device {
  readonly deviceId: string;
  readonly owner: string;
  /** Degrees that are still fine, of one decimal. */
  readonly ceiling: number;
}

/** Somebody was at a device, about as readings tell. */
export interface Visit {
  readonly device: number;
  readonly timestampMs: number;
  readonly technician: string;
}

/** One visit to so many readings. */
const READINGS_A_VISIT = 20;
const SEED = 43;
const TECHNICIANS = 97;

/** Known an hour before the first reading. */
export const DEVICES_KNOWN_MS = START_MS - 3_600_000;

export const ceiling = (device: number): number => 25 + ((device * 31) % 40) / 10;
export const owner = (device: number): string => `owner-${String((device * 7919) % 4200).padStart(4, "0")}`;

export function deviceAt(device: number): Device {
  return { deviceId: deviceId(device), owner: owner(device), ceiling: ceiling(device) };
}

export const visitCount = ({ messages }: ReadingsOptions): number => Math.ceil(messages / READINGS_A_VISIT);

/** In the order of their times, but for as much as readings are out of order. */
export function* visits(options: ReadingsOptions): Generator<Visit> {
  const random = new Random(SEED);
  const count = visitCount(options);
  for (let i = 0; i < count; i++) {
    const device = random.below(options.devices);
    const timestampMs = START_MS + Math.floor((i * READINGS_A_VISIT * 1000) / options.perSecond) - random.below(JITTER_MS);
    yield { device, timestampMs, technician: `technician-${random.below(TECHNICIANS)}` };
  }
}

export function visitText({ device, timestampMs, technician }: Visit): string {
  return JSON.stringify({ deviceId: deviceId(device), ts: timestampMs, technician });
}

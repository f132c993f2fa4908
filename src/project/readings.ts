import { assert } from "../assert.ts";
import type { RawRecord } from "../ports/source.ts";

/** A made-up smart home: the same seed gives the same readings, byte for byte. */
export interface ReadingsOptions {
  readonly seed: number;
  readonly devices: number;
  /** Event time of the first reading, before it is shifted. */
  readonly startMs: number;
  /** By how many readings event time advances in a second. */
  readonly readingsPerSecond: number;
  /** Readings arrive out of order by less than this. */
  readonly disorderMs: number;
}

export const STANDARD_READINGS: Omit<ReadingsOptions, "startMs"> = {
  seed: 1,
  devices: 10_000,
  readingsPerSecond: 2_000,
  disorderMs: 5_000,
};

const DEVICES_PER_HOME = 4;
const ROOMS = ["kitchen", "living room", "bedroom", "bathroom"] as const;

/** Uniform in [0, 2^32); mulberry32. */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
}

/** What never changes in the readings of one device. */
interface Device {
  readonly key: Buffer;
  /** From `{` to the colon before the time. */
  readonly head: string;
  /** Hundredths of a degree. */
  readonly base: number;
}

function makeDevices(count: number, next: () => number): readonly Device[] {
  return Array.from({ length: count }, (_, index) => {
    const home = Math.floor(index / DEVICES_PER_HOME);
    const deviceId = `device-${String(index).padStart(6, "0")}`;
    const homeId = `home-${String(home).padStart(5, "0")}`;
    const room = ROOMS[index % DEVICES_PER_HOME] as string;
    const head = `{"deviceId":"${deviceId}","homeId":"${homeId}","room":"${room}","time":`;
    return { key: Buffer.from(deviceId), head, base: 1_700 + (next() % 800) };
  });
}

const decimals = (hundredths: number): string => {
  const text = String(Math.abs(hundredths)).padStart(3, "0");
  return `${hundredths < 0 ? "-" : ""}${text.slice(0, -2)}.${text.slice(-2)}`;
};

/**
 * Endless temperature readings in batches: keyed by device, record timestamp = event time = field `time` (epoch ms),
 * about 190 bytes of JSON each. Devices report at random, all equally often.
 */
export class Readings {
  private readonly options: ReadingsOptions;
  private readonly devices: readonly Device[];
  private readonly next: () => number;
  private count = 0;

  constructor(options: ReadingsOptions) {
    assert(options.devices > 0 && options.readingsPerSecond > 0, "devices and readings per second are positive");
    this.options = options;
    this.next = generator(options.seed);
    this.devices = makeDevices(options.devices, this.next);
  }

  batch(size: number): RawRecord[] {
    return Array.from({ length: size }, () => this.reading());
  }

  private reading(): RawRecord {
    const { startMs, readingsPerSecond, disorderMs } = this.options;
    const number = this.count++;
    const device = this.devices[this.next() % this.devices.length] as Device;
    const chance = this.next();
    const delayMs = disorderMs > 0 ? this.next() % disorderMs : 0;
    const timeMs = startMs + Math.floor((number * 1_000) / readingsPerSecond) - delayMs;
    const temperature = device.base + ((chance & 0x3ff) - 512);
    const humidity = 30 + ((chance >>> 10) % 41);
    const battery = 20 + ((chance >>> 16) % 81);
    const rssi = -40 - ((chance >>> 23) % 50);
    const tail = `,"temperature":${decimals(temperature)},"humidity":${humidity},"battery":${battery},"signal":${rssi},"firmware":"4.2.1"`;
    return { key: device.key, value: Buffer.from(`${device.head}${timeMs}${tail},"sequence":${number}}`), timestampMs: timeMs };
  }
}

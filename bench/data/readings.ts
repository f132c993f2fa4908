import { Random } from "./random.ts";

/** What a topic of the bench holds: the same options give the same records in the same order, byte for byte. */
export interface ReadingsOptions {
  readonly messages: number;
  readonly devices: number;
  /** By how many readings event time advances in a second. */
  readonly perSecond: number;
}

/** One reading as numbers; the object is used again for the next one. */
export interface Reading {
  device: number;
  timestampMs: number;
  /** Tenths of a degree. */
  temperature: number;
  humidity: number;
  /** Hundredths, below 100. */
  battery: number;
}

export const PARTITIONS = 4;
/** Readings are out of order by less than this. */
export const JITTER_MS = 5_000;
/** End markers are so much later than all readings, so that every window of theirs closes. */
export const END_MS = 600_000;

const SEED = 42;
export const START_MS = 1_700_000_000_000;
const TYPES = ["thermostat", "sensor", "radiator", "boiler", "airquality"];
const CITIES = ["London", "Paris", "Berlin", "Madrid", "Rome", "Vienna", "Oslo", "Lisbon"];
const FIRMWARE = ["1.8.3", "1.8.4", "1.9.0", "2.0.1"];

/** Devices draw uniformly; each has a mean of its own between 15.0 and 28.9 °C. */
export function* readings({ messages, devices, perSecond }: ReadingsOptions): Generator<Readonly<Reading>> {
  const random = new Random(SEED);
  const reading: Reading = { device: 0, timestampMs: 0, temperature: 0, humidity: 0, battery: 0 };
  for (let i = 0; i < messages; i++) {
    const device = random.below(devices);
    reading.device = device;
    reading.timestampMs = START_MS + Math.floor((i * 1000) / perSecond) - random.below(JITTER_MS);
    reading.temperature = 150 + (Math.floor((device * 2_654_435_761) / 128) % 140) + random.below(61) - 30;
    reading.humidity = 30 + random.below(60);
    reading.battery = 1 + random.below(99);
    yield reading;
  }
}

export const deviceId = (device: number): string => `dev-${String(device).padStart(6, "0")}`;

export function readingText({ device, timestampMs, temperature, humidity, battery }: Readonly<Reading>): string {
  const homeId = `home-${String((device * 7919) % 4200).padStart(5, "0")}`;
  const firmware = FIRMWARE[Math.floor(device / 7) % FIRMWARE.length];
  const city = CITIES[Math.floor(device / 3) % CITIES.length];
  const degrees = `${Math.floor(temperature / 10)}.${temperature % 10}`;
  return (
    `{"deviceId":"${deviceId(device)}","homeId":"${homeId}","type":"${TYPES[device % TYPES.length]}","ts":${timestampMs}` +
    `,"temperature":${degrees},"humidity":${humidity},"battery":0.${battery < 10 ? "0" : ""}${battery}` +
    `,"firmware":"${firmware}","location":{"city":"${city}","zone":"z${device % 9}"}}`
  );
}

/** The last record of each partition: it lets stream time pass the end of every window. */
export function endMarkerText(partition: number, timestampMs: number): string {
  return (
    `{"deviceId":"end-${partition}","homeId":"home-00000","type":"end","ts":${timestampMs},"temperature":0.0,"humidity":0,"battery":1.0` +
    `,"firmware":"0","location":{"city":"none","zone":"z0"}}`
  );
}

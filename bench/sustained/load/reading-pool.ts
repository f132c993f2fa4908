import { crc32c } from "@platformatic/wasm-utils";
import { BatchField } from "../../../src/adapters/codecs/record-batch-format.ts";
import { RecordBatchWriter } from "../../../src/adapters/codecs/record-batch-writer.ts";
import { must } from "../../../src/assert.ts";
import { Random } from "../../data/random.ts";
import { deviceId, type Reading, readingText } from "../../data/readings.ts";

export interface PoolOptions {
  /** Numbers of the devices by partition. */
  readonly devices: readonly (readonly number[])[];
  readonly batchRecords: number;
  /** So many batches of a partition are made; then they come again, with other times. */
  readonly batches: number;
  readonly seed: number;
}

/** A record batch that is sent again and again: only its times change. */
interface Template {
  readonly bytes: Buffer;
  /** Where the 13 digits of `ts` stand. */
  readonly timePlaces: Int32Array;
  readonly readings: BatchReadings;
}

/** What a batch says, reading by reading; numbers alone, so that the generator's heap stays small. */
export interface BatchReadings {
  readonly devices: Int32Array;
  /** Tenths of a degree. */
  readonly temperatures: Int32Array;
}

const TIME_DIGITS = 13;
/** Stands where the time of a reading will be. */
const ANY_TIME_MS = 10 ** (TIME_DIGITS - 1);

/**
 * Readings that are encoded already, in whole record batches, so that sending one costs next to nothing. Devices take turns:
 * each sends equally often. The time of a batch (event time and record timestamp of all its readings) is set when it is sent.
 */
export class ReadingPool {
  readonly batchRecords: number;
  /** Of a partition, until they come again. */
  readonly batches: number;
  readonly recordBytes: number;
  private readonly templates: readonly (readonly Template[])[];
  private readonly digits = new Uint8Array(TIME_DIGITS);
  private digitsOfMs = -1;

  constructor(options: PoolOptions) {
    this.batchRecords = options.batchRecords;
    this.batches = options.batches;
    this.templates = options.devices.map((devices, partition) => makeTemplates(devices, options, options.seed + partition));
    const all = this.templates.flat();
    this.recordBytes = all.reduce((sum, { bytes }) => sum + bytes.length, 0) / (all.length * options.batchRecords);
  }

  /** The bytes are written again when the pool has been gone through: they must have been sent by then. */
  batch(partition: number, number: number, timeMs: number): Buffer {
    const { bytes, timePlaces } = this.template(partition, number);
    this.setDigits(timeMs);
    const { digits } = this;
    for (const place of timePlaces) {
      for (let i = 0; i < TIME_DIGITS; i++) bytes[place + i] = digits[i] as number;
    }
    const time = BigInt(timeMs);
    bytes.writeBigInt64BE(time, BatchField.baseTimestamp);
    bytes.writeBigInt64BE(time, BatchField.maxTimestamp);
    bytes.writeUInt32BE(crc32c(bytes.subarray(BatchField.attributes)), BatchField.crc);
    return bytes;
  }

  /** What is in the batch of that number. */
  readings(partition: number, number: number): BatchReadings {
    return this.template(partition, number).readings;
  }

  private template(partition: number, number: number): Template {
    const templates = must(this.templates[partition], "partition of the pool");
    return must(templates[number % templates.length]);
  }

  private setDigits(timeMs: number): void {
    if (timeMs === this.digitsOfMs) return;
    this.digitsOfMs = timeMs;
    Buffer.from(this.digits.buffer).write(String(timeMs), "latin1");
  }
}

function makeTemplates(devices: readonly number[], { batchRecords, batches }: PoolOptions, seed: number): readonly Template[] {
  const random = new Random(seed);
  const writer = new RecordBatchWriter();
  let turn = 0;
  return Array.from({ length: batches }, () => {
    const readings = { devices: new Int32Array(batchRecords), temperatures: new Int32Array(batchRecords) };
    for (let i = 0; i < batchRecords; i++) {
      const reading = readingOf(must(devices[turn++ % devices.length]), random);
      writer.append(0, Buffer.from(deviceId(reading.device)), Buffer.from(readingText(reading)), null);
      readings.devices[i] = reading.device;
      readings.temperatures[i] = reading.temperature;
    }
    const bytes = Buffer.from(writer.finish(0));
    return { bytes, timePlaces: timePlacesIn(bytes, batchRecords), readings };
  });
}

function readingOf(device: number, random: Random): Reading {
  const temperature = 150 + ((device * 37) % 140) + random.below(61) - 30;
  return { device, timestampMs: ANY_TIME_MS, temperature, humidity: 30 + random.below(60), battery: 1 + random.below(99) };
}

function timePlacesIn(bytes: Buffer, count: number): Int32Array {
  const label = `"ts":${ANY_TIME_MS}`;
  const places = new Int32Array(count);
  let from = 0;
  for (let i = 0; i < count; i++) {
    const at = bytes.indexOf(label, from, "latin1");
    places[i] = at + label.length - TIME_DIGITS;
    from = at + label.length;
  }
  return places;
}

import { FieldDecoder } from "../../src/adapters/codecs/create-decoder.ts";
import { walkRecordBatches } from "../../src/adapters/codecs/record-batch-reader.ts";
import { encodeRecordBatch } from "../../src/adapters/codecs/record-batch-writer.ts";
import type { RecordSlices } from "../../src/model/record-slices.ts";
import type { DecoderOptions } from "../../src/ports/codec.ts";

const ROWS = 5000;
const ROUNDS = 9;
const PASSES = 20;
const DEVICES = 10_000;

/** Documents as the side-by-side bench has them: 191 bytes, 10 members, one object inside. */
function reading(i: number): string {
  const device = Math.imul(i, 2654435761) >>> 0;
  const id = String(device % DEVICES).padStart(6, "0");
  const home = String((device * 7919) % 4200).padStart(5, "0");
  const type = ["thermostat", "sensor", "radiator", "boiler", "airquality"][device % 5];
  const tenths = 150 + (device % 140);
  const values = `"ts":${1_700_000_000_000 + i},"temperature":${tenths / 10},"humidity":${30 + (device % 40)},"battery":0.${10 + (device % 89)}`;
  const city = ["London", "Paris", "Berlin", "Madrid", "Rome", "Vienna", "Oslo", "Lisbon"][device % 8];
  const place = `"firmware":"1.8.${device % 5}","location":{"city":"${city}","zone":"z${device % 9}"}`;
  return `{"deviceId":"dev-${id}","homeId":"home-${home}","type":"${type}",${values},${place}}`;
}

function slicesOf(documents: readonly string[]): RecordSlices {
  const records = documents.map((document, i) => ({ key: null, value: Buffer.from(document), timestampMs: i }));
  const bytes = encodeRecordBatch(0, records);
  const { batches } = walkRecordBatches({ topic: "t", partition: 0, bytes, start: 0, end: bytes.length, fromOffset: 0 });
  return batches[0] as RecordSlices;
}

/** Median of µs of CPU per record. */
function measure(name: string, work: () => void, note: () => string): void {
  const figures: number[] = [];
  for (let round = -3; round < ROUNDS; round++) {
    const before = process.cpuUsage();
    for (let pass = 0; pass < PASSES; pass++) work();
    const { user, system } = process.cpuUsage(before);
    if (round >= 0) figures.push((user + system) / (PASSES * ROWS));
  }
  figures.sort((a, b) => a - b);
  const [min, median] = [figures[0] as number, figures[ROUNDS >> 1] as number];
  console.log(`${name.padEnd(34)} ${median.toFixed(3)} µs/record (least ${min.toFixed(3)}) ${note()}`);
}

function measureDocuments(title: string, documents: readonly string[], options: Pick<DecoderOptions, "fields" | "interned">): void {
  const slices = slicesOf(documents);
  const size = documents.reduce((sum, document) => sum + document.length, 0) / documents.length;
  console.log(`\n${title}, ${size.toFixed(0)} bytes, fields ${options.fields.map(({ path }) => path.join(".")).join(", ")}`);
  const { bytes, valueStarts, valueEnds, count } = slices;
  let found = 0;
  const parse = (): void => {
    for (let i = 0; i < count; i++) {
      const document = JSON.parse(bytes.latin1Slice(valueStarts[i], valueEnds[i])) as Record<string, unknown>;
      for (const { path } of options.fields) if (document[path[0] as string] !== undefined) found++;
    }
  };
  measure("JSON.parse", parse, () => (found > 0 ? "" : "found nothing"));
  for (const [name, speculate, interned] of [
    ["projecting", false, []],
    ["projecting, interned", false, options.interned ?? []],
    ["generated", true, []],
    ["generated, interned", true, options.interned ?? []],
  ] as const) {
    const decoder = new FieldDecoder({ valueFormat: "json", keyFormat: "none", fields: options.fields, interned }, speculate);
    measure(
      name,
      () => decoder.decode(slices),
      () => {
        const counters = decoder.shapeCounters;
        return counters === null
          ? ""
          : `${((100 * counters.taken) / (counters.taken + counters.missed + counters.paused)).toFixed(2)} % by shape, ${counters.learned} learned`;
      },
    );
  }
}

const fields = ["deviceId", "ts", "temperature"].map((name) => ({ root: "value" as const, path: [name] }));
const documents = Array.from({ length: ROWS }, (_, i) => reading(i));
measureDocuments("readings", documents, { fields, interned: [0] });

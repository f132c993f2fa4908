import { statfs } from "node:fs/promises";
import { must } from "../../src/assert.ts";
import type { RawRecord, Source } from "../../src/ports/source.ts";
import { openSource } from "../kafka.ts";
import { generate } from "../nexmark/generate.ts";
import { sideInputRecords } from "../nexmark/side-inputs.ts";
import { type Layout, partitionsOf, recordOf } from "../nexmark/topics.ts";
import { PATHS } from "../paths.ts";
import { createTopics, deleteTopics } from "../topics.ts";
import {
  type DataSetName,
  dataSet,
  isOfReadings,
  layoutOf,
  nexmarkOptions,
  nexmarkPrefix,
  nexmarkTopic,
  recordsOf,
  type Topics,
  topicOf,
  topicsOf,
} from "./data-sets.ts";
import { DEVICES_KNOWN_MS, deviceAt, visitCount, visits, visitText } from "./joined.ts";
import { produceReadings } from "./produce-readings.ts";
import { deviceId, PARTITIONS, type ReadingsOptions, START_MS } from "./readings.ts";

type Progress = (line: string) => void;

/** On disk, with indexes; compressed by nobody. */
const BYTES_A_MESSAGE = 220;
const BYTES_AN_EVENT = 330;
const CHUNK = 5_000;

/** Makes the topics of a data set unless they are there as a whole. */
export async function prepareDataSet(broker: string, name: DataSetName, messages: number, progress: Progress): Promise<void> {
  const { source, close } = openSource(broker);
  try {
    const place = { broker, source, progress };
    const layout = layoutOf(name);
    if (layout !== null) await prepareNexmark(place, layout, messages);
    if (!isOfReadings(name)) return;
    const options = dataSet(name, messages);
    await prepareReadings(place, options);
    const { joined } = topicsOf(name, options);
    if (joined !== null) await prepareJoined(place, joined, options);
  } finally {
    await close();
  }
}

interface Place {
  readonly broker: string;
  readonly source: Source;
  readonly progress: Progress;
}

async function prepareReadings(place: Place, options: ReadingsOptions): Promise<void> {
  const { source, progress } = place;
  const topic = topicOf(options);
  const wanted = { partitions: PARTITIONS, records: recordsOf(options), bytes: options.messages * BYTES_A_MESSAGE };
  if (await isMissing(place, topic, wanted)) await produceReadings(source, topic, options, progress);
}

async function prepareJoined(
  place: Place,
  { devices, visits: visited }: NonNullable<Topics["joined"]>,
  options: ReadingsOptions,
): Promise<void> {
  const wanted = { partitions: PARTITIONS, bytes: options.messages * BYTES_A_MESSAGE };
  if (await isMissing(place, devices, { ...wanted, records: options.devices })) await write(place, devices, deviceRecords(options));
  if (await isMissing(place, visited, { ...wanted, records: visitCount(options) })) await write(place, visited, visitRecords(options));
}

function* deviceRecords({ devices }: ReadingsOptions): Generator<RawRecord> {
  for (let device = 0; device < devices; device++) {
    const value = Buffer.from(JSON.stringify(deviceAt(device)));
    yield { key: Buffer.from(deviceId(device)), value, timestampMs: DEVICES_KNOWN_MS };
  }
}

function* visitRecords(options: ReadingsOptions): Generator<RawRecord> {
  for (const visit of visits(options)) {
    const { device, timestampMs } = visit;
    yield { key: Buffer.from(deviceId(device)), value: Buffer.from(visitText(visit)), timestampMs };
  }
}

async function prepareNexmark(place: Place, layout: Layout, messages: number): Promise<void> {
  const options = nexmarkOptions(messages);
  const counts = { person: 0, auction: 0, bid: 0 };
  for (const { kind } of generate(options)) counts[kind]++;
  const partitions = partitionsOf(layout, PARTITIONS);
  for (const kind of ["person", "auction", "bid"] as const) {
    const topic = nexmarkTopic(layout, messages, kind);
    const records = (function* (): Generator<RawRecord> {
      for (const event of generate(options)) if (event.kind === kind) yield recordOf(event, layout);
    })();
    if (await isMissing(place, topic, { partitions, records: counts[kind], bytes: counts[kind] * BYTES_AN_EVENT })) {
      await write(place, topic, records);
    }
  }
  const sideInputs = sideInputRecords(START_MS);
  const topic = `${nexmarkPrefix(layout, messages)}side_inputs`;
  const wanted = { partitions, records: sideInputs.length, bytes: sideInputs.length * BYTES_AN_EVENT };
  if (await isMissing(place, topic, wanted)) await write(place, topic, sideInputs);
}

async function write({ source, progress }: Place, topic: string, records: Iterable<RawRecord>): Promise<void> {
  let last: Promise<void> = Promise.resolve();
  let chunk: RawRecord[] = [];
  for (const record of records) {
    chunk.push(record);
    if (chunk.length < CHUNK) continue;
    // One at a time keeps the order; the next chunk is made while this one is on its way.
    await last;
    last = source.append(topic, chunk);
    chunk = [];
  }
  await last;
  await source.append(topic, chunk);
  progress(`${topic}: written`);
}

interface Wanted {
  readonly partitions: number;
  readonly records: number;
  readonly bytes: number;
}

/** Whether the topic is not there as a whole; it is empty then. */
async function isMissing({ broker, source }: Place, topic: string, { partitions, records, bytes }: Wanted): Promise<boolean> {
  const found = await countRecords(source, topic);
  if (found === records) return false;
  if (found !== null) await deleteTopics(broker, (name) => name === topic);
  await checkSpace(topic, bytes);
  await createTopics(broker, [topic], partitions);
  return true;
}

/** null: there is no such topic. */
async function countRecords(source: Source, topic: string): Promise<number | null> {
  const description = await source.describeTopic(topic);
  if (description === null) return null;
  let count = 0;
  for (let partition = 0; partition < description.partitions; partition++) {
    count += must(await source.bounds(topic, partition)).endOffset;
  }
  return count;
}

async function checkSpace(topic: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(PATHS.home);
  // Results and the state of the engines take as much again at most.
  const needed = bytes * 2;
  if (bavail * bsize < needed) {
    const gigabytes = (count: number): string => (count / 1e9).toFixed(1);
    throw new Error(`${gigabytes(needed)} GB of disk are needed for ${topic}; ${gigabytes(bavail * bsize)} GB are free`);
  }
}

import { statfs } from "node:fs/promises";
import { must } from "../../src/assert.ts";
import type { Source } from "../../src/ports/source.ts";
import { openSource } from "../kafka.ts";
import { PATHS } from "../paths.ts";
import { createTopics, deleteTopics } from "../topics.ts";
import { produceReadings } from "./produce-readings.ts";
import { PARTITIONS, type ReadingsOptions } from "./readings.ts";

export const DATA_SETS = ["standard", "small", "large", "million-devices"] as const;
export type DataSetName = (typeof DATA_SETS)[number];

/** On disk, with indexes; compressed by nobody. */
const BYTES_A_MESSAGE = 220;

export function dataSet(name: DataSetName, messages: number): ReadingsOptions {
  const standard = { messages, devices: 10_000, perSecond: 2_000 };
  switch (name) {
    case "standard":
      return standard;
    case "small":
      return { ...standard, messages: Math.ceil(messages / 5) };
    case "large":
      return { ...standard, messages: messages * 10 };
    case "million-devices":
      // As many readings of each window and device as there are of 10,000 devices would take a hundred times the data.
      return { messages: messages * 4, devices: 1_000_000, perSecond: 100_000 };
  }
}

/** Its name says what is in it, so that data of another size is another topic. */
export const topicOf = ({ devices, messages }: ReadingsOptions): string => `temperatures_${devices}_${messages}`;

/** End markers included. */
export const recordsOf = ({ messages }: ReadingsOptions): number => messages + PARTITIONS;

/** Makes the topic unless it is there as a whole. */
export async function prepareData(broker: string, options: ReadingsOptions, progress: (line: string) => void): Promise<void> {
  const topic = topicOf(options);
  const { source, close } = openSource(broker);
  try {
    const found = await countRecords(source, topic);
    if (found === recordsOf(options)) return;
    if (found !== null) await deleteTopics(broker, (name) => name === topic);
    await checkSpace(options);
    await createTopics(broker, [topic], PARTITIONS);
    await produceReadings(source, topic, options, progress);
  } finally {
    await close();
  }
}

/** null: there is no such topic. */
export async function countRecords(source: Source, topic: string): Promise<number | null> {
  const description = await source.describeTopic(topic);
  if (description === null) return null;
  let count = 0;
  for (let partition = 0; partition < description.partitions; partition++) {
    count += must(await source.bounds(topic, partition)).endOffset;
  }
  return count;
}

async function checkSpace({ messages }: ReadingsOptions): Promise<void> {
  const { bavail, bsize } = await statfs(PATHS.home);
  // Results and the state of the engines take as much again at most.
  const needed = messages * BYTES_A_MESSAGE * 2;
  if (bavail * bsize < needed) {
    const gigabytes = (bytes: number): string => (bytes / 1e9).toFixed(1);
    throw new Error(`${gigabytes(needed)} GB of disk are needed for ${messages} messages; ${gigabytes(bavail * bsize)} GB are free`);
  }
}

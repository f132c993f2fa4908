import type { EventKind } from "../nexmark/events.ts";
import { GRACE_MS, type NexmarkOptions } from "../nexmark/generate.ts";
import { LAYOUTS, type Layout, STREAMS } from "../nexmark/topics.ts";
import { visitCount } from "./joined.ts";
import { PARTITIONS, type ReadingsOptions } from "./readings.ts";

/** Readings of devices; `joined`: with what they are joined with. */
export type ReadingsName = "standard" | "small" | "tiny" | "hours" | "large" | "million-devices" | "joined";
/** `nexmark-…`: events of Nexmark by the keys of their records. */
export type DataSetName = ReadingsName | `nexmark-${Layout}`;

export function dataSet(name: ReadingsName, messages: number): ReadingsOptions {
  const standard = { messages, devices: 10_000, perSecond: 2_000 };
  switch (name) {
    case "standard":
    case "joined":
      return standard;
    case "small":
      return { ...standard, messages: Math.ceil(messages / 5) };
    case "tiny":
      return { ...standard, messages: Math.ceil(messages / 25) };
    case "hours":
      // Two of them, so that every pane of an hour is there for half of the time.
      return { ...standard, messages: messages * 3 };
    case "large":
      return { ...standard, messages: messages * 10 };
    case "million-devices":
      // As many readings of each window and device as there are of 10,000 devices would take a hundred times the data.
      return { messages: messages * 4, devices: 1_000_000, perSecond: 100_000 };
  }
}

/** Its name says what is in it, so that data of another size is another topic. */
export const topicOf = ({ devices, messages }: ReadingsOptions): string => `temperatures_${devices}_${messages}`;

/** Of a data set. */
export interface Topics {
  readonly readings: string;
  /** What is joined with the readings; null: nothing is. */
  readonly joined: { readonly devices: string; readonly visits: string } | null;
}

export function topicsOf(name: ReadingsName, options: ReadingsOptions): Topics {
  const { devices, messages } = options;
  const joined = { devices: `devices_${devices}`, visits: `visits_${devices}_${messages}` };
  return { readings: topicOf(options), joined: name === "joined" ? joined : null };
}

/** What readings are joined with. */
export type Joined = "devices" | "visits";

/** Of readings and what they are joined with; end markers included. */
export function recordsOf(options: ReadingsOptions, joined: Joined | null = null): number {
  const others = joined === null ? 0 : joined === "devices" ? options.devices : visitCount(options);
  return options.messages + PARTITIONS + others;
}

/** null: the set is of readings. */
export function layoutOf(name: DataSetName): Layout | null {
  return LAYOUTS.find((layout) => name === `nexmark-${layout}`) ?? null;
}

export const isOfReadings = (name: DataSetName): name is ReadingsName => layoutOf(name) === null;

export function nexmarkOptions(messages: number): NexmarkOptions {
  // What the events give is computed from all of them in memory.
  return { events: Math.ceil(messages / 5), perSecond: 10_000, jitterMs: GRACE_MS };
}

export const nexmarkPrefix = (layout: Layout, messages: number): string => `nexmark_${layout}_${nexmarkOptions(messages).events}_`;
export const nexmarkTopic = (layout: Layout, messages: number, kind: EventKind): string =>
  `${nexmarkPrefix(layout, messages)}${STREAMS[kind]}`;

import type { SeededRandom } from "../property/random.ts";
import { EPOCH_MS } from "./sim-process.ts";

/** A record, and when it comes to the log. */
export interface Written {
  readonly partition: number;
  /** null: a record without a key, in any partition. */
  readonly key: string | null;
  readonly timestampMs: number;
  /** null: a tombstone. */
  readonly text: string | null;
  /** How many offsets stay empty behind it. */
  readonly hole: number;
  /** In ms of simulated time; negative: it is there before anything begins. */
  readonly atMs: number;
}

/** One record as the reference sees it. */
export interface Item extends Written {
  readonly device: string;
  readonly isBroken: boolean;
  /** undefined: missing or unreadable. */
  readonly time: number | undefined;
  readonly v: number | string | null;
  readonly tag: string | null;
}

/** How far ahead of the wall timestamps may be in these topics. */
export const AHEAD_MS = 10_000;

const DEVICES = ["a", "b", "c", "café", 'quo"te', "refused", "日本"];
const YEAR_MS = 365 * 86_400_000;

export interface ItemOptions {
  readonly partitions: number;
  readonly lengthMs: number;
  readonly isKeyed: boolean;
  /** Some timestamps are too far ahead of the wall at first, and not later. */
  readonly areTimesUncertain: boolean;
}

/** A table that is there before anything begins: of some devices several rows, the last of which counts, or a delete. */
export function randomLabels(random: SeededRandom, partitions: number): readonly Item[] {
  return Array.from({ length: 14 }, (_, n): Item => {
    const device = random.pick(DEVICES);
    const tag = random.chance(0.2) ? null : `label ${n}`;
    const text = random.chance(0.2) ? null : JSON.stringify({ device, tag });
    const common = { partition: partitionOf(device, partitions), key: device, device, timestampMs: EPOCH_MS - 1000 + n, hole: 0, atMs: -1 };
    return { ...common, text, isBroken: false, time: undefined, v: null, tag };
  });
}

function partitionOf(device: string, partitions: number): number {
  return [...device].reduce((sum, unit) => sum + (unit.codePointAt(0) ?? 0), 0) % partitions;
}

/** The records of one topic: times out of order, some late, holes, tombstones, broken ones, bursts and idle stretches. */
export function randomItems(random: SeededRandom, count: number, options: ItemOptions): readonly Item[] {
  const { partitions, lengthMs, isKeyed, areTimesUncertain } = options;
  let atMs = 0;
  const meanMs = lengthMs / count;
  return Array.from({ length: count }, () => {
    const pauseMs = random.pick([0, 0, meanMs, meanMs, meanMs * 2]);
    atMs = Math.min(lengthMs, atMs + pauseMs + (random.chance(0.02) ? lengthMs / 8 : 0));
    const device = random.pick(DEVICES);
    // Records of one key lie in one partition.
    const partition = isKeyed ? partitionOf(device, partitions) : random.below(partitions);
    const key = isKeyed ? device : null;
    const progress = Math.floor(EPOCH_MS + atMs);
    // Far ahead of the wall for ever, or at first.
    const ahead = random.chance(0.03) ? random.pick([YEAR_MS, areTimesUncertain ? AHEAD_MS + random.below(2_000) : YEAR_MS]) : 0;
    const timestampMs = progress + ahead - (random.chance(0.2) ? random.below(900) : 0);
    const time = random.chance(0.07) ? progress - random.below(6_000) : progress - random.below(400);
    const v = random.chance(0.15) ? null : random.chance(0.02) ? "warm" : random.below(40) - 10;
    const tag = random.chance(0.2) ? null : random.pick(["x", "y"]);
    const hole = random.chance(0.1) ? 1 + random.below(3) : 0;
    const common = { partition, key, device, timestampMs, hole, atMs };
    if (random.chance(0.04)) return { ...common, text: null, isBroken: false, time: undefined, v: null, tag: null };
    const given = random.chance(0.03) ? random.pick([undefined, null, "soon", timestampMs + AHEAD_MS + 1]) : time;
    const isReadable = typeof given === "number" && given <= timestampMs + AHEAD_MS;
    const text = JSON.stringify({ device, time: given, v: v ?? undefined, tag });
    if (random.chance(0.02)) return { ...common, text: text.slice(0, -1), isBroken: true, time: undefined, v, tag };
    return { ...common, text, isBroken: false, time: isReadable ? given : undefined, v, tag };
  });
}

import type { SeededRandom } from "../property/random.ts";
import { TEXTS } from "./expression-generator.ts";
import type { BadCell, Cell, ColumnSpec, RecordSpec, SourceSpec } from "./spec.ts";

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** How times lie in a case: windows are some units long, records some units apart. */
export interface TimeScale {
  readonly unitMs: number;
  readonly baseMs: number;
  /** Whose clocks change in that time; null: windows in UTC. */
  readonly zone: string | null;
}

const ZONES = [
  ["Europe/Berlin", "2025-03-29T20:00:00Z"],
  ["Europe/Berlin", "2025-10-25T19:00:00Z"],
  ["America/New_York", "2025-11-01T22:00:00Z"],
  ["America/New_York", "2025-03-08T23:00:00Z"],
  ["Asia/Beirut", "2025-03-29T15:00:00Z"],
  ["Asia/Kathmandu", "2025-05-01T12:00:00Z"],
  ["Australia/Lord_Howe", "2025-10-04T09:00:00Z"],
] as const;

export function randomScale(random: SeededRandom): TimeScale {
  if (random.chance(0.2)) {
    const [zone, base] = random.pick(ZONES);
    const unitMs = random.pick([HOUR_MS, HOUR_MS, DAY_MS]);
    return { unitMs, baseMs: Date.parse(base) - (unitMs === DAY_MS ? 6 * DAY_MS : 0), zone };
  }
  const unitMs = random.pick([10 * SECOND_MS, MINUTE_MS, MINUTE_MS, HOUR_MS, DAY_MS]);
  const isEarly = random.chance(0.1);
  return { unitMs, baseMs: isEarly ? -5 * unitMs : Date.parse("2025-06-02T00:00:00Z") - random.below(3) * unitMs, zone: null };
}

/** Out of order by some units, often at or next to a bound of windows. */
function randomTime(progressMs: number, { unitMs }: TimeScale, random: SeededRandom): number {
  const behind = random.chance(0.6) ? random.below(unitMs / 2) : random.chance(0.7) ? random.below(2 * unitMs) : random.below(6 * unitMs);
  const time = progressMs - behind;
  return random.chance(0.35) ? Math.round(time / unitMs) * unitMs + random.pick([-1, 0, 0, 0, 1]) : time;
}

export const KEYS = ["a", "b", "c", "é", "🙂"];

function partitionOf(key: string | null, partitions: number): number {
  return key === null ? 0 : [...key].reduce((sum, character) => sum + (character.codePointAt(0) ?? 0), 0) % partitions;
}

export interface SourceWish {
  readonly name: string;
  readonly kind: "stream" | "table";
  readonly partitions: number;
  readonly count: number;
  readonly timed: boolean;
  /** Values of wrong types and missing times. */
  readonly faulty: boolean;
}

const COLUMNS: readonly ColumnSpec[] = [
  { name: "k", type: "STRING" },
  { name: "n", type: "BIGINT" },
  { name: "v", type: "DOUBLE" },
  { name: "tag", type: "STRING" },
  { name: "xs", type: "ARRAY<BIGINT>" },
];

/** Columns `k` (the key), `n`, `v`, `tag`, `xs`, and with a time of its own `at`; of a table `ref` points to a key. */
export function randomSource(wish: SourceWish, scale: TimeScale, random: SeededRandom): SourceSpec {
  const { name, kind, partitions, count, timed } = wish;
  const extra: ColumnSpec = kind === "table" ? { name: "ref", type: "STRING" } : { name: "at", type: "TIMESTAMP" };
  const columns = kind === "table" || timed ? [...COLUMNS, extra] : COLUMNS;
  const spanMs = (6 + random.below(10)) * scale.unitMs;
  const records = Array.from({ length: count }, (_, index) =>
    randomRecord(wish, scale.baseMs + Math.floor((index / count) * spanMs), scale, random),
  );
  return { name, kind, partitions, columns, keyColumn: "k", timeColumn: kind === "stream" && timed ? "at" : null, records };
}

function randomRecord(
  { kind, partitions, timed, faulty }: SourceWish,
  progressMs: number,
  scale: TimeScale,
  random: SeededRandom,
): RecordSpec {
  const isTable = kind === "table";
  const key = !isTable && random.chance(0.04) ? null : random.pick(KEYS);
  const time = randomTime(progressMs, scale, random);
  const isSkewed = random.chance(0.1);
  const timestampMs = timed && !isTable ? Math.max(progressMs - (isSkewed ? random.below(scale.unitMs) : 0), time - 1) : time;
  const partition = partitionOf(key, partitions);
  if (isTable && random.chance(0.2)) return { partition, key, timestampMs, values: null };
  const values: Record<string, Cell | BadCell> = { ...randomCells(random), k: key };
  if (isTable) values["ref"] = random.chance(0.15) ? null : random.pick(KEYS);
  else if (timed) values["at"] = time;
  if (faulty && random.chance(0.03)) values["v"] = { bad: "warm" };
  if (faulty && timed && random.chance(0.03)) values["at"] = random.pick([null, { bad: "soon" }, timestampMs + 600_001]);
  for (const [name, cell] of Object.entries(values)) if (cell === null && random.chance(0.5)) delete values[name];
  return { partition, key, timestampMs, values };
}

function randomCells(random: SeededRandom): Record<string, Cell> {
  return {
    n: random.chance(0.12) ? null : random.below(9) - 3,
    v: random.chance(0.12) ? null : (random.below(60) - 20) / 4,
    tag: random.chance(0.15) ? null : random.pick(TEXTS),
    xs: random.chance(0.15) ? null : Array.from({ length: random.below(4) }, () => (random.chance(0.1) ? null : random.below(5))),
  };
}

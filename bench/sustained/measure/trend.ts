import { median } from "../../report/statistics.ts";

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Median of the slopes between all pairs (Theil–Sen): a burst every minute does not bend it. 0 for fewer than two points. */
export function slopeOf(points: readonly Point[]): number {
  const slopes: number[] = [];
  for (const [i, a] of points.entries()) {
    for (const b of points.slice(i + 1)) if (b.x !== a.x) slopes.push((b.y - a.y) / (b.x - a.x));
  }
  return slopes.length === 0 ? 0 : median(slopes);
}

export interface Trend {
  /** Per unit of x. */
  readonly slope: number;
  /** What the slope adds from the first point to the last. */
  readonly growth: number;
  readonly median: number;
  readonly max: number;
}

export function trendOf(points: readonly Point[]): Trend {
  const slope = slopeOf(points);
  const first = points[0]?.x ?? 0;
  const last = points.at(-1)?.x ?? 0;
  const ys = points.map(({ y }) => y);
  return { slope, growth: slope * (last - first), median: median(ys), max: Math.max(...ys) };
}

/** Kept up with: over the whole time the trend adds less than one second of input, and at no time more than `secondsMax` were behind. */
export function isLagFlat(trend: Trend, recordsPerSecond: number, secondsMax = 5): boolean {
  return trend.growth < recordsPerSecond && trend.max < recordsPerSecond * secondsMax;
}

/** Shorter runs show how memory fills, not whether it goes on growing. */
const MEMORY_SECONDS_MIN = 120;

/** Memory does not grow: the trend adds less than a tenth over the whole time (`x` in seconds). null: too short a time to say so. */
export function isMemoryFlat(trend: Trend, seconds: number): boolean | null {
  return seconds < MEMORY_SECONDS_MIN ? null : trend.growth < trend.median / 10;
}

import { describe, expect, it } from "vitest";
import type { SharedWindow } from "../../src/model/window.ts";
import { windowShape } from "../../src/model/window-shape.ts";
import { SeededRandom, seeds } from "../property/random.ts";
import { type Bounds, windowsAt } from "./window-bounds.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const BEFORE_ALL = { startMs: Number.NEGATIVE_INFINITY, endMs: Number.NEGATIVE_INFINITY };

/** Clocks that change by an hour and by half of one, at midnight and behind it, on both sides of the world, and some that never do. */
const ZONES = [
  ["Europe/Berlin", "2025-03-30T01:00:00Z"],
  ["Europe/Berlin", "2025-10-26T01:00:00Z"],
  ["America/New_York", "2025-11-02T06:00:00Z"],
  ["America/St_Johns", "2025-03-09T05:30:00Z"],
  ["Asia/Beirut", "2025-03-29T22:00:00Z"],
  ["Asia/Kathmandu", "2025-05-01T18:15:00Z"],
  ["Australia/Lord_Howe", "2025-10-04T15:30:00Z"],
  ["Australia/Lord_Howe", "2025-04-05T15:00:00Z"],
  ["Pacific/Apia", "2011-12-30T10:00:00Z"],
  ["America/Havana", "2025-11-02T05:00:00Z"],
  ["Africa/Casablanca", "2025-02-23T02:00:00Z"],
] as const;

/** Of elapsed time, up to an hour. */
function shortWindow(random: SeededRandom, zone: string): SharedWindow {
  const kind = random.pick(["hopping", "cumulating"] as const);
  const advanceMs = random.pick([10, 15, 20, 30, 40, 45, 60]) * MINUTE_MS;
  const sizes = [20, 30, 40, 45, 50, 60].map((minutes) => minutes * MINUTE_MS).filter((sizeMs) => sizeMs >= advanceMs);
  const sizeMs = random.pick(kind === "hopping" ? sizes : sizes.filter((size) => size % advanceMs === 0));
  const offsetMs = random.chance(0.3) ? Math.floor(random.pick([0.25, 0.5]) * advanceMs) : 0;
  return { kind, sizeMs, advanceMs, graceMs: 0, offsetMs, timeZone: zone };
}

function randomWindow(random: SeededRandom, zone: string | null): SharedWindow {
  if (zone !== null && random.chance(0.3)) return shortWindow(random, zone);
  const kind = random.pick(["tumbling", "hopping", "cumulating"] as const);
  const steps = [30 * MINUTE_MS, HOUR_MS, 2 * HOUR_MS, 3 * HOUR_MS, 6 * HOUR_MS, DAY_MS, 2 * DAY_MS];
  const odd = zone === null || kind === "tumbling" ? [10 * MINUTE_MS, 5 * HOUR_MS, 7 * HOUR_MS] : [];
  const advanceMs = random.pick([...steps, ...odd].filter((step) => zone === null || kind !== "hopping" || step >= 2 * HOUR_MS));
  const factor = random.pick(zone === null ? [1, 2, 3, 5] : [1, 2, 3]);
  const sizeMs = kind === "tumbling" ? advanceMs : advanceMs * factor;
  const isOdd = zone !== null && (DAY_MS % sizeMs !== 0 ? sizeMs % DAY_MS !== 0 : false);
  const offsetMs = random.chance(0.3) ? Math.floor(random.pick([0.25, 0.5]) * advanceMs) : 0;
  const common = { graceMs: 0, offsetMs, timeZone: zone };
  if (kind === "tumbling") return { kind, sizeMs, ...common };
  return isOdd ? { kind, sizeMs: advanceMs, advanceMs, ...common } : { kind, sizeMs, advanceMs, ...common };
}

function windowsOf(window: SharedWindow, timeMs: number): readonly Bounds[] {
  const shape = windowShape(window);
  const pane = shape.paneOf(timeMs);
  const found: Bounds[] = [];
  for (let next = shape.windowAfter(pane, BEFORE_ALL); next !== null; next = shape.windowAfter(pane, next))
    found.push({ start: next.startMs, end: next.endMs });
  return found;
}

describe("windows by their shapes", () => {
  it.each(seeds([430857071], 20))("are those that the reference counts out: seed %i", (seed) => {
    const random = new SeededRandom(seed);
    for (let count = 0; count < 40; count++) {
      const [zone, change] = random.chance(0.8) ? random.pick(ZONES) : [null, "2025-01-01T00:00:00Z"];
      const window = randomWindow(random, zone);
      for (let times = 0; times < 6; times++) {
        const away = random.pick([3 * HOUR_MS, 30 * HOUR_MS, 5 * DAY_MS]);
        const time = Date.parse(change) + random.below(2 * away) - away;
        const timeMs = random.chance(0.5) ? Math.round(time / (30 * MINUTE_MS)) * 30 * MINUTE_MS - random.below(2) : time;
        const about = `${new Date(timeMs).toISOString()} in ${JSON.stringify(window)}`;
        const text = (bounds: readonly Bounds[]): readonly string[] =>
          bounds.map(({ start, end }) => `${new Date(start).toISOString()} ${new Date(end).toISOString()}`);
        expect(text(windowsOf(window, timeMs)), about).toEqual(text(windowsAt(timeMs, window)));
      }
    }
  });
});

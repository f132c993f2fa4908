import type { SeededRandom } from "../../property/random.ts";
import { isoOf } from "./naive.ts";
import type { Sent } from "./queries-run.ts";

const DAY_MS = 86_400_000;
/** Midnight in Berlin; the day that follows it has 25 hours. */
export const DAY_ONE_MS = Date.UTC(2025, 9, 24, 22);
export const DAY_TWO_MS = DAY_ONE_MS + DAY_MS;

const HOMES = 40;
const READINGS = 3_000;
const LIGHTS = 2_000;
const ROOMS = ["kitchen", "bath", "hall", "attic"] as const;
const CITIES = ["Essen", "Ulm", "Kiel", "Jena"] as const;

/** What is said of homes in the day from then on; some are deleted. */
export function homes(random: SeededRandom, fromMs: number, { described, deleted }: { described: number; deleted: number }): Sent[] {
  const said = Array.from({ length: HOMES }, (_, n): Sent[] => {
    if (!random.chance(described)) return [];
    // No reading has an odd time: what comes first is certain.
    const timeMs = fromMs + 2 * random.below(DAY_MS / 2) + 1;
    const value = { city: random.pick(CITIES), residents: 1 + random.below(5), comfort: 18 + random.below(5) };
    return [{ key: `home ${n}`, timeMs, value: random.chance(deleted) ? null : value }];
  });
  return said.flat().sort((a, b) => a.timeMs - b.timeMs);
}

/** What rooms say in the day from then on, out of order by a few seconds. */
export function readings(random: SeededRandom, fromMs: number): Sent[] {
  return Array.from({ length: READINGS }, (_, n) => {
    const timeMs = fromMs + n * (DAY_MS / READINGS) + 2 * random.below(5_000);
    const homeId = `home ${random.below(HOMES)}`;
    const temperature = Math.round(140 + random.next() * 100) / 10;
    return { key: homeId, timeMs, value: { homeId, room: random.pick(ROOMS), time: isoOf(timeMs), temperature } };
  });
}

/** What lamps say; one in ten is asleep for hours before it does. */
export function lights(random: SeededRandom, fromMs: number): Sent[] {
  return Array.from({ length: LIGHTS }, (_, n) => {
    const timeMs = fromMs + n * (DAY_MS / LIGHTS);
    const time = isoOf(timeMs - (random.chance(0.1) ? random.below(10 * 3_600_000) : random.below(60_000)));
    const homeId = `home ${random.below(HOMES)}`;
    const value = { homeId, room: random.pick(ROOMS), time, minutesOn: random.below(60), wattHours: random.below(100) / 10 };
    return { key: homeId, timeMs, value };
  });
}

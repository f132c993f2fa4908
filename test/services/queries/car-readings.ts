import { SeededRandom } from "../../property/random.ts";
import { isoOf } from "./naive.ts";
import type { Sent } from "./queries-run.ts";

const START_MS = Date.UTC(2025, 4, 3, 21);
const STEP_MS = 1_200_000;
/** Two days and a half. */
const STEPS = 180;

/**
 * Every car reads now and then, in order by itself, half a minute before or behind the others. Levels go up and down around their limits;
 * some cars hardly move, some burn nothing.
 */
export function carReadings(seed: number, cars: number): Sent[] {
  const random = new SeededRandom(seed);
  const levels = Array.from({ length: cars }, () => ({
    oil: 5 + random.below(20),
    engine: 100 + random.below(25),
    fuel: 3 + random.below(10),
  }));
  const sent: Sent[] = [];
  for (let step = 0; step < STEPS; step++) {
    for (const [car, level] of levels.entries()) {
      const timeMs = START_MS + step * STEP_MS + random.below(60_000);
      const walk = (value: number, by: number): number => Math.round((value + (random.next() - 0.5) * by) * 10) / 10;
      Object.assign(level, { oil: walk(level.oil, 4), engine: walk(level.engine, 8), fuel: walk(level.fuel, 3) });
      const carId = `car ${car}`;
      const km = car % 10 === 0 ? 0.01 * random.next() : 20 * random.next();
      const litres = car % 15 === 7 ? 0 : 0.1 + 1.5 * random.next();
      sent.push({ key: carId, timeMs, value: { carId, time: isoOf(timeMs), ...level, km, litres } });
    }
  }
  return sent;
}

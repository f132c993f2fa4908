import { inTurns, type MicroBench } from "./harness.ts";
import { encodedReadings, ROWS, readingTexts, slicesOf } from "./rows.ts";
import { statementLoop } from "./statement-loop.ts";

const WINDOW_MS = 60_000;

export const aggregate: MicroBench = {
  name: "aggregate",
  what: "tumbling minute per device: count, avg, min, max; decoded already",
  measure(options) {
    const objects = readingTexts().map((text) => JSON.parse(text) as { deviceId: string; ts: number; temperature: number });
    const groups = new Map<string, { count: number; sum: number; min: number; max: number }>();
    const byText = (): void => {
      for (const { deviceId, ts, temperature } of objects) {
        const key = `${deviceId}|${Math.floor(ts / WINDOW_MS) * WINDOW_MS}`;
        const group = groups.get(key);
        if (group === undefined) groups.set(key, { count: 1, sum: temperature, min: temperature, max: temperature });
        else {
          group.count++;
          group.sum += temperature;
          group.min = Math.min(group.min, temperature);
          group.max = Math.max(group.max, temperature);
        }
      }
    };
    const loop = statementLoop(
      `INSERT INTO target
      SELECT deviceId, window_start, COUNT(*) AS n, AVG(temperature) AS av, MIN(temperature) AS mi, MAX(temperature) AS ma
      FROM readings WINDOW TUMBLING (SIZE 1 MINUTE, GRACE PERIOD 10 MINUTES) GROUP BY deviceId EMIT FINAL;`,
      slicesOf(encodedReadings()),
    );
    return inTurns(
      ROWS,
      [
        { name: "Map by device and window", isNaive: true, run: byText },
        { name: "generated loop, typed columns", run: loop.run },
      ],
      options,
    );
  },
};

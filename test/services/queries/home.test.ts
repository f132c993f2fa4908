import { expect, it } from "vitest";
import { SeededRandom } from "../../property/random.ts";
import { describeWithAll } from "../needs.ts";
import { DAY_ONE_MS, DAY_TWO_MS, homes, lights, readings } from "./home-records.ts";
import { BERLIN_DAYS, isoOf, type Row, sumOf, timeIn, windowsOf } from "./naive.ts";
import { byKey, expectSame, type Logged, QueriesRun, rowsOf } from "./queries-run.ts";

const SEED = Number(process.env["SEED"] ?? Math.floor(Math.random() * 2 ** 31));

const readingKey = ({ homeId, room, time }: Row): string => `${homeId} ${room} ${time}`;
const usageKey = ({ homeId, room, day }: Row): string => `${homeId} ${room} ${day}`;

describeWithAll(["kafka", "elasticsearch", "cassandra"], `queries/home on real services (seed ${SEED})`, async (services) => {
  const run = await QueriesRun.open(services);
  const random = new SeededRandom(SEED);
  /** Of each partition of homes: how many of its records the first run found. */
  let loaded: readonly number[] = [];

  it("runs twice, over homes that change while readings come", async () => {
    await run.createTopic("homes", true);
    await run.createTopic("home.readings");
    await run.createTopic("home.lights");
    await run.send("homes", homes(random, DAY_ONE_MS, { described: 0.8, deleted: 0 }));
    await run.send("home.readings", readings(random, DAY_ONE_MS));
    await run.send("home.lights", lights(random, DAY_ONE_MS));
    await run.runToEnd(run.project.folder("home"));
    loaded = (await run.logsOf("homes")).map(({ length }) => length);
    await run.send("homes", homes(random, DAY_TWO_MS, { described: 0.7, deleted: 0.1 }));
    await run.send("home.readings", readings(random, DAY_TWO_MS));
    await run.send("home.lights", lights(random, DAY_TWO_MS));
    await run.runToEnd(run.project.folder("home"));
  });

  it("readings have their home as it was then", async () => {
    const tables = await run.logsOf("homes");
    const streams = await run.logsOf("home.readings");
    const enriched = streams.flatMap((log, n) => naiveEnriched(log, tables[n] ?? [], loaded[n] ?? 0));
    const days = Map.groupBy(enriched, ({ time }) => String(time).slice(0, 10));
    expect(days.size).toBeGreaterThan(1);
    for (const [day, ofDay] of days) {
      const rows = ofDay.map(({ comfort: _, ...row }) => row);
      await run.expectRows(run.stores.elastic, `${run.named("home_readings")}_${day}`, byKey(rows, readingKey), readingKey);
    }
    const cold = enriched.filter(({ temperature, comfort }) => comfort !== null && Number(temperature) < Number(comfort) - 2);
    const rows = cold.map(({ homeId, room, time, temperature, comfort }) => ({ homeId, room, time, temperature, comfort }));
    expectSame((await run.logsOf("home.cold_rooms")).flatMap(rowsOf), byKey(rows, readingKey), readingKey);
  });

  it("light is added up by room and local day, and what comes too late is kept aside", async () => {
    const logs = (await run.logsOf("home.lights")).map(rowsOf);
    const groupOf = ({ homeId, room }: Row): string => `${homeId}|${room}`;
    const all = logs.map((log) => windowsOf(log, { ...BERLIN_DAYS, groupOf, timeOf: timeIn("time"), graceMs: 3_600_000 }));
    const usage = all.flatMap(({ windows }) =>
      windows.map(({ group, startMs, rows }) => {
        const [homeId, room] = group.split("|");
        return { homeId, day: isoOf(startMs), room, hours: sumOf(rows, "minutesOn") / 60, kilowatt_hours: sumOf(rows, "wattHours") / 1000 };
      }),
    );
    await run.expectRows(run.stores.cassandra, `${run.project.keyspace}.light_usage`, byKey(usage, usageKey), usageKey);
    const late = all.flatMap((one) => one.late);
    expectSame((await run.logsOf("home.lights_late")).flatMap(rowsOf), byKey(late, readingKey), readingKey);
  });
});

/** Both logs of a partition in the order of their times, as they had gone by then; the first homes are known before anything else. */
function naiveEnriched(readingLog: readonly Logged[], homeLog: readonly Logged[], known: number): Row[] {
  const now = new Map<string | null, Row>();
  const take = ({ key, row }: Logged): unknown => (row === null ? now.delete(key) : now.set(key, row));
  for (const home of homeLog.slice(0, known)) take(home);
  const rest = homeLog.slice(known);
  let homeMs = Number.NEGATIVE_INFINITY;
  let readMs = Number.NEGATIVE_INFINITY;
  return readingLog.flatMap(({ key, timestampMs, row }) => {
    readMs = Math.max(readMs, timestampMs);
    for (let next = rest[0]; next !== undefined; next = rest[0]) {
      homeMs = Math.max(homeMs, next.timestampMs);
      if (homeMs >= readMs) break;
      take(next);
      rest.shift();
    }
    const { city = null, residents = null, comfort = null } = now.get(key) ?? {};
    return row === null ? [] : [{ ...row, city, residents, comfort }];
  });
}

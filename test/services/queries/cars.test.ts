import { beforeAll, expect, it } from "vitest";
import { must } from "../../../src/assert.ts";
import type { SluiceProcess } from "../../support/sluice-process.ts";
import { until } from "../../support/until.ts";
import { ClusterAdmin } from "../kafka/cluster-admin.ts";
import { describeWithAll } from "../needs.ts";
import { carReadings } from "./car-readings.ts";
import { BERLIN_DAYS, isoOf, type Row, sumOf, timeIn, windowsOf } from "./naive.ts";
import { byKey, expectSame, QueriesRun, rowsOf, type Sent } from "./queries-run.ts";

const SEED = Number(process.env["SEED"] ?? Math.floor(Math.random() * 2 ** 31));
const CARS = 60;
const LIVE = 10;
/** An alert waits for no further record and for no commit: this is what a busy machine may take for it. */
const ALERT_MS_MAX = 2_000;

const alertKey = ({ carId, time }: Row): string => `${carId} ${time}`;
const placeKey = ({ day, place }: Row): string => `${day} ${place}`;

describeWithAll(["kafka", "elasticsearch", "cassandra"], `queries/cars on real services (seed ${SEED})`, async (services) => {
  const run = await QueriesRun.open(services);
  const admin = new ClusterAdmin(services.kafka.brokers);
  const folder = run.project.folder("cars");
  const alerts = async (): Promise<Row[]> => (await run.logsOf("cars.alerts")).flatMap(rowsOf);

  beforeAll(async () => {
    await run.createTopic("cars.readings");
    return () => admin.close();
  });

  it("the cold path ranks the cars of each day, the hot one tells of what crosses a limit, over two runs", async () => {
    const readings = carReadings(SEED, CARS);
    const half = readings.length >> 1;
    await run.send("cars.readings", readings.slice(0, half));
    await run.runToEnd(folder);
    await run.send("cars.readings", readings.slice(half));
    const reports = await run.runToEnd(folder, "--close");
    for (const { statements } of reports) for (const { deadLettered, late } of statements) expect([deadLettered, late]).toEqual([0, 0]);

    const logs = (await run.logsOf("cars.readings")).map(rowsOf);
    expectSame(await alerts(), byKey(logs.flatMap(naiveAlerts), alertKey), alertKey);
    await run.expectRows(run.stores.elastic, "efficient_cars", byKey(naivePlaces(logs), placeKey), placeKey);
  });

  it("live, an alert comes with the poll that brings its reading, and each path is a consumer group", async () => {
    const both = run.start(folder);
    const told = (): string => both.stderr;
    const before = (await alerts()).length;
    // The first one waits for the process.
    await crossed(0, both);
    const waits: number[] = [];
    for (let n = 1; n <= LIVE; n++) waits.push(await crossed(n, both));
    expect(await alerts()).toHaveLength(before + 1 + LIVE);
    waits.sort((a, b) => a - b);
    expect(waits.at(-1), `ms: ${waits.map(Math.round).join(", ")}`).toBeLessThan(ALERT_MS_MAX);

    const topic = run.named("cars.readings");
    const ends = new Map(
      await Promise.all(
        [0, 1, 2, 3].map(async (partition) => [partition, (await run.stores.source.bounds(topic, partition)).endOffset] as const),
      ),
    );
    for (const name of ["alerts", "efficiency"]) {
      const group = `sluice.cars_${run.project.id}.${name}`;
      const committed = async (): Promise<boolean> => {
        const offsets = await admin.committedOffsets(group, topic);
        return [...ends].every(([partition, end]) => offsets.get(partition) === end);
      };
      await until(committed, `${group} to have committed ${[...ends.values()].join(", ")}`, 30_000, told, 200);
    }
    both.kill("SIGINT");
    expect((await both.ended).code, told()).toBe(130);
  });

  /** A car that was well runs hot, and nothing else happens: gives how long it takes until the topic tells of it. */
  async function crossed(n: number, process: SluiceProcess): Promise<number> {
    const timeMs = Date.now();
    const carId = `live ${n}`;
    const reading: Sent = {
      key: carId,
      timeMs,
      value: { carId, time: isoOf(timeMs), oil: 60, engine: 121 + n, fuel: 50, km: 0, litres: 0 },
    };
    await run.send("cars.readings", [reading]);
    const sentMs = performance.now();
    await until(
      async () => (await alerts()).some((alert) => alert["carId"] === carId && alert["engineHot"] === true),
      `the alert of ${carId}`,
      60_000,
      () => process.stderr,
    );
    return performance.now() - sentMs;
  }
});

const LIMITS = [
  { value: "oil", mark: "oilLow", isBad: (level: number) => level < 10, isWell: (level: number) => level > 15 },
  { value: "engine", mark: "engineHot", isBad: (level: number) => level > 120, isWell: (level: number) => level < 110 },
  { value: "fuel", mark: "fuelLow", isBad: (level: number) => level < 5, isWell: (level: number) => level > 8 },
] as const;

/** Record by record, what is wrong with each car. */
function naiveAlerts(log: readonly Row[]): Row[] {
  const cars = new Map<unknown, Map<string, boolean>>();
  return log.flatMap((row) => {
    const car = cars.get(row["carId"]) ?? new Map<string, boolean>();
    cars.set(row["carId"], car);
    let changes = false;
    for (const { value, mark, isBad, isWell } of LIMITS) {
      const level = Number(row[value]);
      const was = car.get(mark) ?? false;
      const is = isBad(level) || (was && !isWell(level));
      changes ||= is !== was;
      car.set(mark, is);
    }
    const { carId, time, oil, engine, fuel } = row;
    return changes ? [{ carId, time, oil, engine, fuel, ...Object.fromEntries(car) }] : [];
  });
}

/** The ten that got furthest on a litre, day by day. */
function naivePlaces(logs: readonly (readonly Row[])[]): Row[] {
  const days = new Map<number, Row[]>();
  for (const log of logs) {
    const { windows, late } = windowsOf(log, {
      ...BERLIN_DAYS,
      groupOf: ({ carId }) => String(carId),
      timeOf: timeIn("time"),
      graceMs: 3_600_000,
    });
    expect(late).toEqual([]);
    for (const { group, startMs, rows } of windows) {
      const [km, litres] = [sumOf(rows, "km"), sumOf(rows, "litres")];
      if (km < 10 || litres <= 0) continue;
      const day = days.get(startMs) ?? [];
      days.set(startMs, [...day, { carId: group, km, km_per_litre: km / litres }]);
    }
  }
  return [...days].flatMap(([startMs, cars]) =>
    cars
      .sort((a, b) => Number(b["km_per_litre"]) - Number(a["km_per_litre"]))
      .slice(0, 10)
      .map((car, index) => ({ day: isoOf(startMs), place: index + 1, ...must(car) })),
  );
}

import { expect, it } from "vitest";
import { SeededRandom } from "../../property/random.ts";
import { describeWithAll } from "../needs.ts";
import { BERLIN_DAYS, fixed, isoOf, type NaiveWindow, numbersOf, type Row, sumOf, timeIn, windowsOf } from "./naive.ts";
import { byKey, expectSame, QueriesRun, rowsOf, type Sent } from "./queries-run.ts";

const SEED = Number(process.env["SEED"] ?? Math.floor(Math.random() * 2 ** 31));
const DEVICES = 40;
const HOMES = 12;
const READINGS = 20_000;
/** A minute after midnight in Berlin; the day that follows it has 25 hours. */
const START_MS = Date.UTC(2025, 9, 24, 22, 1);
const SPAN_MS = 50 * 3_600_000;

const minuteKey = ({ deviceId, minute }: Row): string => `${deviceId} ${minute}`;
const peakKey = ({ deviceId, since }: Row): string => `${deviceId} ${since}`;
const dayKey = ({ homeId, day }: Row): string => `${homeId} ${day}`;

describeWithAll(["kafka", "elasticsearch", "cassandra"], `queries/temperatures on real services (seed ${SEED})`, async (services) => {
  const run = await QueriesRun.open(services);
  const pipelines = ["aggregate", "peaks", "days"].map((name) => run.project.pipeline(name));
  const rowsIn = async (name: string): Promise<Row[]> => (await run.logsOf(name)).flatMap(rowsOf);

  it("minutes, peaks of ten seconds and local days are what a plain computation makes of the topic, over two runs", async () => {
    const sent = readings(new SeededRandom(SEED));
    await run.createTopic("temperatures");
    await run.send("temperatures", sent.slice(0, READINGS / 2));
    await run.runToEnd(...pipelines);
    await run.send("temperatures", sent.slice(READINGS / 2));
    await run.runToEnd(...pipelines, "--close");

    const logs = (await run.logsOf("temperatures")).map(rowsOf);
    const timeOf = timeIn("time");
    const minutes = logs.flatMap(
      (log) =>
        windowsOf(log, { ...fixed(60_000), groupOf: ({ deviceId, homeId }) => `${deviceId}|${homeId}`, timeOf, graceMs: 10_000 }).windows,
    );
    expectSame(await rowsIn("temperatures.aggregated"), byKey(minutes.map(minuteRow), minuteKey), minuteKey);

    const peaks = logs.map((log) =>
      windowsOf(log, { ...fixed(10_000), groupOf: ({ deviceId }) => String(deviceId), timeOf, graceMs: 5_000 }),
    );
    expect(peaks.flatMap(({ late }) => late).length, "late readings").toBeGreaterThan(0);
    const peakRows = peaks.flatMap(({ windows }) =>
      windows.map(({ group, startMs, rows }) => ({
        deviceId: group,
        since: isoOf(startMs),
        max_temperature: Math.max(...numbersOf(rows, "temperature")),
      })),
    );
    expectSame(await rowsIn("temperatures.peaks"), byKey(peakRows, peakKey), peakKey);

    const days = Map.groupBy(minutes.map(minuteRow), (row) => `${row["homeId"]} ${isoOf(BERLIN_DAYS.startOf(timeIn("minute")(row)))}`);
    expect(new Set([...days.keys()].map((key) => key.split(" ").at(-1))).size).toBe(3);
    const wanted = new Map([...days].map(([key, rows]) => [key, dayRow(rows)]));
    await run.expectRows(run.stores.elastic, run.named("temperatures_1d"), wanted, dayKey);
  });
});

function readings(random: SeededRandom): Sent[] {
  return Array.from({ length: READINGS }, (_, n) => {
    const timeMs = Math.round(START_MS + (n * SPAN_MS) / READINGS) - random.below(random.chance(0.05) ? 30_000 : 5_000);
    const device = random.below(DEVICES);
    const temperature = Math.round(150 + random.next() * 150) / 10;
    const value = {
      deviceId: `d${device}`,
      homeId: `h${device % HOMES}`,
      room: "hall",
      time: isoOf(timeMs),
      temperature,
      humidity: 50,
      battery: 90,
    };
    return { key: value.deviceId, timeMs, value };
  });
}

function minuteRow({ group, startMs, rows }: NaiveWindow): Row {
  const [deviceId, homeId] = group.split("|");
  const temperatures = numbersOf(rows, "temperature");
  return {
    deviceId,
    homeId,
    minute: isoOf(startMs),
    readings: rows.length,
    avg_temperature: sumOf(rows, "temperature") / rows.length,
    min_temperature: Math.min(...temperatures),
    max_temperature: Math.max(...temperatures),
  };
}

function dayRow(minutes: readonly Row[]): Row {
  const readings = sumOf(minutes, "readings");
  return {
    homeId: minutes[0]?.["homeId"],
    day: isoOf(BERLIN_DAYS.startOf(timeIn("minute")(minutes[0] as Row))),
    readings,
    avg_temperature: minutes.reduce((sum, row) => sum + Number(row["avg_temperature"]) * Number(row["readings"]), 0) / readings,
    min_temperature: Math.min(...numbersOf(minutes, "min_temperature")),
    max_temperature: Math.max(...numbersOf(minutes, "max_temperature")),
  };
}

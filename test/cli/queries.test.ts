import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { scratch } from "../support/scratch.ts";
import { sluice } from "../support/sluice-process.ts";
import { ROOT } from "../support/source-files.ts";

/** The project's own pipelines, run as they are on embedded parts, with data of their own. */
class Own {
  private readonly data = scratch();

  async run(args: readonly string[], input?: readonly object[]): Promise<string> {
    const lines = input?.map((one) => `${JSON.stringify(one)}\n`).join("");
    const { code, stdout, stderr } = await sluice([...args, "--data", join(this.data, "data")], {
      cwd: ROOT,
      ...(lines === undefined ? {} : { input: lines }),
    });
    expect([args, code, stderr]).toEqual([args, 0, expect.not.stringContaining("error ")]);
    return stdout;
  }

  async rows(sql: string): Promise<readonly unknown[]> {
    const lines = (await this.run(["query", sql])).split("\n").filter((line) => line !== "");
    return lines.map((line) => JSON.parse(line) as unknown);
  }
}

describe("queries/", { timeout: 120_000 }, () => {
  it("cars: a hot and a cold path read one topic, each in a group of its own; a second run goes on", async () => {
    const own = new Own();
    const well = { oil: 60, engine: 90, fuel: 50 };
    await own.run(
      ["produce", "cars.readings"],
      [
        { ...well, carId: "a", time: "2026-05-04T08:00:00Z", km: 30, litres: 3 },
        { ...well, carId: "b", time: "2026-05-04T08:00:00Z", km: 45, litres: 2, engine: 130 },
        { ...well, carId: "a", time: "2026-05-05T12:00:00Z", km: 30, litres: 1 },
      ],
    );
    const group = ["run", "queries/cars", "--until-end", "--report", "json"];
    await own.run(group);
    await own.run(["produce", "cars.readings"], [{ ...well, carId: "b", time: "2026-05-05T12:00:00Z", km: 1, litres: 0.1, engine: 100 }]);
    await own.run([...group, "--close"]);
    const printed = await own.rows("PRINT cars.alerts FROM BEGINNING LIMIT 2");
    expect(printed).toMatchObject([
      { key: "b", value: { carId: "b", engine: 130, engineHot: true } },
      { key: "b", value: { carId: "b", engine: 100, engineHot: false } },
    ]);
    const best = await own.rows("SELECT day, place, carId, km_per_litre FROM elastic.efficient_cars");
    expect(best).toHaveLength(3);
    expect(best).toEqual(
      expect.arrayContaining([
        { day: "2026-05-03T22:00:00.000Z", place: 1, carId: "b", km_per_litre: 22.5 },
        { day: "2026-05-03T22:00:00.000Z", place: 2, carId: "a", km_per_litre: 10 },
        { day: "2026-05-04T22:00:00.000Z", place: 1, carId: "a", km_per_litre: 30 },
      ]),
    );
  });

  it("home: readings have their home, and light is added up by day", async () => {
    const own = new Own();
    const time = "2026-06-01T20:00:00Z";
    await own.run(["produce", "homes", "--key", "homeId"], [{ homeId: "h1", city: "Essen", residents: 2, comfort: 21 }]);
    await own.run(
      ["produce", "home.readings"],
      [
        { homeId: "h1", room: "bath", time, temperature: 18 },
        { homeId: "h2", room: "hall", time, temperature: 20 },
      ],
    );
    const light = { homeId: "h1", room: "hall", minutesOn: 30, wattHours: 5 };
    await own.run(
      ["produce", "home.lights"],
      ["20:00", "21:59", "22:00"].map((at) => ({ ...light, time: `2026-06-01T${at}:00Z` })),
    );
    await own.run(["run", "queries/home", "--until-end"]);
    const rows = await own.rows("SELECT homeId, room, city FROM elastic.home_readings_2026-06-01");
    expect(rows).toHaveLength(2);
    expect(rows).toEqual(
      expect.arrayContaining([
        { homeId: "h1", room: "bath", city: "Essen" },
        { homeId: "h2", room: "hall", city: null },
      ]),
    );
    expect(await own.rows("PRINT home.cold_rooms FROM BEGINNING LIMIT 1")).toMatchObject([
      { key: "h1", value: { room: "bath", comfort: 21 } },
    ]);
    const usage = await own.rows("SELECT day, hours FROM cassandra.iot.light_usage");
    expect(usage).toHaveLength(2);
    expect(usage).toEqual(
      expect.arrayContaining([
        { day: "2026-05-31T22:00:00.000Z", hours: 1 },
        { day: "2026-06-01T22:00:00.000Z", hours: 0.5 },
      ]),
    );
  });
});

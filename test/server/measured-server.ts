import { expect } from "vitest";
import { until } from "../support/until.ts";
import { readExposition } from "./exposition.ts";
import { runningServer } from "./running-server.ts";

export const NOON = Date.parse("2025-06-01T12:00:00Z");

const HOT = "INSERT INTO elastic.hot SELECT id FROM readings WHERE temperature > 20 PK id;";
const HOURLY = `
  CREATE STREAM readings (id BIGINT, at BIGINT) WITH (timestamp = 'at', key = 'id');
  SET 'error.policy' = 'noop'; SET 'dead.letters' = 'elastic.refused'; SET 'commit.interval' = '10 ms';
  INSERT INTO elastic.hourly SELECT id, COUNT(*) AS n FROM readings GROUP BY id WINDOW TUMBLING (SIZE 1 HOUR) EMIT FINAL;`;

/** Ten readings of ten seconds, one that is no reading. */
const READINGS = [...Array.from({ length: 10 }, (_, id) => ({ id, at: NOON + id * 1_000, temperature: 15 + id })), { id: "?", at: NOON }];

/** A server with work behind it: filtered, applied and refused records, windows, writes, dead letters. */
export async function measuredServer() {
  const running = await runningServer();
  const { request, produce, fleet } = running;
  await produce("readings", READINGS);
  for (const [name, text] of Object.entries({ hot: HOT, hourly: HOURLY }))
    expect(await request("PUT", `/v1/pipelines/${name}`, text)).toMatchObject({ status: 201 });
  const taken = (name: string) => fleet.status(name)?.statements[0]?.partitions[0]?.durable === READINGS.length;
  await until(() => taken("hot") && taken("hourly"), "the readings");
  const scrape = async () => readExposition((await request("GET", "/metrics")).body);
  return { ...running, scrape, families: await scrape() };
}

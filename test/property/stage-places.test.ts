import { describe, expect, it } from "vitest";
import { LIMITS } from "../../src/limits.ts";
import type { RawRecord } from "../../src/ports/source.ts";
import { record } from "../runtime/harness.ts";
import { newHarness } from "../runtime/new-harness.ts";
import { lowerLimits } from "./lower-limits.ts";
import { SeededRandom, seeds } from "./random.ts";
import { Witness } from "./wrap-connection.ts";

const { batchRowsMax: LIMITS_ROWS } = LIMITS;
const START = 1_700_000_040_000;

const DECLARE = `
  CREATE STREAM t (device STRING, v INT) WITH (topic = 't', key = 'device', partitions = 1);
  CREATE STREAM u (device STRING, w INT) WITH (topic = 'u', key = 'device', partitions = 1);
  CREATE TABLE d (device STRING PRIMARY KEY, name STRING) WITH (topic = 'd', partitions = 1);
  CREATE STREAM out (v INT, w INT) WITH (topic = 'out', partitions = 1);`;
const SMALL =
  "SELECT device, window_start AS at, COUNT(*) AS n FROM t WINDOW TUMBLING (SIZE 5 SECONDS, GRACE PERIOD 3 SECONDS) GROUP BY device";

/** Stages and joins behind what goes by time or filters, whose results have no key of their own: their places say which they are. */
const CHAINS: Readonly<Record<string, string>> = {
  "windows of windows": `WITH a AS (${SMALL}),
      b AS (SELECT device, SUM(n) AS total, window_end AS until FROM a WINDOW TUMBLING (SIZE 15 SECONDS) GROUP BY device)
    INSERT INTO target SELECT device, total, until FROM b WHERE total > 0;`,
  "sessions of windows": `WITH a AS (${SMALL}),
      b AS (SELECT device, COUNT(*) AS total, window_end AS until FROM a WINDOW SESSION (GAP 7 SECONDS) GROUP BY device)
    INSERT INTO target SELECT device, total, until FROM b;`,
  "windows of windows of windows": `WITH a AS (${SMALL}),
      b AS (SELECT device, SUM(n) AS total FROM a WINDOW TUMBLING (SIZE 10 SECONDS) GROUP BY device),
      c AS (SELECT device, SUM(total) AS total, window_end AS until FROM b WINDOW TUMBLING (SIZE 20 SECONDS) GROUP BY device)
    INSERT INTO target SELECT device, total, until FROM c;`,
  "windows of joined streams": `WITH
      j AS (SELECT t.device, t.v, u.w FROM t LEFT JOIN u WITHIN 4 SECONDS ON t.device = u.device),
      b AS (SELECT device, SUM(v) AS total, window_end AS until FROM j WINDOW TUMBLING (SIZE 10 SECONDS) GROUP BY device)
    INSERT INTO target SELECT device, total, until FROM b;`,
  "streams joined behind a table": `
    INSERT INTO out SELECT t.v, u.w FROM t JOIN d ON t.device = d.device FULL JOIN u WITHIN (3 SECONDS, 0 SECONDS) ON d.device = u.device;`,
};

function recordsOf(random: SeededRandom, field: string): RawRecord[] {
  let atMs = START;
  return Array.from({ length: 60 }, (_, n) => {
    atMs += random.below(random.chance(0.1) ? 20_000 : 1500);
    const device = `d${random.below(4)}`;
    return record({ device, [field]: n }, { key: device, timestampMs: atMs - random.below(4000), partition: 0 });
  });
}

describe.each(Object.entries(CHAINS))("places of %s", (_name, sql) => {
  /** Ids and documents of what was sent, where so many records are taken at once. */
  async function sentOf(random: SeededRandom, batchRowsMax: number): Promise<readonly string[]> {
    lowerLimits({ batchRowsMax, mergedRowsMax: batchRowsMax });
    const witness = new Witness();
    const harness = newHarness(witness.wrap);
    await harness.append(
      "d",
      ["d0", "d2"].map((device) => record({ device, name: device }, { key: device, timestampMs: START - 1, partition: 0 })),
    );
    await harness.append("u", recordsOf(random, "w"));
    await harness.append("t", recordsOf(random, "v"));
    await harness.run("p", `${DECLARE} ${sql}`);
    await harness.run("p", `${DECLARE} ${sql}`, { close: true });
    const records = sql.includes("INTO out ") ? await harness.records("out") : [];
    const marks = records.map(({ headers, value }) => `${headers.map(([, mark]) => `${mark}`.split("|")[3])} ${value}`);
    return [...witness.sent.map(({ id, document }) => `${id} ${document}`).sort(), ...marks];
  }

  it.each(seeds([], 4))("do not depend on where batches are cut: seed %i", async (seed) => {
    const whole = await sentOf(new SeededRandom(seed), LIMITS_ROWS);
    expect(whole.length).toBeGreaterThan(2);
    for (const rows of [1, 2, 7]) expect(await sentOf(new SeededRandom(seed), rows)).toEqual(whole);
  });
});

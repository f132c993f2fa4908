import { isDeepStrictEqual } from "node:util";
import type { RawRecord, Source } from "../../src/ports/source.ts";

/** What the files of earlier releases were made by. Once files are kept that were made by it, nothing of it may change. */
const PARTITIONS = 2;

export interface Row {
  readonly topic: "readings" | "alarms" | "devices";
  /** It decides the partition. */
  readonly key: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly value: Readonly<Record<string, unknown>>;
}

const START_MS = Date.UTC(2026, 2, 1);
const STEP_MS = 7_000;
const DEVICES = 8;
const STEPS = 300;

/** In log order. The second half comes after the upgrade. */
export const ROWS: readonly Row[] = Array.from({ length: STEPS }, (_, step) => rowsOf(step)).flat();
const middle = ROWS.findIndex(({ at }) => at >= START_MS + (STEPS / 2) * STEP_MS);
export const HALVES = [ROWS.slice(0, middle), ROWS.slice(middle)] as const;

function rowsOf(step: number): readonly Row[] {
  const at = START_MS + step * STEP_MS;
  const device = `d${(step * 37) % DEVICES}`;
  const t = step % 41 === 40 ? "warm" : (step * 13) % 50;
  // Some come late, some far too late.
  const back = step % 17 === 16 ? 200_000 : step % 5 === 4 ? 20_000 : 0;
  const row = (topic: Row["topic"], timeMs: number, rest: object): Row => ({
    topic,
    key: device,
    at: timeMs,
    value: { device, ...rest, at: timeMs },
  });
  const reading = row("readings", at - back, { site: `s${step % 3}`, t });
  const alarm = row("alarms", at + 1_000, { level: step % 4 });
  const described = row("devices", at + 2_000, { model: `m${(step * 7) % 11}` });
  return [reading, ...(step % 3 === 0 ? [alarm] : []), ...(step % 10 === 0 ? [described] : [])];
}

const partitioned = `partitions = ${PARTITIONS}`;
export const CATALOG = `CREATE OR REPLACE STREAM readings (device STRING, site STRING, t INT) WITH (topic = 'readings', key = 'device', ${partitioned});
CREATE OR REPLACE STREAM alarms (device STRING, level INT) WITH (topic = 'alarms', key = 'device', ${partitioned});
CREATE OR REPLACE TABLE devices (device STRING, model STRING) WITH (topic = 'devices', key = 'device', ${partitioned});
CREATE OR REPLACE STREAM minutes (device STRING, n INT, hottest INT) WITH (topic = 'minutes', key = 'device', ${partitioned});
CREATE OR REPLACE STREAM letters WITH (topic = 'letters', partitions = 1);
`;

/** Idle inputs are left to the tests of idleness: here time is that of the records. */
const SETTINGS =
  "SET 'error.policy' = 'noop'; SET 'dead.letters' = 'topics.letters'; SET 'idle.timeout' = '0 s'; SET 'commit.interval' = '50 ms';\n";

/** Of each kind of state that there is, by the name of the pipeline. */
const STATEMENTS: Readonly<Record<string, string>> = {
  rows: `INSERT INTO elastic.plain SELECT device, t FROM readings WHERE t > 10;
INSERT INTO elastic.named SELECT device, level, _timestamp AS at FROM alarms PK device;`,
  groups: `INSERT INTO elastic.totals SELECT device, COUNT(*) AS n, SUM(t) AS s, MIN(t) AS low, COUNT(DISTINCT t) AS kinds, LAST(t) AS last
  FROM readings GROUP BY device;
INSERT INTO elastic.sites SELECT site, COUNT(*) AS n, AVG(t) AS mean FROM readings GROUP BY site;
INSERT INTO elastic.models SELECT device, model FROM devices;`,
  windows: `INSERT INTO topics.minutes SELECT device, COUNT(*) AS n, MAX(t) AS hottest FROM readings
  WINDOW TUMBLING (SIZE 1 MINUTE, GRACE PERIOD 30 SECONDS) GROUP BY device EMIT FINAL;
INSERT INTO elastic.hopping SELECT device, window_start, SUM(t) AS s FROM readings
  WINDOW HOPPING (SIZE 3 MINUTES, ADVANCE BY 1 MINUTE) GROUP BY device LATE INTO elastic.late;
INSERT INTO elastic.sessions SELECT device, window_start, COUNT(*) AS n FROM readings WINDOW SESSION (GAP 90 SECONDS) GROUP BY device;
INSERT INTO elastic.counted SELECT device, window_row, SUM(t) AS s FROM readings
  WINDOW COUNT (SIZE 4, ADVANCE BY 2) GROUP BY device EMIT FINAL;`,
  chain: "INSERT INTO elastic.sums SELECT device, SUM(n) AS n, MAX(hottest) AS hottest FROM minutes GROUP BY device;",
  joins: `INSERT INTO elastic.met SELECT a.device, a.level, r.t FROM alarms AS a LEFT JOIN readings AS r WITHIN 30 SECONDS ON a.device = r.device;
INSERT INTO elastic.enriched SELECT r.device, r.t, d.model FROM readings AS r LEFT JOIN devices AS d ON r.device = d.device;`,
  stages: `WITH per_minute AS (SELECT device, window_start AS minute, MAX(t) AS hottest FROM readings
  WINDOW TUMBLING (SIZE 1 MINUTE) GROUP BY device)
INSERT INTO elastic.hours SELECT device, window_start, COUNT(*) AS minutes, SUM(hottest) AS s FROM per_minute
  WINDOW TUMBLING (SIZE 10 MINUTES) GROUP BY device;
INSERT INTO elastic.means SELECT device, t, \
SUM(t) OVER (PARTITION BY device ORDER BY _timestamp ROWS BETWEEN 3 PRECEDING AND CURRENT ROW) AS s
  FROM readings;`,
};

/** Text by pipeline; `topics`: the connection of the topics. */
export function pipelines(topics: string): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(STATEMENTS).map(([name, text]) => [name, `${CATALOG}${SETTINGS}${text}`.replaceAll("topics.", `${topics}.`)]),
  );
}

export const INDEXES = [
  ...Object.values(STATEMENTS)
    .join("\n")
    .matchAll(/elastic\.(\w+)/g),
].map(([, index]) => index as string);

export function recordOf({ key, at, value }: Row): RawRecord {
  return { key: Buffer.from(key), value: Buffer.from(JSON.stringify(value)), timestampMs: at };
}

/** While nothing runs there: else it would be up to chance whether a topic that is joined has its rows in time. */
export async function appendRows(source: Source, rows: readonly Row[]): Promise<void> {
  for (const [topic, ofTopic] of Map.groupBy(rows, (row) => row.topic)) {
    await source.createTopic(topic, { partitions: 2 });
    await source.append(topic, ofTopic.map(recordOf));
  }
}

/** What is in each index. */
export type Contents = ReadonlyMap<string, readonly unknown[]>;

/** What indexes differ in, to be shown. */
export function differencesOf(found: Contents, wanted: Contents): readonly string[] {
  return INDEXES.flatMap((index) => {
    const difference = differenceOf(found.get(index) ?? [], wanted.get(index) ?? []);
    return difference === null ? [] : [`${index}: ${difference}`];
  });
}

/** What two contents of an index differ in, to be shown; null: nothing. */
function differenceOf(found: readonly unknown[], wanted: readonly unknown[]): string | null {
  const [left, right] = [sorted(found), sorted(wanted)];
  if (isDeepStrictEqual(left, right)) return null;
  const [extra, missing] = [left.find((row) => !right.includes(row)), right.find((row) => !left.includes(row))];
  return `${left.length} rows of ${right.length}; ${extra} instead of ${missing}`;
}

function sorted(rows: readonly unknown[]): readonly string[] {
  return rows.map((row) => JSON.stringify(row)).sort();
}

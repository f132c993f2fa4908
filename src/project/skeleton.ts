import { Readings } from "./readings.ts";

/** The files of a new project by path: a configuration, a stream, one pipeline with its test, sample data and what to do with them. */
export function skeleton(): ReadonlyMap<string, string> {
  return new Map([
    ["sluice.yaml", CONFIG],
    ["queries/catalog.sql", CATALOG],
    ["queries/readings/per_minute.sql", PIPELINE],
    ["queries/readings/per_minute.test.yaml", ROW_TESTS],
    ["readings.ndjson", sampleData()],
    [".gitignore", ".sluice/\n"],
    ["README.md", README],
  ]);
}

/** What to type next, in the new folder. Tested as it stands. */
export const FIRST_STEPS = [
  "sluice check",
  "sluice test",
  "sluice produce readings < readings.ndjson",
  "sluice run queries/readings/per_minute.sql --until-end --close",
  'sluice query "SELECT * FROM readings_per_minute" --output table',
] as const;

const CONFIG = `# Whose the pipelines of queries/ are, where a server runs them: sluice plan, sluice apply.
owner: my-project

# Systems outside. One named embedded always exists: its topics, indexes and tables are in files below .sluice/.
# To use real ones, add them and change the defaults:
#
# connections:
#   kafka:
#     kind: kafka
#     brokers: \${KAFKA_BROKERS:-localhost:9092}
#   elastic:
#     kind: elasticsearch
#     node: \${ELASTICSEARCH_URL:-http://localhost:9200}

defaults:
  source: embedded
  sink: embedded
`;

const CATALOG = `-- Streams that the pipelines share.
CREATE STREAM readings (
  deviceId STRING,
  homeId STRING,
  room STRING,
  time TIMESTAMP,
  temperature DOUBLE
) WITH (key = 'deviceId', timestamp = 'time', partitions = 2);
`;

const PIPELINE = `-- One row per device and minute, updated while readings arrive.
INSERT INTO readings_per_minute
SELECT deviceId, window_start AS minute, COUNT(*) AS readings,
       AVG(temperature) AS avg_temperature, MAX(temperature) AS max_temperature
FROM readings
WINDOW TUMBLING (SIZE 1 MINUTE, GRACE PERIOD 10 SECONDS)
GROUP BY deviceId;
`;

const ROW_TESTS = `# What the query makes of records, tried in memory by \`sluice test\`.
tests:
  - name: a device has one row a minute, which readings update until ten seconds after it
    steps:
      - given:
          readings:
            - value: { deviceId: d1, time: 2026-01-31T12:00:05Z, temperature: 20 }
            - value: { deviceId: d1, time: 2026-01-31T12:00:35Z, temperature: 23 }
        expect:
          readings_per_minute:
            - { deviceId: d1, minute: 2026-01-31T12:00:00Z, readings: 2, avg_temperature: 21.5, max_temperature: 23 }
      - advance: 30s # to 12:01:05
      - given:
          readings:
            - value: { deviceId: d1, time: 2026-01-31T12:00:59Z, temperature: 26 }
        expect:
          readings_per_minute:
            - { deviceId: d1, minute: 2026-01-31T12:00:00Z, readings: 3, avg_temperature: 23, max_temperature: 26 }
      - advance: 5s # to 12:01:10, when the minute is closed
      - given:
          readings:
            - value: { deviceId: d1, time: 2026-01-31T12:00:59Z, temperature: 99 }
        counts:
          readings_per_minute#1: { in: 4, applied: 3, late: 1 }
`;

const README = `# Pipelines

Every \`.sql\` file below \`queries/\` is a pipeline, and \`NAME.test.yaml\` beside it says what it makes of which records;
\`queries/catalog.sql\` declares the streams that they share.

${FIRST_STEPS.map((step) => `    ${step}`).join("\n")}

\`sluice explain queries/readings/per_minute.sql\` shows what a pipeline does, \`sluice --help\` all commands.
`;

/** Five devices, some three minutes. */
function sampleData(): string {
  const readings = new Readings({
    seed: 7,
    devices: 5,
    startMs: Date.UTC(2026, 0, 1, 12, 0, 2),
    readingsPerSecond: 2,
    disorderMs: 2_000,
  });
  return readings
    .batch(360)
    .map(({ value }) => `${value?.toString()}\n`)
    .join("");
}

import { readingsStream } from "../workspace.ts";

export const PARTITIONS = 4;
export const GRACE_MS = 5_000;

/** The whole job: readings → windows of a minute → topic → Elasticsearch and Cassandra, under the names of one run. */
export interface JobNames {
  readonly input: string;
  readonly windows: string;
  readonly aggregate: string;
  readonly persist: string;
  readonly keyspace: string;
}

export function jobNames(id: string): JobNames {
  return {
    input: `readings_${id}`,
    windows: `windows_${id}`,
    aggregate: `aggregate_${id}`,
    persist: `persist_${id}`,
    keyspace: `bench_${id}`,
  };
}

export function aggregateSql({ input, windows }: JobNames): string {
  return `${readingsStream(input, PARTITIONS)}
INSERT INTO ${windows}
SELECT deviceId, window_start AS minute, COUNT(*) AS n, AVG(temperature) AS av, MIN(temperature) AS mi, MAX(temperature) AS ma
FROM ${input}
WINDOW TUMBLING (SIZE 1 MINUTE, GRACE PERIOD ${GRACE_MS / 1000} SECONDS)
GROUP BY deviceId
EMIT FINAL;
`;
}

export function persistSql({ windows, keyspace }: JobNames): string {
  return `CREATE STREAM ${windows} (deviceId STRING, minute TIMESTAMP, n BIGINT, av DOUBLE, mi DOUBLE, ma DOUBLE)
WITH (key = 'deviceId', timestamp = 'minute', partitions = ${PARTITIONS});

INSERT INTO elastic.${windows} SELECT * FROM ${windows} PK deviceId, minute WITHINDEXSUFFIX = _{yyyy-MM-dd} AUTOCREATE;

INSERT INTO cassandra.${keyspace}.windows SELECT * FROM ${windows} PK deviceId, minute AUTOCREATE;
`;
}

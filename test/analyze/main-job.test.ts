import { describe, expect, it } from "vitest";
import { analyze, statement, statements, TEMPERATURES } from "./catalog.ts";

const AGGREGATE = `${TEMPERATURES}
SET 'sink' = 'kafka';
INSERT INTO temperatures.aggregated
SELECT deviceId, window_start, window_end, COUNT(*) AS readings, AVG(temperature) AS avg_temp,
  MIN(temperature) AS min_temp, MAX(temperature) AS max_temp
FROM temperatures
WINDOW TUMBLING (SIZE 1 MINUTE, GRACE PERIOD 5 SECONDS)
GROUP BY deviceId
EMIT FINAL;`;

const PERSIST = `
INSERT INTO elastic.temperatures_1m SELECT * FROM kafka.temperatures.aggregated
  PK deviceId, window_start WITHINDEXSUFFIX = _{yyyy-MM-dd} AUTOCREATE;
INSERT INTO cassandra.iot.temperatures_1m SELECT deviceId, window_start, readings, avg_temp FROM kafka.temperatures.aggregated
  PK deviceId, window_start TTL = 2592000 AUTOCREATE;
INSERT INTO elastic.hot_homes SELECT deviceId, max_temp FROM kafka.temperatures.aggregated WHERE max_temp > 28 PK deviceId;`;

describe("the aggregating pipeline", () => {
  it("reads a declared stream into a topic", () => {
    const { pipeline, diagnostics } = analyze(AGGREGATE);
    expect(diagnostics).toEqual([]);
    expect(pipeline?.declaredTopics).toEqual([{ connection: "kafka", topic: "temperatures", partitions: 4 }]);
    const [bound] = pipeline?.statements ?? [];
    expect(bound).toMatchObject({
      name: "temperatures.aggregated#1",
      mode: "insert",
      target: { connection: "kafka", kind: "topic", name: "temperatures.aggregated" },
      window: { kind: "tumbling", sizeMs: 60_000, graceMs: 5_000 },
      aggregated: true,
      emit: "final",
      idsCoveredByKey: true,
      needsSinglePartition: false,
    });
    expect(bound?.source).toMatchObject({ connection: "kafka", topic: "temperatures", eventTime: 0, keyField: "deviceId" });
    expect(bound?.fields.map(({ text, type }) => `${text} ${type.kind}`)).toEqual([
      "time timestamp",
      "deviceId string",
      "temperature double",
    ]);
  });

  it("is grouped by the record key and the window", () => {
    const bound = statement(AGGREGATE);
    expect(bound.groupBy).toEqual([{ kind: "field", type: { kind: "string" }, index: 1 }]);
    expect(bound.aggregates.map(({ text, type }) => `${text} ${type.kind}`)).toEqual([
      "COUNT(*) bigint",
      "AVG(temperature) double",
      "MIN(temperature) double",
      "MAX(temperature) double",
    ]);
    expect(bound.identity).toEqual({
      kind: "columns",
      columns: [
        { name: "deviceId", expr: { kind: "group", type: { kind: "string" }, index: 0 } },
        { name: "window_start", expr: { kind: "window", type: { kind: "timestamp" }, bound: "start" } },
      ],
    });
    expect(bound.recordKey).toEqual([{ kind: "group", type: { kind: "string" }, index: 0 }]);
  });
});

describe("the persisting pipeline", () => {
  it("routes one schemaless topic to an index, a table and a filtered index", () => {
    const routes = statements(PERSIST).map(({ name, target }) => `${name} → ${target?.connection} ${target?.kind} ${target?.name}`);
    expect(routes).toEqual([
      "temperatures_1m#1 → elastic index temperatures_1m",
      "iot.temperatures_1m#1 → cassandra table iot.temperatures_1m",
      "hot_homes#1 → elastic index hot_homes",
    ]);
    expect(statements(PERSIST).map(({ source }) => source.topic)).toEqual(Array(3).fill("temperatures.aggregated"));
  });

  it("keeps what KCQL's clauses say", () => {
    const [index, table, filtered] = statements(PERSIST);
    expect(index).toMatchObject({ items: [{ kind: "star" }], suffix: "_{yyyy-MM-dd}", autocreate: true, ttlSeconds: null });
    expect(table).toMatchObject({ ttlSeconds: 2_592_000, autocreate: true, suffix: null });
    expect(filtered?.where).toMatchObject({ kind: "binary", op: ">", type: { kind: "boolean" } });
    expect(filtered?.autocreate).toBe(false);
  });

  it("warns that the key of several partitions is not known, unless it is declared", () => {
    expect(analyze(PERSIST).diagnostics).toEqual([]);
    const keyless = `CREATE STREAM aggregated WITH (connection = 'kafka', topic = 'temperatures.aggregated', partitions = 4);`;
    expect(analyze(keyless + PERSIST).diagnostics.map(({ severity, code }) => `${severity} ${code}`)).toEqual(
      Array(3).fill("warning KEY_NOT_COVERED"),
    );
    const declared = keyless.replace("partitions", "key = 'deviceId', partitions");
    expect(analyze(declared + PERSIST).diagnostics).toEqual([]);
    expect(statements(declared + PERSIST).map(({ idsCoveredByKey }) => idsCoveredByKey)).toEqual([true, true, true]);
  });
});

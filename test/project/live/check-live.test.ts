import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openEmbedded } from "../../../src/adapters/embedded/open-embedded.ts";
import { systemClock } from "../../../src/adapters/system-clock.ts";
import { environment } from "../../../src/project/environment.ts";
import { checkLive } from "../../../src/project/live/check-live.ts";
import { analyzeFile, openProject } from "../../../src/project/project.ts";
import { scratch } from "../../support/scratch.ts";

const CONFIG = `
connections:
  kafka: {kind: embedded, as: kafka}
  elastic: {kind: embedded, as: elasticsearch}
defaults: {source: kafka, sink: elastic}
`;

interface Given {
  readonly sql: string;
  /** Further pipelines, by name. */
  readonly others?: Readonly<Record<string, string>>;
  readonly catalog?: string;
  /** Key and value of the records, by topic. */
  readonly topics?: Readonly<
    Record<
      string,
      { readonly partitions?: number; readonly compacted?: boolean; readonly records: readonly (readonly [string | null, unknown])[] }
    >
  >;
  readonly strict?: boolean;
}

/** `severity CODE line:column message | hint` of each finding. */
async function found({ sql, others = {}, catalog, topics = {}, strict = false }: Given): Promise<readonly string[]> {
  const files = Object.fromEntries(Object.entries({ p: sql, ...others }).map(([name, text]) => [`queries/${name}.sql`, text]));
  const root = scratch({ "sluice.yaml": CONFIG, ...files, ...(catalog === undefined ? {} : { "queries/catalog.sql": catalog }) });
  const data = join(root, "data");
  const kafka = openEmbedded({ name: "kafka", kind: "embedded", as: "kafka", settings: {} }, data, systemClock);
  for (const [topic, { partitions = 1, compacted = false, records }] of Object.entries(topics)) {
    await kafka.source.createTopic(topic, { partitions, compacted });
    const written = records.map(([key, value]) => ({
      key: key === null ? null : Buffer.from(key),
      value: Buffer.isBuffer(value) ? value : Buffer.from(JSON.stringify(value)),
      timestampMs: 1_700_000_000_000,
    }));
    await kafka.source.append(topic, written);
  }
  await kafka.close();
  const project = await openProject({ config: join(root, "sluice.yaml"), data });
  const analyzed = await Promise.all(["p", ...Object.keys(others)].map((name) => analyzeFile(project, join(root, `queries/${name}.sql`))));
  const [first] = await checkLive(project, analyzed, environment, strict);
  return (first?.diagnostics ?? []).map(({ severity, code, span, message, hint }) => {
    const before = sql.slice(0, span.start).split("\n");
    return `${severity} ${code} ${before.length}:${(before.at(-1)?.length ?? 0) + 1} ${message}${hint === null ? "" : ` | ${hint}`}`;
  });
}

const READINGS = {
  records: [
    ["d1", { deviceId: "d1", homeId: "h1", temperature: 21.5, room: { floor: 1 }, tags: ["a"], ts: 1_700_000_000_000 }],
    ["d2", { deviceId: "d2", homeId: "h1", temperature: 22, room: { floor: 2, name: "bath" }, tags: [], ts: 1_700_000_000_000 }],
  ],
} as const;

describe("check --live, on embedded parts", () => {
  it("looks for fields that nobody declared in what was sampled", async () => {
    const sql = `INSERT INTO a SELECT deviceld, room.flor, tags.x, anything FROM readings WHERE temprature > 20 AND _key = 'd1';`;
    expect(await found({ sql, topics: { readings: READINGS } })).toEqual([
      "warning UNKNOWN_FIELD 1:22 there is no field 'deviceld' in any of 2 sampled records of readings | did you mean deviceId?",
      "warning UNKNOWN_FIELD 1:37 there is no field 'room.flor' in any of 2 sampled records of readings | did you mean floor?",
      "warning UNKNOWN_FIELD 1:48 'tags' is ARRAY<STRING> in 2 sampled records of readings: it has no fields | an element is taken by its number, [1] is the first",
      "warning UNKNOWN_FIELD 1:51 there is no field 'anything' in any of 2 sampled records of readings | there are deviceId, homeId, temperature, room, tags, ts",
      "warning UNKNOWN_FIELD 1:80 there is no field 'temprature' in any of 2 sampled records of readings | did you mean temperature?",
    ]);
  });

  it("is content with what is right: nested fields, aliases, qualifiers, stars, output columns as PK", async () => {
    const sql = `INSERT INTO a SELECT r.deviceId AS id, r.room.name, r.tags[1] AS t, _offset FROM readings r PK id;
      INSERT INTO b SELECT * FROM readings; INSERT INTO c SELECT homeId, AVG(temperature) AS avg FROM readings WINDOW TUMBLING (SIZE 1 MINUTE) GROUP BY homeId;`;
    expect(await found({ sql, topics: { readings: READINGS } })).toEqual([]);
  });

  it("warns of a table whose rows may be gone one day", async () => {
    const sql = "INSERT INTO a SELECT TABLE homeId FROM readings;";
    expect(await found({ sql, topics: { readings: READINGS } })).toEqual([
      "warning TARGET_MISMATCH 1:40 readings is read as a table, and is not compacted: rows that are not written again are gone with its retention | set its cleanup.policy to compact, or read it with SELECT STREAM",
    ]);
    expect(await found({ sql, topics: { readings: { ...READINGS, compacted: true } } })).toEqual([]);
  });

  it("names topics that are not there, with the one that may be meant; not those that a pipeline writes, or that are declared", async () => {
    const sql = `CREATE STREAM made (x INT) WITH (topic = 'made-topic', partitions = 2);
INSERT INTO a SELECT x FROM redings; INSERT INTO b SELECT x FROM made; INSERT INTO c SELECT x FROM results;`;
    const others = { writer: "INSERT INTO kafka.results SELECT deviceId AS x FROM readings;" };
    const topics = { readings: READINGS };
    const expected = "TOPIC_MISSING 2:29 there is no topic redings on kafka: the pipeline would be WAITING for it | did you mean readings?";
    expect(await found({ sql, others, topics })).toEqual([`warning ${expected}`]);
    expect(await found({ sql, others, topics, strict: true })).toEqual([`error ${expected}`]);
  });

  it("holds declarations against records", async () => {
    const catalog = `CREATE STREAM readings (deviceId STRING, temperature BIGINT, tempo DOUBLE, room STRING, ts TIMESTAMP, homeId STRING) WITH (key = 'homeId');`;
    const sql = "INSERT INTO a SELECT deviceId FROM readings;";
    expect(await found({ sql, catalog, topics: { readings: READINGS } })).toEqual([
      "warning TYPE_MISMATCH 1:36 'readings' declares temperature as BIGINT, but it is DOUBLE in 2 sampled records of readings | records with such values are refused; see error.policy",
      "warning UNKNOWN_FIELD 1:36 'readings' declares tempo, which is in none of 2 sampled records of readings",
      "warning TYPE_MISMATCH 1:36 'readings' declares room as STRING, but it is STRUCT<floor BIGINT, name STRING> in 2 sampled records of readings | records with such values are refused; see error.policy",
      "warning KEY_NOT_COVERED 1:36 'readings' is declared WITH (key = 'homeId'), but that is not the record key of 2 sampled records of readings | the key is deviceId",
    ]);
  });

  it("says where partitions cannot be read as one log, and which field is the key", async () => {
    const sql = "INSERT INTO a SELECT homeId, COUNT(*) AS n FROM readings WINDOW SESSION (GAP 1 MINUTE) GROUP BY homeId;";
    expect(
      await found({ sql: sql.replace("SESSION (GAP", "TUMBLING (SIZE"), topics: { readings: { ...READINGS, partitions: 3 } } }),
    ).toEqual([]);
    expect(await found({ sql, topics: { readings: { ...READINGS, partitions: 3 } } })).toEqual([]);
    const placed = sql.replace("COUNT(*)", "MAX(_offset)");
    expect(await found({ sql: placed, topics: { readings: { ...READINGS, partitions: 3 } } })).toEqual([
      "error GROUPING_NEEDS_KEY 1:101 GROUP BY is not covered by the record key, and readings has 3 partitions, which cannot be read as one log: it reads _offset or _partition | " +
        "the record key equals deviceId in all sampled records: CREATE STREAM … WITH (key = 'deviceId') says so",
    ]);
    const unkeyed = { partitions: 2, records: [[null, { homeId: "h" }]] } as const;
    expect(await found({ sql: placed, topics: { readings: unkeyed } })).toEqual([
      expect.stringContaining("| GROUP BY _key, or by a field that the stream declares as its key"),
    ]);
  });

  it("tells of records that are no JSON, and of those of a schema registry's serializers", async () => {
    const sql = "INSERT INTO a SELECT x FROM t;";
    expect(await found({ sql, topics: { t: { records: [[null, Buffer.from("<x/>")]] } } })).toEqual([
      expect.stringContaining("warning RECORD_MALFORMED 1:29 1 of 1 sampled records of t are no JSON documents | "),
    ]);
    const declared = `CREATE STREAM t (x STRING) WITH (value_format = 'delimited'); ${sql}`;
    expect(await found({ sql: declared, topics: { t: { records: [[null, Buffer.from("a,b")]] } } })).toEqual([]);
    const framed = Buffer.from([0, 0, 0, 0, 9, 2, 0x61]);
    expect(await found({ sql, topics: { t: { records: [[null, framed]] } } })).toEqual([
      "warning RECORD_MALFORMED 1:29 1 of 1 sampled records of t were written by a schema registry's serializer (schema 9), which is not read yet | write them as plain JSON",
    ]);
  });

  it("looks at fields also where the text has errors, and tells all at once", async () => {
    const sql = "INSERT INTO a SELECT nofunction(deviceId) FROM readings WHERE homeid = 'h1';";
    const findings = await found({ sql, topics: { readings: READINGS } });
    expect(findings.map((text) => text.split(" ")[1])).toEqual(["UNKNOWN_FUNCTION", "UNKNOWN_FIELD"]);
  });

  it("warns of a target that is nearly another's name", async () => {
    const sql = "INSERT INTO readings_1n SELECT deviceId FROM readings;\nINSERT INTO elsewhere SELECT deviceId FROM readings;";
    const topics = { readings: READINGS, readings_1m: { records: [] } };
    expect(await found({ sql: sql.replace("readings_1n", "kafka.readings_1n"), topics })).toEqual([
      "warning TARGET_MISSING 1:13 topic readings_1n does not exist yet and will be made | did you mean readings_1m?",
    ]);
  });

  it("leaves fields of two undeclared topics to either of them", async () => {
    const sql = "INSERT INTO a SELECT l.deviceId, r.humidty FROM readings l JOIN others r WITHIN 1 MINUTE ON l.deviceId = r.deviceId;";
    const others = { records: [["d1", { deviceId: "d1", humidity: 3 }]] } as const;
    const findings = await found({ sql, topics: { readings: READINGS, others } });
    expect(findings.filter((text) => text.includes("UNKNOWN_FIELD"))).toEqual([
      "warning UNKNOWN_FIELD 1:36 there is no field 'humidty' in 1 sampled record of others | did you mean humidity?",
    ]);
  });
});

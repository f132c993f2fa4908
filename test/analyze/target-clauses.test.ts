import { describe, expect, it } from "vitest";
import { CLAUSE_NAMES, CLAUSES } from "../../grammar/clause-table.ts";
import { CLAUSE_ROWS } from "../../src/analyze/target-clauses.ts";
import { analyze, statement } from "./catalog.ts";

const OUT = "CREATE STREAM out (n INT) WITH (connection = 'kafka', topic = 'out');";
const TARGETS = { topic: `${OUT} INSERT INTO kafka.out`, index: "INSERT INTO elastic.a", table: "INSERT INTO cassandra.iot.a" } as const;

const DATED = "INSERT INTO elastic.a SELECT * FROM raw WITHINDEXSUFFIX = '_{yyyy-MM-dd}'";
const STREAM = "INSERT INTO elastic.a SELECT n, ts AS `@timestamp` FROM raw PROPERTIES ('data.stream' = 'true')";

const said = (sql: string): string[] => analyze(sql).diagnostics.map(({ severity, code, message }) => `${severity} ${code} ${message}`);
const first = (sql: string): string => said(sql)[0] ?? "nothing";

describe("clauses and targets", () => {
  const cases = CLAUSE_NAMES.flatMap((name) => (["topic", "index", "table"] as const).map((kind) => [name, kind] as const));

  it.each(cases)("%s for a %s is what the table says", (name, kind) => {
    const { example } = CLAUSES[name];
    const pk = kind === "table" && name !== "PK" ? " PK n" : "";
    const found = said(`${TARGETS[kind]} SELECT n FROM raw ${example}${pk}`).filter(
      (text) => text.includes(`${name} `) || text.includes("property"),
    );
    const honour = CLAUSE_ROWS[name][kind];
    if (honour === "no") expect(found[0]).toMatch(new RegExp(`^error CLAUSE_NOT_ALLOWED ${name} has no meaning for`));
    else if (honour === "idle") expect(found[0]).toMatch(new RegExp(`^warning CLAUSE_NOT_ALLOWED ${name} changes nothing for`));
    else expect(found.filter((text) => text.includes("has no meaning for") && !text.includes("property"))).toEqual([]);
  });

  it.each([
    ["INSERT INTO elastic._value.site SELECT * FROM raw AUTOCREATE", "AUTOCREATE needs a fixed target"],
    ["INSERT INTO elastic._value.site SELECT * FROM raw WITHTARGET = a", "WITHTARGET and the name after INTO both say"],
    ["INSERT INTO elastic._header SELECT * FROM raw", "_header is followed by the name of one header"],
    ["INSERT INTO elastic._value.site SELECT COUNT(*) AS n FROM raw GROUP BY home", "'site' has many values in a group"],
    [`${OUT} INSERT INTO kafka.out SELECT n FROM raw PK a WITHKEY (b)`, "PK and WITHKEY both name the key"],
    [`${OUT} INSERT INTO kafka.out SELECT n FROM raw KEYDELIMITER = '-'`, "KEYDELIMITER stands between the parts of a key"],
    [`${OUT} INSERT INTO kafka.out SELECT n FROM raw TIMESTAMPUNIT = SECONDS`, "TIMESTAMPUNIT belongs to WITHTIMESTAMP"],
    [`${OUT} INSERT INTO kafka.out SELECT n FROM raw WITHTIMESTAMP sys_time()`, "sys_time() would be another time"],
    [`${OUT} INSERT INTO kafka.out SELECT COUNT(*) AS n FROM raw GROUP BY a WITHTIMESTAMP ts`, "a group has that of its window"],
    [`${OUT} INSERT INTO kafka.out SELECT n FROM raw WITHCOMPRESSION = LZO`, "records are not compressed by LZO"],
    ["INSERT INTO cassandra.iot.a SELECT * FROM raw PK id AUTOEVOLVE", "AUTOEVOLVE adds columns that the statement names"],
    ["INSERT INTO elastic.a SELECT * FROM raw PROPERTIES ('behavior.on.null.values' = 'DROP')", "takes IGNORE, FAIL or DELETE, not 'DROP'"],
    ["INSERT INTO elastic.a SELECT * FROM raw PROPERTIES ('behavior.on.nul.values' = 'FAIL')", "has no property 'behavior.on.nul.values'"],
    ["INSERT INTO elastic.a SELECT * FROM raw PROPERTIES ('close.after' = '7d')", "'close.after' is about dated indexes"],
    [`${DATED} PROPERTIES ('close.after' = 'soon')`, "takes a time such as 12h or 7d, not 'soon'"],
    [`${DATED} PROPERTIES ('close.after' = '7d', 'delete.after' = '6d')`, "'delete.after' comes before 'close.after'"],
    [`${DATED} PROPERTIES ('retired.indexes' = 'REVIVE')`, "no index of the target is ever retired"],
    [
      "INSERT INTO elastic.a SELECT * FROM raw WITHINDEXSUFFIX = '_{MM-dd}' PROPERTIES ('delete.after' = '7d')",
      "'delete.after' cannot go by this suffix: it has no year of four digits",
    ],
    [
      "INSERT INTO elastic._value.site SELECT * FROM raw WITHINDEXSUFFIX = '_{yyyy}' PROPERTIES ('delete.after' = '7d')",
      "indexes whose names _value.site says are not closed",
    ],
    [`${STREAM.replace("INSERT", "UPSERT")} PK n`, "rows with a key replace each other"],
    [STREAM.replace("n, ts", "home, COUNT(*)").replace("raw", "raw GROUP BY home"), "rows with a key replace each other"],
    [STREAM.replace(" AS `@timestamp`", ""), "each row of a data stream has a time, in a column @timestamp"],
    [`${STREAM} WITHINDEXSUFFIX = '_{yyyy}'`, "a data stream has no dated indexes of ours"],
    [STREAM.replace("elastic.a", "elastic._value.site"), "a data stream has a fixed name"],
    ["INSERT INTO elastic.a SELECT * FROM raw PROPERTIES (ttl = 5)", "the property 'ttl' has no meaning for an index"],
    ["INSERT INTO cassandra.iot.a SELECT id FROM raw PK id PROPERTIES (query = 'INSERT …')", "the property 'query' is not taken"],
    ["INSERT INTO cassandra.iot.a SELECT id FROM raw PK id PROPERTIES ('codec.date' = 'yyyy')", "the property 'codec.date' is not taken"],
    ["INSERT INTO cassandra.iot.a SELECT id FROM raw PK id TTL = 5 PROPERTIES (ttl = 5)", "TTL and the property 'ttl' both say"],
    [
      "INSERT INTO cassandra.iot.a SELECT id FROM raw PK id PROPERTIES (ttl = 5, ttlTimeUnit = MILLISECONDS)",
      "Cassandra counts whole ones",
    ],
  ])("%s is refused", (sql, message) => {
    expect(first(sql)).toContain(message);
    expect(first(sql)).toMatch(/^error/);
  });

  it("what PROPERTIES say is kept", () => {
    const table = statement(
      "INSERT INTO cassandra.iot.a SELECT id FROM raw PK id PROPERTIES (consistencylevel = 'quorum', ttl = 2, ttlTimeUnit = HOURS, nullToUnset = 'true', deletesEnabled = 'false')",
    );
    expect(table).toMatchObject({ ttlSeconds: 7200, tombstones: "fail", targetOptions: { consistency: "QUORUM", nullsUnset: true } });
    const index = statement(
      "INSERT INTO elastic.a SELECT * FROM raw WITHPIPELINE = enrich.geo PROPERTIES ('behavior.on.null.values' = 'ignore')",
    );
    expect(index).toMatchObject({ tombstones: "ignore", targetOptions: { ingestPipeline: "enrich.geo" } });
  });

  it("what PROPERTIES say of dated indexes and data streams is kept", () => {
    const retirement = { closeAfterMs: 7 * 86_400_000, deleteAfterMs: 36 * 3_600_000 * 24, revives: true };
    const properties = "PROPERTIES ('close.after' = '7d', 'delete.after' = '864h', 'retired.indexes' = 'revive')";
    expect(statement(`${DATED} ${properties}`)).toMatchObject({ targetOptions: { retirement, dataStream: false } });
    expect(statement(STREAM)).toMatchObject({ targetOptions: { retirement: null, dataStream: true } });
  });

  it("the embedded store says what it does not do for the system that it stands in for", () => {
    expect(said("INSERT INTO cassandra.iot.a SELECT id FROM raw PK id PROPERTIES (consistencyLevel = 'ONE')")).toEqual([
      "warning CLAUSE_NOT_ALLOWED the property 'consistencyLevel' changes nothing in the embedded store",
    ]);
  });

  it("SET autocreate makes targets, in both spellings", () => {
    for (const name of ["autocreate", "'autocreate'", "defaults.topic.autocreate"]) {
      expect(statement(`SET ${name} = true; INSERT INTO elastic._value.site SELECT * FROM raw`)).toMatchObject({
        autocreate: true,
        target: { name: "_value.site" },
        targetName: { text: "_value.site", rule: "index" },
        targetOptions: { dynamic: true },
      });
    }
  });

  it("a target that records name may be dated", () => {
    const dated = statement("INSERT INTO elastic._value.site SELECT * FROM raw WITHINDEXSUFFIX = '_{yyyy}'");
    expect(dated).toMatchObject({ suffix: "_{yyyy}", targetName: { text: "_value.site" } });
  });

  it("a name that is one stays one", () => {
    for (const target of ["elastic.value.site", "kafka._KEY.x", "kafka.x._key"]) {
      expect(analyze(`INSERT INTO ${target} SELECT * FROM raw`).pipeline?.statements[0]?.targetName ?? null).toBeNull();
    }
  });
});

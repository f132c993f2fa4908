import { describe, expect, it } from "vitest";
import { CLAUSE_NAMES, CLAUSES } from "../../grammar/clause-table.ts";
import { CLAUSE_ROWS } from "../../src/analyze/target-clauses.ts";
import { analyze, statement } from "./catalog.ts";

const OUT = "CREATE STREAM out (n INT) WITH (connection = 'kafka', topic = 'out');";
const TARGETS = { topic: `${OUT} INSERT INTO kafka.out`, index: "INSERT INTO elastic.a", table: "INSERT INTO cassandra.iot.a" } as const;

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

  it("a name that is one stays one", () => {
    for (const target of ["elastic.value.site", "kafka._KEY.x", "kafka.x._key"]) {
      expect(analyze(`INSERT INTO ${target} SELECT * FROM raw`).pipeline?.statements[0]?.targetName ?? null).toBeNull();
    }
  });
});

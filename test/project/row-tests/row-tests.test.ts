import { describe, expect, it } from "vitest";
import { problemsOf, tested } from "./tested.ts";

const COPY = "INSERT INTO elastic.copies SELECT id, n FROM orders AUTOCREATE PK id;\nINSERT INTO copied SELECT id, n FROM orders;\n";
const COUNTS = `CREATE STREAM orders (id STRING, at TIMESTAMP, n INT) WITH (key = 'id', timestamp = 'at', partitions = 3);
INSERT INTO elastic.counts SELECT id, window_start AS minute, COUNT(*) AS orders, SUM(n) AS n FROM orders
WINDOW TUMBLING (SIZE 1 MINUTE) GROUP BY id EMIT FINAL AUTOCREATE PK id, minute;
`;
const GIVEN = "given: { orders: [{ key: a, value: { id: a, n: 1 } }, { key: b, value: { id: b, n: 2 } }] }";

const problems = async (sql: string, yaml: string, files = {}): Promise<readonly string[]> => problemsOf(await tested(sql, yaml, files));

describe("row tests", () => {
  it("pass where targets hold what is expected, with none of the project's systems", async () => {
    const { outcomes } = await tested(
      COPY,
      `tests:
  - name: rows and records
    ${GIVEN}
    expect:
      elastic.copies: [{ id: b, n: 2 }, { id: a, n: 1, _key: a }]
      copied: [{ key: a, value: { id: a, n: 1 }, partition: 0 }, { value: { id: b, n: 2 }, headers: {} }]
  - name: some of them
    ${GIVEN}
    expect:
      elastic.copies: { contains: [{ n: 2 }] }
      kafka.copied: { exactly: [{ value: { n: 2, id: b } }, { value: { id: a, n: 1 } }], order: any }
`,
    );
    expect(outcomes.map(({ name, problems: found }) => [name, found])).toEqual([
      ["rows and records", []],
      ["some of them", []],
    ]);
  });

  it("show what differs, where it is expected", async () => {
    const yaml = `tests:
  - name: rows
    ${GIVEN}
    expect:
      elastic.copies:
        - { id: a, n: 1 }
        - { id: b, n: 3 }
        - { id: c, n: 3 }
      copied:
        - { value: { id: b, n: 2 } }
`;
    expect(await problems(COPY, yaml)).toEqual([
      "7:11 ASSERTION_FAILED elastic.copies: 1 row differs, 1 row is missing: n is 2, not 3\n" +
        "  { id: a, n: 1 }\n- { id: b, n: 3 }\n+ { id: b, n: 2 }\n- { id: c, n: 3 }",
      "9:7 ASSERTION_FAILED copied: 1 record was not expected\n+ { value: { id: a, n: 1 } }\n  { value: { id: b, n: 2 } }",
    ]);
    const ordered = `tests:
  - name: order
    ${GIVEN}
    expect: { copied: [{ value: { id: b, n: 2 } }, { value: { id: a, n: 1 } }], elastic.copies: { contains: [{ id: c }] } }
`;
    expect(await problems(COPY, ordered)).toEqual([
      expect.stringContaining(
        "4:24 ASSERTION_FAILED copied: 1 record is missing, 1 record was not expected\n- { value: { id: b, n: 2 } }\n  { value",
      ),
      expect.stringContaining("ASSERTION_FAILED elastic.copies: 1 row differs: id is a, not c\n- { id: c }\n+ { id: a, n: 1 }"),
    ]);
  });

  it("go on in steps: stream time advances by itself, and closes the windows that it passes", async () => {
    const yaml = `tests:
  - name: windows
    steps:
      - given:
          orders:
            - { value: { id: a, at: 2026-01-31T12:00:10Z, n: 1 } }
            - { value: { id: a, at: 2026-01-31T12:00:59.999Z, n: 2 } }
        expect: { elastic.counts: [] }
      - advance: 1ms
        expect: { elastic.counts: [{ id: a, minute: 2026-01-31T12:00:00Z, orders: 2, n: 3 }] }
      - given: { orders: [{ value: { id: a, at: 2026-01-31T12:00:30Z, n: 4 } }, { value: { id: b, at: 2026-01-31T12:01:30Z, n: 4 } }] }
        counts: { counts#1: { in: 4, late: 1 } }
      - advance: 2026-01-31T12:01:59Z
        expect: { elastic.counts: { contains: [{ id: b }] } }
      - close: true
        expect: { elastic.counts: { contains: [{ id: b, n: 4 }] } }
`;
    expect(await problems(COUNTS, yaml)).toEqual([
      "14:48 ASSERTION_FAILED elastic.counts: 1 row differs: id is a, not b\n- { id: b }\n+ { id: a, minute: 2026-01-31T12:00:00.000Z, orders: 2, n: 3 }",
    ]);
  });

  it("look at late records where LATE INTO sends them", async () => {
    const sql = `CREATE STREAM orders (id STRING, at TIMESTAMP) WITH (timestamp = 'at');
INSERT INTO elastic.counts SELECT id, COUNT(*) AS n FROM orders WINDOW TUMBLING (SIZE 1 MINUTE) GROUP BY id LATE INTO elastic.belated;
`;
    const yaml = `tests:
  - name: late
    steps:
      - given: { orders: [{ value: { id: a, at: 2026-01-31T12:00:10Z } }] }
        expect: { elastic.belated: [] }
      - advance: 2m
      - given: { orders: [{ value: { id: b, at: 2026-01-31T12:00:20Z } }] }
        expect: { elastic.belated: [{ id: b, at: 2026-01-31T12:00:20Z }], elastic.counts: [{ id: a, n: 1 }] }
`;
    expect(await problems(sql, yaml)).toEqual([]);
  });

  it("give records as they are: their parts, partitions, times, and bytes that are no document", async () => {
    const sql = `SET 'error.policy' = 'noop'; SET 'dead.letters' = 'dead';
INSERT INTO out SELECT n, _partition AS p, _timestamp AS at, _header.h AS h FROM orders;
`;
    const yaml = `tests:
  - name: parts
    given:
      orders:
        - { key: k, value: { n: 12345678901234567890 }, headers: { h: x }, timestamp: 2026-02-01T00:00:00Z, partition: 2 }
        - { value: { n: 2 }, timestamp: 1769904001000, partition: 2 }
        - { text: '{"n": ' }
        - { value: { n: 3 } }
    expect:
      out:
        - { key: null, value: { n: 3, p: 0, at: 2026-02-01T00:00:01Z, h: null } }
        - { key: k, value: { n: 12345678901234567890, p: 2, at: 2026-02-01T00:00:00Z, h: x }, timestamp: 2026-02-01T00:00:00Z }
        - { value: { n: 2, p: 2, at: 2026-02-01T00:00:01Z, h: null } }
    deadLetters: [{ code: RECORD_MALFORMED, value: '{"n": ', topic: orders, partition: 0, offset: 0 }]
    counts: { out#1: { in: 4, applied: 3, deadLettered: 1 } }
`;
    expect(await problems(sql, yaml)).toEqual([]);
    expect(await problems(sql, yaml.replace("RECORD_MALFORMED", "RECORD_TYPE").replace("applied: 3", "applied: 4"))).toEqual([
      expect.stringMatching(/^14:5 ASSERTION_FAILED dead letters: 1 row differs: code is RECORD_MALFORMED, not RECORD_TYPE/),
      "15:31 ASSERTION_FAILED out#1: applied is 3, not 4",
    ]);
  });

  it("write keys and values in the formats of the stream", async () => {
    const sql = `CREATE STREAM lines (a STRING, b INT) WITH (topic = 'lines', format = 'delimited', key_format = 'kafka', key = 'b');
INSERT INTO out SELECT a, b FROM lines;
`;
    const yaml =
      "tests: [{ name: x, given: { lines: [{ value: { a: 'x,y', b: 7 } }] }, expect: { out: [{ value: { a: 'x,y', b: 7 } }] } }]\n";
    expect(await problems(sql.replace(", key_format = 'kafka', key = 'b'", ""), yaml)).toEqual([]);
    const wrong = yaml.replace("b: 7 } }] }, expect", "b: seven } }] }, expect");
    expect(await problems(sql.replace(", key_format = 'kafka', key = 'b'", ""), wrong)).toEqual([
      expect.stringMatching(/^1:37 TEST_INVALID lines cannot hold this record: /),
    ]);
  });

  it("expect errors by code, and none that is not expected", async () => {
    const sql = "INSERT INTO out SELECT CAST(n AS INT) AS n FROM orders;";
    const given = "given: { orders: [{ value: { n: 1 } }, { value: { n: x } }] }";
    const yaml = (errors: string) => `tests:\n  - name: x\n    ${given}\n    expect: { out: [{ value: { n: 1 } }] }\n${errors}`;
    const code = problemsOf(await tested(sql, yaml("")))[0]
      ?.split(" ")[4]
      ?.replace(":", "");
    expect(await problems(sql, yaml(""))).toEqual([
      expect.stringMatching(/^2:5 ASSERTION_FAILED not expected: \w+ at out#1, orders partition 0 offset 1: /),
    ]);
    expect(code).toMatch(/^RECORD_/);
    expect(await problems(sql, yaml(`    errors: [{ code: ${code}, statement: out#1, offset: 1 }]\n`))).toEqual([]);
    expect(await problems(sql, yaml("    errors: [{ code: TARGET_MISSING }]\n"))).toEqual([
      expect.stringMatching(/^5:14 ASSERTION_FAILED no such error: { code: TARGET_MISSING }\nwhat has failed: RECORD_/),
    ]);
  });

  it("share fixtures, in the file and beside it", async () => {
    const yaml = `fixtures:
  two: [{ key: a, value: { id: a, n: 1 } }, { key: b, value: { id: b, n: 2 } }]
  more: data/more.ndjson
tests:
  - name: x
    given: { orders: [fixture: two, { key: c, value: { id: c, n: 3 } }, fixture: more] }
    expect: { copied: [{ value: { id: a, n: 1 } }, { value: { id: b, n: 2 } }, { value: { id: c, n: 3 } }, { value: { id: d, n: 4 } }] }
`;
    expect(await problems(COPY, yaml, { "queries/data/more.ndjson": '{"id":"d","n":4}\n\n' })).toEqual([]);
    expect(await problems(COPY, yaml)).toEqual([expect.stringMatching(/^3:3 TEST_INVALID cannot read .*data\/more.ndjson: no such file/)]);
    expect(await problems(COPY, yaml.replace("fixture: two", "fixture: tow"), { "queries/data/more.ndjson": "" })).toEqual([
      "6:23 TEST_INVALID there is no fixture 'tow' (there are two, more)",
    ]);
  });

  it("have the project's variables, those of the file and their own", async () => {
    const sql = "INSERT INTO ${target} SELECT n FROM orders WHERE n < ${limit};";
    const yaml = `variables: { target: small }
tests:
  - { name: project, given: { orders: [{ value: { n: 9 } }, { value: { n: 10 } }] }, expect: { small: [{ value: { n: 9 } }] } }
  - name: own
    variables: { limit: 5 }
    given: { orders: [{ value: { n: 4 } }, { value: { n: 9 } }] }
    expect: { small: [{ value: { n: 4 } }] }
`;
    expect(await problems(sql, yaml)).toEqual([]);
  });

  it("look at targets that records name, and at rows until they expire", async () => {
    const sql = `SET 'autocreate' = TRUE;
INSERT INTO elastic._value.site SELECT n FROM orders;
INSERT INTO cassandra.shop.orders SELECT id, n FROM orders PK id TTL = 86400;
`;
    const yaml = `tests:
  - name: x
    steps:
      - given: { orders: [{ value: { id: a, n: 1, site: berlin } }, { value: { id: b, n: 2, site: paris } }] }
        expect:
          elastic.berlin: [{ n: 1 }]
          elastic.paris: [{ n: 2 }]
          elastic.rome: []
      - advance: 11h
        given: { orders: [{ value: { id: b, n: 3, site: paris }, timestamp: 2026-01-01T12:00:00Z }] }
        expect: { cassandra.shop.orders: [{ id: a, n: 1 }, { id: b, n: 3 }] }
      - advance: 1h
        expect: { cassandra.shop.orders: [{ id: b, n: 3 }] }
`;
    expect(await problems(sql, yaml)).toEqual([]);
  });

  it("have as many partitions as records ask for: what needs a single one fails on several", async () => {
    const sql = "INSERT INTO counts SELECT id, COUNT(*) AS n FROM orders GROUP BY id;\n";
    const yaml = "tests: [{ name: x, given: { orders: [{ value: { id: a }, partition: 0 }] } }]\n";
    expect(await problems(sql, yaml)).toEqual([]);
    const several = yaml.replace("partition: 0", "partition: 1");
    expect(await problems(sql, several)).toEqual([]);
    expect(await problems("INSERT INTO counts SELECT COUNT(*) AS n FROM orders;\n", several)).toEqual([]);
    const sessions = sql.replace("GROUP BY", "WINDOW SESSION (GAP 1 MINUTE) GROUP BY");
    expect(await problems(sessions, several)).toEqual([]);
    expect(await problems(sessions.replace("COUNT(*)", "MAX(_offset)"), several)).toEqual([
      expect.stringMatching(/STATEMENT_INVALID.*GROUP BY is not covered by the record key/),
    ]);
    const rows = "INSERT INTO counts SELECT MAX(_partition) AS n FROM orders WINDOW COUNT (SIZE 2);\n";
    expect(await problems(rows, several)).toEqual([
      expect.stringMatching(/STATEMENT_INVALID.*a total is taken, and orders has 2 partitions/),
    ]);
  });

  it("name streams as the query does, and give joined ones their keys and times", async () => {
    const sql = `CREATE STREAM orders (id STRING, at TIMESTAMP) WITH (topic = 'shop.orders', key = 'id', timestamp = 'at');
CREATE STREAM payments (id STRING, at TIMESTAMP) WITH (topic = 'shop.payments', key = 'id', timestamp = 'at');
INSERT INTO out SELECT o.id, p.at FROM orders AS o JOIN payments AS p WITHIN 1 MINUTE ON o.id = p.id;
`;
    const yaml = `tests:
  - name: x
    given:
      orders: [{ value: { id: a, at: 2026-01-31T12:00:00Z } }]
      shop.payments: [{ value: { id: a, at: 2026-01-31T12:00:30Z } }]
    expect: { out: [{ key: a, value: { id: a, at: 2026-01-31T12:00:30Z }, timestamp: 2026-01-31T12:00:30Z }] }
`;
    expect(await problems(sql, yaml)).toEqual([]);
  });

  it("advance stream time only where there is one, and have it where a watermark says", async () => {
    const yaml = (move: string) => `tests:
  - name: x
    steps:
      - ${move}: 2026-01-31T13:00:00Z
      - given: { orders: [{ value: { id: a, at: 2026-01-31T12:00:10Z, n: 1 } }] }
        counts: { counts#1: { in: 1, late: 0 } }
`;
    expect(await problems(COUNTS, yaml("advance"))).toEqual([]);
    expect(await problems(COUNTS, yaml("watermark"))).toEqual(["6:38 ASSERTION_FAILED counts#1: late is 1, not 0"]);
  });

  it("give records to several topics", async () => {
    const sql = "INSERT INTO out SELECT n FROM orders UNION ALL SELECT m AS n FROM returns;\n";
    const yaml = `tests:
  - name: x
    given: { orders: [{ value: { n: 1 } }], returns: [{ value: { m: 2 } }] }
    expect: { out: { exactly: [{ value: { n: 2 } }, { value: { n: 1 } }], order: any } }
`;
    expect(await problems(sql, yaml)).toEqual([]);
  });

  it("say where a query or a catalog with errors is", async () => {
    const yaml = "tests: [{ name: x }]\n";
    expect(await problems("INSERT INTO b SELECT id FORM a;", yaml)).toEqual([
      expect.stringMatching(/^1:9 SYNTAX .*q.sql:1:25: .*did you mean FROM/),
    ]);
    expect(await problems("", yaml)).toEqual([expect.stringMatching(/STATEMENT_INVALID .*q.sql has no statement to run/)]);
    await expect(tested(COPY, `query: gone.sql\n${yaml}`)).rejects.toMatchObject({ code: "FILE_UNREADABLE" });
  });
});

/** Each list has the one before it ten times. */
function bomb(depth: number): string {
  const lists = Array.from({ length: depth }, (_, index) => `a${index}: &a${index} [${`*a${index - 1},`.repeat(index === 0 ? 0 : 10)}1]`);
  return `${lists.join("\n")}\ntests: []\n`;
}

describe("a file that is none of row tests", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["tests: [", "1:9 TEST_INVALID Flow sequence in block collection must be sufficiently indented and end with a ]"],
    ["", "1:1 TEST_INVALID this must be a map with tests"],
    ["tests: []\n<<: 3", "1:1 TEST_INVALID Merge sources must be maps or map aliases"],
    [bomb(10), "1:1 TEST_INVALID Excessive alias count indicates a resource exhaustion attack"],
    ["querry: x\ntests: []", "1:1 TEST_INVALID 'querry' is unknown here (did you mean query?)"],
    ["tests:\n  - nam: x", "2:5 TEST_INVALID 'nam' is unknown here (did you mean name?)"],
    ["tests:\n  - name: x\n    given: { orders: 3 }", "3:14 TEST_INVALID this must be a list of records"],
    ["tests:\n  - name: x\n    expect: { a: 3 }", "3:15 TEST_INVALID this must be a list of rows, or exactly, contains and order"],
    ["tests:\n  - name: x\n    expect: { a: { exacly: [] } }", "3:20 TEST_INVALID 'exacly' is unknown here (did you mean exactly?)"],
    ["tests:\n  - name: x\n    expect: { a: { order: up } }", "3:20 TEST_INVALID this must be one of given, any"],
    ["tests:\n  - name: x\n  - name: x", "3:5 TEST_INVALID two tests have this name"],
    ["tests:\n  - { name: x, close: true, steps: [] }", "2:29 TEST_INVALID a test has steps, or is one step itself"],
    ["tests:\n  - { name: x, given: { order: [] } }", "2:25 TEST_INVALID the query does not read 'order' (it reads kafka.orders)"],
    [
      "tests:\n  - { name: x, expect: { copie: [] } }",
      "2:26 TEST_INVALID the query writes no 'copie' (it writes elastic.copies, kafka.copied)",
    ],
    ["tests:\n  - { name: x, advance: soon }", "2:16 TEST_INVALID 'soon' is neither a duration nor a time (5m, or 2026-01-31T12:00:00Z)"],
    ["tests:\n  - { name: x, idle: forever }", "2:16 TEST_INVALID 'forever' is no duration (30s, 5m or 1h)"],
    ["tests:\n  - { name: x, now: noon }", "2:16 TEST_INVALID 'noon' is no time (2026-01-31T12:00:00Z, or milliseconds since 1970)"],
    [
      "tests:\n  - { name: x, watermark: { 0: noon } }",
      "2:29 TEST_INVALID 'noon' is no time (2026-01-31T12:00:00Z, or milliseconds since 1970)",
    ],
    [
      "tests:\n  - { name: x, steps: [{ advance: 2026-01-31T12:00:00Z }, { now: 2026-01-31T11:00:00Z }] }",
      "2:61 TEST_INVALID the clock is at 2026-01-31T12:00:00.000Z already, and never goes back",
    ],
    [
      "tests:\n  - { name: x, advance: 1m, close: true }",
      "2:16 TEST_INVALID a step moves time once: by advance, or by close (make two steps of it)",
    ],
    [
      "tests:\n  - { name: x, counts: { copy: { in: 1 } } }",
      "2:26 TEST_INVALID there is no statement 'copy' (there are copies#1, copied#1)",
    ],
    [
      "tests:\n  - { name: x, given: { orders: [{ value: 1, timestamp: noon }] } }",
      "2:34 TEST_INVALID 'noon' is no time (2026-01-31T12:00:00Z, or milliseconds since 1970)",
    ],
    [
      "tests:\n  - { name: x, deadLetters: [] }",
      "2:16 TEST_INVALID the query keeps no dead letters (SET 'dead.letters' = 'dead_letters';)",
    ],
  ];

  it.each(cases)("says what is wrong: %j", async (yaml, problem) => {
    expect(await problems(COPY, yaml)).toContain(problem);
  });

  it.each([
    ["{ elastic.rooms: [value: 3] }", "3:30 TEST_INVALID a row of rooms is a map of its columns, or null"],
    [
      "{ elastic.rooms: [value: { floor: 1 }] }",
      "3:30 TEST_INVALID a row of rooms is found by room, and this one has none (key: says under what it is found)",
    ],
    [
      "{ elastic.rooms: [{ value: { room: a }, partition: 1 }] }",
      "3:30 TEST_INVALID a row of rooms has no partition (key and value are what it has)",
    ],
    ["{ elastic.halls: [] }", "3:14 TEST_INVALID the query does not read 'elastic.halls' (it reads kafka.orders, elastic.rooms)"],
  ])("refuse what cannot be a row that is looked up: %s", async (given, problem) => {
    const sql = "INSERT INTO elastic.known SELECT o.id, r.floor FROM orders AS o JOIN elastic.rooms AS r ON o.room = r.room AUTOCREATE;";
    expect(await problems(sql, `tests:\n  - name: x\n    given: ${given}\n`)).toEqual([problem]);
  });
});

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Harness, record } from "./harness.ts";

let harness: Harness;
beforeEach(() => {
  harness = new Harness();
});
afterEach(() => harness.dispose());

const append = (topic: string, values: readonly unknown[], keys: readonly string[] = []): Promise<void> =>
  harness.append(
    topic,
    values.map((value, i) => record(value, { timestampMs: 1_700_000_000_000 + i, ...(keys[i] === undefined ? {} : { key: keys[i] }) })),
  );

/** A pipeline that writes, then one that reads what it wrote: how many records their statements took. */
async function through(declared: string, write: string, read: string): Promise<readonly number[]> {
  const written = await harness.run("write", `${declared} ${write}`);
  const found = await harness.run("read", `${declared} ${read}`);
  return [...written.statements, ...found.statements].map(({ counters }) => counters.applied);
}

const COLUMNS = "id BIGINT, name STRING, ok BOOLEAN, n INT, x DOUBLE, money DECIMAL(20, 4), at TIMESTAMP, day DATE, t TIME, raw BYTES";

const EXTREMES = [
  `{"id":9223372036854775807,"name":"a,\\"b\\"\\né€😀","ok":true,"n":2147483647,"x":1.7976931348623157e+308,"money":9999999999999999.9999,"at":"9999-12-31T23:59:59.999Z","day":"9999-12-31","t":"23:59:59.999","raw":"AP+AfwA="}`,
  `{"id":-9223372036854775808,"name":"","ok":false,"n":-2147483648,"x":5e-324,"money":-9999999999999999.9999,"at":"0000-01-01T00:00:00.000Z","day":"0000-01-01","t":"00:00:00","raw":""}`,
  `{"id":0,"name":null,"ok":null,"n":null,"x":null,"money":null,"at":null,"day":null,"t":null,"raw":null}`,
];

describe("rows on their way through topics of other formats", () => {
  it.each([
    ["delimited", ""],
    ["delimited", ", value_delimiter = 'TAB'"],
    ["delimited", ", value_delimiter = ' '"],
    ["delimited", ", value_delimiter = '€'"],
  ])("are what they were: %s%s", async (format, more) => {
    await append("rows", EXTREMES);
    const declared = `CREATE STREAM rows (${COLUMNS}); CREATE STREAM lines (${COLUMNS}) WITH (format = '${format}'${more});`;
    const applied = await through(
      declared,
      "INSERT INTO lines SELECT * FROM rows; INSERT INTO embedded.expected SELECT * FROM rows PK id AUTOCREATE;",
      "INSERT INTO embedded.found SELECT * FROM lines PK id AUTOCREATE;",
    );
    expect(applied).toEqual([3, 3, 3]);
    const found = await harness.tableTexts("found");
    expect(found).toHaveLength(3);
    expect(found).toEqual(await harness.tableTexts("expected"));
  });

  it.each([
    ["kafka", "INT", ["2147483647", "-2147483648", "0"]],
    ["kafka", "BIGINT", ["9223372036854775807", "-9223372036854775808", "9007199254740993"]],
    ["kafka", "DOUBLE", ["1.7976931348623157e+308", "0.1", "-5e-324"]],
    ["kafka", "STRING", ['"é€😀"', '""', '"a\\nb"']],
    ["kafka", "BYTES", ['"AP+A"', '""']],
    ["string", "STRING", ['"é€😀"', '""', '"{\\"a\\":1}"']],
    ["bytes", "BYTES", ['"AP+A"', '""']],
  ])("are one value: %s of %s", async (format, type, values) => {
    await append(
      "rows",
      values.map((value) => `{"v":${value}}`),
    );
    const applied = await through(
      `CREATE STREAM rows (v ${type}); CREATE STREAM single (v ${type}) WITH (format = '${format}');`,
      "INSERT INTO single SELECT v FROM rows;",
      "INSERT INTO embedded.found SELECT _offset AS n, v FROM single PK n AUTOCREATE;",
    );
    expect(applied).toEqual([values.length, values.length]);
    expect(await harness.tableTexts("found")).toEqual(values.map((value, n) => `{"n":${n},"v":${value}}`));
  });

  it("are whole texts and bytes without a name, and records without a value", async () => {
    await append("raw", ["a,b", "", "é"], ["k1", "k2"]);
    await through(
      `CREATE STREAM raw WITH (format = 'string'); CREATE STREAM copies WITH (format = 'bytes'); CREATE STREAM nothing WITH (format = 'none');`,
      `INSERT INTO copies SELECT TO_BYTES(_value, 'utf8') AS v FROM raw;`,
      `INSERT INTO embedded.found SELECT _offset AS n, _value AS v, _key AS k FROM raw PK n AUTOCREATE;
       INSERT INTO embedded.bytes SELECT _offset AS n, _value AS v FROM copies PK n AUTOCREATE;`,
    );
    expect(await harness.table("found")).toEqual([
      { n: 0, v: "a,b", k: "k1" },
      { n: 1, v: "", k: "k2" },
      { n: 2, v: "é", k: null },
    ]);
    expect((await harness.records("copies")).map(({ key, value }) => [key, value])).toEqual([
      ["k1", "a,b"],
      ["k2", ""],
      [null, "é"],
    ]);
  });
});

describe("records that are none of their format", () => {
  const SQL = `SET 'error.policy' = 'noop'; SET 'dead.letters' = 'embedded.letters';
    CREATE STREAM lines (id INT, x DOUBLE) WITH (format = 'delimited');
    INSERT INTO embedded.found SELECT id, x FROM lines PK id AUTOCREATE;`;

  it("are dead letters with their bytes and their place", async () => {
    await append("lines", ["1,1.5", "2,x", "3", '4,"5', "5,", null, "6,6"]);
    const { statements } = await harness.run("broken", SQL);
    expect(statements[0]?.counters).toMatchObject({ in: 7, applied: 3, deadLettered: 4 });
    expect(await harness.table("found")).toEqual([
      { id: 1, x: 1.5 },
      { id: 5, x: null },
      { id: 6, x: 6 },
    ]);
    const letters = (await harness.table("letters")) as { offset: number; code: string; error: string; value: string | null }[];
    expect(letters.map(({ offset, code, value, error }) => [offset, code, value, error])).toEqual([
      [1, "RECORD_MALFORMED", "2,x", expect.stringContaining(`column 'x': "x" is no DOUBLE`)],
      [2, "RECORD_MALFORMED", "3", expect.stringContaining("2 columns are declared, here are 1")],
      [3, "RECORD_MALFORMED", '4,"5', expect.stringContaining("the quote at character 3 is never closed")],
      [5, "RECORD_TOMBSTONE", null, expect.any(String)],
    ]);
  });

  it("stop the statement before them where nothing else is said", async () => {
    await append("lines", ["1,1.5", "x,2", "3,3"]);
    const { statements, messages } = await harness.run("broken", SQL.replace("noop", "throw"));
    expect(statements[0]).toMatchObject({ state: "failed", counters: { applied: 1, deadLettered: 0 } });
    const failed = messages.find((message) => message.kind === "statement-failed");
    expect(failed?.error).toMatchObject({ code: "RECORD_MALFORMED", message: `column 'id': "x" is no INT`, topic: "lines", offset: 1 });
  });

  it("are refused where they are written, too, with the row and the column", async () => {
    await append("rows", ['{"id":1,"x":"a"}', '{"id":1.5,"x":"b"}', '{"id":2,"x":["c"]}', '{"id":3,"x":"d"}']);
    const { statements } = await harness.run(
      "refused",
      `SET 'error.policy' = 'noop'; SET 'dead.letters' = 'embedded.letters'; CREATE STREAM lines (id INT, x STRING) WITH (format = 'delimited');
       INSERT INTO lines SELECT id, x FROM rows;`,
    );
    expect(statements[0]?.counters).toMatchObject({ in: 4, applied: 4 });
    expect((await harness.records("lines")).map(({ value }) => value)).toEqual(["1,a", "3,d"]);
    const letters = (await harness.table("letters")) as { offset: number; code: string; error: string }[];
    expect(letters.map(({ offset, code, error }) => [offset, code, error])).toEqual([
      [1, "CHANGE_REJECTED", expect.stringContaining(`column 'id': "1.5" is no INT`)],
      [2, "CHANGE_REJECTED", expect.stringContaining(`column 'x': "[\\"c\\"]" is no STRING`)],
    ]);
  });
});

describe("keys in other formats", () => {
  it("are written by the target's and read again", async () => {
    await append("rows", ['{"id":9007199254740993,"site":"a,b"}', '{"id":-1,"site":"é"}'], ["k1", "k2"]);
    const declared = `CREATE STREAM rows (id BIGINT, site STRING);
      CREATE STREAM by_id (id BIGINT, site STRING) WITH (key = 'id', key_format = 'kafka', format = 'delimited');
      CREATE STREAM by_json (id BIGINT, site STRING) WITH (key = 'site', key_format = 'json');
      CREATE STREAM copies (id BIGINT, site STRING) WITH (key = 'id', key_format = 'kafka');
      CREATE STREAM nokeys (id BIGINT, site STRING) WITH (key_format = 'none');
      CREATE STREAM texts (line STRING) WITH (key_format = 'delimited', key = 'line', format = 'string');`;
    await through(
      declared,
      `INSERT INTO by_id SELECT id, site FROM rows PK id;
       INSERT INTO by_json SELECT id, site FROM rows PK site;
       INSERT INTO nokeys SELECT id, site FROM rows PK id;
       INSERT INTO texts SELECT site AS line FROM rows PK line;`,
      `INSERT INTO copies SELECT id, site FROM by_id;
       INSERT INTO embedded.counts SELECT id, COUNT(*) AS n FROM by_id GROUP BY id AUTOCREATE;`,
    );
    await harness.run(
      "again",
      `${declared} INSERT INTO embedded.found SELECT _key AS k, id + 1 AS next, site FROM copies PK k AUTOCREATE;`,
    );
    expect((await harness.records("by_id")).map(({ value }) => value)).toEqual(['9007199254740993,"a,b"', "-1,é"]);
    expect((await harness.records("by_json")).map(({ key }) => key)).toEqual(['"a,b"', '"é"']);
    expect((await harness.records("nokeys")).map(({ key }) => key)).toEqual([null, null]);
    expect((await harness.records("texts")).map(({ key, value }) => [key, value])).toEqual([
      ['"a,b"', "a,b"],
      ["é", "é"],
    ]);
    expect(await harness.tableTexts("found")).toEqual(
      expect.arrayContaining(['{"k":9007199254740993,"next":9007199254740994,"site":"a,b"}', '{"k":-1,"next":0,"site":"é"}']),
    );
    expect(await harness.tableTexts("counts")).toEqual(expect.arrayContaining(['{"id":9007199254740993,"n":1}', '{"id":-1,"n":1}']));
  });

  it.each(["delimited", "json"])("of several columns are lines or objects: %s", async (format) => {
    await append("rows", ['{"a":7,"b":"x,y","v":1.5}', '{"a":-1,"b":"é","v":null}', '{"a":2,"b":null,"v":3}']);
    const applied = await through(
      `CREATE STREAM rows (a INT, b STRING, v DOUBLE);
       CREATE STREAM pairs (a INT KEY, b STRING KEY, v DOUBLE) WITH (key_format = '${format}', format = 'delimited');`,
      "INSERT INTO pairs SELECT a, b, v FROM rows;",
      "INSERT INTO embedded.found SELECT _offset AS n, a, b, v, _key.a AS k FROM pairs PK n AUTOCREATE;",
    );
    expect(applied).toEqual([3, 3]);
    const keys = { delimited: ['7,"x,y"', "-1,é", "2,"], json: ['{"a":7,"b":"x,y"}', '{"a":-1,"b":"é"}', '{"a":2,"b":null}'] };
    const records = await harness.records("pairs");
    expect(records.map(({ key }) => key)).toEqual(keys[format as "json"]);
    expect(records.map(({ value }) => value)).toEqual(["1.5", "", "3"]);
    expect(await harness.tableTexts("found")).toEqual([
      '{"n":0,"a":7,"b":"x,y","v":1.5,"k":7}',
      '{"n":1,"a":-1,"b":"é","v":null,"k":-1}',
      '{"n":2,"a":2,"b":null,"v":3,"k":2}',
    ]);
  });

  it("and values beside headers", async () => {
    await harness.append("lines", [
      { key: Buffer.from("k"), value: Buffer.from("1"), timestampMs: 1_700_000_000_000, headers: [["trace", Buffer.from("t1")]] },
      { key: null, value: Buffer.from("2"), timestampMs: 1_700_000_000_001 },
    ]);
    await harness.run(
      "headers",
      `CREATE STREAM lines (id INT) WITH (format = 'delimited');
       INSERT INTO embedded.found SELECT id, _header.trace AS trace, _key AS k FROM lines PK id AUTOCREATE;`,
    );
    expect(await harness.table("found")).toEqual([
      { id: 1, trace: "t1", k: "k" },
      { id: 2, trace: null, k: null },
    ]);
  });

  it("of changing results delete what goes, and take the source's where none is named", async () => {
    await append("rows", ['{"id":1,"v":5}', '{"id":2,"v":5}', '{"id":1,"v":-9}'], ["1", "2", "x"]);
    await harness.run(
      "changes",
      `CREATE STREAM sums (id BIGINT, total BIGINT) WITH (key = 'id', key_format = 'kafka');
       CREATE STREAM raw (v BIGINT) WITH (key_format = 'bytes');
       SET 'error.policy' = 'noop'; SET 'dead.letters' = 'embedded.letters';
       INSERT INTO sums SELECT id, SUM(v) AS total FROM rows GROUP BY id HAVING SUM(v) > 0 EMIT CHANGES;
       INSERT INTO raw SELECT v FROM rows;`,
    );
    expect((await harness.records("raw")).map(({ key }) => key)).toEqual(["1", "2", "x"]);
    const sums = await harness.records("sums");
    const one = "\0\0\0\0\0\0\0\x01";
    expect(sums.filter(({ key }) => key === one).at(-1)?.value).toBe(null);
    expect(sums.find(({ key }) => key === "\0\0\0\0\0\0\0\x02")?.value).toBe('{"id":2,"total":5}');
  });
});

describe("WITHFORMAT", () => {
  it("says how the records of an undeclared topic are written", async () => {
    await append("rows", ['{"a":"x"}', '{"a":"é"}']);
    await harness.run(
      "texts",
      "CREATE STREAM rows (a STRING); CREATE STREAM s WITH (topic = 'texts'); INSERT INTO s SELECT a FROM rows WITHFORMAT JSON;",
    );
    expect((await harness.records("texts")).map(({ value }) => value)).toEqual(['{"a":"x"}', '{"a":"é"}']);
  });
});

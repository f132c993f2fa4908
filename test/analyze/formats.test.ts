import { describe, expect, it } from "vitest";
import { analyze } from "./catalog.ts";

/** What is said about a text, and where: the words that are underlined. */
function said(text: string): readonly string[] {
  return analyze(text).diagnostics.map(
    ({ code, message, hint, span }) => `${code} at ${text.slice(span.start, span.end)}: ${message}${hint === null ? "" : ` → ${hint}`}`,
  );
}

const SINK = "SET 'sink' = 'kafka';";

describe("CREATE STREAM … WITH formats", () => {
  it.each([
    "CREATE STREAM s (a INT, b DECIMAL(5, 2), c TIMESTAMP, d DATE, e TIME, f BYTES, g BOOLEAN) WITH (format = 'DELIMITED', value_delimiter = 'tab')",
    "CREATE STREAM s (a INT) WITH (value_format = 'kafka', key_format = 'Kafka', key = 'a')",
    "CREATE STREAM s (a STRING) WITH (format = 'string', key_format = 'bytes')",
    "CREATE STREAM s WITH (format = 'bytes', key_format = 'none')",
    "CREATE STREAM s WITH (format = 'none')",
    "CREATE STREAM s (a INT, b ARRAY<INT>) WITH (key_format = 'delimited', key_delimiter = '|', key = 'a')",
  ])("takes %s", (text) => expect(said(text)).toEqual([]));

  it.each([
    [
      "CREATE STREAM s (a INT, tags ARRAY<STRING>) WITH (format = 'delimited')",
      "INVALID_VALUE at tags ARRAY<STRING>: a value of format 'delimited' cannot hold the column 'tags', which is ARRAY<STRING> → " +
        "a line holds columns of plain types; 'json' holds all of them",
    ],
    [
      "CREATE STREAM s (a INT, b INT) WITH (format = 'kafka')",
      "INVALID_VALUE at b INT: a value of format 'kafka' has one column, here are 2 → " +
        "Kafka's serializers write one INT, BIGINT, DOUBLE, STRING or BYTES; 'json' holds all of them",
    ],
    [
      "CREATE STREAM s (ok BOOLEAN) WITH (format = 'kafka')",
      "INVALID_VALUE at ok BOOLEAN: a value of format 'kafka' cannot hold the column 'ok', which is BOOLEAN → " +
        "Kafka's serializers write one INT, BIGINT, DOUBLE, STRING or BYTES; 'json' holds all of them",
    ],
    [
      "CREATE STREAM s (n INT) WITH (format = 'string')",
      "INVALID_VALUE at n INT: a value of format 'string' cannot hold the column 'n', which is INT → it is one text as a whole; 'json' holds all of them",
    ],
    [
      "CREATE STREAM s (n INT) WITH (format = 'none')",
      "INVALID_VALUE at n INT: a value of format 'none' has no columns, here are 1 → there is nothing to read; 'json' holds all of them",
    ],
    [
      "CREATE STREAM s WITH (format = 'delimited')",
      "INVALID_VALUE at format = 'delimited': a value of format 'delimited' needs columns to be read by → a line holds columns of plain types",
    ],
    [
      "CREATE STREAM s (a INT) WITH (key_format = 'kafka')",
      "INVALID_VALUE at key_format = 'kafka': a key of format 'kafka' needs columns to be read by → " +
        "Kafka's serializers write one INT, BIGINT, DOUBLE, STRING or BYTES",
    ],
    [
      "CREATE STREAM s (a INT) WITH (format = 'delimited', value_delimiter = '::')",
      "INVALID_VALUE at value_delimiter = '::': '::' is no delimiter → it is one character other than a quote, TAB or SPACE",
    ],
    [
      "CREATE STREAM s (a INT) WITH (value_delimiter = ';')",
      "INVALID_VALUE at value_delimiter = ';': a value of format 'json' has no delimiter → leave it out, or write 'delimited'",
    ],
    [
      "CREATE STREAM s (a INT) WITH (format = 'protobuf')",
      "NOT_SUPPORTED_YET at format = 'protobuf': the value format 'protobuf' is not supported yet → json, delimited, kafka, string, bytes, none are",
    ],
    [
      "CREATE STREAM s (a INT) WITH (format = 'delimted')",
      "INVALID_VALUE at format = 'delimted': there is no value format 'delimted' → did you mean delimited?",
    ],
  ])("refuses %s", (text, expected) => expect(said(text)).toEqual([expected]));
});

describe("INSERT INTO a stream of another format", () => {
  const streams = `CREATE STREAM lines (id BIGINT, name STRING) WITH (format = 'delimited');
    CREATE STREAM one (v INT) WITH (format = 'kafka'); CREATE STREAM raw (id INT, x DOUBLE, tags ARRAY<STRING>) WITH (partitions = 1);
    CREATE STREAM keyed (id BIGINT, x DOUBLE) WITH (key = 'id', key_format = 'kafka');
    CREATE STREAM jsonkeys (id BIGINT, x DOUBLE) WITH (key_format = 'json');
    ${SINK}`;

  it.each([
    "INSERT INTO lines SELECT id, CAST(x AS STRING) AS name FROM raw",
    "INSERT INTO lines SELECT id FROM raw",
    "INSERT INTO lines SELECT a AS id, b AS name FROM anything",
    "INSERT INTO one SELECT id AS v FROM raw",
    "INSERT INTO keyed SELECT id, x FROM raw PK id",
    "INSERT INTO keyed SELECT id, COUNT(*) AS n FROM raw GROUP BY id EMIT CHANGES",
    "INSERT INTO jsonkeys SELECT id, x FROM raw PK id, x",
    "INSERT INTO texts SELECT name FROM lines WITHFORMAT TEXT",
    "INSERT INTO texts SELECT * FROM raw WITHFORMAT JSON",
  ])("takes %s", (text) => {
    expect(said(`${streams} ${text}`)).toEqual([]);
  });

  it.each([
    [
      "INSERT INTO lines SELECT id, x AS name FROM raw",
      "TYPE_MISMATCH at name: the column 'name' of 'lines' is STRING, but this is DOUBLE → CAST(… AS STRING) makes it one",
    ],
    [
      "INSERT INTO lines SELECT id, x FROM raw",
      "UNKNOWN_FIELD at x: 'lines' has no column 'x', and its format 'delimited' has no place for others → its columns are id, name",
    ],
    [
      "INSERT INTO lines SELECT * FROM anything",
      "INVALID_VALUE at *: the columns of * are not known, and a value of format 'delimited' needs them → " +
        "name the columns, or declare the source by CREATE STREAM",
    ],
    [
      "INSERT INTO keyed SELECT id, x FROM raw PK id, x",
      "COLUMNS_DIFFER at keyed: a key of 'keyed' is id BIGINT, but this one has 2 parts → PK id makes it",
    ],
    [
      "INSERT INTO keyed SELECT id, x FROM raw PK x",
      "TYPE_MISMATCH at keyed: the key 'id' of 'keyed' is BIGINT, but this one is DOUBLE → PK names a column that is BIGINT",
    ],
    [
      "INSERT INTO texts SELECT id, x FROM raw WITHFORMAT TEXT",
      "INVALID_VALUE at x: a value of format 'string' has one column, here are 2 → it is one text as a whole; 'json' holds all of them",
    ],
    [
      "INSERT INTO texts SELECT id FROM raw WITHFORMAT AVRO",
      "NOT_SUPPORTED_YET at WITHFORMAT AVRO: records in AVRO are not supported yet → JSON, TEXT and BINARY are",
    ],
    [
      "INSERT INTO lines SELECT id FROM raw WITHFORMAT JSON",
      "INVALID_VALUE at WITHFORMAT JSON: the stream 'lines' is declared with the format 'delimited', not 'json' → leave WITHFORMAT out",
    ],
  ])("refuses %s", (text, expected) => {
    expect(said(`${streams} ${text}`)).toEqual([expected]);
  });
});

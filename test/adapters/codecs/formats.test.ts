import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createDecoder } from "../../../src/adapters/codecs/create-decoder.ts";
import { readColumns, writeColumns } from "../../../src/adapters/codecs/formats/json-columns.ts";
import { codecOf } from "../../../src/adapters/codecs/formats/layout-codec.ts";
import { RecordEncoder } from "../../../src/adapters/codecs/record-encoder.ts";
import { Condition } from "../../../src/model/column-batch.ts";
import { type Column, FORMATS, type Format, type Layout, PLAIN_LAYOUT } from "../../../src/model/format.ts";
import { BIGINT, BOOLEAN, BYTES, DATE, DOUBLE, INT, STRING, TIME, TIMESTAMP } from "../../../src/model/type.ts";
import type { Value } from "../../../src/model/value.ts";
import { slicesOf } from "./decoded-cells.ts";
import { COLUMNS_OF, rowOf } from "./typed-columns.ts";

const layoutOf = (format: Format, columns: readonly Column[], delimiter = ","): Layout => ({ format, columns, delimiter });

const delimiters = fc.constantFrom(",", ";", "\t", " ", "|", "\\", "]", "^", "-", ".", "é", "😀", "1");

const rows = (format: Format) =>
  fc
    .record({ columns: COLUMNS_OF[format], delimiter: delimiters })
    .chain(({ columns, delimiter }) => fc.record({ layout: fc.constant(layoutOf(format, columns, delimiter)), row: rowOf(columns) }));

/** Bytes of a value read by a decoder: the document that statements see, or why it is broken. */
function documentOf(layout: Layout, value: Buffer | null): string | null {
  const decoder = createDecoder({
    valueFormat: layout.format,
    keyFormat: "none",
    fields: [{ root: "value", path: [] }],
    layout: { key: null, value: layout },
  });
  const batch = decoder.decode(slicesOf([value]));
  if (batch.conditions[0] === Condition.tombstone) return null;
  if (batch.conditions[0] === Condition.broken) return `broken: ${batch.brokenReason(0)}`;
  const [column] = batch.columns;
  return column === undefined ? null : column.bytes.toString("utf8", column.starts[0], column.ends[0]);
}

const bytes = (text: string): Buffer => Buffer.from(text);
const hex = (text: string): Buffer => Buffer.from(text.replaceAll(" ", ""), "hex");

describe("what is written in a format", () => {
  it.each(FORMATS)("%s: is read again, as it was, in every type", (format) => {
    fc.assert(
      fc.property(rows(format), ({ layout, row }) => {
        const codec = codecOf(layout);
        const written = codec.write(row);
        // A single NULL of a format without a sign for it is no value at all.
        if (written === null) expect(row.every((value) => value === null)).toBe(true);
        else expect(codec.read(written, 0, written.length)).toEqual(row);
      }),
      { numRuns: 500 },
    );
  });

  it.each(FORMATS.filter((format) => format !== "json"))("%s: goes from rows into records and from records into rows", (format) => {
    fc.assert(
      fc.property(rows(format), ({ layout, row }) => {
        const encoder = new RecordEncoder({ key: null, value: layout });
        const document = writeColumns(layout.columns, false)(row);
        const { value } = encoder.encodeRecord(null, bytes(document));
        const found = documentOf(layout, value);
        if (found === null) expect(row).toEqual([null]);
        else expect(readColumns(layout.columns)(found)).toEqual(row);
      }),
      { numRuns: 300 },
    );
  });

  it("json: a key of one column is its value, of several an object", () => {
    const encoder = (...columns: Column[]) => new RecordEncoder({ ...PLAIN_LAYOUT, key: layoutOf("json", columns) });
    const id = { name: "id", type: BIGINT };
    const site = { name: "site", type: STRING };
    expect(encoder(id).encodeRecord(bytes('{"id":9007199254740993}'), null).key?.toString()).toBe("9007199254740993");
    expect(encoder(site).encodeRecord(bytes('{"site":"a\\"b"}'), null).key?.toString()).toBe('"a\\"b"');
    expect(encoder(id, site).encodeRecord(bytes('{"site":"x","id":null}'), null).key?.toString()).toBe('{"id":null,"site":"x"}');
  });
});

describe("delimited", () => {
  const columns = [
    { name: "id", type: BIGINT },
    { name: "name", type: STRING },
    { name: "at", type: TIMESTAMP },
    { name: "ok", type: BOOLEAN },
  ];
  const read = (line: string | Buffer, delimiter = ","): unknown => {
    const text = documentOf(layoutOf("delimited", columns, delimiter), Buffer.from(line));
    return text?.startsWith("broken") ? text : JSON.parse(text ?? "null");
  };
  const row = { id: 1, name: "a", at: "2023-11-14T22:13:20.000Z", ok: true };

  it.each([
    ["1,a,1700000000000,true", row],
    ["1,a,2023-11-14T22:13:20Z,TRUE\r\n", row],
    [" +1 ,a, 1700000000000 , true ", row],
    ['"1","a","1700000000000","true"', row],
    ['1,"a,""b""\nc",,', { id: 1, name: 'a,"b"\nc', at: null, ok: null }],
    [',"",,', { id: null, name: "", at: null, ok: null }],
    ['-9223372036854775808,a"b,0,false', { id: Number(-(2n ** 63n)), name: 'a"b', at: "1970-01-01T00:00:00.000Z", ok: false }],
  ])("reads %j", (line, expected) => {
    expect(read(line)).toEqual(expected);
  });

  it.each([
    ["", "broken: 4 columns are declared, here are 1"],
    ["1,a,2,true,5", "broken: 4 columns are declared, here are 5"],
    ["x,a,2,true", `broken: column 'id': "x" is no BIGINT`],
    ["9223372036854775808,a,2,true", `broken: column 'id': "9223372036854775808" is no BIGINT`],
    ["1,a,soon,true", `broken: column 'at': "soon" is no TIMESTAMP`],
    ["1,a,2,yes", `broken: column 'ok': "yes" is no BOOLEAN`],
    ['1,"a,2,true', "broken: the quote at character 3 is never closed"],
    ['1,"a"b,2,true', "broken: there is text behind the closing quote at character 5"],
    ["1,a,2,true\n1,a,2,true", "broken: a second line follows the first one"],
    [Buffer.from([0x31, 0x2c, 0xff]), "broken: the text is not valid UTF-8"],
  ])("refuses %j", (line, expected) => {
    expect(read(line)).toBe(expected);
  });

  it("has any character between the columns", () => {
    expect(read("1\ta\t1700000000000\ttrue", "\t")).toEqual(row);
    expect(read("1 a 1700000000000 true", " ")).toEqual(row);
    expect(read("1😀a😀1700000000000😀true", "😀")).toEqual(row);
  });

  it("is written as ksqlDB writes it: times as numbers, quotes where they are needed", () => {
    const types = [DOUBLE, DATE, TIME, TIMESTAMP, BYTES, { kind: "decimal", precision: 5, scale: 2 }] as const;
    const layout = layoutOf("delimited", [...types.map((type, index) => ({ name: `c${index}`, type })), { name: "s", type: STRING }]);
    const written = (values: readonly Value[]): string | undefined => codecOf(layout).write(values)?.toString();
    expect(written([1.5, 19675, 3_600_000, 1_700_000_000_000, Buffer.from([0, 255]), -1200n, "a"])).toBe(
      "1.5,19675,3600000,1700000000000,AP8=,-12.00,a",
    );
    expect(written([null, null, null, null, null, null, ""])).toBe(',,,,,,""');
    expect(written([0, 0, 0, 0, Buffer.alloc(0), 5n, "a,b"])).toBe('0,0,0,0,"",0.05,"a,b"');
  });
});

describe("kafka", () => {
  const codec = (type: Column["type"]) => codecOf(layoutOf("kafka", [{ name: "v", type }]));

  it.each([
    [INT, -2, "ff ff ff fe"],
    [INT, 2 ** 31 - 1, "7f ff ff ff"],
    [BIGINT, 1, "00 00 00 00 00 00 00 01"],
    [BIGINT, -(2n ** 63n), "80 00 00 00 00 00 00 00"],
    [DOUBLE, 1.5, "3f f8 00 00 00 00 00 00"],
    [STRING, "é", "c3 a9"],
    [BYTES, Buffer.from([0, 255]), "00 ff"],
  ] as const)("%o %s is as Kafka's serializer writes it", (type, value, expected) => {
    expect(codec(type).write([value])).toEqual(hex(expected));
    expect(codec(type).read(hex(expected), 0, hex(expected).length)).toEqual([value]);
  });

  it.each([
    [INT, "00 00 01", "broken: INT has 4 bytes, here are 3"],
    [BIGINT, "00 00 00 01", "broken: BIGINT has 8 bytes, here are 4"],
    [DOUBLE, "7f f8 00 00 00 00 00 00", "broken: NaN is no number of DOUBLE's range"],
    [STRING, "ff", "broken: the text is not valid UTF-8"],
  ] as const)("%o refuses %s", (type, value, expected) => {
    expect(documentOf(layoutOf("kafka", [{ name: "v", type }]), hex(value))).toBe(expected);
  });
});

describe("records in other formats", () => {
  it("keep their keys, their headers and their neighbours where one is broken", () => {
    const layout = { key: layoutOf("kafka", [{ name: "id", type: INT }]), value: layoutOf("delimited", [{ name: "t", type: DOUBLE }]) };
    const fields = [
      { root: "key", path: [] },
      { root: "value", path: ["t"] },
    ] as const;
    const decoder = createDecoder({ valueFormat: "delimited", keyFormat: "kafka", fields, layout });
    const keys = [hex("00000001"), hex("01"), hex("00000002"), null, hex("00000005")];
    const slices = slicesOf([bytes("1.5"), bytes("2"), bytes("x"), bytes("3"), null], keys);
    for (let round = 0; round < 2; round++) {
      const batch = decoder.decode(slices);
      expect(batch.slices).toBe(slices);
      const { sound, broken, tombstone } = Condition;
      expect([...batch.conditions.subarray(0, 5)]).toEqual([sound, broken, broken, sound, tombstone]);
      expect([1, 2].map((row) => batch.brokenReason(row))).toEqual(["key: INT has 4 bytes, here are 1", `column 't': "x" is no DOUBLE`]);
      expect(batch.columns.map(({ numbers }) => [numbers[0], numbers[3]])).toEqual([
        [1, 0],
        [1.5, 3],
      ]);
      expect(batch.columns[0]?.numbers[4]).toBe(5);
    }
  });
});

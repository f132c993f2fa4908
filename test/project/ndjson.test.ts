import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RecordEncoder } from "../../src/adapters/codecs/record-encoder.ts";
import { BIGINT, STRING } from "../../src/model/type.ts";
import { type Line, linesOf, recordOf } from "../../src/project/ndjson.ts";

async function collect(chunks: Iterable<Buffer>): Promise<Line[]> {
  async function* stream() {
    yield* chunks;
  }
  const lines: Line[] = [];
  for await (const some of linesOf(stream())) lines.push(...some);
  return lines;
}

const line = (text: string): Line => ({ number: 7, bytes: Buffer.from(text) });
const NO_FIELDS = { key: null, timestamp: null };

describe("linesOf", () => {
  it("numbers lines and leaves blank ones out", async () => {
    const lines = await collect([Buffer.from('{"a":1}\n\n  \r\n{"a":2}\r\n{"a":3}')]);
    expect(lines.map(({ number, bytes }) => [number, bytes.toString()])).toEqual([
      [1, '{"a":1}'],
      [4, '{"a":2}\r'],
      [5, '{"a":3}'],
    ]);
  });

  it("does not depend on where chunks end", async () => {
    const pieces = fc.array(fc.string({ unit: "grapheme", maxLength: 12 }), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(pieces, fc.array(fc.nat({ max: 200 }), { maxLength: 8 }), async (texts, places) => {
        const bytes = Buffer.from(texts.join("\n"));
        const cuts = [0, ...places.map((place) => Math.min(place, bytes.length)), bytes.length].sort((a, b) => a - b);
        const chunks = cuts.slice(1).map((end, index) => bytes.subarray(cuts[index], end));
        expect(await collect(chunks)).toEqual(await collect([bytes]));
      }),
    );
  });

  it("refuses a line without end", async () => {
    const chunk = Buffer.alloc(1 << 20, "x");
    await expect(collect(Array.from({ length: 20 }, () => chunk))).rejects.toThrow(/line 1 has more than \d+ bytes/);
  });
});

describe("recordOf", () => {
  it("keeps the line as it stands", () => {
    const record = recordOf(line('{ "id" : "a" }'), NO_FIELDS, 5);
    expect([record.key, record.value?.toString(), record.timestampMs]).toEqual([null, '{ "id" : "a" }', 5]);
  });

  it.each([
    ['{"id":"a"}', "id", "a"],
    ['{"id":12}', "id", "12"],
    ['{"id":12345678901234567890}', "id", "12345678901234567890"],
    ['{"id":2.50}', "id", "2.50"],
    ['{"id":true}', "id", "true"],
    ['{"a":{"b":"x"}}', "a.b", "x"],
    ['{"a.b":"x"}', "a.b", "x"],
  ])("takes the key out of %s", (text, key, expected) => {
    expect(recordOf(line(text), { key, timestamp: null }, 0).key?.toString()).toBe(expected);
  });

  it.each([
    ['{"at":"2026-01-01T00:00:00Z"}', 1_767_225_600_000],
    ['{"at":1767225600000}', 1_767_225_600_000],
  ])("takes the timestamp out of %s", (text, expected) => {
    expect(recordOf(line(text), { key: null, timestamp: "at" }, 0).timestampMs).toBe(expected);
  });

  it.each([
    ['{"id":', { key: null, timestamp: null }, "line 7 is no JSON document"],
    ['{"id":null}', { key: "id", timestamp: null }, "line 7 has no 'id', which is to be the key"],
    ["[1]", { key: "id", timestamp: null }, "line 7 has no 'id'"],
    ['{"at":"soon"}', { key: null, timestamp: "at" }, "line 7 has \"soon\" as 'at', which is to be the timestamp"],
    ["{}", { key: null, timestamp: "at" }, "line 7 has nothing as 'at'"],
  ])("refuses %s", (text, fields, message) => {
    expect(() => recordOf(line(text), fields, 0)).toThrow(message);
  });

  it("refuses what is not UTF-8", () => {
    expect(() => recordOf({ number: 3, bytes: Buffer.from([0x22, 0xff, 0x22]) }, NO_FIELDS, 0)).toThrow("line 3 is not UTF-8 text");
  });

  it("lays a line out as its stream is declared", () => {
    const key = { format: "kafka", columns: [{ name: "id", type: BIGINT }], delimiter: "," } as const;
    const columns = [key.columns[0], { name: "name", type: STRING }];
    const encoder = new RecordEncoder({ key, value: { format: "delimited", columns, delimiter: ";" } });
    const fields = { key: "id", timestamp: null };
    const { key: written, value } = recordOf(line('{"name":"a;b","id":258}'), fields, 0, encoder);
    expect([written?.toString("hex"), value?.toString()]).toEqual(["0000000000000102", '258;"a;b"']);
    expect(() => recordOf(line('{"id":1.5}'), fields, 0, encoder)).toThrow(`column 'id': "1.5" is no BIGINT`);
    const asText = new RecordEncoder({ key: null, value: { format: "delimited", columns, delimiter: ";" } });
    expect(recordOf(line('{"id":1}'), fields, 0, asText)).toEqual({ key: Buffer.from("1"), value: Buffer.from("1;"), timestampMs: 0 });
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createDecoder } from "../../../src/adapters/codecs/create-decoder.ts";
import { SlicesBuilder } from "../../../src/adapters/codecs/slices-builder.ts";
import { LIMITS } from "../../../src/limits.ts";
import { Condition, type FieldColumn, type FieldPath, Tag } from "../../../src/model/column-batch.ts";
import { encodeHeaders } from "../../../src/model/record-headers.ts";
import type { RecordSlices } from "../../../src/model/record-slices.ts";
import { ABSENT, BROKEN, cellOf, expected, slicesOf, valueField } from "./decoded-cells.ts";
import { jsonText, mutated, mutation, NAMES } from "./json-documents.ts";

function decoded(value: string | Buffer, ...paths: string[][]): unknown {
  const decoder = createDecoder({ valueFormat: "json", keyFormat: "none", fields: paths.map((path) => valueField(...path)) });
  const batch = decoder.decode(slicesOf([typeof value === "string" ? Buffer.from(value) : value]));
  if (batch.conditions[0] === Condition.broken) return BROKEN;
  return batch.columns.map((column) => cellOf(column, 0));
}

function reasonOf(value: string | Buffer): string {
  const decoder = createDecoder({ valueFormat: "json", keyFormat: "none", fields: [] });
  return decoder.decode(slicesOf([typeof value === "string" ? Buffer.from(value) : value])).brokenReason(0);
}

describe("JSON decoder", () => {
  const seed = Number(process.env["SEED"] ?? Math.trunc(Math.random() * 2 ** 31));

  it(`reads what JSON.parse reads and refuses what it refuses (SEED=${seed})`, { timeout: 120_000 }, () => {
    const paths = fc.uniqueArray(fc.array(fc.constantFrom(...NAMES), { maxLength: 3 }), {
      minLength: 3,
      maxLength: 6,
      selector: (path) => path.join("|"),
    });
    const damaged = fc.tuple(
      jsonText,
      fc.oneof({ weight: 2, arbitrary: fc.constant([]) }, { weight: 3, arbitrary: fc.array(mutation, { minLength: 1, maxLength: 3 }) }),
    );
    const counts = { sound: 0, broken: 0, found: 0 };
    fc.assert(
      fc.property(fc.array(damaged, { minLength: 10, maxLength: 20 }), paths, (documents, needed) => {
        const values = documents.map(([text, mutations]) => mutations.reduce(mutated, Buffer.from(text)));
        const decoder = createDecoder({ valueFormat: "json", keyFormat: "none", fields: needed.map((path) => valueField(...path)) });
        const batch = decoder.decode(slicesOf(values));
        for (const [row, value] of values.entries()) {
          const isBroken = expected(value, []) === BROKEN;
          counts[isBroken ? "broken" : "sound"]++;
          expect([batch.conditions[row], value.toString()]).toEqual([isBroken ? Condition.broken : Condition.sound, value.toString()]);
          if (isBroken) {
            expect(batch.brokenReason(row)).not.toBe("");
            continue;
          }
          for (const [i, path] of needed.entries()) {
            const cell = cellOf(batch.columns[i] as FieldColumn, row);
            if (cell !== ABSENT) counts.found++;
            expect(cell).toEqual(expected(value, path));
          }
        }
      }),
      { seed, numRuns: 2000 },
    );
    expect(counts.sound + counts.broken).toBeGreaterThan(20_000);
    expect(Math.min(counts.sound, counts.broken)).toBeGreaterThan(6000);
    expect(counts.found).toBeGreaterThan(10_000);
  });

  it("tells each kind of value apart", () => {
    const text = '{"n":null,"t":true,"f":false,"i":-12.5,"s":"x","e":"\\n","o":{"x":1},"a":[1]}';
    const names = ["n", "t", "f", "i", "s", "e", "o", "a", "none"];
    expect(decoded(text, ...names.map((name) => [name]))).toEqual([null, true, false, -12.5, "x", "\n", { x: 1 }, [1], ABSENT]);
  });

  it("gives the whole document for the empty path", () => {
    expect(decoded(' {"a": 1} ', [])).toEqual([{ a: 1 }]);
    expect(decoded("[1,2]", [], ["0"])).toEqual([[1, 2], ABSENT]);
    expect(decoded('"x"', [])).toEqual(["x"]);
    expect(decoded("null", [], ["a"])).toEqual([null, ABSENT]);
  });

  it("goes down by names, and not into arrays or scalars", () => {
    const text = '{"a":{"a":{"a":1}},"b":[{"a":2}],"c":"a"}';
    expect(decoded(text, ["a", "a", "a"], ["a", "a"], ["b", "a"], ["c", "a"])).toEqual([1, { a: 1 }, ABSENT, ABSENT]);
  });

  it("takes the last of doubles, with nothing left of those before", () => {
    expect(decoded('{"a":1,"a":2}', ["a"])).toEqual([2]);
    expect(decoded('{"a":{"b":1,"c":{"d":2}},"a":{"e":3}}', ["a", "b"], ["a", "c", "d"], ["a", "e"])).toEqual([ABSENT, ABSENT, 3]);
    expect(decoded('{"a":{"b":1},"a":5}', ["a", "b"], ["a"])).toEqual([ABSENT, 5]);
    expect(decoded('{"a":5,"a":{"b":1}}', ["a", "b"])).toEqual([1]);
    expect(decoded('{"a":{"b":1,"b":2},"\\u0061":{"b":3}}', ["a", "b"])).toEqual([3]);
  });

  it("compares names decoded", () => {
    expect(decoded('{"a":0,"\\\\":1,"\\u0061":2}', ["a"], ["\\"])).toEqual([2, 1]);
    expect(decoded('{"\\u0061":1,"caf\\u00e9":2,"\\"":3}', ["a"], ["café"], ['"'])).toEqual([1, 2, 3]);
    expect(decoded('{"café":1}', ["cafe"], ["café"])).toEqual([ABSENT, 1]);
  });

  it(`computes numbers as Number does (SEED=${seed})`, () => {
    const edges = ["123456789012345", "1234567890123456", "1e22", "1e23", "9007199254740993", "-0", "-0.0", "1E-7", "1e400", "5e-324"];
    const number = fc.stringMatching(/^-?(0|[1-9]\d{0,17})(\.\d{1,17})?([eE][+-]?\d{1,3})?$/);
    const check = (texts: readonly string[]): void => {
      const decoder = createDecoder({ valueFormat: "json", keyFormat: "none", fields: [valueField("a")] });
      const batch = decoder.decode(slicesOf(texts.map((text) => Buffer.from(`{"a":${text}}`))));
      const found = texts.map((_, row) => cellOf(batch.columns[0] as FieldColumn, row));
      expect(found).toEqual(texts.map(Number));
    };
    check(edges);
    fc.assert(fc.property(fc.array(number, { minLength: 100, maxLength: 200 }), check), { seed, numRuns: 100 });
  });

  it("tells integers that no double holds", () => {
    const texts = ["9007199254740992", "9007199254740993", "-9007199254740993", "18446744073709551616", "18446744073709551615"];
    const all = [...texts, "9007199254740993.0", "9007199254740993e0", "1".repeat(400), `-${"1".repeat(400)}`, "-0"];
    const decoder = createDecoder({ valueFormat: "json", keyFormat: "none", fields: [valueField("a")] });
    const batch = decoder.decode(slicesOf(all.map((text) => Buffer.from(`{"a":${text}}`))));
    const { number, wide } = Tag;
    expect([...(batch.columns[0] as FieldColumn).tags.subarray(0, all.length)]).toEqual([
      ...[number, wide, wide, number, wide],
      ...[number, number, wide, wide, number],
    ]);
    for (const row of all.keys()) cellOf(batch.columns[0] as FieldColumn, row);
  });

  it("allows lone surrogates as escapes, as JSON does", () => {
    expect(decoded('{"a":"\\ud800"}', ["a"])).toEqual(["\ud800"]);
  });

  it("refuses broken text and says where", () => {
    const cases: readonly (readonly [string, RegExp])[] = [
      ["", /unexpected end/],
      ["   ", /unexpected end/],
      ['{"a":1', /unexpected end/],
      ['{"a":1}}', /unexpected text .* byte 7/],
      ['{"a":1} {"b":2}', /unexpected text .* byte 8/],
      ['{"a":01}', /leading zero at byte 6/],
      ['{"a":1.}', /digit at byte 7/],
      ['{"a":.5}', /expected a value at byte 5/],
      ['{"a":-}', /expected a value at byte 6/],
      ['{"a":1e}', /digit at byte 7/],
      ['{"a":nul}', /expected null at byte 8/],
      ['{"a":"\t"}', /control character .* byte 6/],
      ['{"a":"\\x"}', /escape .* byte 7/],
      ['{"a":"\\u00g0"}', /hexadecimal digit at byte 10/],
      ['{"a" 1}', /':' at byte 5/],
      ['{"a":1,}', /member name .* byte 7/],
      ["{a:1}", /member name .* byte 1/],
      ["[1,]", /expected a value at byte 3/],
      ["[1 2]", /',' or ']' at byte 3/],
      ["NaN", /expected a value at byte 0/],
      ["\ufeff{}", /byte 0/],
    ];
    for (const [text, reason] of cases) expect([text, reasonOf(text)]).toEqual([text, expect.stringMatching(reason)]);
    expect(reasonOf(Buffer.from([0x22, 0xc3, 0x28, 0x22]))).toMatch(/UTF-8/);
    expect(reasonOf(Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]))).toMatch(/UTF-8/);
  });

  it("refuses every truncation of a document", () => {
    const text = '{"a":{"b":[1.5e3,"x\\u00e9é",true,null]},"c":-0}';
    const bytes = Buffer.from(text);
    for (let length = 0; length < bytes.length; length++) expect(decoded(bytes.subarray(0, length), ["c"])).toBe(BROKEN);
    expect(decoded(text, ["c"])).toEqual([-0]);
  });

  it("bounds nesting", () => {
    const nested = (depth: number): string => "[".repeat(depth) + "]".repeat(depth);
    expect(decoded(nested(LIMITS.jsonDepthMax))).toEqual([]);
    expect(reasonOf(nested(LIMITS.jsonDepthMax + 1))).toMatch(/nested deeper/);
    expect(reasonOf(`{"a":${'{"a":'.repeat(100_000)}`)).toMatch(/nested deeper/);
  });

  it("keeps rows apart, and takes null values for tombstones", () => {
    const decoder = createDecoder({ valueFormat: "json", keyFormat: "none", fields: [valueField("a"), valueField("a", "b")] });
    const texts = ['{"a":{"b":1}}', '{"a":2}', null, "{", "{}", '{"a":{"b":6}}'];
    for (let round = 0; round < 3; round++) {
      const batch = decoder.decode(slicesOf(texts.map((text) => (text === null ? null : Buffer.from(text)))));
      expect([...batch.conditions.subarray(0, batch.count)]).toEqual([0, 0, 2, 1, 0, 0]);
      expect(texts.map((_, row) => cellOf(batch.columns[1] as FieldColumn, row))).toEqual([1, ABSENT, ABSENT, ABSENT, ABSENT, 6]);
    }
  });

  it("grows with its batches", () => {
    const decoder = createDecoder({ valueFormat: "json", keyFormat: "none", fields: [valueField("a")] });
    for (const count of [1, 5000, 3]) {
      const batch = decoder.decode(slicesOf(Array.from({ length: count }, (_, i) => Buffer.from(`{"a":${i}}`))));
      expect(Array.from({ length: count }, (_, row) => cellOf(batch.columns[0] as FieldColumn, row))).toEqual(
        Array.from({ length: count }, (_, i) => i),
      );
    }
  });
});

describe("keys and headers", () => {
  const keyField = (...path: string[]): FieldPath => ({ root: "key", path });
  const keyCells = (keyFormat: "json" | "string" | "bytes" | "none", key: Buffer | null, ...paths: string[][]): unknown => {
    const decoder = createDecoder({ valueFormat: "json", keyFormat, fields: paths.map((path) => keyField(...path)) });
    const batch = decoder.decode(slicesOf([Buffer.from("{}")], [key]));
    if (batch.conditions[0] === Condition.broken) return batch.brokenReason(0);
    return batch.columns.map((column) => cellOf(column, 0));
  };

  it("read keys by their format", () => {
    expect(keyCells("string", Buffer.from('dev"é'), [])).toEqual(['dev"é']);
    expect(keyCells("string", null, [])).toEqual([null]);
    expect(keyCells("json", Buffer.from('{"id":7}'), [], ["id"])).toEqual([{ id: 7 }, 7]);
    expect(keyCells("json", Buffer.from('"x"'), [])).toEqual(["x"]);
    expect(keyCells("bytes", Buffer.from("x"), [])).toEqual(["x"]);
    expect(keyCells("none", Buffer.from("x"), [])).toEqual([ABSENT]);
  });

  it("refuse keys that are not what was declared, whoever reads them", () => {
    expect(keyCells("json", Buffer.from("{"))).toMatch(/^key: unexpected end/);
    expect(keyCells("string", Buffer.from([0xff]))).toMatch(/^key: .*UTF-8/);
  });

  it("number texts that are interned", () => {
    const fields = [keyField(), { root: "header", path: ["trace"] } as const];
    const decoder = createDecoder({ valueFormat: "json", keyFormat: "string", fields, interned: [0, 1] });
    const builder = new SlicesBuilder("t", 0);
    const trace = (value: Buffer | null) => encodeHeaders([["trace", value]]);
    const texts = ["a", 'b"é', "a", null, 'b"é', "abcdefgh"];
    for (const [i, text] of texts.entries()) {
      const bytes = text === null ? null : Buffer.from(text);
      builder.append(i, 0, bytes, Buffer.from(i === 5 ? "{" : "{}"), i === 0 ? null : trace(bytes));
    }
    const [slices] = builder.build(texts.length) as [RecordSlices];
    for (let round = 0; round < 2; round++) {
      const [key, header] = decoder.decode(slices).columns as [FieldColumn, FieldColumn];
      expect([...(key.ids as Int32Array).subarray(0, 6)]).toEqual([0, 1, 0, -1, 1, 2]);
      expect([...(header.ids as Int32Array).subarray(0, 5)]).toEqual([-1, 0, 1, -1, 0]);
      expect([...key.tags.subarray(0, 4)]).toEqual([Tag.text, Tag.text, Tag.text, Tag.null]);
      expect(key.dictionary?.size).toBe(3);
    }
  });

  it("read headers as text", () => {
    const headers = encodeHeaders([
      ["trace", Buffer.from("abc")],
      ["nothing", null],
      ["bytes", Buffer.from([0xff])],
    ]);
    const builder = new SlicesBuilder("t", 0);
    builder.append(0, 0, null, Buffer.from("{}"), headers);
    builder.append(1, 0, null, Buffer.from("{}"), null);
    const names = ["trace", "nothing", "bytes", "none"];
    const decoder = createDecoder({
      valueFormat: "json",
      keyFormat: "none",
      fields: names.map((name) => ({ root: "header", path: [name] })),
    });
    const batch = decoder.decode(builder.build(2)[0] as RecordSlices);
    expect(batch.columns.map((column) => cellOf(column, 0))).toEqual(["abc", null, ABSENT, ABSENT]);
    expect(batch.columns.map((column) => cellOf(column, 1))).toEqual([ABSENT, ABSENT, ABSENT, ABSENT]);
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ByteWriter } from "../../src/model/byte-writer.ts";
import { copyJson, copyObjectWithout } from "../../src/model/json-copy.ts";

function copied(text: string): string {
  const bytes = Buffer.from(`..${text}..`);
  const writer = new ByteWriter();
  copyJson(bytes, 2, bytes.length - 2, writer);
  return writer.take().toString();
}

function copiedWithout(text: string, names: readonly string[]): unknown {
  const bytes = Buffer.from(`,"${text}"}`);
  const writer = new ByteWriter();
  writer.ascii("{");
  const any = copyObjectWithout(bytes, 2, bytes.length - 2, new Set(names), writer);
  writer.ascii(any ? ',"end":1}' : '"end":1}');
  return JSON.parse(writer.take().toString());
}

/**
 * No control characters: after parsing {"\\\\": 1}, V8's JSON.parse (Node 24.21) reads the member "\\u0000" of the next
 * object of that shape as "\\", so it cannot say what is right for them.
 */
const name = fc.oneof(
  fc.constantFrom("a", "b", 'a"b', "é", "\\", ""),
  fc.string({ unit: "binary", maxLength: 3 }).filter((text) => !/\p{Cc}/u.test(text)),
);
const object = fc.dictionary(name, fc.jsonValue({ maxDepth: 3 }), { maxKeys: 6, noNullPrototype: true });

describe("copyJson", () => {
  it("keeps a value and drops its line breaks", () => {
    expect(copied('{\r\n "a\\n" : [\n1,\n"x y"\n] }')).toBe('{ "a\\n" : [1,"x y"] }');
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const compact = copied(JSON.stringify(value, null, "\n"));
        expect(compact).not.toMatch(/[\r\n]/);
        expect(JSON.parse(compact)).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});

describe("copyObjectWithout", () => {
  it("leaves out members by their decoded names", () => {
    const text = '{ "a" : {"b": [1, "}"]} , "\\u0062":2, "c":"\\"," , "caf\\u00e9":4, "d" :\n[ ]\n}';
    expect(copiedWithout(text, [])).toEqual({ a: { b: [1, "}"] }, b: 2, c: '",', café: 4, d: [], end: 1 });
    expect(copiedWithout(text, ["b", "café"])).toEqual({ a: { b: [1, "}"] }, c: '",', d: [], end: 1 });
    expect(copiedWithout(text, ["a", "b", "c", "d", "café"])).toEqual({ end: 1 });
    expect(copiedWithout("{ }", ["a"])).toEqual({ end: 1 });
  });

  it("equals leaving members out of the parsed object", () => {
    fc.assert(
      fc.property(object, fc.array(name), fc.nat(3), (value, names, indent) => {
        const text = JSON.stringify(value, null, indent);
        const expected = Object.entries(JSON.parse(text) as object).filter(([key]) => !names.includes(key));
        expect(copiedWithout(text, names)).toEqual({ ...Object.fromEntries(expected), end: 1 });
      }),
      { numRuns: 500 },
    );
  });
});

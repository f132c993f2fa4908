import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { must } from "../../src/assert.ts";
import { merge, type Shape, shapeOfText, typeOfShape, UNSEEN } from "../../src/catalog/json-shape.ts";
import { LIMITS } from "../../src/limits.ts";
import { typeName } from "../../src/model/type.ts";

const together = (...texts: readonly string[]): Shape => texts.map((text) => must(shapeOfText(text))).reduce(merge, UNSEEN);
const typeOf = (...texts: readonly string[]): string => typeName(typeOfShape(together(...texts)));

describe("types of JSON values", () => {
  it.each([
    [["1", "2"], "BIGINT"],
    [["1", "2.5"], "DOUBLE"],
    [["1.0"], "DOUBLE"],
    [["1e3"], "DOUBLE"],
    [["9223372036854775807"], "BIGINT"],
    [["-9223372036854775808"], "BIGINT"],
    [["9223372036854775808"], "DOUBLE"],
    [["true", "null"], "BOOLEAN"],
    [["null"], "ANY"],
    [['"a"', "1"], "ANY"],
    [['"a"', "1", '"b"'], "ANY"],
    [["[1, 2.5]", "[]"], "ARRAY<DOUBLE>"],
    [["[]"], "ARRAY<ANY>"],
    [["[[1], [null, 2]]"], "ARRAY<ARRAY<BIGINT>>"],
    [['[1, "a"]'], "ARRAY<ANY>"],
    [['{"a":1}', '{"b":{"c":"x"}}', '{"a":1.5}'], "STRUCT<a DOUBLE, b STRUCT<c STRING>>"],
    [['{"a":null}', '{"a":{"b":1}}'], "STRUCT<a STRUCT<b BIGINT>>"],
    [['{"a":1}', "[1]"], "ANY"],
    [['{"__proto__":1}'], "STRUCT<__proto__ BIGINT>"],
  ])("%j is %s", (texts, type) => {
    expect(typeOf(...texts)).toBe(type);
  });

  it("takes objects of very many names for maps", () => {
    const wide = (from: number) =>
      JSON.stringify(Object.fromEntries(Array.from({ length: LIMITS.sampleMembersMax }, (_, i) => [`k${from + i}`, i])));
    expect(typeOf(wide(0))).toMatch(/^STRUCT</);
    expect(typeOf(wide(0), wide(1))).toBe("MAP<STRING, BIGINT>");
    expect(typeOf(wide(0), wide(1), '{"x":0.5}')).toBe("MAP<STRING, DOUBLE>");
    expect(typeOf('{"x":"a"}', wide(0), wide(1))).toBe("MAP<STRING, ANY>");
  });

  it("counts how many objects have a member, null or not", () => {
    const shape = together('{"a":1,"b":null}', '{"a":null}', "null", '{"c":[{"d":1},{}]}');
    const counts = shape.kind === "object" ? [...shape.members].map(([name, { count }]) => [name, count]) : [];
    expect(shape).toMatchObject({ kind: "object", count: 3 });
    expect(Object.fromEntries(counts)).toEqual({ a: 2, b: 1, c: 1 });
  });

  it("knows what is no JSON", () => {
    for (const text of ["", "{", "NaN", "{'a':1}", "1 2"]) expect(shapeOfText(text)).toBeNull();
    expect(shapeOfText("[".repeat(200_000))).toBeNull();
  });

  it("does not depend on the order of the records", () => {
    const json = fc.json({ maxDepth: 3 });
    const sorted = (shape: Shape): string => JSON.stringify(plain(shape));
    fc.assert(
      fc.property(json, json, json, (a, b, c) => {
        expect(sorted(together(a, b, c))).toBe(sorted(together(c, a, b)));
      }),
    );
  });
});

/** Without the order of the members. */
function plain(shape: Shape): unknown {
  if (shape.kind === "array") return ["array", plain(shape.element)];
  if (shape.kind === "map") return ["map", plain(shape.value)];
  if (shape.kind !== "object") return shape.kind;
  const members = [...shape.members].sort(([left], [right]) => (left < right ? -1 : 1));
  return [shape.count, members.map(([name, member]) => [name, member.count, plain(member.shape)])];
}

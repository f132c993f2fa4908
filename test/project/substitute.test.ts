import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { substitute } from "../../src/project/substitute.ts";

const variables = { A: "one", B: "", N: "3" };

describe("substitute", () => {
  it.each([
    ["${A}", "one"],
    ["x-${A}/${N}", "x-one/3"],
    ["${C:-two}", "two"],
    ["${B:-two}", "two"],
    ["${C:-}", ""],
    ["$${A}", "${A}"],
    ["$A {A} $", "$A {A} $"],
  ])("%s is %s", (written, value) => {
    expect(substitute(written, variables)).toEqual({ ok: true, value });
  });

  it("goes into lists and maps, and leaves other values alone", () => {
    expect(substitute({ a: ["${A}", 1, null], b: { c: true } }, variables)).toEqual({
      ok: true,
      value: { a: ["one", 1, null], b: { c: true } },
    });
  });

  it("names what is missing or malformed", () => {
    expect(substitute(["${A}", "${C}"], variables)).toEqual({ ok: false, problem: { missing: "C" } });
    expect(substitute("${B}", variables)).toEqual({ ok: false, problem: { missing: "B" } });
    expect(substitute("${not a name}", variables)).toEqual({ ok: false, problem: { missing: null } });
  });

  it("never touches what a variable holds", () => {
    const holds = fc.property(fc.string({ minLength: 1 }), (text) => {
      expect(substitute("<${X}>", { X: text })).toEqual({ ok: true, value: `<${text}>` });
    });
    fc.assert(holds);
  });
});

import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { substitute } from "../../src/project/substitute.ts";
import { scratch } from "../support/scratch.ts";

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
    expect(substitute(written, variables, ".")).toEqual({ ok: true, value });
  });

  it("goes into lists and maps, and leaves other values alone", () => {
    expect(substitute({ a: ["${A}", 1, null], b: { c: true } }, variables, ".")).toEqual({
      ok: true,
      value: { a: ["one", 1, null], b: { c: true } },
    });
  });

  it("names what is missing or malformed", () => {
    expect(substitute(["${A}", "${C}"], variables, ".")).toMatchObject({
      ok: false,
      problem: { isMissing: true, message: expect.stringContaining("variable C,") },
    });
    expect(substitute("${B}", variables, ".")).toMatchObject({
      ok: false,
      problem: { isMissing: true, message: expect.stringContaining("variable B,") },
    });
    expect(substitute("${not a name}", variables, ".")).toMatchObject({ ok: false, problem: { isMissing: false } });
  });

  it("puts in the text of a file, without the end of its last line", () => {
    const folder = scratch({ "secrets/kafka": "geheim$${A}\n", "secrets/lines": "one\ntwo\r\n" });
    expect(substitute(["${file:secrets/kafka}", "<${file:secrets/lines}>"], variables, folder)).toEqual({
      ok: true,
      value: ["geheim$${A}", "<one\ntwo>"],
    });
    const missing = substitute("${file:secrets/none}", variables, folder);
    expect(missing).toMatchObject({ ok: false, problem: { isMissing: true } });
    expect(missing).toMatchObject({ problem: { message: `needs the file ${join(folder, "secrets/none")}, which cannot be read: ENOENT` } });
  });

  it("never touches what a variable holds", () => {
    const holds = fc.property(fc.string({ minLength: 1 }), (text) => {
      expect(substitute("<${X}>", { X: text }, ".")).toEqual({ ok: true, value: `<${text}>` });
    });
    fc.assert(holds);
  });
});

import { describe, expect, it } from "vitest";
import { readInput } from "../../../src/cli/repl/read-input.ts";

/** Statements and commands as they stand, what is unfinished, and whether a prompt would wait for more. */
function read(text: string) {
  const { inputs, rest, isComplete } = readInput(text);
  for (const input of inputs) expect(text.startsWith(input.text, input.start)).toBe(true);
  const unfinished = rest?.text ?? inputs.find((one) => one.unfinished !== null)?.unfinished ?? null;
  return { inputs: inputs.map((one) => one.text.trim()), unfinished: unfinished?.trim() ?? null, isComplete };
}

describe("readInput", () => {
  it("ends statements at ;, in strings, names and comments excepted", () => {
    expect(read("SELECT ';' FROM `a;b` -- ;\n;")).toEqual({
      inputs: ["SELECT ';' FROM `a;b` -- ;\n;"],
      unfinished: null,
      isComplete: true,
    });
    expect(read("A; /* ; */ B;")).toMatchObject({ inputs: ["A;", "/* ; */ B;"], isComplete: true });
  });

  it.each(["SELECT", "SELECT 'a;", "SELECT `a;", "SELECT 1 /* ;", "SELECT 1; SELECT", "SELECT 1; 'it"])("waits for more of %s", (text) => {
    expect(read(text).isComplete).toBe(false);
  });

  it.each(["", "\n", "-- only said\n", "/* so */"])("has nothing to do for %j", (text) => {
    expect(read(text)).toEqual({ inputs: [], unfinished: null, isComplete: true });
  });

  it("takes commands at the beginning of lines and behind ;", () => {
    expect(read("\\d a\nSELECT 1; \\watch 2\n  \\q")).toEqual({
      inputs: ["\\d a", "SELECT 1;", "\\watch 2", "\\q"],
      unfinished: null,
      isComplete: true,
    });
  });

  it("takes none in strings and comments", () => {
    const text = "SELECT '\n\\d' /*\n\\q */;";
    expect(read(text)).toEqual({ inputs: [text], unfinished: null, isComplete: true });
  });

  it("lets a command end what is unfinished, without executing it", () => {
    expect(read("SELECT 1\n\\q")).toEqual({ inputs: ["\\q"], unfinished: "SELECT 1", isComplete: true });
  });

  it("has the last statement of a script end with the script", () => {
    expect(read("A; B")).toEqual({ inputs: ["A;"], unfinished: "B", isComplete: false });
  });

  it("reads a megabyte of statements at once", () => {
    expect(readInput("SELECT a FROM t;\n".repeat(30_000)).inputs).toHaveLength(30_000);
    expect(readInput("\\d t\nSELECT 1;\n".repeat(2_000)).inputs).toHaveLength(4_000);
  });
});

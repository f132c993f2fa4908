import { describe, expect, it } from "vitest";
import { FormatGuess } from "../../../src/project/statements/guess-format.ts";

function guessed(...parts: readonly (Buffer | string | null)[]) {
  const guess = new FormatGuess();
  const texts = parts.map((part) => guess.read(typeof part === "string" ? Buffer.from(part) : part));
  return { texts, formats: guess.formats };
}

const int = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
};
const bigint = (value: bigint): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(value);
  return bytes;
};

describe("FormatGuess", () => {
  it.each([
    ["nothing but nulls", [null], ["null"], null],
    ["JSON", ['{"a": 12345678901234567890}'], ['{"a":12345678901234567890}'], ["json", "string"]],
    ["text", ["abc\tü"], ['"abc\\tü"'], ["string"]],
    ["text of four letters", ["home"], ['"home"'], ["string", "int"]],
    ["a 32-bit number", [int(7), int(-1)], ["7", "-1"], ["int", "bytes"]],
    ["a 64-bit number", [bigint(9007199254740993n)], ["9007199254740993"], ["bigint", "double", "bytes"]],
    ["bytes", [Buffer.from([0xff, 0xfe, 0x01])], ['"//4B"'], ["bytes"]],
    ["a schema registry's", [Buffer.from([0, 0, 0, 0, 7, 2, 0xff])], ['"AAAAAAcC/w=="'], ["schema registry"]],
  ])("knows %s", (_, parts, texts, formats) => {
    expect(guessed(...parts)).toEqual({ texts, formats });
  });

  it("keeps what fits all that it has seen", () => {
    expect(guessed("1", "x").formats).toEqual(["string"]);
    expect(guessed("home", int(7))).toEqual({ texts: ['"home"', "7"], formats: ["int"] });
    expect(guessed("abc", Buffer.from([0xff])).formats).toEqual(["bytes"]);
  });
});

import { describe, expect, it } from "vitest";
import { jsonReaderOf } from "../../src/model/read-value.ts";
import { BIGINT, type DataType, INT, TIMESTAMP } from "../../src/model/type.ts";

const MONEY: DataType = { kind: "decimal", precision: 17, scale: 2 };

/** Beside a decimal all digits of numbers are kept, and what a double holds is what it is without one. */
const beside = (type: DataType): DataType => ({
  kind: "struct",
  fields: [
    { name: "money", type: MONEY },
    { name: "v", type },
  ],
});

describe("values of declared types from JSON", () => {
  it.each([
    ["999999999999999.99", 99_999_999_999_999_999n],
    ["-999999999999999.90", -99_999_999_999_999_990n],
    ["1e3", 100_000n],
    ["1.50", 150n],
    ["1.005", undefined],
  ])("DECIMAL keeps the digits of %s", (text, value) => {
    expect(jsonReaderOf(MONEY)(text)).toBe(value);
  });

  it.each([
    [INT, "1.0", 1],
    [INT, "1e2", 100],
    [INT, "1.5", undefined],
    [BIGINT, "9007199254740993", 9007199254740993n],
    [BIGINT, "2.0", 2],
    [TIMESTAMP, "1.7e12", 1.7e12],
  ] as const)("%o reads %s the same beside a decimal", (type, text, value) => {
    expect(jsonReaderOf(type)(text)).toBe(value);
    const struct = jsonReaderOf(beside(type))(`{"money":1,"v":${text}}`);
    expect(struct === undefined ? undefined : { ...(struct as object) }).toEqual(
      value === undefined ? undefined : { money: 100n, v: value },
    );
  });
});

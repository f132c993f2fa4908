import { STRING } from "../../model/type.ts";
import { integer, optional, text } from "../parameters.ts";
import type { ScalarFunction } from "../spec.ts";

const CHARACTERS = [optional(text("upper")), optional(text("lower")), optional(text("digit")), optional(text("other"))];
const DEFAULTS = ["X", "x", "n", "-"] as const;

type Replacement = string | null | undefined;

/**
 * Hiding of personal data. Upper case letters become `X`, lower case ones `x`, digits `n`, all else `-`, or the
 * characters given; of NULL the kind is left as it is.
 */
export const maskFunctions: readonly ScalarFunction[] = [
  {
    name: "mask",
    synonyms: [],
    parameters: [text(), ...CHARACTERS],
    result: STRING,
    doc: "The text with every character replaced by that of its kind: upper case, lower case, digit, other; a NULL leaves its kind alone.",
    examples: [
      { sql: "mask('My Test $123')", result: "Xx-Xxxx--nnn", duckdb: null },
      { sql: "mask('Ab-1', '*', '*', NULL, NULL)", result: "**-1", duckdb: null },
    ],
    nullable: true,
    implement: (value: string | null, ...by: Replacement[]) => masked(value, by, () => true),
  },
  partly("mask_left", "The text with its first characters masked as by `mask`.", "XxxSecret", (index, _size, count) => index < count),
  partly(
    "mask_right",
    "The text with its last characters masked as by `mask`.",
    "TopSecxxx",
    (index, size, count) => index >= size - count,
  ),
  partly(
    "mask_keep_left",
    "The text masked as by `mask`, but for its first characters.",
    "TopXxxxxx",
    (index, _size, count) => index >= count,
  ),
  partly(
    "mask_keep_right",
    "The text masked as by `mask`, but for its last characters.",
    "XxxXxxret",
    (index, size, count) => index < size - count,
  ),
];

function partly(
  name: string,
  doc: string,
  result: string,
  isMasked: (index: number, size: number, count: number) => boolean,
): ScalarFunction {
  return {
    name,
    synonyms: [],
    parameters: [text(), integer(), ...CHARACTERS],
    result: STRING,
    doc,
    examples: [{ sql: `${name}('TopSecret', 3)`, result, duckdb: null }],
    nullable: true,
    implement: (value: string | null, count: number | null, ...by: Replacement[]) => {
      if (count === null) return null;
      if (count < 0) throw new RangeError("the number of characters is negative");
      return masked(value, by, (index, size) => isMasked(index, size, count));
    },
  };
}

function masked(value: string | null, by: readonly Replacement[], isMasked: (index: number, size: number) => boolean): string | null {
  if (value === null) return null;
  const characters = [...value];
  const [upper, lower, digit, other] = DEFAULTS.map((given, index) => (by[index] === undefined ? given : by[index]));
  const replace = (character: string): string => {
    if (/\p{Lu}|\p{Lt}/u.test(character)) return upper ?? character;
    if (/\p{Ll}/u.test(character)) return lower ?? character;
    return (/\p{Nd}/u.test(character) ? digit : other) ?? character;
  };
  return characters.map((character, index) => (isMasked(index, characters.length) ? replace(character) : character)).join("");
}

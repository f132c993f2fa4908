import type { Value } from "../../model/value.ts";
import { list } from "../parameters.ts";
import { arrayOf, type ScalarFunction, T } from "../spec.ts";

/** 2^16 arrays are as many as a function makes (`arrayElementsMax`). */
const VALUES_MAX = 16;

export const cubeFunctions: readonly ScalarFunction[] = [
  {
    name: "cube",
    synonyms: [],
    parameters: [list()],
    result: arrayOf(arrayOf(T)),
    doc: "All ways to put NULL in the place of some elements, all of them first: what CUBE_EXPLODE makes rows of.",
    examples: [
      {
        sql: "cube(ARRAY[1, 2])",
        result: [
          [null, null],
          [null, 2],
          [1, null],
          [1, 2],
        ],
        duckdb: null,
      },
      {
        sql: "cube(ARRAY[1, NULL])",
        result: [
          [null, null],
          [1, null],
        ],
        duckdb: null,
      },
    ],
    implement: (values: readonly Value[]) => {
      const places = values.flatMap((value, place) => (value === null ? [] : [place]));
      if (places.length > VALUES_MAX) throw new RangeError(`more than ${VALUES_MAX} values`);
      return Array.from({ length: 2 ** places.length }, (_, number) => {
        const kept = new Set(places.filter((_place, index) => (number >> (places.length - 1 - index)) % 2 === 1));
        return values.map((value, place) => (kept.has(place) ? value : null));
      });
    },
  },
];

import { inTurns, type MicroBench } from "./harness.ts";
import { encodedReadings, ROWS, readingTexts, slicesOf } from "./rows.ts";
import { statementLoop } from "./statement-loop.ts";

interface Reading {
  readonly temperature: number;
  readonly humidity: number;
  readonly battery: number;
}

type Expression = (reading: Reading) => number;

/** No row passes, so that nothing is written; the last condition is looked at for one row in five. */
const FILTER = "temperature > 25 AND humidity < 80 AND battery * 100 > 200";

export const expression: MicroBench = {
  name: "expression",
  what: `WHERE ${FILTER}, decoded already`,
  measure(options) {
    const objects = readingTexts().map((text) => JSON.parse(text) as Reading);
    const tree = and(
      and(
        compare(({ temperature }) => temperature, 25),
        less(({ humidity }) => humidity, 80),
      ),
      compare(({ battery }) => battery * 100, 200),
    );
    const loop = statementLoop(`INSERT INTO target SELECT deviceId FROM readings WHERE ${FILTER};`, slicesOf(encodedReadings()));
    return inTurns(
      ROWS,
      [
        { name: "closures over objects", isNaive: true, run: () => objects.filter((reading) => tree(reading) !== 0) },
        { name: "generated loop over columns", run: loop.run },
      ],
      options,
    );
  },
};

const and =
  (left: Expression, right: Expression): Expression =>
  (reading) =>
    left(reading) !== 0 && right(reading) !== 0 ? 1 : 0;
const compare =
  (value: Expression, bound: number): Expression =>
  (reading) =>
    value(reading) > bound ? 1 : 0;
const less =
  (value: Expression, bound: number): Expression =>
  (reading) =>
    value(reading) < bound ? 1 : 0;

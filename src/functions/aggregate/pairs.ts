import { DOUBLE } from "../../model/type.ts";
import type { Collector, ObjectAggregate } from "../collector.ts";
import { number } from "../parameters.ts";

/** Means of both, and sums of products of distances from them (Welford): n, x̄, ȳ, Σdx², Σdy², Σdxdy. */
interface Moments {
  n: number;
  x: number;
  y: number;
  xx: number;
  yy: number;
  xy: number;
}

const ROWS = [
  { x: 1, y: 2 },
  { x: 2, y: 4 },
  { x: 3, y: 7 },
  { x: null, y: 9 },
];

/** Of rows in which both values are there. */
export const pairFunctions: readonly ObjectAggregate[] = [
  ofPairs(
    "corr",
    ["correlation"],
    "The correlation of two values, NULL where one of them is always the same.",
    ["x", "y"],
    0.9933992677987828,
    (m) => (m.n === 0 || m.xx === 0 || m.yy === 0 ? null : m.xy / Math.sqrt(m.xx * m.yy)),
  ),
  ofPairs("covar_samp", [], "The covariance of two values of a sample.", ["x", "y"], 2.5, (m) => (m.n < 2 ? null : m.xy / (m.n - 1))),
  ofPairs("covar_pop", [], "The covariance of all pairs of values.", ["x", "y"], 1.6666666666666667, (m) =>
    m.n === 0 ? null : m.xy / m.n,
  ),
  ofPairs("regr_slope", [], "The slope of the line that fits the pairs best; the dependent value comes first.", ["y", "x"], 2.5, (m) =>
    m.yy === 0 ? null : m.xy / m.yy,
  ),
  ofPairs(
    "regr_intercept",
    [],
    "Where the line that fits the pairs best begins; the dependent value comes first.",
    ["y", "x"],
    -0.6666666666666661,
    (m) => (m.yy === 0 ? null : m.x - (m.xy / m.yy) * m.y),
  ),
  ofPairs("regr_r2", [], "How well a line fits the pairs, 0 to 1; the dependent value comes first.", ["y", "x"], 0.9868421052631579, (m) =>
    m.yy === 0 ? null : m.xx === 0 ? 1 : (m.xy * m.xy) / (m.xx * m.yy),
  ),
];

function ofPairs(
  name: string,
  synonyms: readonly string[],
  doc: string,
  [first, second]: readonly [string, string],
  result: number,
  finish: (moments: Moments) => number | null,
): ObjectAggregate {
  const collector: Collector<Moments> = {
    create: () => ({ n: 0, x: 0, y: 0, xx: 0, yy: 0, xy: 0 }),
    add: (m, ...values) => {
      const [x, y] = values as [number, number];
      const [dx, dy] = [x - m.x, y - m.y];
      m.n++;
      m.x += dx / m.n;
      m.y += dy / m.n;
      m.xx += dx * (x - m.x);
      m.yy += dy * (y - m.y);
      m.xy += dx * (y - m.y);
      return 0;
    },
    result: finish,
    save: (m) => ({ ...m }),
    load: (kept) => ({ ...(kept as unknown as Moments) }),
  };
  return {
    name,
    synonyms,
    parameters: [number(first), number(second)],
    result: DOUBLE,
    doc,
    examples: [{ sql: `${name}(${first}, ${second})`, rows: ROWS, result }],
    collector: () => collector,
  };
}

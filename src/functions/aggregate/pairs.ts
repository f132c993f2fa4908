import { DOUBLE } from "../../model/type.ts";
import type { ObjectValue } from "../../model/value.ts";
import { type Collector, type ObjectAggregate, plain } from "../collector.ts";
import { addExactly, addProductExactly, type ExactSum, nearestDouble } from "../exact-sum.ts";
import { number } from "../parameters.ts";

/** Means of both, and sums of products of distances from them (Welford): n, x̄, ȳ, Σdx², Σdy², Σdxdy. */
export interface Moments {
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
    merge: (m, other) => {
      const n = m.n + other.n;
      if (other.n === 0) return 0;
      const share = other.n / n;
      const [dx, dy] = [other.x - m.x, other.y - m.y];
      m.xx += other.xx + dx * dx * m.n * share;
      m.yy += other.yy + dy * dy * m.n * share;
      m.xy += other.xy + dx * dy * m.n * share;
      m.x += dx * share;
      m.y += dy * share;
      m.n = n;
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
    retracting: () => exactMoments(finish),
  };
}

/** Sums of both, of their squares, and of their product. */
interface ExactMoments {
  n: number;
  readonly x: ExactSum;
  readonly y: ExactSum;
  readonly xx: ExactSum;
  readonly yy: ExactSum;
  readonly xy: ExactSum;
}

/** Of sums without loss a pair can be taken back, however large it was. `finish` gets the moments; of single values both are the same. */
export function exactMoments(finish: (moments: Moments) => number | null): Collector {
  const put = (m: ExactMoments, x: number, y: number, sign: 1 | -1): number => {
    m.n += sign;
    addExactly(m.x, sign * x);
    addExactly(m.y, sign * y);
    addProductExactly(m.xx, sign * x, x);
    addProductExactly(m.yy, sign * y, y);
    addProductExactly(m.xy, sign * x, y);
    return 0;
  };
  return plain<ExactMoments & ObjectValue>({
    stateBytes: 400,
    create: () => ({ n: 0, x: [], y: [], xx: [], yy: [], xy: [] }),
    add: (m, x, y = x) => put(m, x as number, y as number, 1),
    retract: (m, x, y = x) => put(m, x as number, y as number, -1),
    merge: (m, other) => {
      m.n += other.n;
      for (const name of ["x", "y", "xx", "yy", "xy"] as const) for (const part of other[name]) addExactly(m[name], part);
      return 0;
    },
    result: ({ n, x, y, xx, yy, xy }) => {
      if (n === 0) return finish({ n, x: 0, y: 0, xx: 0, yy: 0, xy: 0 });
      const [xMean, yMean] = [nearestDouble(x) / n, nearestDouble(y) / n];
      return finish({ n, x: xMean, y: yMean, xx: distances(n, xx, x, x), yy: distances(n, yy, y, y), xy: distances(n, xy, x, y) });
    },
  }) as Collector;
}

/** The sum of the products of distances from both means: n times it is n Σxy − Σx Σy, which is computed without loss. */
function distances(n: number, products: ExactSum, left: ExactSum, right: ExactSum): number {
  const sum: ExactSum = [];
  for (const part of products) addProductExactly(sum, n, part);
  for (const part of left) for (const other of right) addProductExactly(sum, -part, other);
  return nearestDouble(sum) / n;
}

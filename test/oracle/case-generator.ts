import { SeededRandom } from "../property/random.ts";
import { COUNT_ALL } from "./expression-generator.ts";
import { randomEmit, randomWindow, type World } from "./select-generator.ts";
import { randomScale, randomSource } from "./source-generator.ts";
import { type CaseSpec, type ExprSpec, isAggregated, type SelectSpec, type SourceSpec, type StatementSpec } from "./spec.ts";
import { randomKind, randomStatement, type StatementKind } from "./statement-generator.ts";

export interface CaseWish {
  /** So many, or one more; fewer where hardly any is accepted. */
  readonly statements: number;
  /** Which of those that are made; all, if not said. Records that cannot be read leave no room for joins, for example. */
  readonly accepts?: (statement: StatementSpec, sources: readonly SourceSpec[]) => boolean;
}

/** The same seed gives the same case. */
export function randomCase(seed: number, { statements, accepts = () => true }: CaseWish): CaseSpec {
  const random = new SeededRandom(seed);
  const scale = randomScale(random);
  const partitions = random.pick([1, 1, 2, 3]);
  const timed = random.chance(0.7);
  const faulty = random.chance(0.3);
  const wish = { partitions, timed, faulty: false };
  const sources = [
    randomSource({ ...wish, name: "s", kind: "stream", count: 5 + random.below(60), faulty }, scale, random),
    randomSource({ ...wish, name: "s2", kind: "stream", count: 5 + random.below(30) }, scale, random),
    randomSource({ ...wish, name: "d", kind: "table", count: 4 + random.below(20) }, scale, random),
    randomSource({ ...wish, name: "e", kind: "table", count: 4 + random.below(15) }, scale, random),
  ];
  const world: World = { scale, random, sources: new Map(sources.map((source) => [source.name, source])) };
  const fits = (kind: StatementKind): boolean => {
    // A record that cannot be read has a meaning in a join only where all of its fields are looked at.
    if (faulty && (SEVERAL.has(kind) || kind === "elements")) return false;
    return partitions === 1 || (kind !== "chained" && kind !== "foreign-key");
  };
  const made: StatementSpec[] = [];
  for (let tries = 0; made.length < statements && tries < 100 * statements; tries++) {
    const kind = randomKind(random, fits);
    const statement = randomStatement(`t${made.length}`, kind, world);
    const all = kind === "chained" ? chained(statement, world) : [statement];
    if (all.every((own) => accepts(own, sources))) made.push(...all);
  }
  // What a stage of groups gives is what it is in the end.
  const closes = random.chance(0.7) || made.some(({ stages }) => stages.some(({ select }) => isAggregated(select)));
  return { sources, statements: made, runs: randomRuns(sources, random), closes };
}

const SEVERAL: ReadonlySet<StatementKind> = new Set<StatementKind>([
  "stream-stream",
  "stream-table",
  "table-table",
  "foreign-key",
  "chain",
]);

/** A statement that writes rows into a topic, and one that groups them. */
function chained({ name, select }: StatementSpec, world: World): readonly StatementSpec[] {
  const k: ExprSpec = { kind: "column", name: "k", type: "STRING", of: null };
  const n: ExprSpec = { kind: "column", name: "n", type: "BIGINT", of: null };
  const sum: ExprSpec = { kind: "aggregate", name: "SUM", args: [n], distinct: false, filter: null };
  const rows: SelectSpec = {
    ...select,
    from: "s",
    groupBy: [],
    having: null,
    window: null,
    items: [
      { name: "k", expr: k },
      { name: "n", expr: n },
    ],
  };
  const { random } = world;
  const window = random.chance(0.5) ? randomWindow(random.pick(["tumbling", "hopping", "session", "count"]), world) : null;
  const groups: SelectSpec = {
    ...rows,
    from: name,
    where: null,
    window,
    groupBy: [k],
    items: [
      { name: "k", expr: k },
      { name: "total", expr: COUNT_ALL },
      { name: "sum", expr: sum },
    ],
  };
  const first: StatementSpec = { name, into: "topic", stages: [], select: rows, union: [], emit: null, lateInto: null };
  return [first, { ...first, name: `${name}_n`, into: "table", select: groups, emit: randomEmit(window, random, world.scale) }];
}

/** Some runs, each of which finds more; the last finds all. */
function randomRuns(sources: readonly SourceSpec[], random: SeededRandom): CaseSpec["runs"] {
  const all = sources.map(({ records }) => records.length);
  const runs: (readonly number[])[] = [all];
  for (let count = random.pick([0, 0, 1, 2]); count > 0; count--) {
    const [next = all] = runs;
    runs.unshift(next.map((most) => random.below(most + 1)));
  }
  return runs;
}

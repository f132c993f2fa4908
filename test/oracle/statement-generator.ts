import type { SeededRandom } from "../property/random.ts";
import { aggregateExpr, binary, COUNT_ALL, type Columns, columnOf, literal, valueExpr } from "./expression-generator.ts";
import { joinStatement } from "./join-generator.ts";
import { relationsOf } from "./print-sql.ts";
import { columnsOf, EMPTY, groupsOf, maybeWhere, randomEmit, randomWindow, rowsOf, statementOf, type World } from "./select-generator.ts";
import { type ExprSpec, type ItemSpec, isAggregated, type SelectSpec, type StatementSpec, type WindowSpec } from "./spec.ts";

export type StatementKind =
  | "rows"
  | "elements"
  | "distinct"
  | "union"
  | "over"
  | "groups"
  | WindowSpec["kind"]
  | "stream-stream"
  | "stream-table"
  | "table-table"
  | "foreign-key"
  | "chain"
  | "table-rows"
  | "table-groups"
  | "stage-of-groups"
  | "chained";

const WEIGHTS: readonly (readonly [StatementKind, number])[] = [
  ["rows", 2],
  ["elements", 3],
  ["distinct", 2],
  ["union", 1],
  ["over", 2],
  ["groups", 2],
  ["tumbling", 4],
  ["hopping", 4],
  ["cumulating", 2],
  ["session", 4],
  ["count", 3],
  ["stream-stream", 16],
  ["stream-table", 8],
  ["table-table", 5],
  ["foreign-key", 5],
  ["chain", 22],
  ["table-rows", 1],
  ["table-groups", 2],
  ["stage-of-groups", 3],
  ["chained", 2],
];

export function randomKind(random: SeededRandom, among: (kind: StatementKind) => boolean): StatementKind {
  const all = WEIGHTS.filter(([kind]) => among(kind));
  let left = random.next() * all.reduce((sum, [, weight]) => sum + weight, 0);
  for (const [kind, weight] of all) {
    left -= weight;
    if (left < 0) return kind;
  }
  return "rows";
}

export function randomStatement(name: string, kind: StatementKind, world: World): StatementSpec {
  const { random } = world;
  const statement = statementOfKind(name, kind, world);
  const reads = sourcesOf(statement).map((source) => world.sources.get(source));
  if (random.chance(0.85) || reads.some((source) => source === undefined || source.kind === "table")) return statement;
  // What is merged or comes out of another aggregate was not read at one time.
  const isPlain = reads.length === 1 && kind !== "over" && statement.stages.every(({ select }) => !isAggregated(select));
  return { ...statement, time: isPlain && random.chance(0.5) ? "processing" : "ingestion" };
}

function sourcesOf(statement: StatementSpec): readonly string[] {
  return relationsOf(statement).filter((name) => statement.stages.every((stage) => stage.name !== name));
}

function statementOfKind(name: string, kind: StatementKind, world: World): StatementSpec {
  const { random } = world;
  switch (kind) {
    case "rows":
    case "elements":
    case "union":
    case "over":
      return rowsStatement(name, kind, world);
    case "distinct":
      return distinctStatement(name, world);
    case "stream-stream":
    case "stream-table":
    case "table-table":
    case "foreign-key":
    case "chain":
      return joinStatement(name, kind, world);
    case "table-rows":
      return statementOf(name, { ...rowsOf(columnsOf(world, "d"), random), from: "d", where: maybeWhere(columnsOf(world, "d"), random) });
    case "table-groups":
      return statementOf(name, groupsOf(columnsOf(world, "d"), world, { from: "d", window: null, plain: true, scatters: false }));
    case "stage-of-groups":
      return stageStatement(name, world);
    default:
      return groupsStatement(name, kind === "groups" || kind === "chained" ? null : kind, world);
  }
}

// --- rows and groups ---------------------------------------------------------------------------

function rowsStatement(name: string, kind: "rows" | "elements" | "union" | "over", world: World): StatementSpec {
  const { random } = world;
  const columns = columnsOf(world, "s");
  const into = random.chance(0.3) && kind !== "over" ? "topic" : "table";
  if (kind === "elements") {
    const own: Columns = [...columns, { name: "x", type: "BIGINT", of: null }];
    const element = columnOf(own.at(-1) as Columns[number]);
    const unnest = { array: "xs", name: "x" };
    if (random.chance(0.6)) return elementGroups(name, own, element, world);
    const items = [{ name: "x", expr: element }, ...rowsOf(columns, random).items];
    return { ...statementOf(name, { ...EMPTY, items, unnest, where: maybeWhere(own, random) }), into };
  }
  if (kind === "over") {
    const aggregate = { ...aggregateExpr(columns, random, true), distinct: false, filter: null };
    const key = columnOf(columns[0] as Columns[number]);
    const over: ItemSpec = { name: "o", expr: { kind: "over", aggregate, partitionBy: [key], preceding: random.below(4) } };
    const select = { ...EMPTY, items: [{ name: "k", expr: key }, over], where: maybeWhere(columns, random) };
    return { ...withStage(statementOf(name, select), columns, random), into: random.chance(0.3) ? "topic" : "table" };
  }
  if (kind === "union") {
    const items = (): readonly ItemSpec[] => [
      { name: "a", expr: valueExpr("STRING", columns, random, 1) },
      { name: "b", expr: valueExpr("BIGINT", columns, random, 1) },
    ];
    const member = (): SelectSpec => ({ ...EMPTY, items: items(), where: maybeWhere(columns, random) });
    return { ...statementOf(name, member()), union: Array.from({ length: 1 + random.below(2) }, member), into };
  }
  const select = { ...rowsOf(columns, random), where: maybeWhere(columns, random) };
  return { ...withStage(statementOf(name, select), columns, random), into };
}

/** Of all elements of the rows of a key. */
function elementGroups(name: string, columns: Columns, element: ExprSpec, world: World): StatementSpec {
  const { random } = world;
  const kind = random.pick([null, "tumbling", "hopping", "cumulating", "session"] as const);
  const window = kind === null ? null : randomWindow(kind, world);
  const groups = groupsOf(columns, world, { from: "s", window, plain: false, scatters: false });
  const sum: ExprSpec = { kind: "aggregate", name: "SUM", args: [element], distinct: false, filter: null };
  const select = { ...groups, unnest: { array: "xs", name: "x" }, items: [...groups.items, { name: "sum_x", expr: sum }] };
  return { ...statementOf(name, select), emit: randomEmit(window, random, world.scale) };
}

/** The same through a stage that filters and computes. */
function withStage(statement: StatementSpec, columns: Columns, random: SeededRandom): StatementSpec {
  if (random.chance(0.75)) return statement;
  const items = columns.map((column): ItemSpec => {
    const isKept = column.type === "TIMESTAMP" || column.name === "k" || random.chance(0.6);
    if (isKept || column.type.startsWith("ARRAY")) return { name: column.name, expr: columnOf(column) };
    return { name: column.name, expr: valueExpr(column.type as "BIGINT", columns, random) };
  });
  const stage = { name: "stage", select: { ...EMPTY, items, where: maybeWhere(columns, random, 0.6) } };
  return { ...statement, stages: [stage], select: { ...statement.select, from: "stage" } };
}

function groupsStatement(name: string, kind: WindowSpec["kind"] | null, world: World): StatementSpec {
  const { random } = world;
  const columns = columnsOf(world, "s");
  const window = kind === null ? null : randomWindow(kind, world);
  const select = groupsOf(columns, world, { from: "s", window, plain: false, scatters: kind !== "session" && kind !== "count" });
  const emit = randomEmit(window, random, world.scale);
  const into = emit?.mode === "final" && random.chance(0.5) ? "topic" : "table";
  const isLate = window !== null && window.kind !== "count" && random.chance(0.25);
  return { ...withStage(statementOf(name, select), columns, random), emit, into, lateInto: isLate ? `${name}_late` : null };
}

function distinctStatement(name: string, world: World): StatementSpec {
  const { random } = world;
  const columns = columnsOf(world, "s");
  const window = random.chance(0.4) ? randomWindow(random.pick(["tumbling", "hopping"]), world) : null;
  const covers = random.chance(0.7);
  const keys = columns.filter(
    (column) =>
      (covers ? column.name === "k" : column.name === "tag") || (column.name !== "at" && column.name !== "xs" && random.chance(0.4)),
  );
  const items: ItemSpec[] = keys.map((column) => ({ name: column.name, expr: columnOf(column) }));
  if (window !== null) items.push({ name: "ws", expr: { kind: "window-bound", bound: "start" } });
  const select = { ...EMPTY, distinct: true, items, window, where: maybeWhere(columns, random) };
  const emit = random.chance(0.3)
    ? ({ mode: "changes" } as const)
    : window !== null && random.chance(0.5)
      ? ({ mode: "final" } as const)
      : null;
  const isLate = window !== null && random.chance(0.3);
  return { ...withStage(statementOf(name, select), columns, random), emit, lateInto: isLate ? `${name}_late` : null };
}

/** Groups of groups: how many, and their sum. */
function stageStatement(name: string, world: World): StatementSpec {
  const { random } = world;
  const inner = groupsOf(columnsOf(world, "s"), world, {
    from: "s",
    window: random.chance(0.5) ? null : randomWindow(random.pick(["tumbling", "hopping", "session"] as const), world),
    plain: true,
    scatters: false,
  });
  const key: ExprSpec = { kind: "column", name: "g0", type: "STRING", of: null };
  const total: ExprSpec = { kind: "column", name: "total", type: "BIGINT", of: null };
  const sum: ExprSpec = { kind: "aggregate", name: "SUM", args: [total], distinct: false, filter: null };
  const items = [
    { name: "g", expr: key },
    { name: "groups", expr: COUNT_ALL },
    { name: "sum", expr: sum },
  ];
  const k = columnOf(columnsOf(world, "s")[0] as Columns[number]);
  const byKey = { ...inner, groupBy: [k] };
  const select = {
    ...byKey,
    items: [
      { name: "g0", expr: byKey.groupBy[0] as ExprSpec },
      { name: "total", expr: COUNT_ALL },
    ],
  };
  const outer: SelectSpec = {
    ...EMPTY,
    from: "stage",
    groupBy: [key],
    items,
    where: random.chance(0.3) ? binary(">", total, literal("BIGINT", 1)) : null,
  };
  return { ...statementOf(name, outer), stages: [{ name: "stage", select }] };
}

import type { SeededRandom } from "../property/random.ts";
import { aggregateExpr, binary, COUNT_ALL, type Columns, columnOf, condition, literal, valueExpr } from "./expression-generator.ts";
import type { TimeScale } from "./source-generator.ts";
import type { EmitSpec, ExprSpec, ItemSpec, JoinSpec, SelectSpec, SourceSpec, StatementSpec, WindowSpec } from "./spec.ts";

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

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
  | "table-rows"
  | "table-groups"
  | "stage-of-groups"
  | "chained";

const WEIGHTS: readonly (readonly [StatementKind, number])[] = [
  ["rows", 2],
  ["elements", 1],
  ["distinct", 1],
  ["union", 1],
  ["over", 1],
  ["groups", 2],
  ["tumbling", 4],
  ["hopping", 4],
  ["cumulating", 2],
  ["session", 4],
  ["count", 3],
  ["stream-stream", 4],
  ["stream-table", 3],
  ["table-table", 2],
  ["foreign-key", 1],
  ["table-rows", 1],
  ["table-groups", 2],
  ["stage-of-groups", 1],
  ["chained", 1],
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

/** What statements of a case may read: streams `s` and `s2`, tables `d` and `e`, and topics that others write. */
export interface World {
  readonly scale: TimeScale;
  readonly sources: ReadonlyMap<string, SourceSpec>;
  readonly random: SeededRandom;
}

const EMPTY: SelectSpec = {
  from: "s",
  join: null,
  unnest: null,
  where: null,
  window: null,
  groupBy: [],
  having: null,
  distinct: false,
  items: [],
};

const statementOf = (name: string, select: SelectSpec): StatementSpec => ({
  name,
  into: "table",
  stages: [],
  select,
  union: [],
  emit: null,
  lateInto: null,
});

function columnsOf({ sources }: World, from: string, of: string | null = null): Columns {
  const all = sources.get(from)?.columns ?? [];
  return all.map((column) => ({ ...column, of }));
}

function maybeWhere(columns: Columns, random: SeededRandom, probability = 0.4): ExprSpec | null {
  return random.chance(probability) ? condition(columns, random) : null;
}

export function randomStatement(name: string, kind: StatementKind, world: World): StatementSpec {
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

// --- rows --------------------------------------------------------------------------------------

function rowsOf(columns: Columns, random: SeededRandom): SelectSpec {
  const items: ItemSpec[] = [];
  for (const [index, column] of columns.entries()) {
    if (column.type.startsWith("ARRAY") || column.type === "TIMESTAMP" || random.chance(0.3)) continue;
    items.push({ name: `c${index}`, expr: columnOf(column) });
  }
  for (let count = random.below(3) + (items.length === 0 ? 1 : 0); count > 0; count--)
    items.push({ name: `e${count}`, expr: valueExpr(random.pick(["BIGINT", "DOUBLE", "STRING"]), columns, random) });
  return { ...EMPTY, items };
}

function rowsStatement(name: string, kind: "rows" | "elements" | "union" | "over", world: World): StatementSpec {
  const { random } = world;
  const columns = columnsOf(world, "s");
  const into = random.chance(0.3) && kind !== "over" ? "topic" : "table";
  if (kind === "elements") {
    const own: Columns = [...columns, { name: "x", type: "BIGINT", of: null }];
    const items = [{ name: "x", expr: columnOf(own.at(-1) as Columns[number]) }, ...rowsOf(columns, random).items];
    return { ...statementOf(name, { ...EMPTY, items, unnest: { array: "xs", name: "x" }, where: maybeWhere(own, random) }), into };
  }
  if (kind === "over") {
    const aggregate = { ...aggregateExpr(columns, random, true), distinct: false, filter: null };
    const key = columnOf(columns[0] as Columns[number]);
    const over: ItemSpec = { name: "o", expr: { kind: "over", aggregate, partitionBy: [key], preceding: random.below(4) } };
    return statementOf(name, { ...EMPTY, items: [{ name: "k", expr: key }, over], where: maybeWhere(columns, random) });
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

// --- groups ------------------------------------------------------------------------------------

interface GroupsWish {
  readonly from: string;
  readonly window: WindowSpec | null;
  /** Only aggregates that can take a row back. */
  readonly plain: boolean;
  /** Also by what does not cover the key. */
  readonly scatters: boolean;
}

/** What groups are made by covers the key, unless rows of a group may lie in several partitions. */
function grouping(columns: Columns, mayScatter: boolean, random: SeededRandom): readonly ExprSpec[] {
  const named = (name: string): ExprSpec => columnOf(columns.find((column) => column.name === name) as Columns[number]);
  const more = (): ExprSpec =>
    random.pick([named("tag"), binary("%", named("n"), literal("BIGINT", 2), "BIGINT"), valueExpr("STRING", columns, random, 1)]);
  if (mayScatter && random.chance(0.2)) return [more()].filter((expr) => expr.kind !== "literal");
  return random.chance(0.7) ? [named("k")] : [named("k"), more()].filter((expr) => expr.kind !== "literal");
}

function groupsOf(columns: Columns, { random, sources }: World, { from, window, plain, scatters }: GroupsWish): SelectSpec {
  const found = grouping(columns, scatters || (sources.get(from)?.partitions ?? 1) === 1, random);
  const groupBy = found.length === 0 ? [columnOf(columns[0] as Columns[number])] : found;
  const items: ItemSpec[] = groupBy.map((expr, index) => ({ name: `g${index}`, expr }));
  if (window !== null && random.chance(0.8)) items.push({ name: "ws", expr: { kind: "window-bound", bound: "start" } });
  if (window !== null && random.chance(0.7)) items.push({ name: "we", expr: { kind: "window-bound", bound: "end" } });
  items.push({ name: "total", expr: COUNT_ALL });
  for (let count = random.below(4); count > 0; count--) items.push({ name: `a${count}`, expr: aggregateExpr(columns, random, plain) });
  if (random.chance(0.15)) {
    const sum: ExprSpec = {
      kind: "aggregate",
      name: "SUM",
      args: [valueExpr("BIGINT", columns, random, 1)],
      distinct: false,
      filter: null,
    };
    items.push({ name: "mix", expr: binary("+", sum, COUNT_ALL, "BIGINT") });
  }
  const having = random.chance(0.25) ? binary(random.pick([">", "<", "="]), COUNT_ALL, literal("BIGINT", 1 + random.below(3))) : null;
  return { ...EMPTY, from, window, groupBy, items, having, where: maybeWhere(columns, random, 0.3) };
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

function randomEmit(window: WindowSpec | null, random: SeededRandom, { unitMs }: TimeScale): EmitSpec | null {
  const choice = random.next();
  if (choice < 0.1) return { mode: "every", everyMs: random.pick([1, 50, unitMs]) };
  if (choice < 0.2) return null;
  return { mode: window !== null && choice < 0.65 ? "final" : "changes" };
}

function randomWindow(kind: WindowSpec["kind"], { random, scale }: World): WindowSpec {
  const { unitMs, zone } = scale;
  const graceMs = random.pick([0, 0, unitMs, unitMs / 2, 3 * unitMs, 20 * unitMs]);
  if (kind === "session") return { kind, gapMs: random.pick([1, unitMs / 4, unitMs, 2 * unitMs]), graceMs };
  if (kind === "count") {
    const sizeRows = 1 + random.below(5);
    return { kind, sizeRows, advanceRows: random.chance(0.5) ? sizeRows : 1 + random.below(sizeRows) };
  }
  const lengths = zone === null ? plainLengths(kind, unitMs, random) : zonedLengths(kind, unitMs, random);
  const step = kind === "hopping" ? lengths.advanceMs : lengths.sizeMs;
  const offsetMs = random.chance(0.2) ? Math.floor(random.pick([0.25, 0.5, 0.75]) * step) : 0;
  const common = { graceMs, offsetMs, timeZone: zone };
  return kind === "tumbling" ? { kind, sizeMs: lengths.sizeMs, ...common } : { kind, ...lengths, ...common };
}

interface Lengths {
  readonly sizeMs: number;
  readonly advanceMs: number;
}

function plainLengths(kind: WindowSpec["kind"], unitMs: number, random: SeededRandom): Lengths {
  const advanceMs = random.pick([unitMs / 2, unitMs, unitMs, 2 * unitMs]);
  const factor = kind === "cumulating" ? 1 + random.below(4) : random.pick([1, 1.5, 2, 2.5, 3, 5]);
  return { sizeMs: advanceMs * factor, advanceMs };
}

/** Steps that a day is a multiple of, or days. */
function zonedLengths(kind: WindowSpec["kind"], unitMs: number, random: SeededRandom): Lengths {
  if (unitMs === DAY_MS) {
    const advanceMs = random.pick([DAY_MS, DAY_MS, 2 * DAY_MS]);
    return { sizeMs: advanceMs * (1 + random.below(3)), advanceMs };
  }
  if (kind === "tumbling") {
    const sizeMs = random.pick([HOUR_MS / 2, HOUR_MS, 2 * HOUR_MS, 5 * HOUR_MS, 6 * HOUR_MS, DAY_MS]);
    return { sizeMs, advanceMs: sizeMs };
  }
  const advanceMs = random.pick([2 * HOUR_MS, 3 * HOUR_MS, 6 * HOUR_MS]);
  const sizes = kind === "hopping" ? [advanceMs, 2 * advanceMs, 3 * advanceMs] : [advanceMs, 2 * advanceMs, DAY_MS];
  return { sizeMs: random.pick(sizes.filter((sizeMs) => sizeMs % advanceMs === 0 && DAY_MS % sizeMs === 0)), advanceMs };
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
  return { ...statementOf(name, select), emit: window !== null && random.chance(0.5) ? { mode: "final" } : null };
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

// --- joins -------------------------------------------------------------------------------------

const SIDES: Readonly<Record<string, readonly [left: string, right: string]>> = {
  "stream-stream": ["s", "s2"],
  "stream-table": ["s", "d"],
  "table-table": ["d", "e"],
  "foreign-key": ["d", "e"],
};

function joinStatement(name: string, kind: "stream-stream" | "stream-table" | "table-table" | "foreign-key", world: World): StatementSpec {
  const { random, scale } = world;
  const [left, right] = SIDES[kind] as readonly [string, string];
  const types: readonly JoinSpec["type"][] =
    kind === "stream-table" || kind === "foreign-key" ? ["INNER", "LEFT"] : ["INNER", "LEFT", "RIGHT", "FULL"];
  const { unitMs } = scale;
  const [beforeMs, afterMs] = random.pick([
    [0, unitMs],
    [unitMs / 2, 0],
    [unitMs, unitMs],
    [2 * unitMs, unitMs / 2],
  ] as const);
  const within = { beforeMs, afterMs, graceMs: random.pick([0, unitMs / 2, 2 * unitMs]) };
  const join: JoinSpec = {
    type: random.pick(types),
    right,
    on: { left: kind === "foreign-key" ? "ref" : "k", right: "k" },
    within: kind === "stream-stream" ? within : null,
  };
  const columns = [...columnsOf(world, left, "l"), ...columnsOf(world, right, "r")];
  const isGrouped = kind === "stream-table" && join.type === "LEFT" && random.chance(0.3);
  if (isGrouped) {
    const own = columns.filter(({ of, name: column }) => of === "l" || column === "v");
    const window = random.chance(0.5) ? randomWindow("tumbling", world) : null;
    return statementOf(name, { ...groupsOf(own, world, { from: left, window, plain: false, scatters: false }), join });
  }
  const select = { ...rowsOf(columns, random), from: left, join, where: maybeWhere(columns, random, 0.3) };
  return statementOf(name, select);
}

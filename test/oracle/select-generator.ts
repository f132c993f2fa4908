import type { SeededRandom } from "../property/random.ts";
import { aggregateExpr, binary, COUNT_ALL, type Columns, columnOf, condition, literal, valueExpr } from "./expression-generator.ts";
import type { TimeScale } from "./source-generator.ts";
import type { EmitSpec, ExprSpec, ItemSpec, SelectSpec, SourceSpec, StatementSpec, WindowSpec } from "./spec.ts";

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

/** What statements of a case may read: streams `s` and `s2`, tables `d` and `e`, and topics that others write. */
export interface World {
  readonly scale: TimeScale;
  readonly sources: ReadonlyMap<string, SourceSpec>;
  readonly random: SeededRandom;
}

export const EMPTY: SelectSpec = {
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

export const statementOf = (name: string, select: SelectSpec): StatementSpec => ({
  name,
  into: "table",
  stages: [],
  select,
  union: [],
  emit: null,
  lateInto: null,
});

export function columnsOf({ sources }: World, from: string, of: string | null = null): Columns {
  const all = sources.get(from)?.columns ?? [];
  return all.map((column) => ({ ...column, of }));
}

export function maybeWhere(columns: Columns, random: SeededRandom, probability = 0.4): ExprSpec | null {
  return random.chance(probability) ? condition(columns, random) : null;
}

// --- rows --------------------------------------------------------------------------------------

export function rowsOf(columns: Columns, random: SeededRandom): SelectSpec {
  const items: ItemSpec[] = [];
  for (const [index, column] of columns.entries()) {
    if (column.type.startsWith("ARRAY") || column.type === "TIMESTAMP" || random.chance(0.3)) continue;
    items.push({ name: `c${index}`, expr: columnOf(column) });
  }
  for (let count = random.below(3) + (items.length === 0 ? 1 : 0); count > 0; count--)
    items.push({ name: `e${count}`, expr: valueExpr(random.pick(["BIGINT", "DOUBLE", "STRING"]), columns, random) });
  return { ...EMPTY, items };
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

export function groupsOf(columns: Columns, { random, sources }: World, { from, window, plain, scatters }: GroupsWish): SelectSpec {
  const found = grouping(columns, scatters || (sources.get(from)?.partitions ?? 1) === 1, random);
  const isTotal = scatters && random.chance(0.08);
  const groupBy = isTotal ? [] : found.length === 0 ? [columnOf(columns[0] as Columns[number])] : found;
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

export function randomEmit(window: WindowSpec | null, random: SeededRandom, { unitMs }: TimeScale): EmitSpec | null {
  const choice = random.next();
  if (choice < 0.1) return { mode: "every", everyMs: random.pick([1, 50, unitMs]) };
  if (choice < 0.2) return null;
  return { mode: window !== null && choice < 0.65 ? "final" : "changes" };
}

export function randomWindow(kind: WindowSpec["kind"], { random, scale }: World): WindowSpec {
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
  if (random.chance(0.4)) {
    const advanceMs = random.pick([HOUR_MS / 6, HOUR_MS / 4, HOUR_MS / 3, HOUR_MS / 2, HOUR_MS]);
    const sizes = [HOUR_MS / 3, HOUR_MS / 2, HOUR_MS * 0.75, HOUR_MS].filter((sizeMs) => sizeMs >= advanceMs);
    return { sizeMs: random.pick(kind === "hopping" ? sizes : sizes.filter((sizeMs) => sizeMs % advanceMs === 0)), advanceMs };
  }
  const advanceMs = random.pick([2 * HOUR_MS, 3 * HOUR_MS, 6 * HOUR_MS]);
  const sizes = kind === "hopping" ? [advanceMs, 2 * advanceMs, 3 * advanceMs] : [advanceMs, 2 * advanceMs, DAY_MS];
  return { sizeMs: random.pick(sizes.filter((sizeMs) => sizeMs % advanceMs === 0 && DAY_MS % sizeMs === 0)), advanceMs };
}

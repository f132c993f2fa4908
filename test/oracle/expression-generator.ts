import type { SeededRandom } from "../property/random.ts";
import type { AggregateName, AggregateSpec, BinaryOp, ColumnSpec, ColumnType, ExprSpec } from "./spec.ts";

/** The columns that an expression may use; `of`: the alias of their relation. */
export type Columns = readonly (ColumnSpec & { readonly of: string | null })[];

export const literal = (type: ColumnType, value: number | string | boolean | null): ExprSpec => ({ kind: "literal", type, value });
export const binary = (op: BinaryOp, left: ExprSpec, right: ExprSpec, type: ColumnType = "BOOLEAN"): ExprSpec => ({
  kind: "binary",
  op,
  type,
  left,
  right,
});
export const columnOf = ({ name, type, of }: Columns[number]): ExprSpec => ({ kind: "column", name, type, of });
export const COUNT_ALL: AggregateSpec = { kind: "aggregate", name: "COUNT", args: [], distinct: false, filter: null };

export const TEXTS = ["x", "y", "été", ""];

function leaf(type: ColumnType, columns: Columns, random: SeededRandom): ExprSpec {
  const own = columns.filter((column) => column.type === type);
  if (own.length > 0 && random.chance(0.8)) return columnOf(random.pick(own));
  if (type === "STRING") return literal(type, random.pick(TEXTS));
  return literal(type, type === "BIGINT" ? random.below(7) - 2 : (random.below(20) - 6) / 4);
}

/** A number or a text. */
export function valueExpr(type: "BIGINT" | "DOUBLE" | "STRING", columns: Columns, random: SeededRandom, depth = 2): ExprSpec {
  if (depth === 0 || random.chance(0.5)) return leaf(type, columns, random);
  const inner = (of = type): ExprSpec => valueExpr(of, columns, random, depth - 1);
  const choice = random.below(4);
  if (choice === 0) return { kind: "call", name: "COALESCE", type, args: [inner(), inner()] };
  if (choice === 1) {
    const otherwise = random.chance(0.7) ? inner() : null;
    return { kind: "case", type, when: condition(columns, random, depth - 1), then: inner(), otherwise };
  }
  if (type === "STRING")
    return random.chance(0.5) ? binary("||", inner(), inner(), type) : { kind: "call", name: "UPPER", type, args: [inner()] };
  if (type === "BIGINT" && choice === 2) return { kind: "call", name: "LENGTH", type, args: [inner("STRING" as "BIGINT")] };
  if (type === "DOUBLE" && random.chance(0.2))
    return binary("/", inner("BIGINT" as "DOUBLE"), literal("BIGINT", random.pick([2, 4, -8])), type);
  return binary(random.pick(type === "BIGINT" ? (["+", "-", "*", "%"] as const) : (["+", "-", "*"] as const)), inner(), inner(), type);
}

export function condition(columns: Columns, random: SeededRandom, depth = 2): ExprSpec {
  const number = (): ExprSpec => valueExpr(random.pick(["BIGINT", "DOUBLE"]), columns, random, 1);
  const text = (): ExprSpec => valueExpr("STRING", columns, random, 1);
  const inner = (): ExprSpec => condition(columns, random, depth - 1);
  switch (random.below(depth > 0 ? 8 : 5)) {
    case 0:
      return binary(random.pick(["=", "<>", "IS DISTINCT FROM"]), text(), text());
    case 1:
      return { kind: "is-null", operand: random.chance(0.5) ? text() : number(), negated: random.chance(0.5) };
    case 2:
      return { kind: "in", operand: text(), list: [literal("STRING", random.pick(TEXTS)), literal("STRING", random.pick(TEXTS))] };
    case 3:
    case 4:
      return binary(random.pick(["<", "<=", ">", ">=", "=", "<>"]), number(), number());
    case 5:
      return { kind: "not", operand: inner() };
    default:
      return binary(random.pick(["AND", "OR"]), inner(), inner());
  }
}

const IN_ORDER: readonly AggregateName[] = [
  "COLLECT_LIST",
  "COLLECT_SET",
  "MIN_BY",
  "MAX_BY",
  "LATEST_BY_OFFSET",
  "EARLIEST_BY_OFFSET",
  "FIRST",
  "LAST",
  "TOPK",
  "STRING_AGG",
];

/** `plain`: only those that can take a row back. */
export function aggregateExpr(columns: Columns, random: SeededRandom, plain: boolean): AggregateSpec {
  const filter = random.chance(0.15) ? condition(columns, random, 1) : null;
  const common = { kind: "aggregate", distinct: false, filter } as const;
  const number = (): ExprSpec => valueExpr(random.pick(["BIGINT", "DOUBLE"]), columns, random, 1);
  const either = (): ExprSpec => (random.chance(0.4) ? valueExpr("STRING", columns, random, 1) : number());
  if (plain || random.chance(0.65)) {
    const name = random.pick(["COUNT", "COUNT", "SUM", "SUM", "AVG", "MIN", "MAX"] as const);
    if (name === "COUNT" && random.chance(0.5)) return { ...common, name, args: [] };
    const distinct = (name === "COUNT" || name === "SUM" || name === "AVG") && random.chance(0.15);
    return { ...common, name, args: [name === "SUM" || name === "AVG" ? number() : either()], distinct };
  }
  const name = random.pick(IN_ORDER);
  switch (name) {
    case "MIN_BY":
    case "MAX_BY":
      return { ...common, name, args: [either(), number()] };
    case "TOPK":
      return { ...common, name, args: [number(), literal("BIGINT", 1 + random.below(3))] };
    case "STRING_AGG":
      return { ...common, name, args: [valueExpr("STRING", columns, random, 1), literal("STRING", "/")] };
    default:
      return { ...common, name, args: [either()] };
  }
}

/**
 * Precedence by meaning: a random expression, written with as few parentheses as our printer dares, must have for
 * DuckDB the value that a small evaluator gives to the tree; and our parser must read the text with that value too.
 */
import { DuckDBInstance } from "@duckdb/node-api";
import fc from "fast-check";
import { expect, it } from "vitest";
import type { BinaryOp, Expr } from "../../grammar/ast.ts";
import { parse } from "../../grammar/parse.ts";
import { printExpr } from "../../grammar/print-expression.ts";

type Value = number | boolean | string | null;
const span = { start: 0, end: 0 };

// --- typed trees, so that DuckDB has nothing to convert -------------------------------------------

const number = (value: number): Expr => ({ kind: "number", text: String(value), span });
const binary = (op: BinaryOp, left: Expr, right: Expr): Expr => ({ kind: "binary", op, left, right, span });

const trees = fc.letrec<{ bool: Expr; num: Expr; positive: Expr; text: Expr }>((tie) => {
  const [bool, num, positive, text] = [tie("bool"), tie("num"), tie("positive"), tie("text")];
  const pair = (ops: readonly BinaryOp[], one: fc.Arbitrary<Expr>): fc.Arbitrary<Expr> =>
    fc.tuple(fc.constantFrom(...ops), one, one).map(([op, left, right]) => binary(op, left, right));
  const anyPair = (ops: readonly BinaryOp[]): fc.Arbitrary<Expr> => fc.oneof(pair(ops, num), pair(ops, bool), pair(ops, text));
  const limits = { maxDepth: 4, depthSize: "medium" } as const;
  return {
    bool: fc.oneof(
      limits,
      fc.constantFrom<Expr[]>({ kind: "boolean", value: true, span }, { kind: "boolean", value: false, span }),
      { weight: 3, arbitrary: pair(["AND", "OR"], bool) },
      { weight: 2, arbitrary: bool.map((operand): Expr => ({ kind: "not", operand, span })) },
      { weight: 2, arbitrary: anyPair(["=", "<>", "<", "<=", ">", ">="]) },
      anyPair(["IS DISTINCT FROM", "IS NOT DISTINCT FROM"]),
      fc
        .tuple(bool, fc.constantFrom("NULL" as const, "TRUE" as const, "FALSE" as const), fc.boolean())
        .map(([operand, what, negated]): Expr => ({ kind: "is", operand, what, negated, span })),
      fc.tuple(num, fc.boolean()).map(([operand, negated]): Expr => ({ kind: "is", operand, what: "NULL", negated, span })),
      fc
        .tuple(num, num, num, fc.boolean())
        .map(([operand, low, high, negated]): Expr => ({ kind: "between", operand, low, high, negated, span })),
      fc
        .tuple(bool, fc.array(bool, { minLength: 1, maxLength: 3 }), fc.boolean())
        .map(([operand, list, negated]): Expr => ({ kind: "in", operand, list, negated, span })),
      fc
        .tuple(fc.constantFrom("LIKE" as const, "ILIKE" as const), text, text, fc.boolean())
        .map(([op, operand, pattern, negated]): Expr => ({ kind: "like", op, operand, pattern, escape: null, negated, span })),
    ),
    num: fc.oneof(
      limits,
      fc.integer({ min: 0, max: 3 }).map(number),
      { weight: 3, arbitrary: pair(["+", "-", "*"], num) },
      { weight: 2, arbitrary: fc.tuple(fc.constantFrom("/" as const, "%" as const), num, positive).map(([op, a, b]) => binary(op, a, b)) },
      { weight: 2, arbitrary: num.map((operand): Expr => ({ kind: "negate", operand, span })) },
      fc
        .tuple(fc.array(num, { minLength: 1, maxLength: 2 }), fc.integer({ min: 1, max: 2 }))
        .map(([items, index]): Expr => ({ kind: "index", operand: { kind: "array", items, span }, index: number(index), span })),
      fc
        .tuple(bool, num, num)
        .map(([when, then, otherwise]): Expr => ({ kind: "case", operand: null, branches: [{ when, then }], otherwise, span })),
    ),
    // divisors: what a division by zero gives is another question than what belongs together
    positive: fc.oneof(limits, fc.integer({ min: 1, max: 3 }).map(number), pair(["+", "*", "/"], positive)),
    text: fc.oneof(
      limits,
      fc.constantFrom("a", "b", "A%", "a%").map((value): Expr => ({ kind: "string", value, span })),
      { weight: 2, arbitrary: pair(["||"], text) },
    ),
  };
});

// --- the small evaluator, with three-valued logic -------------------------------------------------

const not = (value: Value): Value => (value === null ? null : !value);
const and = (a: Value, b: Value): Value => (a === false || b === false ? false : a === null || b === null ? null : true);
const negatedIf = (negated: boolean, value: Value): Value => (negated ? not(value) : value);

function apply(op: BinaryOp, a: Value, b: Value): Value {
  if (op === "AND") return and(a, b);
  if (op === "OR") return not(and(not(a), not(b)));
  if (op === "IS DISTINCT FROM") return a !== b;
  if (op === "IS NOT DISTINCT FROM") return a === b;
  if (a === null || b === null) return null;
  const results: Partial<Record<BinaryOp, Value>> = {
    "=": a === b,
    "<>": a !== b,
    "<": a < b,
    "<=": a <= b,
    ">": a > b,
    ">=": a >= b,
    "+": Number(a) + Number(b),
    "-": Number(a) - Number(b),
    "*": Number(a) * Number(b),
    "/": Number(a) / Number(b),
    "%": Number(a) % Number(b),
    "||": `${a}${b}`,
  };
  return results[op] ?? null;
}

function evaluate(expr: Expr): Value {
  switch (expr.kind) {
    case "null":
      return null;
    case "boolean":
    case "string":
      return expr.value;
    case "number":
      return Number(expr.text);
    case "not":
      return not(evaluate(expr.operand));
    case "negate": {
      const value = evaluate(expr.operand);
      return value === null ? null : 0 - Number(value);
    }
    case "binary":
      return apply(expr.op, evaluate(expr.left), evaluate(expr.right));
    case "is": {
      const value = evaluate(expr.operand);
      return negatedIf(expr.negated, expr.what === "NULL" ? value === null : value === (expr.what === "TRUE"));
    }
    case "between": {
      const value = evaluate(expr.operand);
      return negatedIf(expr.negated, and(apply(">=", value, evaluate(expr.low)), apply("<=", value, evaluate(expr.high))));
    }
    case "in": {
      const value = evaluate(expr.operand);
      const found = expr.list.map((one) => apply("=", value, evaluate(one))).reduce<Value>((a, b) => apply("OR", a, b), false);
      return negatedIf(expr.negated, found);
    }
    case "like": {
      const pattern = String(evaluate(expr.pattern)).replaceAll("%", ".*");
      return negatedIf(expr.negated, new RegExp(`^${pattern}$`, expr.op === "ILIKE" ? "i" : "").test(String(evaluate(expr.operand))));
    }
    case "index": {
      const items = expr.operand.kind === "array" ? expr.operand.items : [];
      const item = items[Number(evaluate(expr.index)) - 1];
      return item === undefined ? null : evaluate(item);
    }
    case "case": {
      const branch = expr.branches.find(({ when }) => evaluate(when) === true);
      const chosen = branch?.then ?? expr.otherwise;
      return chosen === null ? null : evaluate(chosen);
    }
    default:
      throw new Error(`not generated: ${expr.kind}`);
  }
}

function parseExpr(text: string): Expr {
  const { statements, diagnostics } = parse(`SELECT ${text} FROM t`);
  const [only] = statements;
  const item = only?.kind === "select" ? only.select.items[0] : undefined;
  if (diagnostics.length > 0 || item?.kind !== "expr") throw new Error(`not parsed: ${text}`);
  return item.expr;
}

/** As text, numbers in the shortest form: a double of DuckDB is `2.0`, and 0 may be `-0.0`. */
function shown(value: unknown): string {
  const text = String(value);
  return value !== null && /^-?[\d.]+(e[+-]?\d+)?$/.test(text) ? String(Number(Number(text).toPrecision(12)) + 0) : text;
}

it("of 1,000 random expressions is the one of DuckDB", async () => {
  const seed = Number(process.env["SEED"] ?? Math.floor(Math.random() * 2 ** 31));
  const sample = fc.sample(fc.oneof(trees.bool, trees.bool, trees.num, trees.text), { numRuns: 1_000, seed });
  const connection = await (await DuckDBInstance.create()).connect();
  for (let start = 0; start < sample.length; start += 100) {
    const chunk = sample.slice(start, start + 100);
    const texts = chunk.map(printExpr);
    const ours = texts.map((text) => shown(evaluate(parseExpr(text))));
    expect(ours, `SEED=${seed}`).toEqual(chunk.map((tree) => shown(evaluate(tree))));
    const reader = await connection.runAndReadAll(`SELECT ${texts.map((text) => `CAST((${text}) AS VARCHAR)`).join(", ")}`);
    const theirs = (reader.getRows()[0] ?? []).map(shown);
    for (const [index, text] of texts.entries()) expect(`${text} is ${ours[index]}`, `SEED=${seed}`).toBe(`${text} is ${theirs[index]}`);
  }
  connection.closeSync();
});

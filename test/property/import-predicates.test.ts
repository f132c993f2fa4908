import { describe, expect, it } from "vitest";
import { lineAndColumn } from "../../grammar/diagnostics.ts";
import { parse } from "../../grammar/parse.ts";
import { DIALECTS, type Dialect } from "../../src/adapters/import/dialects.ts";
import { importSql } from "../../src/adapters/import/import-sql.ts";
import { runStatement } from "../plan/run-statement.ts";
import { SeededRandom } from "./random.ts";

/** Random predicates, written in a foreign dialect with the fewest parentheses, imported, and run beside a reference. */
const SEED = Number(process.env["SEED"] ?? Math.floor(Math.random() * 2 ** 31));
const PREDICATES = 200;
const TOGETHER = 25;
const ROWS = 12;

type Value = number | string | boolean | null;
type Row = Readonly<Record<string, Value>>;

/** A predicate or an operand: how it is written in a dialect, how tightly that binds, and what it means. */
interface Term {
  readonly write: (style: Style) => string;
  readonly binds: number;
  readonly value: (row: Row) => Value;
}

interface Style {
  readonly name: (text: string) => string;
  readonly text: (text: string) => string;
}

const BINDS = { or: 1, and: 2, not: 3, compare: 4, add: 5, multiply: 6, leaf: 7 };

const NUMBERS = ["x", "order", "größe"];
const TEXTS = ["s", "a b", "Na`me"];
const LITERALS = [0, 1, -2, 1.5, 0.25, 12345.678, 1e-3, 100];
const STRINGS = ["", "a", "b", "it's", "back\\slash", "ö😀", 'quo"te', "a_b", "100%"];
const PATTERNS: readonly (readonly [string, RegExp])[] = [
  ["a%", /^a.*$/su],
  ["%b", /^.*b$/su],
  ["_", /^.$/su],
  ["%'%", /^.*'.*$/su],
];

function styleOf({ name, backslashes }: Dialect): Style {
  const backTicks = ["mysql", "mariadb", "bigquery", "hive", "flinksql"].includes(name);
  const quoted = (open: string, close: string, text: string): string => open + text.replaceAll(close, close + close) + close;
  return {
    name: (text) => {
      if (/^[a-z]$/.test(text)) return text;
      if (backTicks) return quoted("`", "`", text);
      return name === "transactsql" ? quoted("[", "]", text) : quoted('"', '"', text);
    },
    text: (text) => (backslashes ? `'${text.replaceAll(/[\\']/g, "\\$&")}'` : quoted("'", "'", text)),
  };
}

class Terms {
  private readonly random: SeededRandom;

  constructor(random: SeededRandom) {
    this.random = random;
  }

  predicate(depth: number): Term {
    const { random } = this;
    if (depth === 0 || random.chance(0.2)) return this.comparison();
    const kind = random.pick(["or", "or", "and", "and", "not"] as const);
    if (kind === "not") {
      const inner = this.predicate(depth - 1);
      return { write: (style) => `NOT ${within(inner, BINDS.not, style)}`, binds: BINDS.not, value: (row) => not(inner.value(row)) };
    }
    const parts = Array.from({ length: 2 + random.below(2) }, () => this.predicate(depth - 1));
    const binds = BINDS[kind];
    return {
      write: (style) => parts.map((part, index) => within(part, index === 0 ? binds : binds + 1, style)).join(` ${kind.toUpperCase()} `),
      binds,
      value: (row) => parts.map((part) => part.value(row)).reduce(kind === "or" ? or : and),
    };
  }

  private comparison(): Term {
    const { random } = this;
    const negated = random.chance(0.4);
    const mark = negated ? "NOT " : "";
    const settle = (value: Value): Value => (negated ? not(value) : value);
    const term = (write: Term["write"], value: Term["value"]): Term => ({ write, binds: BINDS.compare, value });
    const isText = random.chance(0.4);
    const [a, b, c] = [0, 1, 2].map(() => (isText ? this.text() : this.sum(2))) as [Term, Term, Term];
    const w = (one: Term, style: Style): string => within(one, BINDS.add, style);
    switch (random.below(5)) {
      case 0:
        return term(
          (style) => `${w(a, style)} IS ${mark}NULL`,
          (row) => (a.value(row) === null) !== negated,
        );
      case 1:
        return term(
          (style) => `${w(a, style)} ${mark}IN (${w(b, style)}, ${w(c, style)})`,
          (row) => settle(or(compare("=", a.value(row), b.value(row)), compare("=", a.value(row), c.value(row)))),
        );
      case 2:
        if (isText) return this.like(a, negated);
        return term(
          (style) => `${w(a, style)} ${mark}BETWEEN ${w(b, style)} AND ${w(c, style)}`,
          (row) => settle(and(compare(">=", a.value(row), b.value(row)), compare("<=", a.value(row), c.value(row)))),
        );
      default: {
        const op = random.pick(isText ? ["=", "<>"] : ["=", "<>", "<", "<=", ">", ">="]);
        return term(
          (style) => `${w(a, style)} ${op} ${w(b, style)}`,
          (row) => compare(op, a.value(row), b.value(row)),
        );
      }
    }
  }

  private like(operand: Term, negated: boolean): Term {
    const [pattern, expression] = this.random.pick(PATTERNS);
    return {
      write: (style) => `${within(operand, BINDS.add, style)} ${negated ? "NOT " : ""}LIKE ${style.text(pattern)}`,
      binds: BINDS.compare,
      value: (row) => {
        const value = operand.value(row);
        return value === null ? null : expression.test(String(value)) !== negated;
      },
    };
  }

  private sum(depth: number): Term {
    const { random } = this;
    if (depth === 0 || random.chance(0.6)) return this.number();
    const op = random.pick(["+", "-", "*"] as const);
    const binds = op === "*" ? BINDS.multiply : BINDS.add;
    const [left, right] = [this.sum(depth - 1), this.sum(depth - 1)];
    return {
      write: (style) => `${within(left, binds, style)} ${op} ${within(right, binds + 1, style)}`,
      binds,
      value: (row) => {
        const [a, b] = [left.value(row), right.value(row)];
        if (typeof a !== "number" || typeof b !== "number") return null;
        return op === "+" ? a + b : op === "-" ? a - b : a * b;
      },
    };
  }

  private number(): Term {
    if (this.random.chance(0.6)) return column(this.random.pick(NUMBERS));
    const value = this.random.pick(LITERALS);
    // A negative number is an operation too: in parentheses it is one everywhere.
    return { write: () => (value < 0 ? `(${value})` : String(value)), binds: BINDS.leaf, value: () => value };
  }

  private text(): Term {
    if (this.random.chance(0.6)) return column(this.random.pick(TEXTS));
    const value = this.random.pick(STRINGS);
    return { write: (style) => style.text(value), binds: BINDS.leaf, value: () => value };
  }
}

const column = (name: string): Term => ({ write: (style) => style.name(name), binds: BINDS.leaf, value: (row) => row[name] ?? null });
const within = (term: Term, binds: number, style: Style): string => (term.binds < binds ? `(${term.write(style)})` : term.write(style));

const not = (value: Value): Value => (value === null ? null : !value);
const and = (a: Value, b: Value): Value => (a === false || b === false ? false : a === null || b === null ? null : true);
const or = (a: Value, b: Value): Value => not(and(not(a), not(b)));

function compare(op: string, a: Value, b: Value): Value {
  if (a === null || b === null) return null;
  switch (op) {
    case "=":
      return a === b;
    case "<>":
      return a !== b;
    case "<":
      return a < b;
    case "<=":
      return a <= b;
    case ">":
      return a > b;
    default:
      return a >= b;
  }
}

const quote = (name: string): string => `\`${name.replaceAll("`", "``")}\``;
const STREAM = `CREATE STREAM t (${[...NUMBERS.map((name) => `${quote(name)} DOUBLE`), ...TEXTS.map((name) => `${quote(name)} STRING`)]});`;

function randomRow(random: SeededRandom): Row {
  const maybe = <T extends Value>(items: readonly T[]): Value => (random.chance(0.2) ? null : random.pick(items));
  return Object.fromEntries([...NUMBERS.map((name) => [name, maybe(LITERALS)]), ...TEXTS.map((name) => [name, maybe(STRINGS)])]);
}

describe("predicates of other dialects", () => {
  it.each(DIALECTS.map((dialect) => [dialect.name, dialect] as const))(
    `%s: ${PREDICATES} mean the same after importing (seed ${SEED})`,
    { timeout: 60_000 },
    async (name, dialect) => {
      const random = new SeededRandom(SEED ^ name.length ^ (name.charCodeAt(0) << 8));
      const terms = Array.from({ length: PREDICATES }, () => new Terms(random).predicate(3));
      const rows = Array.from({ length: ROWS }, () => randomRow(random));
      const style = styleOf(dialect);
      const sql = terms.map((term) => `SELECT x FROM t WHERE ${term.write(style)};`).join("\n");
      const { statements, problems } = await importSql(sql, dialect);
      const shown = problems.map(({ message, start }) => `${message}: ${sql.split("\n")[lineAndColumn(sql, start).line - 1]}`);
      expect(shown.slice(0, 3), `seed ${SEED}`).toEqual([]);
      const predicates = statements.map(({ text }) => {
        const [statement] = parse(text).statements;
        if (statement?.kind !== "select" || statement.select.where === null) throw new Error(`seed ${SEED}: ${text}`);
        const { start, end } = statement.select.where.span;
        return text.slice(start, end);
      });
      for (let from = 0; from < PREDICATES; from += TOGETHER) {
        const columns = predicates.slice(from, from + TOGETHER).map((predicate, index) => `(${predicate}) AS p${from + index}`);
        const run = runStatement(
          `${STREAM} INSERT INTO out SELECT ${columns} FROM t`,
          rows.map((row) => JSON.stringify(row)),
        );
        expect([...run.errors], `seed ${SEED}`).toEqual([]);
        for (const [index, row] of rows.entries()) {
          const document = run.documents[index] as Readonly<Record<string, Value>>;
          for (const [offset, term] of terms.slice(from, from + TOGETHER).entries()) {
            const message = `seed ${SEED}, ${JSON.stringify(row)}: ${term.write(style)} became ${predicates[from + offset]}`;
            expect(document[`p${from + offset}`] ?? null, message).toBe(term.value(row));
          }
        }
      }
    },
  );
});

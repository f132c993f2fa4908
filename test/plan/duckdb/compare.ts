import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { must } from "../../../src/assert.ts";
import { runStatement } from "../run-statement.ts";
import { type Both, both, type Chance } from "./dialects.ts";
import { call, SHAPES } from "./functions.ts";
import { common, type Kind, LEAVES, type Leaf, OPERATORS } from "./operators.ts";
import { COLUMNS, duckType, randomRow } from "./rows.ts";

const isKind = (kind: Kind | Leaf): kind is Kind => kind in OPERATORS;

/** An expression of a kind, written in both dialects. */
export function randomExpression(kind: Kind | Leaf, depth: number, chance: Chance): Both {
  const sub = (of: Kind | Leaf): Both => randomExpression(of, depth - 1, chance);
  if (!isKind(kind) || depth <= 0 || chance.next() < 0.15) return both`${chance.pick(LEAVES[kind])}`;
  const operators = [...OPERATORS[kind](sub, chance), ...common(kind, sub)];
  return SHAPES.has(kind) && chance.next() < 0.5 ? call(kind, sub, chance) : chance.pick(operators)();
}

/** How a value is shown so that equal ones are shown alike: all digits, milliseconds, JSON. */
export function shown(kind: Kind, { ours, duck }: Both): Both {
  switch (kind) {
    case "timestamp":
      return { ours: `epoch_ms(${ours})`, duck: `epoch_ms(${duck})` };
    case "interval": {
      const from = "TIMESTAMP '2001-01-31 00:00:00'";
      return { ours: `epoch_ms(${from} + ${ours})`, duck: `epoch_ms(${from} + ${duck})` };
    }
    case "integers":
    case "texts":
    case "map":
    case "struct":
      return { ours: `CAST(${ours} AS STRING)`, duck: `to_json(${duck})::VARCHAR` };
    case "bytes":
      return { ours: `to_base64(${ours})`, duck: `to_base64(${duck})` };
    case "integer":
    case "decimal":
    case "date":
      return { ours: `CAST(${ours} AS STRING)`, duck: `(${duck})::VARCHAR` };
    case "time":
      return { ours: `format_time(${ours}, 'HH:mm:ss.SSS')`, duck: `strftime(DATE '2000-01-01' + ${duck}, '%H:%M:%S.%g')` };
    default:
      return { ours, duck };
  }
}

/** What became of one row: a value, or that it was refused and why. */
export type Outcome = { readonly value: unknown } | { readonly refused: string };

/** Random rows, here and in DuckDB. */
export class Sides {
  readonly #connection: DuckDBConnection;
  readonly rows: readonly { readonly json: string; readonly sql: string }[];

  private constructor(connection: DuckDBConnection, rows: Sides["rows"]) {
    this.#connection = connection;
    this.rows = rows;
  }

  static async open(count: number, chance: Chance): Promise<Sides> {
    const connection = await (await DuckDBInstance.create()).connect();
    await connection.run("SET TimeZone = 'UTC'");
    // With them functions of constants go other ways, on which substring('a', -3, 2) is another text, and date_trunc('year', NULL) differs
    // from any day but the first of a year.
    await connection.run("SET disabled_optimizers = 'statistics_propagation,expression_rewriter'");
    const columns = Object.keys(COLUMNS).map((name) => `${name} ${duckType(name)}`);
    await connection.run(`CREATE TABLE r (number INTEGER, ${columns.join(", ")})`);
    const rows = Array.from({ length: count }, () => randomRow(chance));
    for (const [index, { sql }] of rows.entries()) await connection.run(`INSERT INTO r VALUES (${index}, ${sql})`);
    return new Sides(connection, rows);
  }

  /** By our generated code; thrown where the expression is refused when it is analyzed. */
  ours(sql: string): readonly Outcome[] {
    const columns = Object.entries(COLUMNS).map(([name, [type]]) => `${name} ${type}`);
    const statement = `CREATE STREAM r (${columns.join(", ")}); INSERT INTO z SELECT _offset AS number, ${sql} AS v FROM r`;
    const run = runStatement(
      statement,
      this.rows.map(({ json }) => json),
    );
    const found = new Map(run.documents.map((document) => [(document as { number: number }).number, document as { v: unknown }]));
    return this.rows.map((_, row) => (found.has(row) ? { value: must(found.get(row)).v } : { refused: run.errors.get(row) ?? "no row" }));
  }

  /** By DuckDB; row by row where it refuses the table as a whole. */
  async duck(sql: string): Promise<readonly Outcome[]> {
    const all = await this.#query(`SELECT ${sql} AS v FROM r ORDER BY number`);
    if (Array.isArray(all)) return all.map((value) => ({ value }));
    const outcomes: Outcome[] = [];
    for (const row of this.rows.keys()) {
      const one = await this.#query(`SELECT ${sql} AS v FROM r WHERE number = ${row}`);
      outcomes.push(Array.isArray(one) ? { value: one[0] } : one);
    }
    return outcomes;
  }

  async #query(sql: string): Promise<unknown[] | { readonly refused: string }> {
    try {
      const result = await this.#connection.runAndReadAll(sql);
      return result.getRowsJS().map(([value]) => (typeof value === "bigint" ? Number(value) : value));
    } catch (error) {
      return { refused: error instanceof Error ? error.message : String(error) };
    }
  }
}

/** Doubles may differ in their last digits; infinities and NaN are null in JSON. */
export function isSame(ours: unknown, duck: unknown): boolean {
  if (typeof duck !== "number") return ours === duck;
  if (!Number.isFinite(duck)) return ours === null;
  return typeof ours === "number" && Math.abs(ours - duck) <= Math.abs(duck) * 1e-12 + 1e-300;
}

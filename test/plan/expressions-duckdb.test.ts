import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { beforeAll, describe, expect, it } from "vitest";
import { runStatement } from "./run-statement.ts";

/** Random expressions over random rows, in our generated code and in DuckDB. The seed is printed; set SEED to repeat it. */
const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
const CASES = 300;
const ROWS = 12;

type Kind = "number" | "integer" | "text" | "flag";

function randomOf(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const random = randomOf(SEED);
const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;

function expression(kind: Kind, depth: number): string {
  const sub = (of: Kind): string => expression(of, depth - 1);
  if (depth <= 0 || random() < 0.15) return leaf(kind);
  switch (kind) {
    case "number":
      return pick([
        () => `(${sub("number")} ${pick(["+", "-", "*"])} ${sub(pick(["number", "integer"]))})`,
        () => `(- ${sub("number")})`,
        () => `CASE WHEN ${sub("flag")} THEN ${sub("number")} ELSE ${sub("number")} END`,
        () => `coalesce(${sub("number")}, ${sub("number")})`,
        () => `abs(${sub("number")})`,
        () => `CAST(${sub("integer")} AS DOUBLE)`,
      ])();
    case "integer":
      return pick([
        () => `(${sub("integer")} ${pick(["+", "-"])} ${sub("integer")})`,
        () => `(${sub("integer")} % ${pick(["3", "7", "i"])})`,
        () => `length(${sub("text")})`,
        () => `CASE ${sub("text")} WHEN ${sub("text")} THEN ${sub("integer")} WHEN 'b' THEN 2 END`,
        () => `TRY_CAST(${sub("text")} AS BIGINT)`,
      ])();
    case "text":
      return pick([
        () => `(${sub("text")} || ${sub("text")})`,
        () => `upper(${sub("text")})`,
        () => `CASE WHEN ${sub("flag")} THEN ${sub("text")} END`,
        () => `coalesce(${sub("text")}, 'none')`,
        () => `CAST(${sub("integer")} AS VARCHAR)`,
      ])();
    case "flag":
      return pick([
        () => `(${sub("flag")} ${pick(["AND", "OR"])} ${sub("flag")})`,
        () => `(NOT ${sub("flag")})`,
        () => `(${sub("number")} ${pick(["=", "<>", "<", "<=", ">", ">="])} ${sub("number")})`,
        () => `(${sub("text")} ${pick(["=", "<>", "<", ">="])} ${sub("text")})`,
        () => `(${sub("number")} BETWEEN ${sub("number")} AND ${sub("number")})`,
        () => `(${sub("integer")} ${pick(["IN", "NOT IN"])} (1, ${sub("integer")}, ${pick(["NULL", "3"])}))`,
        () => `(${sub("text")} ${pick(["LIKE", "NOT LIKE"])} ${pick(["'a%'", "'%b%'", "'_'", "'%_é'", "'a\\_%' ESCAPE '\\'"])})`,
        () => `(${sub(pick(["number", "text", "flag"]))} IS ${pick(["NULL", "NOT NULL"])})`,
        () => `(${sub("flag")} IS ${pick(["TRUE", "NOT TRUE", "FALSE"])})`,
        () => {
          const of = pick(["number", "text"] as const);
          return `(${sub(of)} IS ${pick(["DISTINCT", "NOT DISTINCT"])} FROM ${sub(of)})`;
        },
      ])();
  }
}

function leaf(kind: Kind): string {
  switch (kind) {
    case "number":
      return pick(["x", "y", "1.5", "0.25", "CAST(NULL AS DOUBLE)"]);
    case "integer":
      return pick(["i", "2", "-3", "0"]);
    case "text":
      return pick(["s", "u", "'a'", "'b'", "''", "'été'"]);
    case "flag":
      return pick(["f", "TRUE", "FALSE", "CAST(NULL AS BOOLEAN)"]);
  }
}

interface Row {
  readonly x: number | null;
  readonly y: number | null;
  readonly i: number | null;
  readonly s: string | null;
  readonly u: string | null;
  readonly f: boolean | null;
}

const STREAM = "CREATE STREAM t (x DOUBLE, y DOUBLE, i BIGINT, s STRING, u STRING, f BOOLEAN);";

function randomRow(): Row {
  const maybe = <T>(value: T): T | null => (random() < 0.2 ? null : value);
  return {
    x: maybe(pick([0, 1, -1.5, 2.25, 100, 1e-3])),
    y: maybe(pick([0, 1.5, 3, -2, 7.125])),
    i: maybe(pick([0, 1, 2, 3, -4, 12])),
    s: maybe(pick(["a", "b", "ab", "", "a_b", "12", " 7 "])),
    u: maybe(pick(["été", "Z", "aé", "😀", "\uffee", "b%"])),
    f: maybe(random() < 0.5),
  };
}

describe("expressions against DuckDB", () => {
  let connection: DuckDBConnection;
  const rows = Array.from({ length: ROWS }, randomRow);

  beforeAll(async () => {
    connection = await (await DuckDBInstance.create()).connect();
    await connection.run("CREATE TABLE t (n INTEGER, x DOUBLE, y DOUBLE, i BIGINT, s VARCHAR, u VARCHAR, f BOOLEAN)");
    const literal = (value: unknown): string => (typeof value === "string" ? `'${value}'` : String(value));
    const tuples = rows.map((row, n) => `(${[n, row.x, row.y, row.i, row.s, row.u, row.f].map(literal).join(", ")})`);
    await connection.run(`INSERT INTO t VALUES ${tuples.join(", ")}`);
  });

  it(`gives the same values for ${CASES} random expressions (seed ${SEED})`, async () => {
    let compared = 0;
    for (let n = 0; n < CASES; n++) {
      const kind = pick(["number", "integer", "text", "flag"] as const);
      const sql = expression(kind, 4);
      const expected = await duckdb(connection, sql);
      if (expected === null) continue;
      compared++;
      const run = runStatement(
        `${STREAM} INSERT INTO out SELECT ${sql} AS v FROM t`,
        rows.map((row) => JSON.stringify(row)),
      );
      expect([...run.errors], `seed ${SEED}: ${sql}`).toEqual([]);
      const actual = run.documents.map((document) => (document as { v: unknown }).v);
      for (const [row, value] of expected.entries()) {
        const message = `seed ${SEED}, row ${JSON.stringify(rows[row])}: ${sql}`;
        if (typeof value === "number") expect(actual[row], message).toBeCloseTo(value, 9);
        else expect(actual[row], message).toBe(value);
      }
    }
    expect(compared).toBeGreaterThan(CASES / 2);
  });
});

/** null: DuckDB refuses the expression (for example an overflow in a branch that it computes all the same). */
async function duckdb(connection: DuckDBConnection, sql: string): Promise<unknown[] | null> {
  try {
    const result = await connection.runAndReadAll(`SELECT ${sql} AS v FROM t ORDER BY n`);
    return result.getRowsJS().map(([value]) => (typeof value === "bigint" ? Number(value) : value));
  } catch {
    return null;
  }
}

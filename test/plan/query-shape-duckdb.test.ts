import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { beforeAll, describe, expect, it } from "vitest";
import { SeededRandom, seeds } from "../property/random.ts";
import { runStatement } from "./run-statement.ts";

const COLUMNS = "id BIGINT, x DOUBLE, s STRING, xs ARRAY<BIGINT>, ys ARRAY<STRING>, items ARRAY<STRUCT<n BIGINT, w STRING>>";
const DECLARE = `CREATE STREAM t (${COLUMNS}) WITH (topic = 't');`;

let oracle: DuckDBConnection;
beforeAll(async () => {
  oracle = await (await DuckDBInstance.create()).connect();
});

interface Row {
  readonly id: number;
  readonly x: number | null;
  readonly s: string | null;
  readonly xs: readonly (number | null)[] | null;
  readonly ys: readonly (string | null)[] | null;
  readonly items: readonly ({ readonly n: number | null; readonly w: string } | null)[] | null;
}

function randomRows(random: SeededRandom): Row[] {
  const list = <T>(item: () => T): readonly (T | null)[] | null =>
    random.chance(0.15) ? null : Array.from({ length: random.below(4) }, () => (random.chance(0.15) ? null : item()));
  const word = (): string => random.pick(["a", "b", "été", "", "it's"]);
  return Array.from({ length: 25 }, (_, id) => ({
    id,
    x: random.chance(0.2) ? null : random.below(80) / 4 - 10,
    s: random.chance(0.2) ? null : word(),
    xs: list(() => random.below(9) - 4),
    ys: list(word),
    items: list(() => ({ n: random.chance(0.2) ? null : random.below(5), w: word() })),
  }));
}

// --- random queries ------------------------------------------------------------------------------

type Kind = "number" | "text" | "numbers" | "texts" | "structs";
type Columns = ReadonlyMap<string, Kind>;
interface Query {
  readonly sql: string;
  readonly columns: Columns;
}

const TABLE: Columns = new Map([
  ["id", "number"],
  ["x", "number"],
  ["s", "text"],
  ["xs", "numbers"],
  ["ys", "texts"],
  ["items", "structs"],
]);
const ELEMENTS: Readonly<Record<string, Kind>> = { numbers: "number", texts: "text", structs: "number" };

function columnsOf(kind: Kind, columns: Columns): readonly string[] {
  return [...columns].flatMap(([name, own]) => (own === kind ? [name] : []));
}

function value(kind: "number" | "text", columns: Columns, random: SeededRandom, depth = 2): string {
  const inner = (of: "number" | "text"): string => value(of, columns, random, depth - 1);
  const leaves = columnsOf(kind, columns);
  if (depth === 0 || random.chance(0.4))
    return leaves.length > 0 && random.chance(0.9) ? random.pick(leaves) : kind === "number" ? "2" : "'b'";
  if (kind === "text")
    return random.pick([`(${inner("text")} || ${inner("text")})`, `upper(${inner("text")})`, `coalesce(${inner("text")}, 'none')`]);
  return random.pick([
    `(${inner("number")} + ${inner("number")})`,
    `CASE WHEN ${inner("number")} > 1 THEN ${inner("number")} ELSE 0 END`,
    `length(${inner("text")})`,
  ]);
}

function condition(columns: Columns, random: SeededRandom): string {
  const number = (): string => value("number", columns, random);
  const text = (): string => value("text", columns, random);
  return random.pick([
    `${number()} > ${number()}`,
    `${text()} = ${text()}`,
    `${number()} IS NOT NULL`,
    `${text()} <> ${text()} OR ${number()} < 3`,
  ]);
}

const where = (columns: Columns, random: SeededRandom): string =>
  random.chance(0.5) ? "" : ` WHERE (${condition(columns, random)})${random.chance(0.4) ? ` AND (${condition(columns, random)})` : ""}`;

/** A select list over what `from` gives; now and then with arrays taken apart. */
function projection(columns: Columns, from: string, random: SeededRandom, number: number): Query {
  const made = new Map<string, Kind>();
  const items: string[] = [];
  const add = (sql: string, kind: Kind): void => {
    const name = `c${number}_${items.length}`;
    items.push(`${sql} AS ${name}`);
    made.set(name, kind);
  };
  for (let count = 1 + random.below(3); count > 0; count--) {
    const kind = random.pick(["number", "text"] as const);
    add(value(kind, columns, random), kind);
  }
  for (const kind of ["numbers", "texts", "structs"] as const) {
    for (const name of columnsOf(kind, columns)) {
      if (random.chance(0.25)) add(kind === "structs" ? `EXPLODE(${name}).n` : `EXPLODE(${name})`, ELEMENTS[kind] as Kind);
      else if (random.chance(0.6)) add(name, kind);
    }
  }
  return { sql: `SELECT ${items.join(", ")} FROM ${from}${where(columns, random)}`, columns: made };
}

/** `UNNEST` in FROM, whose element is known to WHERE and SELECT. */
function withElements(
  columns: Columns,
  from: string,
  random: SeededRandom,
  number: number,
): { readonly columns: Columns; readonly from: string } {
  const arrays = [...columnsOf("numbers", columns), ...columnsOf("texts", columns)];
  if (arrays.length === 0 || random.chance(0.5)) return { columns, from };
  const array = random.pick(arrays);
  const name = `e${number}`;
  const join = random.pick([
    `CROSS JOIN UNNEST(${array}) AS ${name}(${name}_v)`,
    `LEFT JOIN UNNEST(${array}) AS ${name}(${name}_v) ON TRUE`,
  ]);
  return { columns: new Map([...columns, [`${name}_v`, ELEMENTS[columns.get(array) as string] as Kind]]), from: `${from} ${join}` };
}

function randomQuery(random: SeededRandom): string {
  let from = "t";
  let columns = TABLE;
  const stages: string[] = [];
  for (let depth = random.below(4); depth > 0; depth--) {
    const read = withElements(columns, from, random, depth);
    const inner = projection(read.columns, read.from, random, depth);
    if (random.chance(0.5)) {
      stages.push(`stage${depth} AS (${inner.sql})`);
      from = `stage${depth}`;
    } else from = `(${inner.sql}) AS d${depth}`;
    columns = inner.columns;
  }
  const read = withElements(columns, from, random, 0);
  const [grouped] = columnsOf("text", columns);
  const outer =
    grouped !== undefined && random.chance(0.4)
      ? `SELECT coalesce(${grouped}, '-') AS g, COUNT(*) AS n, SUM(${value("number", read.columns, random)}) AS total
         FROM ${read.from}${where(read.columns, random)} GROUP BY coalesce(${grouped}, '-')`
      : projection(read.columns, read.from, random, 0).sql;
  return `${stages.length > 0 ? `WITH ${stages.join(", ")} ` : ""}${outer}`;
}

// --- the same in DuckDB --------------------------------------------------------------------------

function inDuckDb(sql: string): string {
  return sql
    .replaceAll("EXPLODE(", "unnest(")
    .replaceAll("", "")
    .replace(/LEFT JOIN UNNEST\((\w+)\) AS (\w+)\((\w+)\) ON TRUE/g, "LEFT JOIN LATERAL (SELECT unnest($1)) AS $2($3) ON TRUE");
}

async function load(rows: readonly Row[]): Promise<void> {
  const types = "id BIGINT, x DOUBLE, s VARCHAR, xs BIGINT[], ys VARCHAR[], items STRUCT(n BIGINT, w VARCHAR)[]";
  const text = JSON.stringify(rows).replaceAll("'", "''");
  const shape = `[{"id":"BIGINT","x":"DOUBLE","s":"VARCHAR","xs":["BIGINT"],"ys":["VARCHAR"],"items":[{"n":"BIGINT","w":"VARCHAR"}]}]`;
  await oracle.run(`CREATE OR REPLACE TABLE t (${types})`);
  await oracle.run(`INSERT INTO t SELECT r.* FROM (SELECT unnest(from_json('${text}', '${shape}')) AS r)`);
}

function asText(row: Readonly<Record<string, unknown>>): string {
  return JSON.stringify(Object.values(row).map((cell) => (typeof cell === "number" ? Math.round(cell * 1e6) / 1e6 : cell)));
}

describe("queries in queries, and elements", () => {
  it.each(seeds([], 3))("are what they are in DuckDB: seed %i", async (seed) => {
    const random = new SeededRandom(seed);
    let made = 0;
    for (let round = 0; round < 60; round++) {
      const rows = randomRows(random);
      const query = randomQuery(random);
      await load(rows);
      const reader = await oracle.runAndReadAll(inDuckDb(query)).catch((error: unknown) => {
        throw new Error(`${inDuckDb(query)}\n${String(error)}`);
      });
      const expected = reader.getRowObjectsJson().map((row) => asText(JSON.parse(JSON.stringify(row), wholeNumber)));
      const run = runStatement(
        `${DECLARE} INSERT INTO target ${query};`,
        rows.map((row) => JSON.stringify(row)),
      );
      expect([...run.errors], query).toEqual([]);
      expect(run.documents.map((document) => asText(document as Record<string, unknown>)).sort(), query).toEqual(expected.sort());
      expect(run.applied + run.filtered, query).toBe(rows.length);
      made += run.documents.length;
    }
    expect(made).toBeGreaterThan(500);
  });
});

/** DuckDB writes BIGINT as text, and no text of ours is digits. */
function wholeNumber(_name: string, cell: unknown): unknown {
  return typeof cell === "string" && /^-?\d+$/.test(cell) ? Number(cell) : cell;
}

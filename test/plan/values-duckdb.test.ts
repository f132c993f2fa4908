import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { beforeAll, describe, expect, it } from "vitest";
import { runStatement } from "./run-statement.ts";

/** Random expressions over decimals, times, intervals and nested values, here and in DuckDB. The seed is printed; set SEED to repeat it. */
const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
const CASES = Number(process.env.CASES ?? 400);
const ROWS = 10;

type Kind = "decimal" | "double" | "integer" | "date" | "timestamp" | "time" | "interval" | "array" | "map" | "struct" | "text" | "flag";

/** The same expression in both dialects. */
interface Both {
  readonly ours: string;
  readonly duck: string;
}

let state = SEED | 0;
function random(): number {
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
}
const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;

/** Template of both dialects: operands are rendered in each. */
function both(strings: TemplateStringsArray, ...operands: readonly (Both | string)[]): Both {
  const side = (of: keyof Both): string =>
    strings.map((text, index) => text + (index < operands.length ? sideOf(operands[index] as Both | string, of) : "")).join("");
  return { ours: side("ours"), duck: side("duck") };
}

const sideOf = (operand: Both | string, of: keyof Both): string => (typeof operand === "string" ? operand : operand[of]);

const LEAVES: Readonly<Record<Kind, readonly (string | Both)[]>> = {
  decimal: ["p", "q", "CAST('12.30' AS DECIMAL(6, 2))", "CAST(-7 AS DECIMAL(4, 1))"],
  double: ["x", "CAST(2.5 AS DOUBLE)"],
  integer: ["i", "3", "-2"],
  date: ["d", "DATE '2024-02-29'", "CAST(NULL AS DATE)"],
  timestamp: ["t", "TIMESTAMP '2023-12-31 23:59:59'"],
  time: ["h", "TIME '23:30:00'"],
  interval: ["INTERVAL '1' MONTH", "INTERVAL '36' HOUR", "INTERVAL '1 year 2 months 3 days'", "INTERVAL '-90' MINUTE"],
  array: ["a", "ARRAY[1, NULL, 3]"],
  map: ["m", { ours: "MAP('k' := 1, 'l' := NULL)", duck: "MAP {'k': 1::BIGINT, 'l': NULL}" }],
  struct: ["s", { ours: "STRUCT(n := CAST(5 AS BIGINT), w := 'ü')", duck: "{'n': 5::BIGINT, 'w': 'ü'}" }],
  text: ["u", "'été'", "'A_b'", "'😀x'"],
  flag: ["TRUE", "FALSE", "CAST(NULL AS BOOLEAN)"],
};

const ZONES = ["'Europe/Berlin'", "'America/New_York'", "'Asia/Kolkata'", "'UTC'"];
const COMPARED: readonly Kind[] = ["decimal", "date", "timestamp", "time", "interval", "array", "struct", "text"];

function expression(kind: Kind, depth: number): Both {
  const sub = (of: Kind): Both => expression(of, depth - 1);
  if (depth <= 0 || random() < 0.2) return both`${pick(LEAVES[kind])}`;
  const rules = [...(RULES[kind]?.(sub) ?? []), () => choice(kind, sub), () => both`coalesce(${sub(kind)}, ${sub(kind)})`];
  return pick(rules)();
}

type Rules = (sub: (kind: Kind) => Both) => readonly (() => Both)[];

function choice(kind: Kind, sub: (kind: Kind) => Both): Both {
  return both`CASE WHEN ${sub("flag")} THEN ${sub(kind)} ELSE ${sub(kind)} END`;
}

const RULES: Partial<Record<Kind, Rules>> = {
  decimal: (sub) => [
    () => both`(${sub("decimal")} ${pick(["+", "-", "*"])} ${sub(pick(["decimal", "integer"]))})`,
    () => both`(${sub("decimal")} % ${sub("decimal")})`,
    () => both`(- ${sub("decimal")})`,
    () => both`CAST(${sub(pick(["decimal", "integer"]))} AS DECIMAL(20, ${pick(["0", "1", "4"])}))`,
    () => both`TRY_CAST(${sub("text")} AS DECIMAL(9, 2))`,
  ],
  double: (sub) => [() => both`(${sub("decimal")} / ${sub("integer")})`, () => both`CAST(${sub("decimal")} AS DOUBLE)`],
  integer: (sub) => [
    () => both`(${sub("date")} - ${sub("date")})`,
    () => both`CAST(${sub("decimal")} AS BIGINT)`,
    () => both`${sub("array")}[${pick(["1", "2", "-1", "0", "9", "i"])}]`,
    () => both`${sub("map")}[${pick(["'k'", "'l'", "'zz'"])}]`,
    () => both`(${sub("struct")}).n`,
  ],
  date: (sub) => [() => both`(${sub("date")} ${pick(["+", "-"])} ${pick(["3", "400"])})`, () => both`CAST(${sub("timestamp")} AS DATE)`],
  timestamp: (sub) => [
    () => both`(${sub(pick(["timestamp", "date"]))} ${pick(["+", "-"])} ${sub("interval")})`,
    () => both`(${sub("date")} + ${sub("time")})`,
    () => both`CAST(${sub("date")} AS TIMESTAMP)`,
    () => {
      const [time, zone] = [sub("timestamp"), pick(ZONES)];
      return { ours: `(${time.ours} AT TIME ZONE ${zone})`, duck: `((${time.duck} AT TIME ZONE 'UTC') AT TIME ZONE ${zone})` };
    },
  ],
  time: (sub) => [() => both`(${sub("time")} ${pick(["+", "-"])} ${sub("interval")})`, () => both`CAST(${sub("timestamp")} AS TIME)`],
  interval: (sub) => [
    () => both`(${sub("timestamp")} - ${sub("timestamp")})`,
    () => both`(${sub("interval")} ${pick(["+", "-"])} ${sub("interval")})`,
    () => both`(${sub("interval")} * ${pick(["2", "3"])})`,
    () => both`(- ${sub("interval")})`,
  ],
  array: (sub) => [
    () => both`ARRAY[${sub("integer")}, ${sub("integer")}]`,
    () => {
      const [array, by] = [sub("array"), pick(["2", "-1", "i"])];
      return { ours: `list_transform(${array.ours}, x => x * ${by})`, duck: `list_transform(${array.duck}, lambda x: x * ${by})` };
    },
    () => {
      const array = sub("array");
      return { ours: `list_filter(${array.ours}, x => x > 1)`, duck: `list_filter(${array.duck}, lambda x: x > 1)` };
    },
  ],
  struct: (sub) => [
    () => {
      const [n, w] = [sub("integer"), sub("text")];
      return { ours: `STRUCT(n := CAST(${n.ours} AS BIGINT), w := ${w.ours})`, duck: `{'n': (${n.duck})::BIGINT, 'w': ${w.duck}}` };
    },
  ],
  text: (sub) => [
    () => both`(${sub("struct")}).w`,
    () => both`CAST(${sub(pick(["decimal", "date", "integer"]))} AS VARCHAR)`,
    () => both`${sub("text")}[${pick(["1", "-1", "2"])}]`,
    () => both`(${sub("text")} || ${sub("decimal")})`,
  ],
  flag: (sub) => [
    () => {
      const kind = pick(COMPARED);
      return both`(${sub(kind)} ${pick(["=", "<>", "<", "<=", ">", ">="])} ${sub(kind)})`;
    },
    () => {
      const kind = pick(COMPARED);
      return both`(${sub(kind)} IS ${pick(["DISTINCT", "NOT DISTINCT"])} FROM ${sub(kind)})`;
    },
    () => {
      const kind = pick(["decimal", "date", "timestamp"] as const);
      return both`(${sub(kind)} BETWEEN ${sub(kind)} AND ${sub(kind)})`;
    },
    () => both`(${sub("decimal")} ${pick(["IN", "NOT IN"])} (${sub("integer")}, ${sub("decimal")}))`,
    () => both`(${sub("date")} = ${sub("timestamp")})`,
    () => both`(${sub("text")} ILIKE ${pick(["'É%'", "'a\\_%' ESCAPE '\\'", "'%X'", "'_'"])})`,
    () => both`(${sub(pick(["decimal", "interval", "array", "map"]))} IS NULL)`,
  ],
};

/** How a result is shown to be compared; a number of milliseconds, a JSON text, a text. */
function shown(kind: Kind, { ours, duck }: Both): Both {
  switch (kind) {
    case "timestamp":
      return { ours: `epoch_ms(${ours})`, duck: `epoch_ms(${duck})` };
    case "interval": {
      const from = "TIMESTAMP '2001-01-31 00:00:00'";
      return { ours: `epoch_ms(${from} + ${ours})`, duck: `epoch_ms(${from} + ${duck})` };
    }
    case "array":
    case "map":
    case "struct":
      return { ours: `CAST(${ours} AS STRING)`, duck: `to_json(${duck})::VARCHAR` };
    case "decimal":
    case "date":
    case "time":
      return { ours: `CAST(${ours} AS STRING)`, duck: `(${duck})::VARCHAR` };
    default:
      return { ours, duck };
  }
}

const COLUMNS: Readonly<Record<string, string>> = {
  p: "DECIMAL(10, 2)",
  q: "DECIMAL(18, 6)",
  x: "DOUBLE",
  i: "BIGINT",
  d: "DATE",
  t: "TIMESTAMP",
  h: "TIME",
  a: "ARRAY<BIGINT>",
  m: "MAP<STRING, BIGINT>",
  s: "STRUCT<n BIGINT, w STRING>",
  u: "STRING",
};
const DUCK_TYPES: Readonly<Record<string, string>> = {
  ...COLUMNS,
  a: "BIGINT[]",
  m: "MAP(VARCHAR, BIGINT)",
  s: "STRUCT(n BIGINT, w VARCHAR)",
  u: "VARCHAR",
};

/** A value as JSON for us and as SQL for DuckDB. */
const VALUES: Readonly<Record<string, readonly (readonly [json: string, sql: string])[]>> = {
  p: ["0.00", "12.30", "-99999999.99", "0.05", "7"].map((text) => [text, text] as const),
  q: ["0.000001", "-3.5", "999999999999.999999", "1.000000"].map((text) => [text, text] as const),
  x: ["0.5", "-2.25", "1e10"].map((text) => [text, text] as const),
  i: ["0", "1", "2", "-1"].map((text) => [text, text] as const),
  d: ["2024-01-31", "1969-12-31", "2000-02-29"].map((text) => [`"${text}"`, `'${text}'`] as const),
  t: ["2024-03-31T01:30:00Z", "1999-12-31T23:59:59.999Z", "2024-10-27T00:30:00Z"].map(
    (text) => [`"${text}"`, `'${text.replace("Z", "")}'`] as const,
  ),
  h: ["00:00:00", "12:34:56", "23:59:59"].map((text) => [`"${text}"`, `'${text}'`] as const),
  a: ["[]", "[1, 2, 3]", "[null, 5]"].map((text) => [text, text] as const),
  m: [
    ["{}", "MAP {}"],
    ['{"k": 7}', "MAP {'k': 7}"],
  ],
  s: [
    ['{"n": 1, "w": "a"}', "{'n': 1, 'w': 'a'}"],
    ['{"n": null, "w": "é"}', "{'n': NULL, 'w': 'é'}"],
  ],
  u: ["abc", "É", "a_b", "😀", "12.5", ""].map((text) => [`"${text}"`, `'${text}'`] as const),
};

function randomRow(): { readonly json: string; readonly sql: string } {
  const cells = Object.keys(COLUMNS).map(
    (name) => [name, random() < 0.2 ? (["null", "NULL"] as const) : pick(VALUES[name] ?? [])] as const,
  );
  return {
    json: `{${cells.map(([name, [json]]) => `"${name}": ${json}`).join(", ")}}`,
    sql: cells.map(([name, [, sql]]) => `CAST(${sql} AS ${DUCK_TYPES[name]})`).join(", "),
  };
}

describe("values of every type against DuckDB", () => {
  let connection: DuckDBConnection;
  const rows = Array.from({ length: ROWS }, randomRow);
  const stream = `CREATE STREAM r (${Object.entries(COLUMNS)
    .map(([name, type]) => `${name} ${type}`)
    .join(", ")});`;

  beforeAll(async () => {
    connection = await (await DuckDBInstance.create()).connect();
    await connection.run("SET TimeZone = 'UTC'");
    const columns = Object.entries(DUCK_TYPES).map(([name, type]) => `${name} ${type}`);
    await connection.run(`CREATE TABLE r (number INTEGER, ${columns.join(", ")})`);
    for (const [index, { sql }] of rows.entries()) await connection.run(`INSERT INTO r VALUES (${index}, ${sql})`);
  });

  it(`are the same for ${CASES} random expressions (seed ${SEED})`, async () => {
    let compared = 0;
    for (let n = 0; n < CASES; n++) {
      const kind = pick(Object.keys(LEAVES) as Kind[]);
      const { ours, duck } = shown(kind, expression(kind, 3));
      const expected = await evaluate(connection, duck);
      if (expected === null) continue;
      compared++;
      const run = runStatement(
        `${stream} INSERT INTO o SELECT ${ours} AS v FROM r`,
        rows.map(({ json }) => json),
      );
      expect([...run.errors], `seed ${SEED}: ${ours}`).toEqual([]);
      for (const [row, value] of expected.entries()) {
        const actual = (run.documents[row] as { readonly v: unknown }).v;
        const message = `seed ${SEED}: ${ours}\nDuckDB: ${duck}\nof ${rows[row]?.json}`;
        if (typeof value !== "number") expect(actual, message).toBe(value);
        else if (Number.isFinite(value)) expect(Math.abs((actual as number) - value), message).toBeLessThanOrEqual(Math.abs(value) * 1e-12);
        else expect(actual, message).toBeNull();
      }
    }
    expect(compared).toBeGreaterThan(CASES / 2);
  });
});

/** null: DuckDB refuses the expression, or one of its rows. */
async function evaluate(connection: DuckDBConnection, sql: string): Promise<unknown[] | null> {
  try {
    const result = await connection.runAndReadAll(`SELECT ${sql} AS v FROM r ORDER BY number`);
    return result.getRowsJS().map(([value]) => (typeof value === "bigint" ? Number(value) : value));
  } catch {
    return null;
  }
}

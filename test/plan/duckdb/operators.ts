import { type Both, both, type Chance } from "./dialects.ts";

/** What an expression gives. `json` is a text that is JSON. */
export type Kind =
  | "flag"
  | "integer"
  | "double"
  | "decimal"
  | "text"
  | "json"
  | "date"
  | "timestamp"
  | "time"
  | "interval"
  | "bytes"
  | "integers"
  | "texts"
  | "map"
  | "struct";

/** Arguments of functions that must be small, or of some form. */
export type Leaf =
  | "exact"
  | "small"
  | "unit"
  | "positive"
  | "pattern"
  | "separator"
  | "zone"
  | "word"
  | "path"
  | "hex"
  | "base64"
  | "moderate";

const big = (text: string): Both => ({ ours: `(${text})::BIGINT`, duck: `(${text})::BIGINT` });
const real = (text: string): Both => ({ ours: text, duck: `${text}::DOUBLE` });

export const LEAVES: Readonly<Record<Kind | Leaf, readonly (string | Both)[]>> = {
  flag: ["f", "TRUE", "FALSE", "CAST(NULL AS BOOLEAN)"],
  integer: ["i", "k", "n::BIGINT", big("3"), big("-2"), big("0"), "CAST(NULL AS BIGINT)"],
  double: ["x", "y", real("1.5"), real("0.25"), "CAST(NULL AS DOUBLE)"],
  decimal: ["p", "q", "r", "CAST('12.30' AS DECIMAL(6, 2))", "CAST(-7 AS DECIMAL(4, 1))", "CAST(2.5 AS DECIMAL(3, 1))"],
  text: ["s", "u", "'a'", "''", "'été'", "'A_b'", "'😀x'", "'12'", "CAST(NULL AS VARCHAR)"],
  json: ["j", '\'{"k": {"z": [1, 2]}}\'', "'[\"a\", 1.5]'"],
  date: ["d", "DATE '2024-02-29'", "CAST(NULL AS DATE)"],
  timestamp: ["t", "TIMESTAMP '2023-12-31 23:59:59'", "CAST(NULL AS TIMESTAMP)"],
  time: ["h", "TIME '23:30:00'"],
  interval: ["INTERVAL '1' MONTH", "INTERVAL '36' HOUR", "INTERVAL '1 year 2 months 3 days'", "INTERVAL '-90' MINUTE"],
  bytes: ["b", "CAST(NULL AS BLOB)"],
  integers: ["a", { ours: "ARRAY[1, NULL, 3]", duck: "[1::BIGINT, NULL, 3]" }],
  texts: ["w", "ARRAY['x', NULL, 'été']"],
  map: ["m", { ours: "MAP('k' := 1, 'l' := NULL)", duck: "MAP {'k': 1::BIGINT, 'l': NULL}" }],
  struct: ["o", { ours: "STRUCT(n := CAST(5 AS BIGINT), w := 'ü')", duck: "{'n': 5::BIGINT, 'w': 'ü'}" }],
  exact: ["x", "y", real("1.5"), real("0.25"), "CAST(NULL AS DOUBLE)"],
  small: ["n", "1", "2", "-1", "0", "3", "-2"],
  unit: ["0.5::DOUBLE", "(-1)::DOUBLE", "1::DOUBLE", "0::DOUBLE", "0.125::DOUBLE"],
  moderate: ["x / 1e9", "0.5::DOUBLE", "n::DOUBLE", "2.5::DOUBLE", "-1.25::DOUBLE"],
  positive: ["(abs(x) + 0.5::DOUBLE)", "2::DOUBLE", "10::DOUBLE", "0.3::DOUBLE", "abs(n::DOUBLE)"],
  pattern: ["'[a-z]+'", "'(a)(b)?'", "'^.'", "'\\d'", "'[[:alpha:]]'", "'é|😀'", "'\\s*'", "'(?i)A'", "'x*'", "'\\bA'", "'.$'"],
  separator: ["'[a-z]'", "','", "'\\d+'", "'é|b'"],
  zone: ["'Europe/Berlin'", "'America/New_York'", "'Asia/Kolkata'", "'UTC'"],
  word: ["'a'", "'b'", "','", "'_'", "'😀'", "' '", "'ab'"],
  path: ["'$.a'", "'$.b[0]'", "'$.b[2]'", "'$[1]'", "'$'", "'$.nope'"],
  hex: ["'6869'", "'00fF'", "''", "'C3A9'"],
  base64: ["'aGk='", "''", "'AP8Q'"],
};

const ORDERED: readonly Kind[] = [
  "flag",
  "integer",
  "double",
  "decimal",
  "date",
  "timestamp",
  "time",
  "interval",
  "integers",
  "texts",
  "struct",
  "text",
];
const ANY_KIND = Object.keys(LEAVES).slice(0, 15) as readonly Kind[];
const LIKES = ["'a%'", "'%b%'", "'_'", "'%_é'", "'a\\_%' ESCAPE '\\'", "''", "'%'"];
const EQUALS = ["=", "<>", "!=", "<", "<=", ">", ">="] as const;

export type Sub = (kind: Kind | Leaf) => Both;
type Rules = (sub: Sub, chance: Chance) => readonly (() => Both)[];

/** Of every kind. */
export function common(kind: Kind, given: Sub): readonly (() => Both)[] {
  // Of decimals of different scales DuckDB drops digits where they would not fit.
  const sub: Sub = (of) => (of === "decimal" ? both`CAST(${given(of)} AS DECIMAL(38, 10))` : given(of));
  return [
    () => both`CASE WHEN ${sub("flag")} THEN ${sub(kind)} ELSE ${sub(kind)} END`,
    () => both`CASE WHEN ${sub("flag")} THEN ${sub(kind)} WHEN ${sub("flag")} THEN ${sub(kind)} END`,
    () => both`CASE ${sub("text")} WHEN ${sub("text")} THEN ${sub(kind)} WHEN 'a' THEN ${sub(kind)} ELSE ${sub(kind)} END`,
  ];
}

function lambdas(name: string, array: Both, body: string): Both {
  return { ours: `${name}(${array.ours}, e => ${body})`, duck: `${name}(${array.duck}, lambda e: ${body})` };
}

/** Operators, conditions, casts and constructors, by what they give. */
export const OPERATORS: Readonly<Record<Kind, Rules>> = {
  flag: (sub, chance) => [
    () => both`(${sub("flag")} ${chance.pick(["AND", "OR"])} ${sub("flag")})`,
    () => both`(NOT ${sub("flag")})`,
    () => {
      const kind = chance.pick(ORDERED);
      return both`(${sub(kind)} ${chance.pick(EQUALS)} ${sub(kind)})`;
    },
    () => {
      // Of maps the order of the entries counts there.
      const kind = chance.pick(ANY_KIND.filter((one) => one !== "map"));
      return both`(${sub(kind)} IS ${chance.pick(["DISTINCT", "NOT DISTINCT"])} FROM ${sub(kind)})`;
    },
    () => {
      const kind = chance.pick(ORDERED);
      return both`(${sub(kind)} ${chance.pick(["BETWEEN", "NOT BETWEEN"])} ${sub(kind)} AND ${sub(kind)})`;
    },
    () => {
      const kind = chance.pick(ORDERED);
      return both`(${sub(kind)} ${chance.pick(["IN", "NOT IN"])} (${sub(kind)}, ${sub(kind)}, ${sub(kind)}))`;
    },
    () => both`(${sub("integer")} ${chance.pick(EQUALS)} ${sub(chance.pick(["double", "decimal"]))})`,
    () => both`(${sub("decimal")} ${chance.pick(["IN", "NOT IN"])} (${sub("integer")}, ${sub("decimal")}))`,
    () => both`(${sub("date")} ${chance.pick(EQUALS)} ${sub("timestamp")})`,
    () => both`(${sub("text")} ${chance.pick(["LIKE", "NOT LIKE"])} ${chance.pick(LIKES)})`,
    () =>
      both`(${sub("text")} ${chance.pick(["ILIKE", "NOT ILIKE"])} ${chance.pick(["'É%'", "'a!_%' ESCAPE '!'", "'%X'", "'_'", "'%σ'"])})`,
    () => both`(${sub("text")} LIKE ${sub("text")})`,
    () => {
      const [text, pattern] = [sub("text"), sub("pattern")];
      return { ours: `(${text.ours} RLIKE ${pattern.ours})`, duck: `regexp_matches(${text.duck}, ${pattern.duck})` };
    },
    () => both`(${sub(chance.pick(ANY_KIND))} IS ${chance.pick(["NULL", "NOT NULL"])})`,
    () => both`(${sub("flag")} IS ${chance.pick(["TRUE", "NOT TRUE", "FALSE", "NOT FALSE"])})`,
    () => both`CAST(${sub(chance.pick(["integer", "decimal", "double"]))} AS BOOLEAN)`,
    () => both`TRY_CAST(${sub("text")} AS BOOLEAN)`,
  ],
  integer: (sub, chance) => [
    () => both`(${sub("integer")} ${chance.pick(["+", "-", "*"])} ${sub("integer")})`,
    () => both`(${sub("integer")} % ${sub("integer")})`,
    () => both`(- ${sub("integer")})`,
    () => both`(${sub("date")} - ${sub("date")})`,
    () => both`CAST(${sub(chance.pick(["decimal", "double", "flag"]))} AS BIGINT)`,
    () => both`TRY_CAST(${sub(chance.pick(["text", "decimal", "double"]))} AS BIGINT)`,
    () => both`CAST(TRY_CAST(${sub(chance.pick(["text", "integer", "double"]))} AS INT) AS BIGINT)`,
    () => both`${sub("integers")}[${chance.pick(["1", "2", "-1", "0", "9", "n"])}]`,
    () => {
      const [map, key] = [sub("map"), chance.pick(["'k'", "'l'", "'zz'", "s"])];
      return both`${map}[${key}]`;
    },
    () => both`(${sub("struct")}).n`,
  ],
  double: (sub, chance) => [
    () => both`(${sub("double")} ${chance.pick(["+", "-", "*"])} ${sub(chance.pick(["double", "integer"]))})`,
    () => both`(${sub(chance.pick(["double", "integer", "decimal"]))} / nullif(${sub("double")}, 0))`,
    () => both`(${sub("decimal")} / nullif(${sub("integer")}, 0))`,
    // The last digit of 1e300 / cbrt(1.5) is the first one of what is left over.
    () => both`(${sub("exact")} % ${sub("exact")})`,
    () => both`(- ${sub("double")})`,
    () => both`CAST(${sub(chance.pick(["decimal", "integer"]))} AS DOUBLE)`,
    () => both`TRY_CAST(${sub("text")} AS DOUBLE)`,
  ],
  decimal: (sub, chance) => [
    () => both`(${sub("decimal")} ${chance.pick(["+", "-", "*"])} ${sub(chance.pick(["decimal", "integer"]))})`,
    () => both`(CAST(${sub("decimal")} AS DECIMAL(18, 6)) % CAST(${sub("decimal")} AS DECIMAL(18, 6)))`,
    () => both`(- ${sub("decimal")})`,
    () => both`CAST(${sub(chance.pick(["decimal", "integer"]))} AS DECIMAL(${chance.pick(["20, 0", "20, 1", "20, 4", "38, 5"])}))`,
    () => both`TRY_CAST(${sub(chance.pick(["text", "decimal", "double"]))} AS DECIMAL(9, 2))`,
  ],
  text: (sub, chance) => [
    () => both`(${sub("text")} || ${sub(chance.pick(["text", "integer", "decimal", "date", "flag"]))})`,
    () => both`CAST(${sub(chance.pick(["integer", "decimal", "date", "flag"]))} AS VARCHAR)`,
    () => both`(${sub("struct")}).w`,
    () => both`${sub("text")}[${chance.pick(["1", "-1", "2", "0", "n"])}]`,
    () => both`${sub("texts")}[${chance.pick(["1", "-1", "2"])}]`,
  ],
  json: () => [],
  date: (sub, chance) => [
    () => both`(${sub("date")} ${chance.pick(["+", "-"])} ${chance.pick(["3", "400", "n"])})`,
    () => both`CAST(${sub("timestamp")} AS DATE)`,
    () => both`TRY_CAST(${sub("text")} AS DATE)`,
  ],
  timestamp: (sub, chance) => [
    () => both`(${sub(chance.pick(["timestamp", "date"]))} ${chance.pick(["+", "-"])} ${sub("interval")})`,
    () => both`(${sub("date")} + ${sub("time")})`,
    () => both`CAST(${sub("date")} AS TIMESTAMP)`,
    () => {
      const [time, zone] = [sub("timestamp"), sub("zone")];
      return { ours: `(${time.ours} AT TIME ZONE ${zone.ours})`, duck: `((${time.duck} AT TIME ZONE 'UTC') AT TIME ZONE ${zone.duck})` };
    },
  ],
  time: (sub, chance) => [
    () => both`(${sub("time")} ${chance.pick(["+", "-"])} ${sub("interval")})`,
    () => both`CAST(${sub("timestamp")} AS TIME)`,
  ],
  interval: (sub, chance) => [
    () => both`(${sub("timestamp")} - ${sub("timestamp")})`,
    () => both`(${sub("interval")} ${chance.pick(["+", "-"])} ${sub("interval")})`,
    () => both`(${sub("interval")} * ${chance.pick(["2", "3", "-1"])})`,
    () => both`(- ${sub("interval")})`,
  ],
  bytes: () => [],
  integers: (sub, chance) => [
    () => both`ARRAY[${sub("integer")}, ${sub("integer")}]`,
    () => lambdas("list_transform", sub("integers"), `e * ${chance.pick(["2", "-1", "i"])}`),
    () => lambdas("list_transform", sub("integers"), `CASE WHEN e > ${chance.pick(["1", "n"])} THEN e - 1 ELSE i END`),
    () => lambdas("list_filter", sub("integers"), chance.pick(["e > 1", "e IS NULL", "e % 2 = 0 OR f"])),
  ],
  texts: (sub, chance) => [
    () => both`ARRAY[${sub("text")}, ${sub("text")}, ${sub("text")}]`,
    () => lambdas("list_transform", sub("texts"), chance.pick(["e || s", "upper(e)", "coalesce(e, u)", "e[1]"])),
    () => lambdas("list_filter", sub("texts"), chance.pick(["e <> ''", "e LIKE 'a%'", "length(e) = n"])),
  ],
  map: (sub) => [
    () => {
      const [first, second] = [sub("integer"), sub("integer")];
      return { ours: `MAP('k' := ${first.ours}, 'z' := ${second.ours})`, duck: `MAP {'k': ${first.duck}, 'z': ${second.duck}}` };
    },
  ],
  struct: (sub) => [
    () => {
      const [n, w] = [sub("integer"), sub("text")];
      return { ours: `STRUCT(n := CAST(${n.ours} AS BIGINT), w := ${w.ours})`, duck: `{'n': (${n.duck})::BIGINT, 'w': ${w.duck}}` };
    },
  ],
};

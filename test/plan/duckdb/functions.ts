import { type Both, type Chance, filled } from "./dialects.ts";
import type { Kind, Leaf, Sub } from "./operators.ts";

type Argument = Kind | Leaf;

/** One way to call a function: what it gives, what it takes, and how it is written here and there; `$1` is the first argument. */
interface Shape {
  readonly gives: Kind;
  readonly takes: readonly Argument[];
  readonly ours: string;
  readonly duck: string;
}

type Maker = (name: string) => Shape;

function pair(gives: Kind, takes: readonly Argument[], ours: string | null, duck: string | null): Maker {
  return (name) => {
    const plain = `${name}(${takes.map((_, index) => `$${index + 1}`).join(", ")})`;
    return { gives, takes, ours: ours ?? plain, duck: duck ?? plain };
  };
}

/** Under the same name there. */
const same = (gives: Kind, ...takes: readonly Argument[]): Maker => pair(gives, takes, null, null);

/** Written otherwise there. */
const as = (duck: string, gives: Kind, ...takes: readonly Argument[]): Maker => pair(gives, takes, null, duck);

/** Of one unit after the other, for which `%` stands. */
const each = (units: readonly string[], ours: string, duck: string, gives: Kind, ...takes: readonly Argument[]): readonly Maker[] =>
  units.map((unit) => pair(gives, takes, ours.replaceAll("%", unit), duck.replaceAll("%", unit)));

const TRUNCATED = ["millisecond", "second", "minute", "hour", "day", "week", "month", "quarter", "year", "decade"];
const COUNTED = ["second", "minute", "hour", "day", "week", "month", "quarter", "year"];
const STEPS = ["MINUTE", "HOUR", "DAY", "WEEK", "MONTH", "YEAR"];
/** Where the digits would be too many DuckDB goes over to doubles. */
const MOD = "mod(CAST($1 AS DECIMAL(18, 6)), CAST($2 AS DECIMAL(18, 6)))";
/** DuckDB makes doubles of integers. */
const ROUNDED = [same("double", "double"), same("decimal", "decimal"), as("$1", "integer", "integer")];
/** DuckDB makes 0 of what is infinite or no number where digits before the point are rounded. */
const ROUND = "CASE WHEN $2 < 0 AND NOT isfinite($1) THEN $1 ELSE round($1, $2) END";
const REAL = [same("double", "double")];
const PART = [same("integer", "timestamp"), same("integer", "date")];
const TEXT = [same("text", "text")];
/** Of decimals of different scales DuckDB drops digits where they would not fit. */
const DECIMALS = (name: string) => `${name}(CAST($1 AS DECIMAL(38, 10)), CAST($2 AS DECIMAL(38, 10)))`;
const EXTREMES = [
  (name: string) => pair("decimal", ["decimal", "decimal"], DECIMALS(name), DECIMALS(name))(name),
  ...(["integer", "double", "text", "date", "timestamp"] as const).map((kind) => same(kind, kind, kind)),
  same("integer", "integer", "integer", "integer"),
];
/** Our scalar functions that DuckDB has too, with what they are there. */
export const SHARED: Readonly<Record<string, readonly Maker[]>> = {
  // Texts
  upper: TEXT,
  lower: TEXT,
  trim: [same("text", "text"), same("text", "text", "word")],
  ltrim: [same("text", "text"), same("text", "text", "word")],
  rtrim: [same("text", "text"), same("text", "text", "word")],
  length: [same("integer", "text")],
  substring: [same("text", "text", "small"), same("text", "text", "small", "small")],
  concat: [same("text", "text", "integer", "text"), same("text", "text", "decimal")],
  concat_ws: [same("text", "word", "text", "text"), same("text", "text", "integer", "text")],
  replace: [same("text", "text", "word", "text"), same("text", "text", "text", "text")],
  starts_with: [same("flag", "text", "word"), same("flag", "text", "text")],
  ends_with: [same("flag", "text", "word"), same("flag", "text", "text")],
  contains: [same("flag", "text", "word"), same("flag", "text", "text")],
  left: [same("text", "text", "small")],
  right: [same("text", "text", "small")],
  lpad: [same("text", "text", "small", "word")],
  rpad: [same("text", "text", "small", "word")],
  repeat: [same("text", "text", "small")],
  reverse: TEXT,
  instr: [same("integer", "text", "text"), same("integer", "text", "word")],
  split_part: [same("text", "text", "word", "small"), same("text", "text", "text", "small")],
  translate: [same("text", "text", "word", "text")],
  chr: [same("text", "small"), pair("text", ["small"], "chr($1 + 128512)", "chr($1 + 128512)")],
  unicode: [same("integer", "text")],
  ascii: [same("integer", "text")],
  strip_accents: TEXT,
  octet_length: [as("octet_length(encode($1))", "integer", "text")],
  levenshtein: [
    pair(
      "integer",
      ["text", "text"],
      "CASE WHEN is_ascii($1 || $2) THEN levenshtein($1, $2) END",
      "CASE WHEN strlen($1 || $2) = length($1 || $2) THEN levenshtein($1, $2) END",
    ),
  ],
  is_ascii: [as("(strlen($1) = length($1))", "flag", "text")],
  // Regular expressions
  regexp_matches: [
    same("flag", "text", "pattern"),
    ...each(["i", "s"], "regexp_matches($1, $2, '%')", "regexp_matches($1, $2, '%')", "flag", "text", "pattern"),
  ],
  regexp_full_match: [same("flag", "text", "pattern")],
  regexp_extract: [as("CASE WHEN regexp_matches($1, $2) THEN regexp_extract($1, $2) END", "text", "text", "pattern")],
  regexp_extract_all: [same("texts", "text", "pattern")],
  regexp_replace: [as("regexp_replace($1, $2, $3, 'g')", "text", "text", "pattern", "word")],
  regexp_split_to_array: [same("texts", "text", "separator")],
  regexp_count: [as("len(regexp_extract_all($1, $2))", "integer", "text", "pattern")],
  // URLs, digests, bytes
  url_encode: TEXT,
  md5: TEXT,
  sha1: TEXT,
  sha256: TEXT,
  encode: [same("bytes", "text")],
  decode: [same("text", "bytes")],
  hex: TEXT,
  unhex: [same("bytes", "hex")],
  to_base64: [same("text", "bytes")],
  from_base64: [same("bytes", "base64")],
  bytes_length: [as("octet_length($1)", "integer", "bytes")],
  // Numbers
  abs: [same("double", "double"), same("decimal", "decimal"), same("integer", "integer")],
  round: [
    ...ROUNDED,
    as(ROUND, "double", "double", "small"),
    ...each(["0", "1", "2", "-1"], "CAST(round($1, %) AS DECIMAL(38, 10))", "round($1, %)::DECIMAL(38, 10)", "decimal", "decimal"),
    pair("integer", ["integer", "small"], "round($1 % 1000007, $2)", "round($1 % 1000007, $2)"),
  ],
  floor: ROUNDED,
  ceil: ROUNDED,
  trunc: ROUNDED,
  sign: [
    as("sign($1)::BIGINT", "integer", "double"),
    as("sign($1)::BIGINT", "integer", "integer"),
    as("sign($1)::BIGINT", "integer", "decimal"),
  ],
  mod: [same("integer", "integer", "integer"), same("double", "exact", "exact"), pair("decimal", ["decimal", "decimal"], MOD, MOD)],
  sqrt: REAL,
  power: [same("double", "positive", "moderate"), same("double", "double", "small")],
  even: REAL,
  gcd: [same("integer", "integer", "integer")],
  lcm: [same("integer", "integer", "integer")],
  isnan: [same("flag", "double")],
  isfinite: [same("flag", "double")],
  greatest: EXTREMES,
  least: EXTREMES,
  exp: [same("double", "moderate")],
  ln: [same("double", "positive"), same("double", "double")],
  log: [same("double", "positive"), same("double", "double"), same("double", "positive", "positive")],
  log2: [same("double", "positive"), same("double", "double")],
  log10: [same("double", "positive"), same("double", "double")],
  cbrt: REAL,
  // Trigonometry
  sin: [same("double", "moderate")],
  cos: [same("double", "moderate")],
  tan: [same("double", "moderate")],
  cot: [same("double", "positive")],
  asin: [same("double", "unit"), same("double", "double")],
  acos: [same("double", "unit"), same("double", "double")],
  atan: REAL,
  atan2: [same("double", "double", "double")],
  sinh: [same("double", "moderate")],
  cosh: [same("double", "moderate")],
  tanh: [same("double", "moderate")],
  asinh: [same("double", "moderate")],
  acosh: [pair("double", ["positive"], "acosh($1 + 1)", "acosh($1 + 1)")],
  atanh: [pair("double", ["unit"], "atanh($1 / 2)", "atanh($1 / 2)"), same("double", "double")],
  degrees: REAL,
  radians: REAL,
  pi: [same("double")],
  // Conditions
  coalesce: (["integer", "text", "timestamp", "integers", "struct", "map"] as const).map((kind) => same(kind, kind, kind)),
  nullif: (["integer", "text", "date", "timestamp", "double"] as const).map((kind) => same(kind, kind, kind)),
  if: (["integer", "text", "date"] as const).map((kind) => same(kind, "flag", kind, kind)),
  // Times
  date_trunc: [
    ...each(TRUNCATED, "date_trunc('%', $1)", "date_trunc('%', $1)", "timestamp", "timestamp"),
    ...each(["day", "week", "month", "year"], "date_trunc('%', $1)", "date_trunc('%', $1)", "timestamp", "date"),
  ],
  date_part: each(
    ["year", "month", "week", "doy", "dow", "hour", "epoch", "isoyear"],
    "date_part('%', $1)",
    "date_part('%', $1)::DOUBLE",
    "double",
    "timestamp",
  ),
  year: PART,
  quarter: PART,
  month: PART,
  week: PART,
  isoyear: PART,
  day: PART,
  dayofyear: PART,
  dayofweek: PART,
  isodow: PART,
  hour: PART,
  minute: PART,
  second: PART,
  millisecond: PART,
  dayname: [same("text", "timestamp"), same("text", "date")],
  monthname: [same("text", "timestamp"), same("text", "date")],
  last_day: [same("date", "timestamp"), same("date", "date")],
  date_diff: each(COUNTED, "date_diff('%', $1, $2)", "date_diff('%', $1, $2)", "integer", "timestamp", "timestamp"),
  timestampadd: each(STEPS, "timestampadd(%, $1, $2)", "($2 + $1 * INTERVAL 1 %)", "timestamp", "small", "timestamp"),
  timestampsub: each(STEPS, "timestampsub(%, $1, $2)", "($2 - $1 * INTERVAL 1 %)", "timestamp", "small", "timestamp"),
  dateadd: each(STEPS, "dateadd(%, $1, $2)", "CAST($2 + $1 * INTERVAL 1 % AS DATE)", "date", "small", "date"),
  datesub: each(STEPS, "datesub(%, $1, $2)", "CAST($2 - $1 * INTERVAL 1 % AS DATE)", "date", "small", "date"),
  timeadd: each(["MINUTE", "HOUR"], "timeadd(%, $1, $2)", "($2 + $1 * INTERVAL 1 %)", "time", "small", "time"),
  timesub: each(["MINUTE", "HOUR"], "timesub(%, $1, $2)", "($2 - $1 * INTERVAL 1 %)", "time", "small", "time"),
  time_bucket: each(
    ["1 minute", "7 minutes", "3 days", "5 months"],
    "time_bucket(INTERVAL '%', $1)",
    "time_bucket(INTERVAL '%', $1)",
    "timestamp",
    "timestamp",
  ),
  epoch_ms: [same("integer", "timestamp")],
  epoch: [same("double", "timestamp")],
  unix_timestamp: [as("epoch_ms($1)", "integer", "timestamp")],
  unix_date: [as("($1 - DATE '1970-01-01')", "integer", "date")],
  days_of: [as("($1::DATE - DATE '1970-01-01')", "integer", "timestamp")],
  from_unixtime: [as("epoch_ms($1::BIGINT)", "timestamp", "small")],
  to_timestamp: [as("(to_timestamp($1) AT TIME ZONE 'UTC')", "timestamp", "moderate")],
  from_days: [as("(DATE '1970-01-01' + $1)", "date", "small")],
  make_date: [pair("date", ["small", "small", "small"], "make_date(2000 + $1, $2, $3)", "make_date(2000 + $1, $2, $3)")],
  make_timestamp: [
    pair(
      "timestamp",
      ["small", "small", "small", "small", "small"],
      "make_timestamp(2000 + $1, $2, $3, $4, $5, 1.5)",
      "make_timestamp(2000 + $1, $2, $3, $4, $5, 1.5)",
    ),
  ],
  format_timestamp: [
    pair("text", ["timestamp"], "format_timestamp($1, 'yyyy-MM-dd HH:mm:ss.SSS')", "strftime($1, '%Y-%m-%d %H:%M:%S.%g')"),
  ],
  format_date: [pair("text", ["date"], "format_date($1, 'EEEE dd.MM.yyyy')", "strftime($1, '%A %d.%m.%Y')")],
  format_time: [pair("text", ["time"], "format_time($1, 'hh:mm a')", "strftime(DATE '2000-01-01' + $1, '%I:%M %p')")],
  parse_timestamp: [
    pair(
      "timestamp",
      ["date"],
      "parse_timestamp(CAST($1 AS STRING) || ' 07:08:09', 'yyyy-MM-dd HH:mm:ss')",
      "strptime($1::VARCHAR || ' 07:08:09', '%Y-%m-%d %H:%M:%S')",
    ),
  ],
  parse_date: [
    pair("date", ["date"], "parse_date(format_date($1, 'd.M.yyyy'), 'd.M.yyyy')", "strptime(strftime($1, '%-d.%-m.%Y'), '%d.%m.%Y')::DATE"),
  ],
  convert_tz: [
    pair("timestamp", ["timestamp", "zone"], "convert_tz($1, 'UTC', $2)", "(($1 AT TIME ZONE 'UTC') AT TIME ZONE $2)"),
    pair("timestamp", ["timestamp", "zone"], "convert_tz($1, $2, 'UTC')", "(($1 AT TIME ZONE $2) AT TIME ZONE 'UTC')"),
  ],
  // JSON
  extractjsonfield: [as("json_extract_string($1, $2)", "text", "json", "path")],
  is_json_string: [as("coalesce(json_valid($1), FALSE)", "flag", "text"), as("coalesce(json_valid($1), FALSE)", "flag", "json")],
  to_json_string: [
    as("coalesce(to_json($1)::VARCHAR, 'null')", "text", "integers"),
    as("coalesce(to_json($1)::VARCHAR, 'null')", "text", "text"),
    as("coalesce(to_json($1)::VARCHAR, 'null')", "text", "struct"),
    as("coalesce(to_json($1)::VARCHAR, 'null')", "text", "map"),
    as("coalesce(to_json($1)::VARCHAR, 'null')", "text", "integer"),
  ],
  json_array_length: [as("CASE json_type($1) WHEN 'ARRAY' THEN json_array_length($1)::BIGINT END", "integer", "json")],
  json_keys: [as("CASE json_type($1) WHEN 'OBJECT' THEN json_keys($1) END", "texts", "json")],
  json_type: [
    as("replace(replace(replace(json_type($1), 'UBIGINT', 'NUMBER'), 'BIGINT', 'NUMBER'), 'DOUBLE', 'NUMBER')", "text", "json"),
    as("replace(replace(replace(json_type($1, $2), 'UBIGINT', 'NUMBER'), 'BIGINT', 'NUMBER'), 'DOUBLE', 'NUMBER')", "text", "json", "path"),
  ],
  // Arrays
  array_length: [as("len($1)", "integer", "integers"), as("len($1)", "integer", "texts")],
  array_contains: [pair("flag", ["integers", "integer"], "array_contains($1, coalesce($2, 0))", "list_contains($1, coalesce($2, 0))")],
  array_position: [as("list_position($1, $2)", "integer", "integers", "integer"), as("list_position($1, $2)", "integer", "texts", "text")],
  array_distinct: (["integers", "texts"] as const).map((kind) =>
    pair(kind, [kind], "array_sort(filter(array_distinct($1), v => v IS NOT NULL))", "list_sort(list_distinct($1))"),
  ),
  array_concat: (["integers", "texts"] as const).map((kind) =>
    as("CASE WHEN $1 IS NOT NULL OR $2 IS NOT NULL THEN list_concat($1, $2) END", kind, kind, kind),
  ),
  array_append: [as("list_append($1, $2)", "integers", "integers", "integer"), as("list_append($1, $2)", "texts", "texts", "text")],
  array_prepend: [as("list_prepend($1, $2)", "integers", "integer", "integers")],
  array_intersect: [
    pair(
      "integers",
      ["integers", "integers"],
      "array_sort(filter(array_intersect($1, $2), v => v IS NOT NULL))",
      "CASE WHEN $1 IS NOT NULL AND $2 IS NOT NULL THEN list_sort(list_filter(list_intersect($1, $2), lambda v: v IS NOT NULL)) END",
    ),
  ],
  array_max: [as("list_max($1)", "integer", "integers"), as("list_max($1)", "text", "texts")],
  array_min: [as("list_min($1)", "integer", "integers"), as("list_min($1)", "text", "texts")],
  array_sort: [
    as("list_sort($1, 'ASC', 'NULLS LAST')", "integers", "integers"),
    as("list_sort($1, 'ASC', 'NULLS LAST')", "texts", "texts"),
  ],
  array_reverse: [as("list_reverse($1)", "integers", "integers"), as("list_reverse($1)", "texts", "texts")],
  array_join: [as("array_to_string($1, $2)", "text", "texts", "word")],
  slice: [
    as("list_slice($1, $2, $3)", "integers", "integers", "small", "small"),
    as("list_slice($1, $2, $3)", "texts", "texts", "small", "small"),
  ],
  element_at: [as("list_extract($1, $2)", "integer", "integers", "small"), as("list_extract($1, $2)", "text", "texts", "small")],
  flatten: [pair("integers", ["integers", "integers"], "flatten(ARRAY[$1, $2])", "flatten([$1, $2])")],
  generate_series: [
    same("integers", "small", "small"),
    ...each(["2", "-1"], "generate_series($1, $2, %)", "generate_series($1, $2, %)", "integers", "small", "small"),
  ],
  split: [
    as("string_split($1, $2)", "texts", "text", "word"),
    as("CASE WHEN $2 IS NOT NULL THEN string_split($1, $2) END", "texts", "text", "text"),
  ],
  elt: [as("CASE WHEN $1 > 0 THEN list_extract([$2, $3], $1) END", "integer", "small", "integer", "integer")],
  field: [as("CASE WHEN $1 IS NULL THEN 0 ELSE coalesce(list_position([$2, $3], $1), 0) END", "integer", "text", "text", "text")],
  // Maps
  map_keys: [same("texts", "map")],
  map_values: [same("integers", "map")],
  map_size: [as("cardinality($1)::BIGINT", "integer", "map")],
  map_contains: [same("flag", "map", "word")],
  map_union: [as("map_concat($1, $2)", "map", "map", "map")],
  map_entries: [pair("text", ["map"], "CAST(map_entries($1) AS STRING)", "to_json(map_entries($1))::VARCHAR")],
  // Functions of functions
  list_transform: [pair("integers", ["integers", "integer"], "transform($1, v => v + $2)", "list_transform($1, lambda v: v + $2)")],
  list_filter: [pair("texts", ["texts", "text"], "filter($1, v => v <= $2)", "list_filter($1, lambda v: v <= $2)")],
  list_reduce: [
    pair(
      "integer",
      ["integers", "integer"],
      "reduce($1, $2, (s, v) => s - v)",
      "CASE WHEN $1 IS NOT NULL AND $2 IS NOT NULL THEN list_reduce(list_prepend($2, $1), lambda s, v: s - v) END",
    ),
  ],
  any_match: [
    pair("flag", ["integers"], "any_match($1, v => v > 1)", "CASE WHEN $1 IS NOT NULL THEN len(list_filter($1, lambda v: v > 1)) > 0 END"),
  ],
  all_match: [pair("flag", ["integers"], "all_match($1, v => v > 1)", "(len(list_filter($1, lambda v: v > 1)) = len($1))")],
};

/** Scalar functions that DuckDB does not have. */
export const OURS_ALONE: readonly string[] = `
initcap regexp_escape mask mask_left mask_right mask_keep_left mask_keep_right
url_encode_param url_decode_param url_extract_protocol url_extract_host url_extract_port url_extract_path url_extract_query
url_extract_fragment url_extract_parameter sha512 crc32 to_bytes from_bytes bytes_slice geo_distance as_value typeof error
stringtotimestamp parse_time json_extract parse_json json_array_contains json_items json_records json_concat
array_except array_union array_remove cube as_map entries split_to_map map_transform map_filter map_reduce
uuid uuid_of random random_of is_sampled`
  .trim()
  .split(/\s+/);

/** Ways to call functions, by what they give. */
export const SHAPES: ReadonlyMap<Kind, readonly Shape[]> = Map.groupBy(
  Object.entries(SHARED).flatMap(([name, makers]) => makers.map((make) => make(name))),
  ({ gives }) => gives,
);

/** A call of a random function, and its name. */
export function call(kind: Kind, sub: Sub, chance: Chance): Both {
  const { takes, ours, duck } = chance.pick(SHAPES.get(kind) ?? []);
  const args = takes.map(sub);
  return {
    ours: filled(
      ours,
      args.map((arg) => arg.ours),
    ),
    duck: filled(
      duck,
      args.map((arg) => arg.duck),
    ),
  };
}

/** What other dialects call by a name that is no function here, and what to write instead. Lower case. */
export function insteadOf(name: string): string | null {
  return HINTS.get(name.toLowerCase()) ?? null;
}

const say = (names: string, hint: string): [string, string][] => names.split(" ").map((name) => [name, hint]);

const HINTS: ReadonlyMap<string, string> = new Map([
  ...say("tumble tumbling", "a window is a clause: WINDOW TUMBLING (SIZE 1 MINUTE)"),
  ...say("tumble_start windowstart", "write window_start"),
  ...say("tumble_end windowend", "write window_end"),
  ...say(
    "now current_timestamp sys_time unix_timestamp proctime",
    "the time of a record is _timestamp; results do not depend on the wall clock",
  ),
  ...say(
    "to_timestamp to_timestamp_ltz from_unixtime stringtotimestamp parse_timestamp",
    "CAST(… AS TIMESTAMP) reads ISO 8601 and epoch milliseconds",
  ),
  ...say("timestamptostring format_timestamp date_format", "CAST(… AS STRING) gives ISO 8601"),
  ...say("extractjsonfield json_value json_extract get_json_object", "a field inside a field is a path: a.b.c"),
  ...say("nvl", "write COALESCE(…)"),
  ...say("instr position locate", "contains(text, search) says whether it is there"),
  ...say("count_distinct approx_count_distinct", "COUNT, SUM, AVG, MIN and MAX are the aggregates so far"),
  ...say(
    "latest_by_offset earliest_by_offset collect_list collect_set topk first last",
    "COUNT, SUM, AVG, MIN and MAX are the aggregates so far",
  ),
]);

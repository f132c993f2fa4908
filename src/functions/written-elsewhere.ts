/** What other dialects and people call by a name that is no function here, and what to write instead. Lower case. */
export function insteadOf(name: string): string | null {
  return HINTS.get(name.toLowerCase()) ?? null;
}

const say = (names: string, hint: string): [string, string][] => names.split(" ").map((name) => [name, hint]);

export const HINTS: ReadonlyMap<string, string> = new Map([
  ...say("tumble tumbling", "a window is a clause: WINDOW TUMBLING (SIZE 1 MINUTE)"),
  ...say("hop hopping", "a window is a clause: WINDOW HOPPING (SIZE 5 MINUTES, ADVANCE BY 1 MINUTE)"),
  ...say("session sliding cumulate", "a window is a clause: WINDOW SESSION (30 SECONDS), SLIDING or CUMULATING"),
  ...say("tumble_start windowstart", "write window_start"),
  ...say("tumble_end windowend", "write window_end"),
  ...say(
    "now current_timestamp sys_time proctime getdate sysdate current_date today",
    "the time of a record is _timestamp; results do not depend on the wall clock",
  ),
  ...say("to_timestamp_ltz", "CAST(… AS TIMESTAMP) reads ISO 8601 and epoch milliseconds"),
  ...say("tostring to_string to_char to_varchar", "CAST(… AS STRING)"),
  ...say("to_number to_double todouble tonumber", "CAST(… AS DOUBLE)"),
  ...say("to_int toint to_integer to_long tolong", "CAST(… AS BIGINT)"),
  ...say("average", "write AVG(…)"),
  ...say("cnt", "write COUNT(…)"),
  ...say("total", "write SUM(…)"),
  ...say("isnull if_null", "write COALESCE(…), or … IS NULL"),
  ...say("to_upper toupper uppercase", "write UPPER(…)"),
  ...say("to_lower tolower lowercase", "write LOWER(…)"),
  ...say("charindex", "write INSTR(text, search)"),
]);

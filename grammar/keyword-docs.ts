/** What keywords are for, where a word or two need saying; those of KCQL's clauses are in `clause-table.ts`. */
import { CLAUSE_NAMES, type ClauseName, clauseSpec } from "./clause-table.ts";

export interface KeywordDoc {
  /** One sentence. */
  readonly about: string;
  /** A whole statement. */
  readonly example: string;
}

const doc = (about: string, example: string): KeywordDoc => ({ about, example });

const LATEST_SEEN = "UPSERT INTO last_seen SELECT deviceId, _timestamp AS seen FROM readings PK deviceId";
const WINDOWED = (window: string): string => `SELECT room, COUNT(*) AS n FROM readings WINDOW ${window} GROUP BY room`;
const JOINED = (join: string): string => `SELECT r.id, d.name FROM readings AS r ${join} devices AS d ON r.id = d.id`;

export const KEYWORD_DOCS: Readonly<Record<string, KeywordDoc>> = {
  // statements
  INSERT: doc(
    "A pipeline's statement: what it selects is written to a target.",
    "INSERT INTO hot SELECT * FROM readings WHERE temperature > 28",
  ),
  UPSERT: doc("As INSERT, by a PK: columns that are not named stay as they are where the target can.", LATEST_SEEN),
  UPDATE: doc("The first connectors' word for UPSERT.", LATEST_SEEN.replace("UPSERT", "UPDATE")),
  SELECT: doc("The columns of the result: fields, expressions, *.", "SELECT deviceId, temperature * 1.8 + 32 AS fahrenheit FROM readings"),
  CREATE: doc(
    "Declares a stream or a table: columns, key, time and format of a topic.",
    "CREATE STREAM readings (id STRING) WITH (key = 'id')",
  ),
  DROP: doc("Takes a declaration back, or ends a pipeline.", "DROP STREAM IF EXISTS readings"),
  SHOW: doc("Lists what there is.", "SHOW STREAMS"),
  LIST: doc("The same as SHOW.", "LIST TOPICS"),
  DESCRIBE: doc("Columns and types of a relation; FUNCTION, CONNECTION and PIPELINE describe those.", "DESCRIBE FUNCTION substring"),
  EXPLAIN: doc("The plan of a statement instead of its result.", "EXPLAIN SELECT a FROM t"),
  ANALYZE: doc("EXPLAIN with what was measured.", "EXPLAIN ANALYZE SELECT a FROM t"),
  SET: doc("A setting, for the statements behind it.", "SET 'error.policy' = 'noop'"),
  UNSET: doc("The setting is again what it is initially.", "UNSET 'error.policy'"),
  DEFINE: doc("A text that ${name} stands for behind it.", "DEFINE topic = 'readings'"),
  UNDEFINE: doc("Forgets what DEFINE said.", "UNDEFINE topic"),
  PAUSE: doc("A pipeline reads no further, and keeps its place.", "PAUSE PIPELINE temperatures.persist"),
  RESUME: doc("A paused pipeline goes on.", "RESUME ALL"),
  RESTART: doc("A pipeline ends and begins where it was.", "RESTART PIPELINE temperatures.persist"),
  TERMINATE: doc("ksqlDB's word for DROP PIPELINE.", "TERMINATE temperatures.persist"),
  PRINT: doc("Records of a topic as they come.", "PRINT readings FROM BEGINNING LIMIT 5"),
  ASSERT: doc("In tests: what must have been written, or be declared.", "ASSERT VALUES hot (id, n) VALUES ('a', 1)"),
  // a query
  DISTINCT: doc("Each row once; in an aggregate each value once.", "SELECT DISTINCT room FROM readings"),
  STREAM: doc("Each record is a row of its own.", "SELECT STREAM * FROM readings"),
  TABLE: doc("Of each key the last record counts.", "SELECT TABLE * FROM devices"),
  FROM: doc("What is read: a topic, a declared stream, a stage of WITH, a sub-query.", "SELECT a FROM kafka.readings AS r"),
  WITH: doc(
    "Named queries before the statement; behind CREATE its options.",
    "WITH hot AS (SELECT * FROM readings WHERE t > 28) SELECT room FROM hot",
  ),
  WHERE: doc("Only rows for which the condition is true; NULL is not true.", "SELECT a FROM t WHERE b > 1 AND c IS NOT NULL"),
  GROUP: doc("One row for each group, from aggregates.", "SELECT room, AVG(temperature) AS mean FROM readings GROUP BY room"),
  HAVING: doc("Only groups for which the condition is true.", "SELECT room, COUNT(*) AS n FROM readings GROUP BY room HAVING COUNT(*) > 1"),
  PARTITION: doc(
    "The key of what is written into a topic; in OVER, whose rows belong together.",
    "SELECT * FROM readings PARTITION BY room",
  ),
  EVENTTIME: doc("The time of a row, instead of that of its record.", "SELECT * FROM readings EVENTTIME BY measuredAt"),
  EMIT: doc(
    "When results leave: FINAL once, CHANGES whenever they change, EVERY so often.",
    `${WINDOWED("TUMBLING (SIZE 1 MINUTE)")} EMIT FINAL`,
  ),
  LATE: doc("Where rows go that come too late for their window.", `${WINDOWED("TUMBLING (SIZE 1 MINUTE)")} LATE INTO too_late`),
  START: doc("Where a new statement begins to read.", "SELECT * FROM readings START AT EARLIEST"),
  LIMIT: doc("Ends after so many rows.", "SELECT * FROM readings LIMIT 10"),
  UNION: doc("The rows of several SELECTs; equal ones stay.", "SELECT a FROM t UNION ALL SELECT b FROM u"),
  STORE: doc("The formats of key and value that are written.", "INSERT INTO copy STORE KEY AS STRING VALUE AS JSON SELECT * FROM readings"),
  UNNEST: doc("A row for each element of an array.", "SELECT i.name FROM orders CROSS JOIN UNNEST(items) AS i"),
  // windows
  WINDOW: doc(
    "Groups rows by event time: TUMBLING, HOPPING, CUMULATING, SLIDING, SESSION, or by COUNT.",
    WINDOWED("TUMBLING (SIZE 1 MINUTE)"),
  ),
  TUMBLING: doc("Windows side by side: each row is in one.", WINDOWED("TUMBLING (SIZE 1 MINUTE, GRACE PERIOD 10 SECONDS)")),
  HOPPING: doc("Windows that overlap: each row is in several.", WINDOWED("HOPPING (SIZE 1 HOUR, ADVANCE BY 10 MINUTES)")),
  CUMULATING: doc("Windows that grow by a step up to a size, then begin anew.", WINDOWED("CUMULATING (SIZE 1 DAY, ADVANCE BY 1 HOUR)")),
  SLIDING: doc("For each row itself and what came so long before it.", WINDOWED("SLIDING (SIZE 5 MINUTES)")),
  SESSION: doc("Rows with no longer pause than the gap between them.", WINDOWED("SESSION (30 SECONDS)")),
  GRACE: doc("So long after its end a window still takes rows.", WINDOWED("TUMBLING (SIZE 1 MINUTE, GRACE PERIOD 10 SECONDS)")),
  ADVANCE: doc("How far apart windows begin.", WINDOWED("HOPPING (SIZE 1 HOUR, ADVANCE BY 10 MINUTES)")),
  ZONE: doc("Where days begin; behind AT TIME: in whose time.", WINDOWED("TUMBLING (SIZE 1 DAY, TIME ZONE 'Europe/Berlin')")),
  // joins
  JOIN: doc("Rows of two relations that belong together.", JOINED("JOIN")),
  LEFT: doc("Rows of the left side without a partner stay, with NULLs.", JOINED("LEFT JOIN")),
  RIGHT: doc("Rows of the right side without a partner stay, with NULLs.", JOINED("RIGHT JOIN")),
  FULL: doc("Rows of both sides without a partner stay, with NULLs.", JOINED("FULL JOIN")),
  WITHIN: doc("How far apart in time two rows of streams may be.", "SELECT a.id FROM a JOIN b WITHIN 1 HOUR ON a.id = b.id"),
  // expressions
  CASE: doc("The value of the first condition that is true.", "SELECT CASE WHEN t > 28 THEN 'hot' ELSE 'fine' END AS state FROM readings"),
  CAST: doc("As another type; a value that cannot be one is the row's error.", "SELECT CAST(a AS INT) AS a FROM t"),
  TRY_CAST: doc("As another type; NULL where a value cannot be one.", "SELECT TRY_CAST(a AS INT) AS a FROM t"),
  LIKE: doc("A pattern: % any text, _ any character.", "SELECT a FROM t WHERE a LIKE 'x%'"),
  ILIKE: doc("As LIKE, in any case.", "SELECT a FROM t WHERE a ILIKE 'x%'"),
  RLIKE: doc("A regular expression that matches somewhere in the text.", "SELECT a FROM t WHERE a RLIKE '^x[0-9]+$'"),
  BETWEEN: doc("From one value to another, both included.", "SELECT a FROM t WHERE a BETWEEN 1 AND 5"),
  FILTER: doc("Only these rows count in the aggregate.", "SELECT COUNT(*) FILTER (WHERE t > 28) AS hot FROM readings"),
  INTERVAL: doc("A span of time.", "SELECT _timestamp + INTERVAL '1' DAY AS until FROM t"),
};

/** One sentence and an example, if there is something to say. */
export function keywordDoc(word: string): { readonly detail: string | null; readonly doc: string | null } {
  if ((CLAUSE_NAMES as readonly string[]).includes(word)) {
    const { about, example } = clauseSpec(word as ClauseName);
    return { detail: example, doc: about };
  }
  const known = KEYWORD_DOCS[word];
  return { detail: known?.example ?? null, doc: known?.about ?? null };
}

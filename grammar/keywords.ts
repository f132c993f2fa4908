/**
 * The keywords, apart from those that begin a clause of KCQL (`clause-table.ts`). A word in one of these lists is a
 * token `K.WORD` of `tokens.ts`. As few as possible are reserved: records have fields of all names.
 */

/** Names only in quotes, or behind a dot or AS. */
export const RESERVED = {
  query: "SELECT FROM WHERE GROUP HAVING INTO AS JOIN",
  operators: "AND OR NOT IS IN BETWEEN LIKE ILIKE RLIKE REGEXP",
  operands: "NULL TRUE FALSE CASE WHEN THEN ELSE END CAST TRY_CAST DISTINCT",
} as const;

/** Names wherever a name is needed, but no alias without AS: `FROM t LEFT JOIN u` does not call the topic LEFT. */
export const SOFT = {
  statements: "INSERT UPSERT UPDATE CREATE DROP SHOW LIST DESCRIBE EXPLAIN SET UNSET DEFINE UNDEFINE PRINT ASSERT",
  pipelines: "PAUSE RESUME RESTART TERMINATE",
  query: "WITH BY UNION STREAM TABLE PARTITION EVENTTIME START LATE EMIT CHANGES FINAL EVERY LIMIT STORE VALUES BUCKETS ORDER DELETE",
  joins: "INNER LEFT RIGHT FULL OUTER CROSS ON USING WITHIN UNNEST",
  windows: "WINDOW GRACE",
  expressions: "ESCAPE FILTER OVER AT",
} as const;

/** Names of every kind: no clause begins with them, so nothing can be taken for something else. */
export const PLAIN = {
  query: "ALL EARLIEST LATEST",
  windows: "TUMBLING HOPPING CUMULATING SLIDING SESSION COUNT TUMBLE HOP SIZE ADVANCE STEP GAP PERIOD OFFSET ZONE RETENTION",
  calls: "FOR BOTH LEADING TRAILING",
  literals: "TIMESTAMP DATE TIME INTERVAL ARRAY",
  over: "ASC DESC NULLS RESPECT FIRST LAST ROWS RANGE ROW CURRENT UNBOUNDED PRECEDING FOLLOWING",
  create: "REPLACE SOURCE IF EXISTS PRIMARY KEY VALUE HEADER HEADERS",
  drop: "TOPIC",
  show: "CONNECTIONS CONNECTORS FUNCTIONS PIPELINES QUERIES SETTINGS STREAMS TABLES TOPICS VARIABLES EXTENDED",
  describe: "CONNECTION FUNCTION PIPELINE QUERY ANALYZE",
  print: "BEGINNING TIMEOUT",
} as const;

type Split<Text extends string, Words = never> = Text extends `${infer Word} ${infer Rest}` ? Split<Rest, Words | Word> : Words | Text;
type WordsOf<Lists extends Readonly<Record<string, string>>> = Split<Lists[keyof Lists]>;
export type Keyword = WordsOf<typeof RESERVED> | WordsOf<typeof SOFT> | WordsOf<typeof PLAIN>;

export const wordsOf = (lists: Readonly<Record<string, string>>): readonly string[] =>
  Object.values(lists).flatMap((words) => words.split(" "));

/** Words that say how long: `INTERVAL '1' DAY`. */
export const UNIT_WORDS = ["MILLISECOND", "SECOND", "MINUTE", "HOUR", "DAY", "WEEK", "MONTH", "QUARTER", "YEAR"] as const;

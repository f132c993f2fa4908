/**
 * Words of the wider language that is planned but not there yet. They stay usable as field names, never become an
 * alias by accident, and where they cannot be a name the error says what is missing instead of "unexpected".
 * A construct that gets built leaves this table and becomes a keyword of `tokens.ts`.
 */
export interface LaterWord {
  /** Plural subject of "… are not supported yet". */
  readonly what: string;
  readonly hint: string | null;
}

const later = (words: string, what: string, hint: string | null = null): [string, LaterWord][] =>
  words.split(" ").map((word) => [word, { what: what.replace("%", word), hint }]);

const AGGREGATE_HINT = "a WINDOW TUMBLING (SIZE 1 MINUTE) is";

export const LATER_WORDS: ReadonlyMap<string, LaterWord> = new Map([
  ...later("JOIN INNER LEFT RIGHT FULL CROSS OUTER NATURAL ON USING WITHIN LATERAL", "joins", "a statement reads one topic"),
  ...later("HOPPING HOP SLIDING ADVANCE", "hopping windows", AGGREGATE_HINT),
  ...later("SESSION", "session windows", AGGREGATE_HINT),
  ...later("CUMULATING CUMULATE", "cumulating windows", AGGREGATE_HINT),
  ...later("TUMBLE", "TUMBLE spellings of a window", "write WINDOW TUMBLING (SIZE 1 MINUTE)"),
  ...later("UNION EXCEPT INTERSECT", "% queries", "write one INSERT for each SELECT"),
  ...later("ORDER", "ORDER BY clauses"),
  ...later("RLIKE REGEXP ILIKE", "% comparisons", "LIKE is"),
  ...later("INTERVAL", "INTERVAL literals", "the size of a window is written WINDOW TUMBLING (SIZE 1 MINUTE)"),
  ...later("FILTER", "FILTER clauses of aggregates"),
  ...later("OVER PARTITION", "OVER clauses", AGGREGATE_HINT),
  ...later("EXISTS", "EXISTS conditions"),
  ...later("VALUES", "INSERT … VALUES statements", "an INSERT takes its rows from a SELECT"),
  ...later("TABLE", "tables", "CREATE STREAM is"),
  ...later("SHOW DESCRIBE DROP ALTER DELETE UPDATE TERMINATE PAUSE RESUME", "% statements"),
  ...later("EVENTTIME START", "% clauses"),
  ...later(
    "IGNORE WITHSTRUCTURE WITHTARGET AUTOEVOLVE PARTITIONBY NOPARTITION WITHTIMESTAMP TIMESTAMPUNIT WITHFORMAT " +
      "WITHUNWRAP STOREAS WITHTAG INCREMENTALMODE WITHTYPE WITHDOCTYPE WITHCONVERTER WITHJMSSELECTOR WITHKEY " +
      "KEYDELIMITER WITHPIPELINE WITHSUBSCRIPTION WITHREGEX PROPERTIES CAPITALIZE INITIALIZE PROJECTTO DISTRIBUTEBY " +
      "CLUSTERBY WITHPARTITIONER WITHCOMPRESSION WITHDELAY WITHGROUP WITHOFFSET SAMPLE",
    "% clauses",
  ),
]);

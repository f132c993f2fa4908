import type { BoundStatement } from "../model/statement.ts";
import type { BoundSelect } from "./bind-select.ts";
import type { Reporter } from "./reporter.ts";

/**
 * Keys of an undeclared topic are text where `_key` stands as a whole and JSON where a field of it does. A topic is
 * decoded once for the pipeline, so its statements have to agree.
 */
export function settleKeyFormats(bound: readonly BoundSelect[], report: Reporter): readonly BoundStatement[] {
  const runnable = bound.flatMap(({ statement, ...rest }) => (statement === null ? [] : [{ statement, ...rest }]));
  const byFields = new Set(runnable.filter(({ keyUse }) => keyUse.fields !== null).map(({ statement }) => topicOf(statement)));
  return runnable.map(({ statement, keyUse, isDeclared }) => {
    if (isDeclared || !byFields.has(topicOf(statement))) return statement;
    if (keyUse.whole !== null) {
      const message = `the keys of '${statement.source.topic}' are read as a whole here and by their fields elsewhere in the pipeline`;
      report.error("TYPE_MISMATCH", keyUse.whole, message, "CREATE STREAM … WITH (key_format = 'json') says what they are");
    }
    return { ...statement, source: { ...statement.source, keyFormat: "json" } };
  });
}

function topicOf({ source }: BoundStatement): string {
  return `${source.connection}.${source.topic}`;
}

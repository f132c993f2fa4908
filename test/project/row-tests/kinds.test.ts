import { basename, join } from "node:path";
import { describe, expect, it } from "vitest";
import { type BoundStatement, canRepartition } from "../../../src/model/statement.ts";
import { analyzeFile, openProject } from "../../../src/project/project.ts";
import { findTestFiles } from "../../../src/project/row-tests/find-test-files.ts";
import { runTests } from "../../../src/project/row-tests/run-row-tests.ts";
import { ROOT } from "../../support/source-files.ts";
import { problemsOf } from "./tested.ts";

const KINDS = join(ROOT, "test/project/row-tests/kinds");
const project = await openProject({ config: join(KINDS, "sluice.yaml") });
const files = await findTestFiles([KINDS]);

/** What of the language a statement is an example of. */
function kindsOf(statement: BoundStatement): readonly string[] {
  const { window, joins, source, stage, emit, emitEveryMs, late, aggregated, settings } = statement;
  const joined = joins.map(({ type, right, leftKey }) => {
    if (leftKey !== null) return `${type} join on a foreign key`;
    return `${type} join of ${source.reads} and ${right.reads}`;
  });
  const isScattered = statement.needsSinglePartition && (source.partitions ?? 1) > 1;
  const grace = window !== null && window.graceMs > 0 ? ["grace"] : [];
  return [
    ...(window === null ? [] : [`window ${window.kind}`, emitEveryMs === null ? `emit ${emit}` : "emit every"]),
    ...(window !== null && window.offsetMs !== 0 ? ["offset"] : []),
    ...(window?.timeZone == null ? [] : ["time zone"]),
    ...(late === null ? grace : [...grace, "late into"]),
    ...joined,
    ...statement.lookups.map(({ type }) => `${type} look-up`),
    ...(source.reads === "table" && joins.length === 0 ? [aggregated ? "aggregate of a table" : "rows of a table"] : []),
    ...(stage === null ? [] : [stage.over === null ? "stage" : stage.over.kind === "ranking" ? "places" : "rows that look back"]),
    ...(isScattered ? [canRepartition(statement) ? "repartition" : "partitions as one log"] : []),
    `time ${settings.time}`,
  ];
}

describe("row tests of every kind", () => {
  it.each(files.map((file) => [basename(file), file]))("%s", async (_, file) => {
    const tested = await runTests(project, file, null);
    expect(tested.outcomes.length).toBeGreaterThan(0);
    expect(problemsOf(tested)).toEqual([]);
  });

  it("leave none out", async () => {
    const kinds = new Set<string>();
    for (const file of files) {
      const { pipeline } = await analyzeFile(project, file.replace(".test.yaml", ".sql"));
      for (const statement of pipeline?.statements ?? []) for (const kind of kindsOf(statement)) kinds.add(kind);
    }
    expect([...kinds].sort()).toEqual([
      "aggregate of a table",
      "emit changes",
      "emit every",
      "emit final",
      "full join of stream and stream",
      "grace",
      "inner join of stream and stream",
      "inner join of stream and table",
      "inner join on a foreign key",
      "inner look-up",
      "late into",
      "left join of stream and stream",
      "left join of stream and table",
      "left join of table and table",
      "left look-up",
      "offset",
      "partitions as one log",
      "places",
      "repartition",
      "right join of stream and stream",
      "rows of a table",
      "rows that look back",
      "stage",
      "time event",
      "time ingestion",
      "time processing",
      "time zone",
      "window count",
      "window cumulating",
      "window hopping",
      "window session",
      "window tumbling",
    ]);
  });
});

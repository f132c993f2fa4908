import { readFileSync } from "node:fs";
import { join } from "node:path";
import { openProject } from "../../../src/project/project.ts";
import { runTests, type TestedFile } from "../../../src/project/row-tests/run-row-tests.ts";
import { updateRowTests } from "../../../src/project/row-tests/update-row-tests.ts";
import { scratch } from "../../support/scratch.ts";

const CONFIG = `
connections:
  kafka: { kind: kafka, brokers: "nowhere.invalid:9092" }
  elastic: { kind: elasticsearch, node: "http://nowhere.invalid:9200" }
  cassandra: { kind: cassandra, contactPoints: nowhere.invalid, localDataCenter: dc1 }
defaults: { source: kafka, sink: kafka }
variables: { limit: 10 }
`;

/** The tests of `q.test.yaml` beside `q.sql`, in a project whose systems are nowhere. */
export async function tested(sql: string, yaml: string, files: Readonly<Record<string, string>> = {}): Promise<TestedFile> {
  const root = scratch({ "sluice.yaml": CONFIG, "queries/q.sql": sql, "queries/q.test.yaml": yaml, ...files });
  const project = await openProject({ config: join(root, "sluice.yaml") });
  return runTests(project, join(root, "queries/q.test.yaml"), null);
}

/** The tests of `a.test.sql` in such a project, whose statements are ksqlDB's. */
export async function ksqlTested(text: string, files: Readonly<Record<string, string>> = {}): Promise<TestedFile> {
  const root = scratch({ "sluice.yaml": CONFIG, "queries/a.test.sql": text, ...files });
  return runTests(await openProject({ config: join(root, "sluice.yaml") }), join(root, "queries/a.test.sql"), null);
}

/** What is wrong, by place: `5:9 ASSERTION_FAILED …`. */
export function problemsOf({ outcomes }: TestedFile): readonly string[] {
  return outcomes.flatMap(({ problems }) =>
    problems.map(
      ({ place, code, message, hint }) => `${place.line}:${place.column} ${code} ${message}${hint === null ? "" : ` (${hint})`}`,
    ),
  );
}

/** The test file as `--update` leaves it. */
export async function updated(sql: string, yaml: string): Promise<string> {
  const before = await tested(sql, yaml);
  await updateRowTests(before);
  return readFileSync(before.outcomes[0]?.file as string, "utf8");
}

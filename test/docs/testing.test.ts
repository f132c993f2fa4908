import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ksqlTested, problemsOf, tested } from "../project/row-tests/tested.ts";
import { ROOT } from "../support/source-files.ts";

const page = readFileSync(join(ROOT, "docs/operations/testing.md"), "utf8");
const examples = [...page.matchAll(/```sql\n(.*?)```.*?```yaml\n(.*?)```/gs)].map(([, sql = "", yaml = ""]) => [sql, yaml] as const);

describe("docs/operations/testing.md", () => {
  it("has examples", () => {
    expect(examples.length).toBeGreaterThanOrEqual(3);
  });

  it("has a file of ksqlDB's testing tool, which passes as it stands", async () => {
    const [, sql = ""] = /```sql\n(--@test.*?)```/s.exec(page) ?? [];
    const { outcomes } = await ksqlTested(sql);
    expect(outcomes.map(({ problems }) => problems)).toEqual([[], []]);
  });

  it.each(examples)("%# passes as it stands", async (sql, yaml) => {
    expect(problemsOf(await tested(sql, yaml))).toEqual([]);
  });
});

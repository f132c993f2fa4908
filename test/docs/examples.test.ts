import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { renderDiagnostic } from "../../grammar/diagnostics.ts";
import { format } from "../../grammar/format.ts";
import { parse } from "../../grammar/parse.ts";
import { ROOT } from "../support/source-files.ts";

const documents = ["docs", "queries", "deploy"]
  .flatMap((folder) => readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" }).map((path) => `${folder}/${path}`))
  .filter((path) => path.endsWith(".md"))
  .concat("README.md");
const examples = documents.flatMap((document) =>
  [...readFileSync(join(ROOT, document), "utf8").matchAll(/```sql\n(.*?)```/gs)].map((match) => ({ document, sql: match[1] as string })),
);

describe("SQL in documents", () => {
  it("is there", () => expect(examples.length).toBeGreaterThan(20));

  it.each(examples)("of $document fits the grammar: $sql", ({ sql }) => {
    expect(parse(sql).diagnostics.map((diagnostic) => renderDiagnostic(sql, diagnostic))).toEqual([]);
    expect(format(sql).text).not.toBeNull();
  });
});

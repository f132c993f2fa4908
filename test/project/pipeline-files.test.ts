import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findSqlFiles, isCatalogFile, pipelineName } from "../../src/project/pipeline-files.ts";

let root = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "sluice-"));
});
afterEach(() => rmSync(root, { recursive: true }));

describe("pipelineName", () => {
  it.each([
    ["queries/temperatures/aggregate.sql", "temperatures.aggregate"],
    ["queries/a.sql", "a"],
    ["queries/a/b/c-1.SQL", "a.b.c-1"],
    ["elsewhere/deep/down.sql", "down"],
    ["queries.sql", "queries"],
    ["queriesque/x.sql", "x"],
  ])("of %s is %s", (path, name) => {
    expect(pipelineName(root, join(root, path))).toBe(name);
  });

  it("refuses names that could not be part of a topic's name", () => {
    for (const path of ["queries/a b.sql", "queries/ä.sql", "queries/.sql", `queries/${"x".repeat(201)}.sql`]) {
      expect(() => pipelineName(root, join(root, path))).toThrow(/cannot name a pipeline/);
    }
  });
});

describe("findSqlFiles", () => {
  it("takes files as they are and folders with all below", async () => {
    mkdirSync(join(root, "queries/b"), { recursive: true });
    for (const path of ["queries/b/2.sql", "queries/b/1.sql", "queries/a.sql", "queries/b/1.test.yaml", "x.kcql"])
      writeFileSync(join(root, path), "");
    const found = await findSqlFiles([join(root, "x.kcql"), join(root, "queries"), join(root, "queries/a.sql")]);
    expect(found).toEqual(["x.kcql", "queries/a.sql", "queries/b/1.sql", "queries/b/2.sql"].map((path) => join(root, path)));
  });

  it("says what cannot be read", async () => {
    await expect(findSqlFiles([join(root, "nothing")])).rejects.toThrow(/nothing: no such file or directory/);
  });

  it("knows the catalog by its place", () => {
    expect(isCatalogFile(root, join(root, "queries/catalog.sql"))).toBe(true);
    expect(isCatalogFile(root, join(root, "queries/sub/catalog.sql"))).toBe(false);
  });
});

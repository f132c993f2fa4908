import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { findSqlFiles, isCatalogFile } from "../../src/project/pipeline-files.ts";
import { analyzeFile, openProject } from "../../src/project/project.ts";
import { ROOT } from "../support/source-files.ts";

describe("the project's own pipelines", () => {
  it.each(["sluice.yaml", "sluice.kafka.yaml"])("have nothing wrong with %s", async (config) => {
    const project = await openProject({ config: join(ROOT, config) });
    expect(project.catalogFile?.diagnostics).toEqual([]);
    const files = (await findSqlFiles([join(ROOT, "queries")])).filter((file) => !isCatalogFile(ROOT, file));
    expect(files.length).toBeGreaterThanOrEqual(2);
    for (const file of files) {
      const { name, diagnostics, pipeline } = await analyzeFile(project, file);
      expect([name, diagnostics]).toEqual([name, []]);
      expect(pipeline?.statements.length).toBeGreaterThan(0);
    }
  });

  it("mean the same targets with embedded and with real systems", async () => {
    const targets = await Promise.all(
      ["sluice.yaml", "sluice.kafka.yaml"].map(async (config) => {
        const project = await openProject({ config: join(ROOT, config) });
        const { pipeline } = await analyzeFile(project, join(ROOT, "queries/temperatures/persist.sql"));
        return pipeline?.statements.map(({ target }) => target);
      }),
    );
    expect(targets[0]).toEqual(targets[1]);
    expect(targets[0]?.map((target) => target?.kind)).toEqual(["index", "table", "index"]);
  });
});

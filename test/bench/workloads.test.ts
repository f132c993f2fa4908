import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { configText } from "../../bench/engines/sluice.ts";
import { catalogText, outputsOf, WORKLOADS, type WorkloadName, workloadText } from "../../bench/workloads.ts";
import { analyzeFile, openProject } from "../../src/project/project.ts";
import { scratch } from "../support/scratch.ts";

describe("the workloads", () => {
  const open = (workload: WorkloadName = "w1") => {
    const folder = scratch({
      "sluice.yaml": configText("127.0.0.1:9092", "platformatic"),
      "queries/catalog.sql": catalogText("readings_elsewhere"),
      "queries/workload.sql": workloadText(workload),
    });
    return openProject({ config: join(folder, "sluice.yaml") });
  };

  it("read the topic of their data set", async () => {
    const { catalog, catalogFile } = await open();
    expect(catalogFile?.diagnostics).toEqual([]);
    expect([...catalog.streams.values()].map(({ topic }) => topic)).toEqual(["readings_elsewhere"]);
  });

  it.each(WORKLOADS)("%s is a pipeline without a finding, and writes what its oracles speak of", async (workload) => {
    const project = await open(workload);
    const { pipeline, diagnostics } = await analyzeFile(project, join(project.root, "queries/workload.sql"));
    expect(diagnostics).toEqual([]);
    expect(pipeline?.statements.map(({ target }) => target?.name)).toEqual(outputsOf(workload).map(({ topic }) => topic));
  });

  it("give each statement of W4 devices of its own", () => {
    const devices = [...workloadText("w4").matchAll(/LIKE '(dev-\d{4}%)'/g)].map((match) => match[1]);
    expect(new Set(devices).size).toBe(50);
  });
});

import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { configText } from "../../bench/engines/run-pipeline.ts";
import { catalogText, outputsOf, type WorkloadName, workloadText } from "../../bench/workloads.ts";
import { analyzeFile, openProject } from "../../src/project/project.ts";
import { scratch } from "../support/scratch.ts";
import { RUNNING, UNBUILT } from "./unbuilt-workloads.ts";

describe("the workloads", () => {
  const open = (workload: WorkloadName = "w1") => {
    const joined = workload.startsWith("w7") ? { devices: "devices_elsewhere", visits: "visits_elsewhere" } : null;
    const folder = scratch({
      "sluice.yaml": configText("127.0.0.1:9092", "platformatic"),
      "queries/catalog.sql": catalogText({ readings: "readings_elsewhere", joined }),
      "queries/workload.sql": workloadText(workload),
    });
    return openProject({ config: join(folder, "sluice.yaml") });
  };

  it("read the topic of their data set", async () => {
    const topics = async (workload: WorkloadName) => {
      const { catalog, catalogFile } = await open(workload);
      expect(catalogFile?.diagnostics).toEqual([]);
      return [...catalog.streams.values()].map(({ topic }) => topic);
    };
    expect(await topics("w1")).toEqual(["readings_elsewhere"]);
    expect(await topics("w7-pairs")).toEqual(["readings_elsewhere", "devices_elsewhere", "visits_elsewhere"]);
  });

  it.each(RUNNING)("%s is a pipeline without a finding, and writes what its oracles speak of", async (workload) => {
    const project = await open(workload);
    const { pipeline, diagnostics } = await analyzeFile(project, join(project.root, "queries/workload.sql"));
    expect(diagnostics).toEqual([]);
    expect(pipeline?.statements.map(({ target }) => target?.name)).toEqual(outputsOf(workload).map(({ topic }) => topic));
  });

  it.each(UNBUILT)("%s cannot run yet, for that reason alone", async (workload) => {
    const project = await open(workload);
    const { diagnostics } = await analyzeFile(project, join(project.root, "queries/workload.sql"));
    expect(new Set(diagnostics.map(({ code }) => code))).toEqual(new Set(["NOT_SUPPORTED_YET"]));
  });

  it("give each statement of W4 devices of its own", () => {
    const devices = [...workloadText("w4").matchAll(/LIKE '(dev-\d{4}%)'/g)].map((match) => match[1]);
    expect(new Set(devices).size).toBe(50);
  });
});

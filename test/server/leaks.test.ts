import { readdirSync } from "node:fs";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { inWorkers } from "../../src/project/worker-threads.ts";
import { runningFleet } from "../fleet/running-fleet.ts";
import { until } from "../support/until.ts";
import { runningServer } from "./running-server.ts";

const HOT = "INSERT INTO elastic.hot SELECT id FROM readings PK id;";
const MB = 1 << 20;

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** What is in use once nothing is under way: heap, handles by kind, file descriptors. */
async function inUse() {
  for (let round = 0; round < 3; round++) {
    collect();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const handles: Record<string, number> = {};
  for (const kind of process.getActiveResourcesInfo()) handles[kind] = (handles[kind] ?? 0) + 1;
  return { heapBytes: process.memoryUsage().heapUsed, handles, files: readdirSync("/proc/self/fd").length };
}

/** Timers come and go by themselves. */
const lasting = ({ handles: { Timeout: _timeouts, Immediate: _immediates, ...rest } }: Awaited<ReturnType<typeof inUse>>) => rest;

describe("pipelines that come and go", () => {
  it("leave nothing behind: 1,000 times PUT and DELETE", async () => {
    const { request, produce, fleet, deployments } = await runningServer({ limits: { "requests.per.minute": 1_000_000 } });
    await produce("readings", [{ id: 1 }]);
    const one = async (n: number): Promise<void> => {
      const path = `/v1/pipelines/p${n}`;
      expect((await request("PUT", path, HOT)).status).toBe(201);
      if (n % 20 === 0) await until(() => fleet.status(`p${n}`)?.state === "running", "it to run");
      if (n % 5 === 0) expect((await request("PUT", path, HOT.replace("id FROM", "id, 1 AS n FROM"))).status).toBe(200);
      expect((await request("DELETE", path)).status).toBe(204);
    };
    const comeAndGo = async (from: number, to: number): Promise<void> => {
      let next = from;
      const client = async (): Promise<void> => {
        while (next < to) await one(next++);
      };
      await Promise.all(Array.from({ length: 10 }, client));
      await until(() => deployments.dropped.unfinished().length === 0, "all to be gone", 60_000);
    };
    // What is made once and kept is made by then.
    await comeAndGo(0, 100);
    const before = await inUse();
    const began = performance.now();
    await comeAndGo(100, 1_100);
    const seconds = (performance.now() - began) / 1000;
    const after = await inUse();
    const shown = [before, after].map(
      ({ heapBytes, handles, files }) => `${(heapBytes / MB).toFixed(1)} MB, ${files} files, ${JSON.stringify(handles)}`,
    );
    console.log(`before 1,000 PUT and DELETE: ${shown[0]}\nafter ${seconds.toFixed(0)} s: ${shown[1]}`);
    expect(deployments.list()).toEqual([]);
    expect(deployments.dropped.get("p0")).toBeNull();
    expect(deployments.dropped.get("p1099")).toMatchObject({ state: "gone", text: "" });
    // Caches, events and the names that are remembered fill up; a thousand pipelines that stay would be 12 MB.
    expect(after.heapBytes - before.heapBytes).toBeLessThan(8 * MB);
    expect(lasting(after)).toEqual(lasting(before));
    expect(after.files).toBeLessThanOrEqual(before.files);
  }, 180_000);

  it("end their threads", async () => {
    const { put, produce, fleet, deployments } = await runningFleet(undefined, inWorkers());
    await produce("readings", [{ id: 1 }]);
    const threads = () => process.getActiveResourcesInfo().filter((kind) => kind === "Worker" || kind === "MessagePort").length;
    const without = threads();
    const openFiles = () => readdirSync("/proc/self/fd").length;
    const before = openFiles();
    for (let n = 0; n < 10; n++) {
      await put("p", HOT);
      await until(() => fleet.status("p")?.state === "running", "it to run");
      await deployments.change([{ kind: "drop", name: "p" }], { by: "test" });
      await until(() => threads() <= without && deployments.dropped.unfinished().length === 0, "its end");
    }
    // SQLite keeps the descriptor of a file that others have open, for whoever opens it next: a few, not one for each thread.
    await until(
      () => openFiles() < before + 5,
      "the files to be closed",
      20_000,
      () => `${before} → ${openFiles()}`,
    );
  }, 60_000);
});

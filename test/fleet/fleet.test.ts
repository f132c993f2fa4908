import { describe, expect, it } from "vitest";
import { until } from "../support/until.ts";
import { runningFleet } from "./running-fleet.ts";

const PERSIST = "INSERT INTO elastic.hot SELECT id, temperature FROM readings WHERE temperature > 20 PK id;";

type Running = Awaited<ReturnType<typeof runningFleet>>;

const state = ({ fleet }: Running, name: string) => fleet.status(name)?.state;
const ids = async (running: Running) => (await running.documents("hot")).map((document) => (document as { id: number }).id).sort();

describe("Fleet", () => {
  it("runs what is deployed, pauses it, and goes on where it was", async () => {
    const running = await runningFleet();
    await running.produce("readings", [{ id: 1, temperature: 25 }]);
    await running.put("persist", PERSIST);
    await until(async () => (await ids(running)).length === 1, "the first document");
    await running.deployments.change([{ kind: "desire", name: "persist", desired: "paused" }], { by: "test" });
    await until(() => state(running, "persist") === "paused", "the pause");
    await running.produce("readings", [
      { id: 2, temperature: 30 },
      { id: 3, temperature: 10 },
    ]);
    await running.deployments.change([{ kind: "desire", name: "persist", desired: "running" }], { by: "test" });
    await until(async () => (await ids(running)).length === 2, "the second document");
    await until(() => running.fleet.status("persist")?.statements[0]?.counters.in === 3, "all records, each once");
  });

  it("brings back after a restart what it held, as it was wanted", async () => {
    const first = await runningFleet();
    await first.put("persist", PERSIST);
    await first.put("idle", "INSERT INTO elastic.idle SELECT * FROM readings;");
    await first.deployments.change([{ kind: "desire", name: "idle", desired: "paused" }], { by: "test" });
    await first.produce("readings", [{ id: 1, temperature: 25 }]);
    await until(async () => (await ids(first)).length === 1, "the first document");
    await first.close();
    const second = await runningFleet(first.folder);
    await second.produce("readings", [{ id: 2, temperature: 25 }]);
    await until(async () => (await ids(second)).length === 2, "the second document");
    expect(second.deployments.list().map(({ name }) => name)).toEqual(["idle", "persist"]);
    expect(state(second, "idle")).toBe("paused");
    expect(await second.documents("idle")).toEqual([]);
  });

  it("replaces a statement and keeps its position", async () => {
    const running = await runningFleet();
    await running.produce("readings", [{ id: 1, temperature: 25 }]);
    await running.put("persist", PERSIST);
    await until(async () => (await ids(running)).length === 1, "the first document");
    await running.put("persist", PERSIST.replace("> 20", "> 5"));
    await running.produce("readings", [{ id: 2, temperature: 10 }]);
    await until(async () => (await ids(running)).length === 2, "the second document");
    await until(() => running.fleet.status("persist")?.statements[0]?.counters.in === 1, "the second record alone");
  });

  it("does not start what is faulty, and starts what was mended", async () => {
    const running = await runningFleet();
    await running.put("persist", PERSIST.replace("PK id", "PK nothing.at.all +"));
    await until(() => state(running, "persist") === "failed", "the failure");
    expect(running.fleet.status("persist")?.diagnostics[0]).toMatchObject({ severity: "error" });
    await running.put("persist", PERSIST);
    await running.produce("readings", [{ id: 1, temperature: 25 }]);
    await until(async () => (await ids(running)).length === 1, "the document");
  });

  it("drops a pipeline, and one of the same name begins after it", async () => {
    const running = await runningFleet();
    await running.put("persist", PERSIST);
    await until(() => state(running, "persist") === "waiting", "the missing topic");
    await running.deployments.change([{ kind: "drop", name: "persist" }], { by: "test" });
    expect(running.fleet.status("persist")).toBeNull();
    await running.put("persist", PERSIST);
    await running.produce("readings", [{ id: 1, temperature: 25 }]);
    await until(async () => (await ids(running)).length === 1, "the document");
    const kinds = running.fleet.events.after(0).next.map(({ event }) => (event.kind === "state" ? event.state : event.kind));
    expect(kinds).toEqual(expect.arrayContaining(["deployed", "waiting", "dropped", "running"]));
  });
});

describe("Deployments", () => {
  it("changes all or nothing, against the generation that was seen", async () => {
    const { deployments } = await runningFleet();
    const both = [
      { kind: "put", name: "a", text: PERSIST },
      { kind: "drop", name: "missing" },
    ] as const;
    await expect(deployments.change(both, { by: "test" })).rejects.toMatchObject({ code: "PIPELINE_UNKNOWN" });
    expect(deployments.list()).toEqual([]);
    await deployments.change([both[0]], { by: "test", expected: 0 });
    await expect(deployments.change([both[0]], { by: "test", expected: 0 })).rejects.toMatchObject({ code: "CATALOG_CHANGED" });
    expect(deployments.generation).toBe(1);
  });

  it("takes equal texts for no change, and another layout for the same version", async () => {
    const { deployments, put } = await runningFleet();
    await put("a", PERSIST);
    const [same] = await put("a", PERSIST);
    expect(same?.before).toBe(same?.after);
    const [layout] = await put("a", `-- hot ones\n${PERSIST.toLowerCase().replace("insert into", "insert\n  into")}`);
    expect(layout?.after?.version).toBe(layout?.before?.version);
    expect(deployments.generation).toBe(2);
  });
});

import { describe, expect, it } from "vitest";
import { StatusBoard } from "../../src/fleet/pipeline-status.ts";
import type { FromPipeline } from "../../src/runtime/protocol.ts";
import { scratch } from "../support/scratch.ts";
import { until } from "../support/until.ts";
import { runningServer } from "./running-server.ts";

const HOT = "INSERT INTO elastic.hot SELECT id FROM embedded.readings PK id;";
const UNREACHABLE = "connections:\n  elastic: { kind: elasticsearch, node: 'http://127.0.0.1:1' }\n";

describe("readiness", () => {
  it("comes when every pipeline has what it needs, and waits for none that is paused, failed or without its topic", async () => {
    const { request, produce } = await runningServer();
    const ready = () => request("GET", "/health/ready");
    expect(await ready()).toMatchObject({ status: 200, body: { status: "ok", notReady: [] } });
    await produce("readings", [{ id: 1 }]);
    await request("PUT", "/v1/pipelines/hot", HOT);
    await request("PUT", "/v1/pipelines/waiting", HOT.replace("readings", "nothing"));
    await request("PUT", "/v1/pipelines/paused", { sql: HOT, desired: "paused" });
    await until(async () => (await request("GET", "/v1/pipelines/waiting")).body.status.state === "waiting", "the wait");
    await until(async () => (await ready()).status === 200, "readiness");
  });

  it("is not there while a target does not answer, and says which", async () => {
    const { request, produce } = await runningServer({}, null, scratch({ "sluice.yaml": UNREACHABLE }));
    await produce("readings", [{ id: 1 }]);
    await request("PUT", "/v1/pipelines/hot", HOT);
    const isRunning = async () => (await request("GET", "/v1/pipelines/hot")).body.status.state === "running";
    await until(isRunning, "the run");
    await until(async () => (await request("GET", "/v1/pipelines/hot")).body.status.unavailable.length > 0, "the trouble");
    const said = await request("GET", "/health/ready");
    expect(said).toMatchObject({
      status: 503,
      body: { status: "not-ready", notReady: [{ pipeline: "hot", state: "running", unavailable: ["hot#1"] }] },
    });
    expect(said.headers.get("retry-after")).toBe("5");
    expect(await request("GET", "/health/live")).toMatchObject({ status: 200 });
  });
});

describe("troubles of targets", () => {
  const board = () => new StatusBoard(() => "2026-01-01T00:00:00.000Z");
  const trouble = (subject: string, isTarget?: true): FromPipeline => {
    return { kind: "trouble", pipeline: "p", subject, message: "refused", ...(isTarget === undefined ? {} : { isTarget }) };
  };
  const progress = (messages: number): FromPipeline => {
    return {
      kind: "progress",
      pipeline: "p",
      messages,
      bytes: 0,
      loopLagMs: 0,
      batches: { counts: [], totalMs: 0 },
      seconds: 1,
      statements: [],
    };
  };

  it("last until they are over, whatever is read meanwhile; those of sources end with progress", () => {
    const status = board();
    status.take(trouble("p#1", true));
    status.take({ kind: "running", pipeline: "p" });
    status.take(trouble("kafka"));
    status.take(progress(10));
    expect([status.now.troubles, status.now.unavailable]).toEqual([{ "p#1": "refused" }, ["p#1"]]);
    status.take({ kind: "recovered", pipeline: "p", subject: "p#1" });
    expect([status.now.troubles, status.now.unavailable]).toEqual([{}, []]);
  });

  it("are over when their statement has failed, with its dead letters'", () => {
    const status = board();
    for (const subject of ["p#1", "p#1 dead letters", "p#10"]) status.take(trouble(subject, true));
    const error = {
      code: "CHANGE_UNAVAILABLE",
      message: "",
      hint: null,
      statement: "p#1",
      topic: null,
      partition: null,
      offset: null,
      stack: null,
    };
    status.take({ kind: "statement-failed", pipeline: "p", error } as FromPipeline);
    expect(status.now.unavailable).toEqual(["p#10"]);
    expect(Object.keys(status.now.troubles)).toEqual(["p#10"]);
  });
});

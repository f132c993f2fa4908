import { describe, expect, it } from "vitest";
import { until } from "../support/until.ts";
import { runningServer } from "./running-server.ts";

const HOT = "INSERT INTO elastic.hot SELECT id, temperature FROM readings WHERE temperature > 20 PK id;";

describe("pipelines by REST", () => {
  it("are made, run, listed, read and dropped", async () => {
    const { request, produce, documents } = await runningServer();
    const made = await request("PUT", "/v1/pipelines/hot", HOT);
    expect(made).toMatchObject({ status: 201, body: { name: "hot", desired: "running", labels: {} } });
    await produce("readings", [{ id: 1, temperature: 25 }]);
    await until(async () => (await documents("hot")).length === 1, "the document");
    expect(await request("GET", "/v1/pipelines")).toMatchObject({ status: 200, body: { items: [{ name: "hot" }], next: null } });
    const read = await request("GET", "/v1/pipelines/hot");
    expect(read.headers.get("etag")).toBe(made.headers.get("etag"));
    await until(async () => (await request("GET", "/v1/pipelines/hot")).body.status.statements[0]?.counters.written === 1, "its counters");
    expect(await request("GET", "/v1/pipelines/hto")).toMatchObject({ status: 404, body: { hint: "did you mean hot?" } });
    expect(await request("DELETE", "/v1/pipelines/hot?keepState=true&purge=true")).toMatchObject({ status: 422 });
    expect(await request("DELETE", "/v1/pipelines/hot")).toMatchObject({ status: 204 });
    expect(await request("GET", "/v1/pipelines/hot")).toMatchObject({ status: 404, body: { code: "PIPELINE_UNKNOWN", status: 404 } });
  });

  it("stay as they are when the same text comes again, and keep a new layout without a new version", async () => {
    const { request } = await runningServer();
    const made = await request("PUT", "/v1/pipelines/hot", HOT);
    const again = await request("PUT", "/v1/pipelines/hot", { sql: HOT });
    expect(again).toMatchObject({ status: 200, body: { generation: made.body.generation } });
    const layout = await request("PUT", "/v1/pipelines/hot", `-- a note\n${HOT}`);
    expect(layout).toMatchObject({ status: 200, body: { version: made.body.version, generation: made.body.generation + 1 } });
  });

  it("are refused with the place of each error and a hint", async () => {
    const { request, deployments } = await runningServer();
    const refused = await request("PUT", "/v1/pipelines/hot", HOT.replace("SELECT", "SELEC"));
    expect(refused.headers.get("content-type")).toContain("application/problem+json");
    expect(refused).toMatchObject({ status: 422, body: { code: "SYNTAX", line: 1, column: 25, hint: "did you mean SELECT?" } });
    expect(await request("PUT", "/v1/pipelines/hot", "SELECT * FROM readings;")).toMatchObject({ status: 422 });
    expect(await request("PUT", "/v1/pipelines/hot", { text: HOT })).toMatchObject({ status: 400, body: { code: "REQUEST_INVALID" } });
    expect(await request("PUT", "/v1/pipelines/%20x", HOT)).toMatchObject({ status: 400 });
    const form = { "content-type": "application/x-www-form-urlencoded" };
    expect(await request("PUT", "/v1/pipelines/hot", HOT, form)).toMatchObject({
      status: 415,
      body: { hint: expect.stringContaining("application/sql") },
    });
    expect(deployments.list()).toEqual([]);
  });

  it("are changed only as they were seen", async () => {
    const { request } = await runningServer();
    const made = await request("PUT", "/v1/pipelines/hot", HOT, { "if-none-match": "*" });
    expect(await request("PUT", "/v1/pipelines/hot", HOT, { "if-none-match": "*" })).toMatchObject({ status: 412 });
    const etag = made.headers.get("etag") as string;
    const changed = await request("PUT", "/v1/pipelines/hot", HOT.replace("20", "30"), { "if-match": etag });
    expect(changed.status).toBe(200);
    expect(await request("PUT", "/v1/pipelines/hot", HOT, { "if-match": etag })).toMatchObject({
      status: 412,
      body: { code: "CATALOG_CHANGED" },
    });
    expect(await request("DELETE", "/v1/pipelines/hot", undefined, { "if-match": etag })).toMatchObject({ status: 412 });
  });

  it("are paused, resumed and restarted", async () => {
    const { request, produce, documents } = await runningServer();
    await request("PUT", "/v1/pipelines/hot", HOT);
    await produce("readings", [{ id: 1, temperature: 25 }]);
    await until(async () => (await documents("hot")).length === 1, "the document");
    expect(await request("POST", "/v1/pipelines/hot/pause")).toMatchObject({ status: 202, body: { desired: "paused" } });
    await until(async () => (await request("GET", "/v1/pipelines/hot")).body.status.state === "paused", "the pause");
    await produce("readings", [{ id: 2, temperature: 25 }]);
    expect(await request("POST", "/v1/pipelines/hot/resume")).toMatchObject({ status: 202, body: { desired: "running" } });
    await until(async () => (await documents("hot")).length === 2, "the second document");
    expect(await request("POST", "/v1/pipelines/hot/restart")).toMatchObject({ status: 202 });
    await produce("readings", [{ id: 3, temperature: 25 }]);
    await until(async () => (await documents("hot")).length === 3, "the third document");
    expect(await request("POST", "/v1/pipelines/cold/pause")).toMatchObject({ status: 404 });
  });

  it("are listed page by page", async () => {
    const { request } = await runningServer();
    for (const name of ["a", "b", "c"]) await request("PUT", `/v1/pipelines/${name}`, { sql: HOT, desired: "paused" });
    const first = await request("GET", "/v1/pipelines?limit=2");
    expect(first.body).toMatchObject({ items: [{ name: "a" }, { name: "b" }], next: "b" });
    expect((await request("GET", `/v1/pipelines?limit=2&after=${first.body.next}`)).body).toMatchObject({
      items: [{ name: "c" }],
      next: null,
    });
  });
});

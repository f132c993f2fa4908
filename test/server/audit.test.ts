import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { tokenHash } from "../../src/server/auth/secret-hash.ts";
import { runningServer } from "./running-server.ts";

const HOT = "INSERT INTO elastic.hot SELECT id FROM readings PK id;";
const ROLES = ["viewer", "operator", "admin"] as const;
const AUTH = { tokens: ROLES.map((role) => ({ name: role, role, sha256: tokenHash(`${role}-token`) })) };
const as = (role: string) => ({ authorization: `Bearer ${role}-token` });

describe("the audit log", () => {
  it("says who changed what, when and from where, also what was refused", async () => {
    const { request, project } = await runningServer({ auth: AUTH });
    const beganAt = new Date().toISOString();
    await request("PUT", "/v1/pipelines/hot", HOT, as("admin"));
    await request("PUT", "/v1/pipelines/hot", { sql: HOT }, as("admin"));
    await request("POST", "/v1/pipelines/hot/pause?why=secret", undefined, as("operator"));
    await request("DELETE", "/v1/pipelines/hot", undefined, as("viewer"));
    await request("DELETE", "/v1/pipelines/hot", undefined, as("nobody"));
    await request("PUT", "/v1/pipelines/hot", "SELEC", as("admin"));
    await request("DELETE", "/v1/pipelines/hot", undefined, as("admin"));
    await request("GET", "/v1/pipelines", undefined, as("viewer"));
    await request("POST", "/v1/validate", { sql: HOT }, as("viewer"));

    const file = join(project.dataDirectory, "audit.log");
    const entries = readFileSync(file, "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(statSync(file).mode & 0o077).toBe(0);
    const hot = (change: string, generation: number) => [{ pipeline: "hot", change, generation }];
    expect(entries).toMatchObject([
      {
        by: "admin",
        via: "token",
        operation: "putPipeline",
        method: "PUT",
        path: "/v1/pipelines/hot",
        sql: HOT,
        status: 201,
        changed: hot("made", 1),
      },
      { by: "admin", operation: "putPipeline", sql: HOT, status: 200, code: null, changed: [] },
      { by: "operator", operation: "pausePipeline", path: "/v1/pipelines/hot/pause", sql: null, status: 202, changed: hot("changed", 2) },
      { by: "viewer", operation: "deletePipeline", status: 403, code: "NOT_ALLOWED", changed: [] },
      { by: null, via: null, operation: "deletePipeline", status: 401, code: "NOT_AUTHENTICATED", changed: [] },
      { by: "admin", operation: "putPipeline", sql: "SELEC", status: 422, code: "SYNTAX", changed: [] },
      { by: "admin", operation: "deletePipeline", status: 204, changed: hot("dropped", 3) },
    ]);
    for (const { at, from } of entries) {
      expect(at >= beganAt && at <= new Date().toISOString()).toBe(true);
      expect(from).toBe("127.0.0.1");
    }
    expect(await request("GET", "/v1/audit", undefined, as("operator"))).toMatchObject({ status: 403 });
    const read = await request("GET", "/v1/audit?limit=2", undefined, as("admin"));
    expect(read).toMatchObject({ status: 200, body: { items: [entries.at(-1), entries.at(-2)] } });
  });

  it("gives each of many requests at once its own changes", async () => {
    const { request } = await runningServer();
    const names = Array.from({ length: 20 }, (_, n) => `p${n}`);
    await Promise.all(names.map((name) => request("PUT", `/v1/pipelines/${name}`, { sql: HOT, desired: "paused" })));
    const { items } = (await request("GET", "/v1/audit")).body;
    expect(items).toHaveLength(20);
    for (const { path, changed } of items) expect(changed).toMatchObject([{ pipeline: path.split("/").at(-1), change: "made" }]);
    expect(new Set(items.map((item: { changed: { generation: number }[] }) => item.changed[0]?.generation)).size).toBe(20);
  });
});

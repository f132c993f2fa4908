import { describe, expect, it } from "vitest";
import { passwordHash, tokenHash } from "../../src/server/auth/secret-hash.ts";
import { runningServer } from "./running-server.ts";

const HOT = "INSERT INTO elastic.hot SELECT id FROM readings PK id;";

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const basic = (name: string, password: string) => ({ authorization: `Basic ${Buffer.from(`${name}:${password}`).toString("base64")}` });

const TOKENS = (["viewer", "operator", "admin"] as const).map((role) => ({ name: `a ${role}`, role, sha256: tokenHash(`${role}-token`) }));

describe("security", () => {
  it("asks everybody but health checks who they are", async () => {
    const { request } = await runningServer({ auth: { tokens: TOKENS } });
    for (const path of ["/v1/pipelines", "/openapi.json", "/v1/events", "/v1/pipelines/x"]) {
      const refused = await request("GET", path);
      expect(refused).toMatchObject({ status: 401, body: { code: "NOT_AUTHENTICATED" } });
      expect(refused.headers.get("www-authenticate")).toContain("Bearer");
    }
    expect(await request("GET", "/v1/pipelines", undefined, bearer("wrong"))).toMatchObject({
      status: 401,
      body: { detail: "nobody is known by this token or password", hint: expect.stringContaining("SLUICE_TOKEN") },
    });
    expect(await request("GET", "/health/live")).toMatchObject({ status: 200 });
    expect(await request("GET", "/health/ready")).toMatchObject({ status: 200 });
  });

  it("lets viewers read, operators operate, and admins change", async () => {
    const { request, deployments } = await runningServer({ auth: { tokens: TOKENS } });
    const may = async (role: string) => [
      (await request("GET", "/v1/pipelines", undefined, bearer(`${role}-token`))).status,
      (await request("POST", "/v1/validate", { sql: HOT }, bearer(`${role}-token`))).status,
      (await request("POST", "/v1/pipelines/hot/pause", undefined, bearer(`${role}-token`))).status,
      (await request("PUT", "/v1/pipelines/hot", HOT, bearer(`${role}-token`))).status,
    ];
    expect(await may("viewer")).toEqual([200, 200, 403, 403]);
    expect(await may("operator")).toEqual([200, 200, 404, 403]);
    expect(await may("admin")).toEqual([200, 200, 404, 201]);
    expect(deployments.get("hot")?.changedBy).toBe("a admin");
  });

  it("takes names and passwords, and slows down who guesses", async () => {
    const users = [{ name: "ada", role: "viewer" as const, scrypt: await passwordHash("pässword:1") }];
    const { request } = await runningServer({ auth: { users } });
    expect(await request("GET", "/v1/pipelines", undefined, basic("ada", "pässword:1"))).toMatchObject({ status: 200 });
    for (let tries = 0; tries < 20; tries++) {
      expect(await request("GET", "/v1/pipelines", undefined, basic(tries % 2 ? "ada" : "bob", "guess"))).toMatchObject({ status: 401 });
    }
    expect(await request("GET", "/v1/pipelines", undefined, basic("ada", "guess"))).toMatchObject({ status: 429 });
  });
});

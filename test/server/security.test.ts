import { createServer as createHttp } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { describe, expect, it, onTestFinished } from "vitest";
import { parseConfig } from "../../src/project/config.ts";
import { passwordHash, tokenHash } from "../../src/server/auth/secret-hash.ts";
import { readServerConfig } from "../../src/server/server-config.ts";
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
    expect(await request("GET", "/v1/pipelines", undefined, bearer("wrong"))).toMatchObject({ status: 401 });
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

  it("takes tokens of an identity provider for what their roles mean here", async () => {
    const { issuer, sign } = await provider();
    const jwt = { issuer, audience: "sluice", roles: { "sluice-ops": "operator", everybody: "viewer" } as const };
    const { request } = await runningServer({ auth: { jwt } });
    const status = async (token: string, path = "/v1/pipelines/x/pause") => (await request("POST", path, undefined, bearer(token))).status;
    expect(await status(await sign({ roles: ["everybody", "sluice-ops"] }))).toBe(404);
    expect(await status(await sign({ roles: "everybody" }))).toBe(403);
    expect(await status(await sign({ roles: ["constructor"] }))).toBe(401);
    expect(await status(await sign({ roles: ["sluice-ops"] }, { audience: "other" }))).toBe(401);
    expect(await status(await sign({ roles: ["sluice-ops"] }, { expires: "-1 minute" }))).toBe(401);
    expect(await status((await sign({ roles: ["sluice-ops"] })).replace(/.{10}$/, "AAAAAAAAAA"))).toBe(401);
  });

  it("is configured in a file that says what is wrong with it, and never what was written there", () => {
    const config = (text: string) => () => readServerConfig(parseConfig(text, "sluice.yaml"), { TOKEN: "secret" });
    expect(config("server:\n  auth:\n    tokens:\n      - { name: ci, role: root, sha256: secret }")).toThrow(
      /^sluice.yaml:\d+: server\.auth\.tokens\.0/,
    );
    expect(config("server:\n  auth:\n    tokens:\n      - { name: ci, role: admin, sha256: secret }")).toThrow(/^(?!.*secret)/s);
    expect(config("server:\n  auht: {}")).toThrow(/^sluice.yaml:\d+: server/);
    expect(config("server:\n  auth: {}")()).toEqual({ auth: {} });
  });
});

/** An identity provider with one key, as far as its clients see it. */
async function provider() {
  const { privateKey, publicKey } = await generateKeyPair("ES256");
  const jwk = { ...(await exportJWK(publicKey)), kid: "one", alg: "ES256" };
  const server = createHttp((request, response) => {
    const { port } = server.address() as AddressInfo;
    const isConfiguration = request.url?.endsWith("openid-configuration");
    response.end(JSON.stringify(isConfiguration ? { jwks_uri: `http://127.0.0.1:${port}/keys` } : { keys: [jwk] }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const sign = (claims: Record<string, unknown>, { audience = "sluice", expires = "5 minutes" } = {}) =>
    new SignJWT({ ...claims, sub: "ada" })
      .setProtectedHeader({ alg: "ES256", kid: "one" })
      .setIssuer(issuer)
      .setAudience(audience)
      .setExpirationTime(expires)
      .sign(privateKey);
  return { issuer, sign };
}

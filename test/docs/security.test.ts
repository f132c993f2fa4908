import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parseConfig } from "../../src/project/config.ts";
import { authenticator } from "../../src/server/auth/authenticate.ts";
import { readServerConfig, type ServerConfig } from "../../src/server/server-config.ts";
import { runningServer } from "../server/running-server.ts";

const page = readFileSync(new URL("../../docs/operations/security.md", import.meta.url), "utf8");
const [, example = ""] = /```yaml\n(.*?)```/s.exec(page) ?? [];
const [, line = ""] = /```json\n(.*?)```/s.exec(page) ?? [];
const variables = { PROMETHEUS_TOKEN_SHA256: "0".repeat(64) };

describe("docs/operations/security.md", () => {
  it("has a configuration with every key, and it is taken", async () => {
    const config = readServerConfig(parseConfig(example, "sluice.yaml"), variables);
    expect(Object.keys(config).sort()).toEqual(["auth", "hosts", "limits", "proxies", "tls"]);
    expect(Object.keys(config.auth ?? {}).sort()).toEqual(["certificates", "jwt", "tokens", "users"]);
    authenticator(config.auth);
    const { tls: _, ...plain } = config as ServerConfig;
    const { request } = await runningServer(plain);
    const ask = async (token: string) => (await request("GET", "/v1/pipelines", undefined, { authorization: `Bearer ${token}` })).status;
    expect([await ask("test"), await ask("other")]).toEqual([200, 401]);
  });

  it("shows a line of the audit log as it is written", async () => {
    const { request } = await runningServer();
    await request("PUT", "/v1/pipelines/hot", "INSERT INTO elastic.hot SELECT id FROM readings PK id;");
    const { items } = (await request("GET", "/v1/audit?limit=1")).body;
    expect(Object.keys(JSON.parse(line))).toEqual(Object.keys(items[0]));
    expect(Object.keys(JSON.parse(line).changed[0])).toEqual(Object.keys(items[0].changed[0]));
  });
});

import { describe, expect, it } from "vitest";
import { RestClient } from "../../../src/client/rest-client.ts";
import { tokenHash } from "../../../src/server/auth/secret-hash.ts";
import { seeds } from "../../property/random.ts";
import { scratch } from "../../support/scratch.ts";
import { SluiceProcess, sluice } from "../../support/sluice-process.ts";
import { until } from "../../support/until.ts";
import { installSchemathesis, schemathesis, schemathesisMissing } from "./schemathesis.ts";

const TOKEN = "a-token-of-this-test";
const CONFIG = `connections:
  elastic: { kind: embedded, as: elasticsearch }
server:
  auth:
    tokens:
      - { name: schemathesis, role: admin, sha256: ${tokenHash(TOKEN)} }
  limits: { requests.per.minute: 1000000, failures.per.minute: 1000000 }
`;
const HOT = "INSERT INTO elastic.hot SELECT id FROM readings PK id;";

const missing = process.env["CI"] === "true" ? null : schemathesisMissing();

describe(`the REST interface as described${missing === null ? "" : ` (${missing})`}`, { skip: missing !== null }, () => {
  // One seed: what schemathesis makes of another changes with each of its versions, and SEED=n tries it.
  it.each(seeds([264_461_044], 0))("is what schemathesis finds nothing against: seed %i", { timeout: 600_000 }, async (seed) => {
    await installSchemathesis();
    const cwd = scratch({ "sluice.yaml": CONFIG });
    expect(await sluice(["produce", "readings"], { cwd, input: '{"id":1}\n{"id":2}\n' })).toMatchObject({ code: 0 });
    const server = new SluiceProcess(["serve", "--port", "0"], { cwd });
    const address = (): string | undefined => /http:\/\/127\.0\.0\.1:\d+/.exec(server.stderr)?.[0];
    await until(
      () => address() !== undefined || server.hasEnded,
      "the server",
      20_000,
      () => server.stderr,
    );
    const url = address() as string;
    const client = new RestClient({ url, token: TOKEN });
    const args = ["--header", `Authorization: Bearer ${TOKEN}`, "--seed", String(seed), "--request-timeout", "20"];
    try {
      const description = `${url}/openapi.json`;
      await schemathesis("anything.toml", description, [...args, "--max-examples", "25"], cwd);
      await client.request("PUT", "/v1/pipelines/hot", HOT);
      await schemathesis("existing.toml", description, [...args, "--max-examples", "20"], cwd);
      expect((await client.request("GET", "/health/live")).status).toBe(200);
    } finally {
      server.kill("SIGTERM");
    }
    const { code, stderr } = await server.ended;
    expect(code, stderr.slice(-2000)).toBe(0);
    expect(stderr).not.toContain('"level":"error"');
  });
});

import { describe, expect, it, onTestFinished } from "vitest";
import { RestClient } from "../../src/client/rest-client.ts";
import type { PipelineStatus } from "../../src/fleet/pipeline-status.ts";
import { certificateAuthority } from "../server/certificates.ts";
import { scratch } from "../support/scratch.ts";
import { SluiceProcess, sluice } from "../support/sluice-process.ts";
import { until } from "../support/until.ts";

const NOWHERE = `connections:
  kafka: { kind: kafka, brokers: "127.0.0.1:1" }
  elastic: { kind: elasticsearch, node: "http://127.0.0.1:1" }
  cassandra: { kind: cassandra, contactPoints: ["127.0.0.1:1"], localDataCenter: dc1 }
`;
const FROM_KAFKA = "INSERT INTO elastic.hot SELECT id FROM kafka.readings PK id;";
const EMBEDDED = "INSERT INTO embedded.copies SELECT id FROM embedded.readings PK id;";

/** The real server in a process of its own. */
async function served(cwd: string, ...args: readonly string[]) {
  const server = new SluiceProcess(["serve", "--port", "0", ...args], { cwd });
  onTestFinished(async () => {
    server.kill("SIGKILL");
    await server.ended;
  });
  const address = (): string | undefined => /(https?:\S+) serves/.exec(server.stderr)?.[1];
  await until(
    () => address() !== undefined || server.hasEnded,
    "the server",
    20_000,
    () => server.stderr,
  );
  const url = address() ?? `none: ${server.stderr}`;
  return { server, url, client: new RestClient({ url }) };
}

describe("sluice serve", { timeout: 60_000 }, () => {
  it("comes up with no service reachable, says what it waits for, keeps what it was given, and ends when told", async () => {
    const cwd = scratch({ "sluice.yaml": NOWHERE });
    const first = await served(cwd);
    expect((await first.client.request("PUT", "/v1/pipelines/hot", FROM_KAFKA)).status).toBe(201);
    await until(
      () => /ECONNREFUSED|refused|cannot be reached|no broker/i.test(first.server.stderr),
      "what is wrong",
      20_000,
      () => first.server.stderr,
    );
    await expect(first.client.request("GET", "/health/ready")).rejects.toThrow(/503/);
    expect((await first.client.request("GET", "/health/live")).status).toBe(200);
    first.server.kill("SIGTERM");
    expect(await first.server.ended).toMatchObject({ code: 0 });

    const second = await served(cwd);
    expect(second.server.stderr).toContain("serves 1 pipeline");
    expect((await second.client.request("GET", "/v1/pipelines/hot")).body).toMatchObject({ text: FROM_KAFKA });
    second.server.kill("SIGINT");
    expect(await second.server.ended).toMatchObject({ code: 0 });
  });

  it("writes what it has taken when it is told to end, and ends the streams of its clients", async () => {
    const cwd = scratch();
    expect(await sluice(["produce", "readings"], { cwd, input: '{"id":1}\n' })).toMatchObject({ code: 0 });
    const { server, client } = await served(cwd);
    await client.request("PUT", "/v1/pipelines/copies", EMBEDDED);
    const isTaken = async () =>
      (await client.request<{ readonly status: PipelineStatus }>("GET", "/v1/pipelines/copies")).body.status.messages === 1;
    await until(isTaken, "the pipeline to have the record");
    const followed = (async () => {
      const ids: unknown[] = [];
      const query = { sql: "SELECT id FROM embedded.readings;", from: "earliest" };
      for await (const item of client.stream("/v1/query", query, new AbortController().signal)) {
        if (item.kind !== "row") continue;
        ids.push(JSON.parse(item.json).id);
        if (ids.length === 1) server.kill("SIGTERM");
      }
      return ids;
    })().catch((error: Error) => error.message);
    expect(await followed).toMatch(/broke off|reach/);
    expect(await server.ended).toMatchObject({ code: 0 });
    const rows = await sluice(["query", "SELECT id FROM embedded.copies", "--output", "ndjson"], { cwd });
    expect(rows.stdout).toBe('{"id":1}\n');
  });

  it("says so where another server has the data directory, or the port", async () => {
    const cwd = scratch();
    const { server, url } = await served(cwd);
    const second = await sluice(["serve", "--port", "0"], { cwd });
    expect([second.code, second.stderr]).toEqual([
      3,
      expect.stringMatching(/error STORE_BUSY: .*another process has the catalog.*\n.*--server/),
    ]);
    const samePort = await sluice(["serve", "--port", new URL(url).port], { cwd: scratch() });
    expect([samePort.code, samePort.stderr]).toEqual([2, expect.stringMatching(/error USAGE: .*port.* is taken/)]);
    server.kill("SIGKILL");
    await server.ended;
    const third = await served(cwd);
    expect(third.url).toMatch(/^http/);
  });

  it("serves other machines only who say who they are", async () => {
    const open = await sluice(["serve", "--host", "0.0.0.0", "--port", "0"], { cwd: scratch() });
    expect([open.code, open.stderr]).toEqual([2, expect.stringMatching(/error USAGE: without authentication .*\n.*server\.auth/)]);
    const faulty = await sluice(["serve", "--port", "0"], { cwd: scratch({ "sluice.yaml": "server:\n  auth:\n    tokns: []\n" }) });
    expect([faulty.code, faulty.stderr]).toEqual([
      2,
      expect.stringMatching(/error CONFIG_INVALID: .*sluice\.yaml:3: server\.auth\.tokns is unknown/),
    ]);
  });
});

describe("sluice serve with TLS", { timeout: 60_000 }, () => {
  it("has its certificate from sluice.yaml, and commands show theirs", async () => {
    const authority = certificateAuthority();
    const { files } = authority.issue("localhost");
    const tls = (key: string) => `  tls: { cert: ${files.cert}, key: ${key}, client.ca: ${authority.file} }\n`;
    const auth = "  auth: { certificates: [{ name: ada, role: viewer }] }\n";
    const { url } = await served(scratch({ "sluice.yaml": `server:\n${tls(files.key)}${auth}` }));
    expect(url).toMatch(/^https:/);
    const { cert, key } = authority.issue("ada").files;
    const asAda = await sluice(["list", "--server", url, "--ca", authority.file, "--cert", cert, "--key", key]);
    expect([asAda.code, asAda.stderr]).toEqual([0, expect.not.stringContaining("error")]);
    expect(await sluice(["list", "--server", url, "--ca", authority.file])).toMatchObject({
      code: 3,
      stderr: expect.stringContaining("NOT_AUTHENTICATED"),
    });
    expect(await sluice(["list", "--server", url])).toMatchObject({ code: 3, stderr: expect.stringContaining("not trusted") });

    const mixedUp = await sluice(["serve", "--port", "0"], { cwd: scratch({ "sluice.yaml": `server:\n${tls(key)}` }) });
    expect([mixedUp.code, mixedUp.stderr]).toEqual([2, expect.stringMatching(/error CONFIG_INVALID: server\.tls cannot be used: /)]);
    const missing = await sluice(["serve", "--port", "0"], { cwd: scratch({ "sluice.yaml": `server:\n${tls("no.key")}` }) });
    expect([missing.code, missing.stderr]).toEqual([2, expect.stringMatching(/error FILE_UNREADABLE: .*no\.key/)]);
  });
});

describe("sluice hash", () => {
  it("makes tokens and passwords for sluice.yaml, which then let in", async () => {
    const token = await sluice(["hash", "token", "ci", "--role", "admin"]);
    const [said = "", entry = ""] = token.stdout.trimEnd().split("\n");
    const secret = /^token: ([\w-]{43})$/.exec(said)?.[1] ?? "";
    expect(entry).toMatch(/^- \{ name: ci, role: admin, sha256: [0-9a-f]{64} \}$/);
    const password = await sluice(["hash", "password", "ada lovelace"], { input: "pässword: 1\n" });
    expect(password.stdout).toMatch(/^- \{ name: ada lovelace, role: viewer, scrypt: scrypt:\S+ \}\n$/);
    const cwd = scratch({ "sluice.yaml": `server:\n  auth:\n    tokens:\n      ${entry}\n    users:\n      ${password.stdout}` });
    const { url } = await served(cwd);
    const status = async (authorization: string) => (await fetch(`${url}/v1/pipelines`, { headers: { authorization } })).status;
    expect(await status(`Bearer ${secret}`)).toBe(200);
    expect(await status(`Basic ${Buffer.from("ada lovelace:pässword: 1").toString("base64")}`)).toBe(200);
    expect(await status(`Basic ${Buffer.from("ada lovelace:password: 1").toString("base64")}`)).toBe(401);
  });

  it("refuses passwords that are none, and roles that are none", async () => {
    expect(await sluice(["hash", "password", "ada"], { input: "\n" })).toMatchObject({ code: 2, stderr: expect.stringContaining("USAGE") });
    expect(await sluice(["hash", "token", "ci", "--role", "root"])).toMatchObject({ code: 2 });
  });
});

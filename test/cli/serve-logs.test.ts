import { describe, expect, it, onTestFinished } from "vitest";
import { tokenHash } from "../../src/server/auth/secret-hash.ts";
import { scratch } from "../support/scratch.ts";
import { SluiceProcess } from "../support/sluice-process.ts";
import { KEYS, Terminal } from "../support/terminal.ts";
import { until } from "../support/until.ts";

const CONFIG = `connections:
  elastic: { kind: embedded, as: elasticsearch }
server:
  auth: { tokens: [{ name: ops, role: admin, sha256: ${tokenHash("hidden-token")} }] }
`;

const isListed = (line: Record<string, unknown>, wanted: Record<string, unknown>): boolean =>
  Object.entries(wanted).every(([key, value]) => line[key] === value);

/** A server as a process of its own, and what it has logged. */
async function loggingServer(...args: readonly string[]) {
  const folder = scratch({ "sluice.yaml": CONFIG });
  const server = new SluiceProcess(["serve", "--port", "0", ...args], { cwd: folder });
  onTestFinished(async () => {
    server.kill("SIGKILL");
    await server.ended;
  });
  const lines = () =>
    server.stderr
      .split("\n")
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  const logged = (wanted: Record<string, unknown>) =>
    until(
      () => lines().some((line) => isListed(line, wanted)),
      `${JSON.stringify(wanted)} in`,
      20_000,
      () => server.stderr,
    );
  const address = async () => {
    await until(
      () => /http:\S+ serves/.test(server.stderr),
      "the server",
      20_000,
      () => server.stderr,
    );
    return /(http:\S+) serves/.exec(server.stderr)?.[1] as string;
  };
  return { server, address, lines, logged };
}

describe("the log of a server", () => {
  it("is a JSON document a line, with pipelines, statements and requests, and holds no secret", { timeout: 60_000 }, async () => {
    const { server, address, lines, logged } = await loggingServer();
    const url = await address();
    const send = (method: string, path: string, body: string | null) =>
      fetch(`${url}${path}`, {
        method,
        body,
        headers: { authorization: "Bearer hidden-token", ...(body === null ? {} : { "content-type": "application/sql" }) },
      });
    expect((await send("PUT", "/v1/pipelines/hot", "INSERT INTO elastic.hot SELECT id FROM readings PK id;")).status).toBe(201);
    await logged({ level: "info", pipeline: "hot", msg: "deployed", by: "ops" });
    await logged({ level: "info", pipeline: "hot", state: "waiting" });
    await logged({ level: "info", method: "PUT", url: "/v1/pipelines/hot", status: 201, by: "ops" });
    const refused = (await (await fetch(`${url}/v1/pipelines`)).json()) as { instance: string };
    await logged({ level: "info", url: "/v1/pipelines", status: 401, reqId: refused.instance });
    await send("GET", "/metrics", null);
    server.kill("SIGTERM");
    expect((await server.ended).code).toBe(0);
    expect(lines().some((line) => line["url"] === "/metrics")).toBe(false);
    expect(server.stderr).not.toContain("hidden");
  });

  it("is for people on a terminal", { timeout: 60_000 }, async () => {
    const terminal = new Terminal(["serve", "--port", "0"], { cwd: scratch() });
    await terminal.see(/\[\d\d:\d\d:\d\d\.\d{3}\] INFO: http:\S+ serves 0 pipelines/, 20_000);
    terminal.type(KEYS.ctrlC);
    await terminal.see(/INFO: stopping/);
    await until(() => terminal.exitCode !== null, "its end");
    expect(terminal.exitCode).toBe(0);
  });

  it("has what --log-level asks for", { timeout: 60_000 }, async () => {
    const { address, logged } = await loggingServer("--log-level", "debug");
    await fetch(`${await address()}/health/live`);
    await logged({ level: "debug", url: "/health/live", status: 200 });
    const { server: wrong } = await loggingServer("--log-level", "loud");
    expect((await wrong.ended).code).toBe(2);
    expect(wrong.stderr).toContain("Allowed choices are trace, debug, info, warn, error, fatal, silent");
  });
});

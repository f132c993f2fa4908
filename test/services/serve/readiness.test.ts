import { connect, createServer, type Server, type Socket } from "node:net";
import { afterEach, expect, it } from "vitest";
import { RestClient } from "../../../src/client/rest-client.ts";
import { scratch } from "../../support/scratch.ts";
import { SluiceProcess, sluice } from "../../support/sluice-process.ts";
import { until } from "../../support/until.ts";
import { Scratch } from "../elasticsearch/scratch.ts";
import { freePorts } from "../launcher/ports.ts";
import { describeWith } from "../needs.ts";

const closing: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** A way to the real server that can be shut and opened. */
class Gate {
  private readonly target: URL;
  private readonly port: number;
  private readonly sockets = new Set<Socket>();
  private server: Server | null = null;

  constructor(port: number, target: URL) {
    this.port = port;
    this.target = target;
  }

  async open(): Promise<void> {
    const server = createServer((incoming) => {
      const outgoing = connect(Number(this.target.port), this.target.hostname);
      for (const socket of [incoming, outgoing]) {
        this.sockets.add(socket);
        socket.on("error", () => undefined).on("close", () => this.sockets.delete(socket));
      }
      incoming.pipe(outgoing).pipe(incoming);
    });
    this.server = server;
    await new Promise<void>((resolve) => server.listen(this.port, "127.0.0.1", resolve));
  }

  async shut(): Promise<void> {
    const { server } = this;
    this.server = null;
    if (server === null) return;
    const closed = new Promise((resolve) => server.close(resolve));
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }
}

describeWith("elasticsearch", "readiness of a server", ({ node }) => {
  it("comes with the target, goes with it, and comes back", { timeout: 180_000 }, async () => {
    const elastic = new Scratch(node);
    const index = elastic.name("hot");
    const [port] = await freePorts();
    const gate = new Gate(port, new URL(node));
    const cwd = scratch({ "sluice.yaml": `connections:\n  elastic: { kind: elasticsearch, node: "http://127.0.0.1:${port}" }\n` });
    const produce = (id: number) => sluice(["produce", "readings"], { cwd, input: `{"id":${id}}\n` });
    expect(await produce(1)).toMatchObject({ code: 0 });
    const server = new SluiceProcess(["serve", "--port", "0"], { cwd });
    closing.push(
      () => elastic.clean(),
      async () => gate.shut(),
      async () => void server.kill("SIGKILL"),
      async () => void (await server.ended),
    );
    const said = () => server.stderr.slice(-2000);
    await until(() => / serves /.test(server.stderr), "the server", 30_000, said);
    const client = new RestClient({ url: /http:\/\/127\.0\.0\.1:\d+/.exec(server.stderr)?.[0] ?? "none" });
    const ready = async () => {
      const answer = await fetch(`${client.url}/health/ready`);
      return { status: answer.status, notReady: ((await answer.json()) as { notReady: unknown[] }).notReady };
    };
    const sql = `INSERT INTO elastic.\`${index}\` SELECT id FROM embedded.readings PK id AUTOCREATE;`;
    await client.request("PUT", "/v1/pipelines/hot", { sql: `SET 'max.retries' = 1000; SET 'retry.interval' = 100; ${sql}` });

    const isShut = async () => JSON.stringify((await ready()).notReady).includes(`"unavailable":["${index}#1"]`);
    await until(isShut, "what it waits for", 30_000, said, 100);
    expect((await ready()).status).toBe(503);
    await gate.open();
    await until(async () => (await ready()).status === 200, "the target", 60_000, said, 100);
    await until(async () => (await elastic.count(index)) === 1, "the document", 30_000, said, 100);

    await gate.shut();
    expect((await ready()).status).toBe(200);
    expect(await produce(2)).toMatchObject({ code: 0 });
    await until(isShut, "that it is gone", 60_000, said, 100);
    expect((await fetch(`${client.url}/health/live`)).status).toBe(200);
    await gate.open();
    await until(async () => (await ready()).status === 200, "it again", 60_000, said, 100);
    await until(async () => (await elastic.count(index)) === 2, "both documents", 30_000, said, 100);
    server.kill("SIGTERM");
    expect(await server.ended).toMatchObject({ code: 0 });
  });
});

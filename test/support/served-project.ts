import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { must } from "../../src/assert.ts";
import { RestClient } from "../../src/client/rest-client.ts";
import type { SluiceError } from "../../src/errors.ts";
import type { Deployment } from "../../src/fleet/deployment.ts";
import type { PipelineStatus } from "../../src/fleet/pipeline-status.ts";
import type { Task } from "../../src/server/routes/pipeline-insight.ts";
import { type ProcessResult, SluiceProcess, sluice } from "./sluice-process.ts";
import { until } from "./until.ts";

/** A project in a folder, the real server that runs it in a process of its own, and the real commands against that. */
export class ServedProject {
  readonly folder = mkdtempSync(join(tmpdir(), "sluice-served-"));
  private server: SluiceProcess | null = null;
  /** Where it answers. */
  url = "";

  constructor(files: Readonly<Record<string, string>>) {
    for (const [path, text] of Object.entries(files)) this.write(path, text);
  }

  /** After an end: where it was before. */
  async start(): Promise<void> {
    const port = /\d+$/.exec(this.url)?.[0] ?? "0";
    const server = new SluiceProcess(["serve", "--port", port], { cwd: this.folder });
    this.server = server;
    await until(
      () => / serves /.test(server.stderr) || server.hasEnded,
      "the server",
      60_000,
      () => server.stderr,
    );
    this.url = /http:\/\/127\.0\.0\.1:\d+/.exec(server.stderr)?.[0] ?? `nowhere: ${server.stderr}`;
  }

  async end(signal: "SIGINT" | "SIGKILL"): Promise<void> {
    this.server?.kill(signal);
    await this.server?.ended;
  }

  /** To the server that was started last, which does not end by it. */
  signal(signal: "SIGSTOP" | "SIGCONT"): void {
    this.server?.kill(signal);
  }

  async close(): Promise<void> {
    await this.end("SIGKILL");
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Of the server that was started last. */
  get pid(): number {
    return must(this.server?.pid);
  }

  /** How the server that was started last ended by itself. */
  get ended(): Promise<ProcessResult> | undefined {
    return this.server?.ended;
  }

  /** What the server that was started last has logged. */
  get log(): string {
    return this.server?.stderr ?? "";
  }

  get client(): RestClient {
    return new RestClient({ url: this.url });
  }

  run(...args: readonly string[]): Promise<ProcessResult> {
    return sluice(args, { cwd: this.folder, env: { SLUICE_SERVER: this.url } });
  }

  /** The same with something on standard input. */
  pipe(input: string, ...args: readonly string[]): Promise<ProcessResult> {
    return sluice(args, { cwd: this.folder, env: { SLUICE_SERVER: this.url }, input });
  }

  spawn(...args: readonly string[]): SluiceProcess {
    return new SluiceProcess(args, { cwd: this.folder, env: { SLUICE_SERVER: this.url } });
  }

  write(path: string, text: string): void {
    mkdirSync(dirname(join(this.folder, path)), { recursive: true });
    writeFileSync(join(this.folder, path), text);
  }

  remove(path: string): void {
    rmSync(join(this.folder, path));
  }

  async pipeline(name: string): Promise<Deployment & { readonly status: PipelineStatus }> {
    return (await this.client.request<Deployment & { readonly status: PipelineStatus }>("GET", `/v1/pipelines/${name}`)).body;
  }

  /** Those of the pipeline that this server has, of several that share a catalog. */
  async ownTasks(name: string): Promise<readonly Task[]> {
    const { body } = await this.client.request<{ readonly items: readonly Task[] }>("GET", `/v1/pipelines/${name}/tasks`);
    return body.items.filter(({ server }) => server?.includes(`:${new URL(this.url).port}#`));
  }

  /** All documents of an index or a table; none where it is not there. */
  async rows<Row>(relation: string): Promise<Row[]> {
    const rows: Row[] = [];
    const query = { sql: `SELECT * FROM ${relation};`, untilEnd: true };
    try {
      for await (const item of this.client.stream("/v1/query", query, new AbortController().signal))
        if (item.kind === "row") rows.push(JSON.parse(item.json) as Row);
    } catch (error) {
      if ((error as SluiceError).code !== "TARGET_MISSING") throw error;
    }
    return rows;
  }
}

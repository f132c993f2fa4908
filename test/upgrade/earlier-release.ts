import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { RestClient } from "../../src/client/rest-client.ts";
import type { PipelineStatus } from "../../src/fleet/pipeline-status.ts";
import { until, untilStill } from "../support/until.ts";

/** The command line of a checkout of an earlier release, in a folder with a project; its data lie in `data` there. */
export class EarlierRelease {
  private readonly checkout: string;
  private readonly folder: string;

  constructor(checkout: string, folder: string) {
    this.checkout = checkout;
    this.folder = folder;
  }

  start(...args: readonly string[]): ChildProcess {
    return spawn(process.execPath, [join(this.checkout, "bin/sluice.js"), ...args, "--data", "data"], {
      cwd: this.folder,
      env: { ...process.env, NO_COLOR: "1" },
      stdio: ["pipe", "inherit", "pipe"],
    });
  }

  /** A server runs the pipelines until all that there is is read, written and durable, with windows open, and is killed. Gives the counters. */
  async workOff(texts: ReadonlyMap<string, string>): Promise<string> {
    const server = this.start("serve", "--port", "0");
    const ended = new Promise((resolve) => server.once("close", resolve));
    let log = "";
    server.stderr?.setEncoding("utf8").on("data", (text: string) => {
      log += text;
    });
    try {
      await until(
        () => / serves /.test(log),
        "the server",
        60_000,
        () => log,
      );
      return await standstill(new RestClient({ url: /http:\/\/127\.0\.0\.1:\d+/.exec(log)?.[0] ?? "" }), texts);
    } finally {
      server.kill("SIGKILL");
      await ended;
    }
  }
}

async function standstill(client: RestClient, texts: ReadonlyMap<string, string>): Promise<string> {
  for (const [name, text] of texts) await client.request("PUT", `/v1/pipelines/${name}`, text);
  const statusOf = async (name: string) =>
    (await client.request<{ readonly status: PipelineStatus }>("GET", `/v1/pipelines/${name}`)).body.status;
  const counters = async (): Promise<string | null> => {
    const states = await Promise.all([...texts.keys()].map(statusOf));
    const hasBegun = states.every(({ state, statements }) => state === "running" && statements.every(({ counters }) => counters.in > 0));
    return hasBegun ? JSON.stringify(states.map(({ statements }) => statements.map(({ name, counters }) => [name, counters]))) : null;
  };
  return untilStill(counters, 20, "the first half to be worked off", 120_000, 200);
}

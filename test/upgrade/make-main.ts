import { spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { RestClient } from "../../src/client/rest-client.ts";
import type { PipelineStatus } from "../../src/fleet/pipeline-status.ts";
import { until } from "../support/until.ts";
import { HALVES, pipelines } from "./workload.ts";

/*
 * Makes `test/upgrade/kept`: what a server of an earlier release leaves behind that is killed in the middle of the workload. In a checkout
 * of this release: node test/upgrade/make-main.ts CHECKOUT-OF-THE-EARLIER-ONE
 */

const KEPT = fileURLToPath(new URL("kept/", import.meta.url));
const CONFIG = `connections:
  elastic: { kind: embedded, as: elasticsearch }
  topics: { kind: embedded, as: kafka }
defaults: { source: topics, sink: elastic }
`;

const [checkout] = process.argv.slice(2);
if (checkout === undefined) throw new Error("which checkout of the earlier release?");
const folder = mkdtempSync(join(tmpdir(), "sluice-upgrade-"));
writeFileSync(join(folder, "sluice.yaml"), CONFIG);
const texts = pipelines("topics");
mkdirSync(join(folder, "queries"));
writeFileSync(join(folder, "queries/catalog.sql"), [...texts.values()][0]?.split("SET ")[0] ?? "");

const start = (...args: readonly string[]) =>
  spawn(process.execPath, [join(checkout, "bin/sluice.js"), ...args, "--data", "data"], {
    cwd: folder,
    env: { ...process.env, NO_COLOR: "1" },
    stdio: ["pipe", "inherit", "pipe"],
  });

for (const topic of ["readings", "alarms", "devices"]) {
  const rows = HALVES[0].filter((row) => row.topic === topic);
  const produce = start("produce", topic, "--key", "device", "--timestamp", "at");
  produce.stdin?.end(rows.map(({ value }) => `${JSON.stringify(value)}\n`).join(""));
  const code = await new Promise((resolve) => produce.once("close", resolve));
  if (code !== 0) throw new Error(`produce ended with ${code}`);
}

const server = start("serve", "--port", "0");
let log = "";
server.stderr?.setEncoding("utf8").on("data", (text: string) => {
  log += text;
});
await until(
  () => / serves /.test(log),
  "the server",
  60_000,
  () => log,
);
const client = new RestClient({ url: /http:\/\/127\.0\.0\.1:\d+/.exec(log)?.[0] ?? "" });
for (const [name, text] of texts) await client.request("PUT", `/v1/pipelines/${name}`, text);
const statusOf = async (name: string) =>
  (await client.request<{ readonly status: PipelineStatus }>("GET", `/v1/pipelines/${name}`)).body.status;
let last = "";
let equalTimes = 0;
/** All is read, and nothing has moved for a while: what there is to be written is written, and windows are open. */
await until(
  async () => {
    const states = await Promise.all([...texts.keys()].map(statusOf));
    const now = JSON.stringify(states.map(({ statements }) => statements.map(({ name, counters }) => [name, counters])));
    equalTimes = now === last && states.every(({ state }) => state === "running") ? equalTimes + 1 : 0;
    last = now;
    return equalTimes > 20;
  },
  "the first half to be worked off",
  60_000,
  () => last,
  100,
);
server.kill("SIGKILL");
await new Promise((resolve) => server.once("close", resolve));
process.stdout.write(`${last}\n`);
rmSync(KEPT, { recursive: true, force: true });
mkdirSync(KEPT);
for (const file of ["catalog.log", "catalog.size", "sluice.db", "sluice.db-wal"])
  cpSync(join(folder, "data", file), join(KEPT, file), { errorOnExist: true });
const database = new DatabaseSync(join(KEPT, "sluice.db"));
database.exec("PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode = DELETE; VACUUM");
database.close();
rmSync(folder, { recursive: true });

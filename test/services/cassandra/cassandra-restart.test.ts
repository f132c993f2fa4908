import { spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { SluiceError } from "../../../src/errors.ts";
import { BIGINT, INT, STRING } from "../../../src/model/type.ts";
import { Outcome, type Sink } from "../../../src/ports/sink.ts";
import { batchOf, ORIGIN, type TestChange, target } from "../../adapters/cassandra/routes.ts";
import { until } from "../../support/until.ts";
import { ensure, kill, wipe } from "../launcher/launcher.ts";
import { describeWith } from "../needs.ts";
import { makeKeyspace, read, type TestKeyspace } from "./keyspace.ts";

const OUTLIVING = fileURLToPath(new URL("outliving-main.ts", import.meta.url));
const INSTANCE = "cassandra-restart";
const NEVER = new AbortController().signal;

const BATCHES = 60;
const ROWS = 500;
const RETRY_MS = 100;
const DEADLINE_MS = 90_000;

/** A change is sent until it is written, as a route does; gives what went wrong on the way. */
async function writeAll(sink: Sink, changes: readonly TestChange[]): Promise<string[]> {
  const failures: string[] = [];
  const deadline = performance.now() + DEADLINE_MS;
  let left = changes;
  while (left.length > 0) {
    if (performance.now() > deadline) throw new Error(`${left.length} changes were not written in time: ${failures.at(-1)}`);
    try {
      const { outcomes, errors } = await sink.write(batchOf(left), ORIGIN, NEVER);
      failures.push(...[...errors.values()].map((error) => error.code));
      left = left.filter((_, row) => outcomes[row] !== Outcome.written);
    } catch (error) {
      if (!(error instanceof SluiceError && error.retryable)) throw error;
      failures.push(error.code);
    }
    if (left.length > 0) await sleep(RETRY_MS);
  }
  return failures;
}

describeWith("cassandra", "Cassandra killed while it is written to", ({ localDataCenter }) => {
  let keyspace: TestKeyspace;
  let address = "";
  beforeAll(async () => {
    ({ address } = await ensure("cassandra", { instance: INSTANCE }));
    keyspace = await makeKeyspace({ contactPoints: [address], localDataCenter }, { requestTimeoutMs: 2000 });
  });
  afterAll(async () => {
    await keyspace.connection.close();
    await keyspace.client.shutdown();
    await wipe("cassandra", INSTANCE);
  });

  it("loses nothing and goes on by itself", async () => {
    const columns = { id: STRING, n: INT, version: BIGINT };
    const sink = await keyspace.connection.openSink(target("rows", columns, ["id", "n"], { autocreate: true }));
    const failures: string[] = [];
    let restarted: Promise<unknown> | null = null;
    // Each batch writes all rows again, with a higher version: what stays must be the last one of each.
    for (let batch = 1; batch <= BATCHES; batch++) {
      const changes = Array.from({ length: ROWS }, (_, n): TestChange => {
        return { version: batch, document: { id: `d${n % 50}`, n, version: batch } };
      });
      const writing = writeAll(sink, changes);
      if (batch === BATCHES / 2) {
        await kill("cassandra", INSTANCE);
        restarted = ensure("cassandra", { instance: INSTANCE });
      }
      failures.push(...(await writing));
    }
    await restarted;
    const records = await read(keyspace.connection, "rows");
    expect(records).toHaveLength(ROWS);
    const versions = records.map((record) => (JSON.parse(record.value) as { readonly version: number }).version);
    expect(new Set(versions)).toEqual(new Set([BATCHES]));
    expect(failures.length).toBeGreaterThan(0);
    expect(new Set(failures)).not.toContain("CHANGE_REJECTED");
    expect(keyspace.troubles.join()).toMatch(/is down.*(is up again|was found)/s);
  });

  it("leaves nothing of a connection that outlives it and is closed then: its process ends", async () => {
    const child = spawn(process.execPath, [OUTLIVING, address, localDataCenter], { stdio: ["ignore", "pipe", "inherit"] });
    let told = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      told += text;
    });
    const says = (text: string): Promise<void> =>
      until(
        () => told.includes(text),
        text,
        DEADLINE_MS,
        () => told,
      );
    try {
      await says("answers");
      await kill("cassandra", INSTANCE);
      await says("is away");
      await ensure("cassandra", { instance: INSTANCE });
      await says("is away\nanswers");
      await until(
        () => child.exitCode !== null,
        "its end",
        20_000,
        () => told,
      );
      expect(child.exitCode).toBe(0);
    } finally {
      child.kill("SIGKILL");
    }
  });
});

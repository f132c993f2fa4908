import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { eventually } from "../../conformance/eventually.ts";
import { readToEnd, recordsOf } from "../../conformance/read-log.ts";
import { EmbeddedDirectory } from "./embedded-directory.ts";

const SCRIPT = fileURLToPath(new URL("./append-records.ts", import.meta.url));

interface Writer {
  readonly process: ChildProcess;
  /** Records that it called durable. */
  durable(): number;
  ended: Promise<unknown>;
}

describe("an embedded store shared by processes", () => {
  let directory: EmbeddedDirectory;
  const writers: Writer[] = [];

  beforeEach(async () => {
    directory = await EmbeddedDirectory.make();
  });
  afterEach(async () => {
    for (const writer of writers.splice(0)) {
      writer.process.kill("SIGKILL");
      await writer.ended;
    }
    await directory.close();
  });

  const start = (topic: string, name: string, count: number): Writer => {
    const child = spawn(process.execPath, [SCRIPT, directory.path, topic, name, String(count)], { stdio: ["ignore", "pipe", "inherit"] });
    let output = "";
    child.stdout.on("data", (data: Buffer) => {
      output += data.toString();
    });
    const writer: Writer = { process: child, durable: () => output.split("\n").length - 1, ended: once(child, "exit") };
    writers.push(writer);
    return writer;
  };

  it("takes the appends of all, each in its order", async () => {
    const { source } = directory.open();
    await source.createTopic("t", { partitions: 1 });
    const names = ["one", "two"];
    await Promise.all(names.map((name) => start("t", name, 100).ended));
    const values = (await readToEnd(source, "t")).map((record) => record.value);
    expect(values.length).toBe(200);
    for (const name of names) {
      expect(values.filter((value) => value?.startsWith(name))).toEqual(Array.from({ length: 100 }, (_, i) => `${name} ${i}`));
    }
  });

  it("shows a waiting reader what another process appends", async () => {
    const { source } = directory.open();
    await source.createTopic("t", { partitions: 1 });
    const reader = source.openPartition("t", 0);
    const fetching = reader.fetch({ offset: 0, maxBytes: 1 << 20, waitMs: 15_000, signal: AbortSignal.timeout(15_000) });
    await start("t", "other", 1).ended;
    expect(recordsOf((await fetching).batches).map((record) => record.value)).toEqual(["other 0"]);
  });

  it("keeps what was durable when a process is killed", async () => {
    const writer = start("t", "killed", 1_000_000);
    await eventually(() => expect(writer.durable()).toBeGreaterThan(50));
    writer.process.kill("SIGKILL");
    await writer.ended;
    const values = (await readToEnd(directory.open().source, "t")).map((record) => record.value);
    expect(values.length).toBeGreaterThanOrEqual(writer.durable());
    expect(values).toEqual(values.map((_, i) => `killed ${i}`));
  });
});

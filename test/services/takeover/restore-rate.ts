import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { parse } from "../../../grammar/parse.ts";
import { analyzePipeline } from "../../../src/analyze/analyze-pipeline.ts";
import { must } from "../../../src/assert.ts";
import { compileStatement } from "../../../src/plan/code/compile-statement.ts";
import { planPipeline } from "../../../src/plan/plan-pipeline.ts";
import type { Connection } from "../../../src/ports/connection.ts";
import { Journal } from "../../../src/state/journal/journal.ts";
import { newGroupedState } from "../../../src/state/new-grouped-state.ts";

export interface RestoreRate {
  readonly bytes: number;
  /** Of one partition after the other: until its records are read, and until its state is made of them. */
  readonly readSeconds: number;
  readonly seconds: number;
  /** The same bytes from a local file, whose checksum is looked at, in place of the log. */
  readonly fileSeconds: number;
}

/** How long the state of a pipeline takes from the log into memory. Its owners are fenced by that. */
export async function restoreRate(connection: Connection, name: string, sql: string, partitions: number): Promise<RestoreRate> {
  const catalog = {
    connections: new Map([["kafka", { name: "kafka", kind: "kafka", as: "kafka" }]] as const),
    defaultSource: "kafka",
    defaultSink: "kafka",
    streams: new Map(),
  };
  const { pipeline } = analyzePipeline(parse(sql), { name, catalog });
  const plan = must(planPipeline(must(pipeline), { keepState: true }).statements[0]);
  const compiled = compileStatement(plan);
  const log = must(await connection.openStateLog(name, partitions));
  let [bytes, readSeconds, seconds, fileSeconds] = [0, 0, 0, 0];
  for (let partition = 0; partition < partitions; partition++) {
    const startMs = performance.now();
    const journal = await Journal.open(log, partition, "restore rate");
    readSeconds += (performance.now() - startMs) / 1000;
    const state = newGroupedState(plan.statement, compiled);
    const { payloads } = must(journal.restored.get(plan.statement.name));
    for (const payload of payloads) {
      bytes += payload.length;
      state.apply(payload, false);
    }
    seconds += (performance.now() - startMs) / 1000;
    fileSeconds += readingAsFile(payloads);
  }
  await log.close();
  return { bytes, readSeconds, seconds, fileSeconds };
}

/** Seconds. The file is in the system's cache: of a disk it would be more. */
function readingAsFile(payloads: readonly Buffer[]): number {
  const folder = mkdtempSync(join(tmpdir(), "sluice-restore-"));
  const file = join(folder, "state");
  try {
    const whole = Buffer.concat(payloads);
    writeFileSync(file, whole);
    const checksum = crc32(whole);
    const startMs = performance.now();
    const isSound = crc32(readFileSync(file)) === checksum;
    if (!isSound) throw new Error(`${file} is not as it was written`);
    return (performance.now() - startMs) / 1000;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

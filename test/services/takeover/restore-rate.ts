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
  let [bytes, readSeconds, seconds] = [0, 0, 0];
  for (let partition = 0; partition < partitions; partition++) {
    const startMs = performance.now();
    const journal = await Journal.open(log, partition, "restore rate");
    readSeconds += (performance.now() - startMs) / 1000;
    const state = newGroupedState(plan.statement, compiled);
    for (const payload of must(journal.restored.get(plan.statement.name)).payloads) {
      bytes += payload.length;
      state.apply(payload, false);
    }
    seconds += (performance.now() - startMs) / 1000;
  }
  await log.close();
  return { bytes, readSeconds, seconds };
}

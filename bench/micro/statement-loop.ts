import { createDecoder } from "../../src/adapters/codecs/create-decoder.ts";
import { must } from "../../src/assert.ts";
import { ByteWriter } from "../../src/model/byte-writer.ts";
import { ChangeBatchBuilder } from "../../src/model/change-batch-builder.ts";
import type { ColumnBatch } from "../../src/model/column-batch.ts";
import type { RecordSlices } from "../../src/model/record-slices.ts";
import { type CompiledStatement, compileStatement } from "../../src/plan/code/compile-statement.ts";
import { PredicateTables } from "../../src/plan/code/predicate-tables.ts";
import type { RowMarks, RowTask } from "../../src/plan/code/task.ts";
import type { StatementPlan } from "../../src/plan/pipeline-plan.ts";
import { BatchMarks } from "../../src/runtime/feeds/batch-marks.ts";
import { FarAhead } from "../../src/runtime/feeds/far-ahead.ts";
import { RepeatFilter } from "../../src/runtime/feeds/repeat-filter.ts";
import { newGroupedState } from "../../src/state/new-grouped-state.ts";
import { planOf } from "../../test/plan/run-statement.ts";

const STREAM = `CREATE STREAM readings (deviceId STRING, ts TIMESTAMP, temperature DOUBLE, humidity INT, battery DOUBLE)
  WITH (key = 'deviceId', timestamp = 'ts', partitions = 4);`;

export interface StatementLoop {
  readonly plan: StatementPlan;
  readonly compiled: CompiledStatement;
  readonly batch: ColumnBatch;
  readonly task: RowTask;
  /** More rows of the same stream. */
  readonly decode: (slices: RecordSlices) => ColumnBatch;
  /** Works all rows off once, without decoding them again. Changes pile up in `task.out`. */
  readonly run: () => void;
}

/** The generated loop of a statement over `readings`, without a runtime around it. */
export function statementLoop(sql: string, slices: RecordSlices): StatementLoop {
  const pipeline = planOf(`${STREAM}\n${sql}`);
  const plan = must(pipeline.statements[0]);
  const { fields } = must(pipeline.sources[0]);
  const interned = fields.flatMap(({ path }, index) => (path.join(".") === "deviceId" ? [index] : []));
  const decode = (more: RecordSlices): ColumnBatch =>
    createDecoder({ valueFormat: "json", keyFormat: "string", fields, interned }).decode(more);
  const batch = decode(slices);
  const fail = (row: number): never => {
    throw new Error(`row ${row} cannot be taken`);
  };
  const compiled = compileStatement(plan);
  const task: RowTask = {
    partition: 0,
    marks: marksOf(batch),
    versions: slices.offsets,
    predicates: new PredicateTables(),
    keyWriter: new ByteWriter(),
    record: new Float64Array(new SharedArrayBuffer(8)),
    streamTimeMs: Number.NEGATIVE_INFINITY,
    applied: 0,
    filtered: 0,
    out: new ChangeBatchBuilder(),
    state: newGroupedState(plan.statement, compiled),
    failRow: fail,
    flaggedRow: fail,
    closeWindows: () => false,
    windowFilled: () => false,
    lateRow: () => false,
    writeId: fail,
    ordinalOf: () => 0,
    ordinalAt: () => 0,
    idBefore: "readings-0-",
    idAfter: "",
    lateIdAfter: "",
    targetAt: () => null,
    targetNamed: (name) => ({ name, problem: null }),
  };
  const { rows } = compiled;
  return { plan, compiled, batch, task, decode, run: () => void rows(batch, 0, batch.count, task) };
}

export function marksOf(batch: ColumnBatch): RowMarks {
  const marks = new BatchMarks();
  marks.begin(batch, 0, batch.count, new FarAhead());
  return marks.variantFor(new RepeatFilter({}));
}

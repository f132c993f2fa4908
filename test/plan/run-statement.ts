import { renderDiagnostic } from "../../grammar/diagnostics.ts";
import { parse } from "../../grammar/parse.ts";
import { createDecoder } from "../../src/adapters/codecs/create-decoder.ts";
import { SlicesBuilder } from "../../src/adapters/codecs/slices-builder.ts";
import { analyzePipeline } from "../../src/analyze/analyze-pipeline.ts";
import { must } from "../../src/assert.ts";
import type { Catalog } from "../../src/catalog/catalog.ts";
import { ByteWriter } from "../../src/model/byte-writer.ts";
import { type ChangeBatch, documentTextOf } from "../../src/model/change.ts";
import { ChangeBatchBuilder } from "../../src/model/change-batch-builder.ts";
import type { ColumnBatch } from "../../src/model/column-batch.ts";
import type { RecordSlices } from "../../src/model/record-slices.ts";
import { type CompiledStatement, compileStatement } from "../../src/plan/code/compile-statement.ts";
import { PredicateTables } from "../../src/plan/code/predicate-tables.ts";
import type { RowTask } from "../../src/plan/code/task.ts";
import type { PipelinePlan, StatementPlan } from "../../src/plan/pipeline-plan.ts";
import { planPipeline } from "../../src/plan/plan-pipeline.ts";
import { BatchMarks } from "../../src/runtime/feeds/batch-marks.ts";
import { FarAhead } from "../../src/runtime/feeds/far-ahead.ts";
import { RepeatFilter } from "../../src/runtime/feeds/repeat-filter.ts";
import type { GroupedState } from "../../src/state/grouped-state.ts";
import { newGroupedState } from "../../src/state/new-grouped-state.ts";

export const TEST_CATALOG: Catalog = {
  connections: new Map([["embedded", { name: "embedded", kind: "embedded", as: "embedded" }]]),
  defaultSource: "embedded",
  defaultSink: "embedded",
  streams: new Map(),
};

/** The plan of a pipeline's text; its diagnostics are thrown. */
export function planOf(sql: string): PipelinePlan {
  const { pipeline, diagnostics } = analyzePipeline(parse(sql), { name: "test", catalog: TEST_CATALOG });
  if (pipeline === null) throw new Error(diagnostics.map((diagnostic) => renderDiagnostic(sql, diagnostic, {})).join("\n"));
  return planPipeline(pipeline, { keepState: false });
}

export interface StatementRun {
  readonly documents: readonly unknown[];
  readonly texts: readonly string[];
  readonly batch: ChangeBatch;
  /** By row. */
  readonly errors: ReadonlyMap<number, string>;
  readonly applied: number;
  readonly filtered: number;
  /** Why results of groups could not be made. */
  readonly refused: readonly string[];
}

export interface RunOptions {
  /** Rows in a batch; all in one otherwise. */
  readonly batchRows?: number;
  /** Whether the decoder is told what the plan wants interned. */
  readonly interned?: boolean;
  /** Puts other columns in the place of the decoder's. */
  readonly dress?: (batch: ColumnBatch) => ColumnBatch;
}

/** Runs the generated code of the first statement over JSON texts, without a runtime around it. */
export function runStatement(sql: string, values: readonly string[], options: RunOptions = {}): StatementRun {
  const plan = must(planOf(sql).statements[0]);
  const source = must(planOf(sql).sources[0]);
  const compiled = compileStatement(plan);
  const { fields, keyFormat, valueFormat } = source;
  const decoder = createDecoder({ valueFormat, keyFormat, fields, interned: options.interned === true ? source.interned : [] });
  const errors = new Map<number, string>();
  const { task, state } = newTask(plan, compiled);
  const marks = new BatchMarks();
  for (const slices of slicesOf(values, options.batchRows ?? values.length)) {
    const decoded = decoder.decode(slices);
    const batch = options.dress?.(decoded) ?? decoded;
    const fail = (row: number, message: string): boolean => {
      errors.set(must(slices.offsets[row]), message);
      return false;
    };
    marks.begin(batch, 0, batch.count, new FarAhead());
    task.marks = marks.variantFor(new RepeatFilter({}));
    task.versions = slices.offsets;
    task.failRow = fail;
    task.flaggedRow = (row) => fail(row, batch.brokenReason(row));
    compiled.rows(batch, 0, batch.count, task);
  }
  const refused: string[] = [];
  for (const slot of state.allSlots()) {
    for (const group of slot.groupsFrom(0)) {
      const why = compiled.emit?.(slot, group, task, true, 0, group) ?? null;
      if (why !== null) refused.push(why);
    }
  }
  const batch = task.out.build();
  const texts = Array.from({ length: batch.count }, (_, row) => documentTextOf(batch, row));
  const { applied, filtered } = task;
  return { documents: texts.map((text) => JSON.parse(text) as unknown), texts, batch, errors, applied, filtered, refused };
}

function* slicesOf(values: readonly string[], batchRows: number): Iterable<RecordSlices> {
  for (let from = 0; from < values.length; from += batchRows) {
    const builder = new SlicesBuilder("t", 0);
    const to = Math.min(from + batchRows, values.length);
    for (let offset = from; offset < to; offset++) {
      builder.append(offset, 1_700_000_000_000 + offset, null, Buffer.from(must(values[offset])), null);
    }
    yield* builder.build(to);
  }
}

function newTask(
  { statement }: StatementPlan,
  compiled: CompiledStatement,
): { task: { -readonly [K in keyof RowTask]: RowTask[K] }; state: GroupedState } {
  const state = newGroupedState(statement, compiled);
  const none = new Float64Array(0);
  const task = {
    marks: { flags: new Uint8Array(0), isSound: true, timesOf: () => ({ times: none, latest: none, isSound: true }) },
    versions: none,
    predicates: new PredicateTables(),
    keyWriter: new ByteWriter(),
    record: new Float64Array(1),
    streamTimeMs: Number.NEGATIVE_INFINITY,
    applied: 0,
    filtered: 0,
    late: 0,
    out: new ChangeBatchBuilder(),
    state,
    failRow: () => false,
    flaggedRow: () => false,
    closeWindows: () => false,
    windowFilled: () => false,
    lateRow: () => {
      task.late++;
      return false;
    },
    idBefore: "t-0-",
    idAfter: "",
    lateIdAfter: "",
    targetAt: () => null,
    targetNamed: (name: string) => ({ name, problem: null }),
    writeId: () => {},
    ordinalOf: () => 0,
    ordinalAt: () => 0,
    partition: 0,
  };
  return { task, state };
}

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
import { compileStatement } from "../../src/plan/code/compile-statement.ts";
import { initialCellsOf } from "../../src/plan/code/group-scope.ts";
import { PredicateTables } from "../../src/plan/code/predicate-tables.ts";
import type { RowTask } from "../../src/plan/code/task.ts";
import type { PipelinePlan } from "../../src/plan/pipeline-plan.ts";
import { planPipeline } from "../../src/plan/plan-pipeline.ts";
import { BatchMarks } from "../../src/runtime/batch-marks.ts";
import { FarAhead } from "../../src/runtime/far-ahead.ts";
import { RepeatFilter } from "../../src/runtime/repeat-filter.ts";
import { WindowState } from "../../src/state/window-state.ts";

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
}

/** Runs the generated code of the first statement over JSON texts, without a runtime around it. */
export function runStatement(sql: string, values: readonly string[]): StatementRun {
  const plan = must(planOf(sql).statements[0]);
  const source = must(planOf(sql).sources[0]);
  const compiled = compileStatement(plan);
  const builder = new SlicesBuilder("t", 0);
  for (const [offset, value] of values.entries()) {
    builder.append(offset, 1_700_000_000_000 + offset, null, Buffer.from(value), null);
  }
  const decoder = createDecoder({ valueFormat: "json", keyFormat: source.keyFormat, fields: source.fields });
  const errors = new Map<number, string>();
  const out = new ChangeBatchBuilder();
  const { statement } = plan;
  const state = new WindowState({
    sizeMs: statement.window?.sizeMs ?? null,
    graceMs: statement.window?.graceMs ?? 0,
    groupParts: statement.groupBy.length,
    initialCells: initialCellsOf(statement.aggregates),
  });
  let applied = 0;
  let filtered = 0;
  for (const slices of builder.build(values.length)) {
    const batch = decoder.decode(slices);
    const first = slices.offsets[0] ?? 0;
    const work = new BatchMarks();
    work.begin(batch, 0, batch.count, new FarAhead());
    const task: RowTask = {
      marks: work.variantFor(new RepeatFilter({})),
      versions: slices.offsets,
      predicates: new PredicateTables(),
      keyWriter: new ByteWriter(),
      streamTimeMs: Number.NEGATIVE_INFINITY,
      applied: 0,
      filtered: 0,
      late: 0,
      out,
      state,
      failRow: (row, message) => {
        errors.set(first + row, message);
        return false;
      },
      flaggedRow: (row) => {
        errors.set(first + row, batch.brokenReason(row));
        return false;
      },
      closeWindows: () => false,
      idBefore: "t-0-",
      idAfter: "",
      targetAt: () => null,
    };
    compiled.rows(batch, 0, batch.count, task);
    for (const slot of state.allSlots()) {
      for (let group = 0; group < slot.count; group++) compiled.emit?.(slot, group, task, true, 0, group);
    }
    applied += task.applied;
    filtered += task.filtered;
  }
  const batch = out.build();
  const texts = Array.from({ length: batch.count }, (_, row) => documentTextOf(batch, row));
  return { documents: texts.map((text) => JSON.parse(text) as unknown), texts, batch, errors, applied, filtered };
}

import { accumulatorOf } from "../../functions/registry.ts";
import type { BoundStatement } from "../../model/statement.ts";
import { CodeWriter } from "./code-writer.ts";
import type { GeneratedFunction } from "./generated-function.ts";
import { cellOffsetsOf } from "./group-scope.ts";
import { Cell } from "./task.ts";

/** Takes the record of a part of a group into another one: the rows that belong behind it in time, whenever they came. */
export type MergeCells = (cells: Float64Array, at: number, others: Float64Array, from: number) => void;

/** `MergeCells`. The part that changed last says when the whole did; a row that never changes is that of the first one. */
export function mergeCode({ aggregates, distinct, window }: BoundStatement): GeneratedFunction {
  const writer = new CodeWriter();
  writer.block(
    `if (others[from + ${Cell.version}] ${distinct && window?.kind !== "count" ? "<" : ">"} cells[at + ${Cell.version}])`,
    () => {
      for (const place of [Cell.version, Cell.offset, Cell.time]) writer.line(`cells[at + ${place}] = others[from + ${place}];`);
    },
  );
  const offsets = cellOffsetsOf(aggregates);
  aggregates.forEach((aggregate, index) => {
    const offset = offsets[index] as number;
    const merge = accumulatorOf(aggregate)?.merge(
      (cell) => `cells[at + ${offset + cell}]`,
      (cell) => `others[from + ${offset + cell}]`,
    );
    if (merge !== undefined) writer.line(merge);
  });
  return { parameters: "cells, at, others, from", body: writer.toString(), statics: [] };
}

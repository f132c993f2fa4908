import type { BoundExpr } from "../../model/expression.ts";
import type { BoundJoinStep, FieldRef } from "../../model/statement.ts";
import { FunctionCache } from "../../plan/code/generated-function.ts";
import { compileKeys, compilePairTest } from "../../plan/code/join-code.ts";
import { ForeignKeyJoin } from "./foreign-key-join.ts";
import type { JoinOptions, JoinSide } from "./join-options.ts";
import type { Operator } from "./operator.ts";
import { StreamStreamJoin } from "./stream-stream-join.ts";
import { StreamTableJoin } from "./stream-table-join.ts";
import { TableTableJoin } from "./table-table-join.ts";

/** A step of a statement's joins, with where its sides lie. */
export interface JoinPlan {
  readonly step: Pick<BoundJoinStep, "type" | "keys" | "residual" | "within">;
  /** A stream and a table; two streams (`step.within` says how near); two tables by their keys; by a foreign key of the left one. */
  readonly kind: "stream-table" | "streams" | "tables" | "foreign-key";
  /** What the step's expressions refer to. */
  readonly fields: readonly FieldRef[];
  /** Of each field: its column in the left side's batches; -1: it is none of its. */
  readonly leftColumns: readonly number[];
  readonly rightColumns: readonly number[];
  /** How many inputs are in the left side. */
  readonly leftInputs: number;
  /** The left table's own key, where `step.keys` has the foreign one. */
  readonly leftKey: readonly BoundExpr[];
  readonly partition: number;
}

/** Of each field: its column in the joined batches, where the left side's come before the right one's; -1: it is in neither. */
export function joinedColumns({ leftColumns, rightColumns }: Pick<JoinPlan, "leftColumns" | "rightColumns">): readonly number[] {
  const left = leftColumns.filter((column) => column >= 0).length;
  let [l, r] = [0, 0];
  return leftColumns.map((column, field) => (column >= 0 ? l++ : (rightColumns[field] ?? -1) >= 0 ? left + r++ : -1));
}

export function newJoin(plan: JoinPlan, cache = new FunctionCache()): Operator {
  const { step, kind, fields, leftColumns, rightColumns, leftKey, leftInputs, partition } = plan;
  const sideOf = (columns: readonly number[], key: readonly BoundExpr[], makes: boolean, inputs: number): JoinSide => ({
    columns: columns.filter((column) => column >= 0),
    fields: fields.filter((_, field) => (columns[field] ?? -1) >= 0),
    inputs,
    keys: compileKeys({ key, fields, columns, makes }, cache).read,
  });
  const { type, keys, residual } = step;
  const [left, right] = [keys.map((pair) => pair.left), keys.map((pair) => pair.right)];
  const options: JoinOptions = {
    type,
    left: sideOf(leftColumns, left, kind !== "stream-table", leftInputs),
    right: sideOf(rightColumns, right, true, 1),
    keyParts: keys.length,
    residual: residual === null ? null : compilePairTest(residual, fields, joinedColumns(plan), cache),
    partition,
  };
  switch (kind) {
    case "stream-table":
      return new StreamTableJoin(options);
    case "streams":
      if (step.within === null) throw new Error("assertion failed: a join of streams says how near in time its rows are");
      return new StreamStreamJoin({ ...options, within: step.within });
    case "tables":
      return new TableTableJoin(options);
    case "foreign-key": {
      const leftKeys = compileKeys({ key: leftKey, fields, columns: leftColumns, makes: true }, cache).read;
      return new ForeignKeyJoin({ ...options, leftKeys, leftKeyParts: leftKey.length });
    }
  }
}

import type { FieldPath } from "../../model/column-batch.ts";
import type { BoundJoinStep } from "../../model/statement.ts";
import type { PairTest, ReadKeys } from "../../plan/code/join-code.ts";

export interface JoinSide {
  /** Its columns: numbers in the batches that it is given. */
  readonly columns: readonly number[];
  /** What they are. */
  readonly fields: readonly FieldPath[];
  /** How many inputs a row of it is made of. */
  readonly inputs: number;
  readonly keys: ReadKeys;
}

export interface JoinOptions {
  readonly type: BoundJoinStep["type"];
  readonly left: JoinSide;
  readonly right: JoinSide;
  /** How many expressions the key is made of. */
  readonly keyParts: number;
  /** What has to be true of a pair of rows beside their keys; null: nothing. */
  readonly residual: PairTest | null;
  /** Of the log. */
  readonly partition: number;
}

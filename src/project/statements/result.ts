import type { Diagnostic } from "../../../grammar/ast.ts";
import type { Statement } from "../../../grammar/statement-ast.ts";

/** What JSON can say. */
export type Cell = null | boolean | number | string | readonly Cell[] | { readonly [name: string]: Cell };

/** What a statement gives. Errors of the outside world are rejections, those of the text are diagnostics. */
export type StatementResult = TableResult | MessageResult | RowsResult;

/** A finished answer: SHOW, DESCRIBE, EXPLAIN. */
export interface TableResult {
  readonly kind: "table";
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
}

/** What was done, in a sentence. */
export interface MessageResult {
  readonly kind: "message";
  readonly text: string;
}

/** Rows as they come, of SELECT and PRINT: JSON documents, as many at a time as there are. Nothing is read ahead of who takes them. */
export interface RowsResult {
  readonly kind: "rows";
  /** Rejects with what made the query fail. To be read to its end, or left by `return`, which ends the query. */
  readonly batches: AsyncIterable<readonly string[]>;
  /** Ends the rows in an orderly way; what is under way may take so long. */
  stop(withinMs: number): void;
}

/** One statement of a text, after it was executed. */
export interface Executed {
  /** null: the text is not one of statements, and none of them was executed. */
  readonly statement: Statement | null;
  readonly diagnostics: readonly Diagnostic[];
  /** null: there is an error among the diagnostics. */
  readonly result: StatementResult | null;
}

export function table(columns: readonly string[], rows: readonly (readonly Cell[])[]): TableResult {
  return { kind: "table", columns, rows };
}

export function message(text: string): MessageResult {
  return { kind: "message", text };
}

/** A table of properties and their values. */
export function properties(rows: readonly (readonly [name: string, value: Cell])[]): TableResult {
  return table(["property", "value"], rows);
}

import type { Diagnostic } from "../../../grammar/ast.ts";
import type { Statement } from "../../../grammar/statement-ast.ts";
import type { DoneMessage } from "../../runtime/protocol.ts";

/** What JSON can say. */
export type Cell = null | boolean | number | string | readonly Cell[] | { readonly [name: string]: Cell };

/** What a statement gives. Errors of the outside world are rejections, those of the text are diagnostics. */
export type StatementResult = TableResult | MessageResult | RowsResult | RunResult;

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
  /** The name of that which it made. */
  readonly pipeline?: string;
}

/** Rows as they come, of SELECT and PRINT: JSON documents, as many at a time as there are. Nothing is read ahead of who takes them. */
export interface RowsResult {
  readonly kind: "rows";
  /** Rejects with what made the query fail. To be read to its end, or left by `return`, which ends the query. */
  readonly batches: AsyncIterable<readonly string[]>;
  /** They come to an end by themselves: those of an index or table, or of a topic up to an end. */
  readonly isBounded: boolean;
  /** Ends the rows in an orderly way; what is under way may take so long. */
  stop(withinMs: number): void;
}

/** A pipeline that runs for the session alone, of INSERT … SELECT. How it gets on are the session's events. */
export interface RunResult {
  readonly kind: "run";
  /** Rejects with what made it fail. */
  readonly ended: Promise<DoneMessage>;
  /** Drains and ends it; what is under way may take so long. */
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

/** Statements as plain data, in the manner of `ast.ts`, and what a text was parsed into. */
import type { Diagnostic, Duration, Expr, Formats, Ident, Node, Path, Select, Stage, TypeRef } from "./ast.ts";

export type Statement =
  | InsertStatement
  | InsertValuesStatement
  | SelectStatement
  | WithStatement
  | CreateStatement
  | DropStatement
  | ShowStatement
  | DescribeStatement
  | ExplainStatement
  | SetStatement
  | UnsetStatement
  | DefineStatement
  | UndefineStatement
  | PipelineStatement
  | PrintStatement
  | AssertValuesStatement
  | AssertRelationStatement
  | AssertTopicStatement;

export interface InsertStatement extends Node {
  readonly kind: "insert";
  /** `@name` in a comment before the statement, or null. */
  readonly name: string | null;
  /** UPDATE is what the first connectors called UPSERT. */
  readonly mode: "INSERT" | "UPSERT" | "UPDATE";
  readonly target: Path;
  /** `STORE KEY AS … VALUE AS …` */
  readonly store: Formats | null;
  readonly select: Select;
}
/** `INSERT INTO target (a, b) VALUES (1, 2), (3, 4)` */
export interface InsertValuesStatement extends Node {
  readonly kind: "insert-values";
  readonly mode: InsertStatement["mode"];
  readonly target: Path;
  readonly columns: readonly Ident[];
  readonly rows: readonly (readonly Expr[])[];
}
export interface SelectStatement extends Node {
  readonly kind: "select";
  readonly select: Select;
}
/** Stages before a `;`: for the statements behind them. */
export interface WithStatement extends Node {
  readonly kind: "with";
  readonly stages: readonly Stage[];
}
export interface CreateStatement extends Node {
  readonly kind: "create";
  readonly relation: "STREAM" | "TABLE";
  readonly orReplace: boolean;
  readonly ifNotExists: boolean;
  readonly name: Path;
  readonly columns: readonly ColumnDefinition[];
  readonly options: readonly Option[];
  /** `AS SELECT …` */
  readonly select: Select | null;
}
export interface ColumnDefinition extends Node {
  readonly name: Ident;
  readonly type: TypeRef;
  readonly role: ColumnRole | null;
}
/** `PRIMARY KEY`, `KEY`, `HEADER('trace')`, `HEADERS` */
export interface ColumnRole extends Node {
  readonly kind: "PRIMARY KEY" | "KEY" | "HEADER" | "HEADERS";
  /** For HEADER. */
  readonly header: string | null;
}
/** `WITH (key = 'deviceId', partitions = 4)` */
export interface Option extends Node {
  readonly name: Ident;
  readonly value: string | number | boolean;
}
export interface DropStatement extends Node {
  readonly kind: "drop";
  readonly relation: "STREAM" | "TABLE";
  readonly ifExists: boolean;
  readonly name: Path;
  readonly deleteTopic: boolean;
}
export interface ShowStatement extends Node {
  readonly kind: "show";
  readonly what: "CONNECTIONS" | "FUNCTIONS" | "PIPELINES" | "SETTINGS" | "STREAMS" | "TABLES" | "TOPICS" | "VARIABLES";
  readonly extended: boolean;
}
export interface DescribeStatement extends Node {
  readonly kind: "describe";
  readonly what: "RELATION" | "CONNECTION" | "FUNCTION" | "PIPELINE";
  readonly name: Path;
  readonly extended: boolean;
}
export interface ExplainStatement extends Node {
  readonly kind: "explain";
  readonly analyze: boolean;
  readonly statement: InsertStatement | SelectStatement;
}
/** `SET 'sink' = 'elastic'` */
export interface SetStatement extends Node {
  readonly kind: "set";
  readonly name: string;
  readonly value: string | number | boolean;
}
export interface UnsetStatement extends Node {
  readonly kind: "unset";
  readonly name: string;
}
/** `DEFINE topic = 'readings'`: what `${topic}` stands for behind it. */
export interface DefineStatement extends Node {
  readonly kind: "define";
  readonly name: string;
  readonly value: string;
}
export interface UndefineStatement extends Node {
  readonly kind: "undefine";
  readonly name: string;
}
export interface PipelineStatement extends Node {
  readonly kind: "pipeline";
  readonly command: "PAUSE" | "RESUME" | "RESTART" | "DROP";
  /** Null: ALL. */
  readonly name: Path | null;
}
/** `PRINT topic FROM BEGINNING INTERVAL 10 LIMIT 5`: every tenth record, five of them. */
export interface PrintStatement extends Node {
  readonly kind: "print";
  readonly topic: Path;
  readonly fromBeginning: boolean;
  readonly interval: number | null;
  readonly limit: number | null;
}
/** `ASSERT VALUES name (a, b) VALUES (1, 2)`, `ASSERT NULL VALUES name (id) KEY (1)`: what was written next. */
export interface AssertValuesStatement extends Node {
  readonly kind: "assert-values";
  readonly name: Path;
  readonly columns: readonly Ident[];
  readonly row: readonly Expr[];
  /** NULL VALUES: a deletion, of which `row` is the key. */
  readonly deleted: boolean;
}
export interface AssertRelationStatement extends Node {
  readonly kind: "assert-relation";
  readonly relation: "STREAM" | "TABLE";
  readonly name: Path;
  readonly columns: readonly ColumnDefinition[];
  readonly options: readonly Option[];
}
export interface AssertTopicStatement extends Node {
  readonly kind: "assert-topic";
  readonly exists: boolean;
  readonly name: Path;
  readonly options: readonly Option[];
  readonly timeout: Duration | null;
}

export interface ParseResult {
  readonly text: string;
  readonly statements: readonly Statement[];
  readonly diagnostics: readonly Diagnostic[];
  /** The text ends inside a statement: a REPL asks for more. */
  readonly incomplete: boolean;
}

import type { FieldsClause, Path, Span } from "../../grammar/ast.ts";
import type { BoundExpr } from "../model/expression.ts";
import type { BoundIdentity, BoundStatement, BoundTarget } from "../model/statement.ts";
import { BIGINT, isNested, TIMESTAMP, typeName } from "../model/type.ts";
import { type QueryWindow, windowKeyOf } from "../model/window.ts";
import { isOfWindow, isSame } from "./bound-tree.ts";
import { isRecordKey } from "./column-leaf.ts";
import { type Grouping, liftToGroups } from "./grouping.ts";
import type { JoinedKey } from "./join-steps.ts";
import type { Output } from "./output-columns.ts";
import type { Reporter } from "./reporter.ts";
import { resolveField } from "./resolve-field.ts";
import { dotted } from "./resolve-name.ts";
import type { Scope } from "./scope.ts";

type KeyColumn = { readonly name: string; readonly expr: BoundExpr };

/** What the key of rows is decided from: `output` is in the group phase where there is a grouping. */
export interface KeyInput {
  readonly scope: Scope;
  readonly output: Output;
  readonly window: QueryWindow | null;
  /** null: stateless. */
  readonly grouping: Grouping | null;
  readonly pk: FieldsClause | null;
  /** What rows that are joined are known by; null: nothing is joined, or only tables to a stream. */
  readonly joined: JoinedKey | null;
  /** Rows of a topic: PK says which key they are written with, and rows of one key do not replace each other. */
  readonly appends: boolean;
}

export interface BoundKey {
  readonly identity: BoundIdentity;
  readonly recordKey: BoundStatement["recordKey"];
  /** Of the parts of the record key. */
  readonly keyNames: readonly string[];
}

/**
 * Identity: PK, else grouping and window, else the record's coordinates.
 * Record key: PK, else the grouping without the window (empty: no key), else the source record's (null).
 * null: reported.
 */
export function bindKey(input: KeyInput): BoundKey | null {
  const { pk, grouping, appends, joined } = input;
  const named = pk === null ? null : bindPk(pk, input);
  if (pk !== null && named === null) return null;
  const own = joined?.columns.map(({ name, expr }) => ({ name: selectedName(expr, input.output) ?? name, expr })) ?? null;
  const recordKey = named?.map(({ expr }) => expr) ?? grouping?.exprs.map(groupLeaf) ?? own?.map(({ expr }) => expr) ?? null;
  const groups = grouping === null ? (own ?? []) : groupColumns(input, grouping);
  const key = { recordKey, keyNames: (named ?? groups).map(({ name }) => name) };
  if (named !== null && !appends) return { identity: { kind: "columns", columns: named }, ...key };
  if (grouping === null && joined?.of === "table") return { identity: { kind: "columns", columns: groups }, ...key };
  if (grouping === null) return { identity: { kind: "coordinates" }, ...key };
  return { identity: { kind: "columns", columns: [...groups, ...windowColumns(input)] }, ...key };
}

function groupLeaf({ type }: BoundExpr, index: number): BoundExpr {
  return { kind: "group", type, index };
}

function bindPk(pk: FieldsClause, input: KeyInput): readonly KeyColumn[] | null {
  const { report } = input.scope;
  const columns: KeyColumn[] = [];
  const names = new Set<string>();
  let sound = true;
  for (const path of pk.fields) {
    const column = bindPkColumn(path, input);
    if (column !== null && names.has(column.name)) {
      report.error("DUPLICATE_NAME", path.span, `PK names '${column.name}' twice`, "keep one of them");
    }
    if (column !== null) names.add(column.name);
    if (column !== null && isNested(column.expr.type)) {
      report.error("TYPE_MISMATCH", path.span, `a key cannot be made of ${typeName(column.expr.type)}`);
    }
    sound &&= column !== null;
    if (column !== null) columns.push(column);
  }
  return sound && columns.length > 0 ? columns : null;
}

/** A column of SELECT by its name, else a field of the source. */
function bindPkColumn(path: Path, { scope, output, grouping }: KeyInput): KeyColumn | null {
  const selected = output.columns.find(({ name }) => name === dotted(path));
  if (selected !== undefined) return selected.expr === null ? null : { name: selected.name, expr: selected.expr };
  const field = resolveField(path, { scope, clause: "PK", inAggregate: false, parameters: [], alias: () => null });
  const expr = field === null || grouping === null ? field : liftToGroups(field, grouping, scope);
  return expr === null ? null : { name: selectedName(expr, output) ?? dotted(path), expr };
}

function selectedName(expr: BoundExpr, output: Output): string | null {
  return output.columns.find((column) => isSame(column.expr, expr))?.name ?? null;
}

function groupColumns({ output }: KeyInput, grouping: Grouping): readonly KeyColumn[] {
  return grouping.exprs.map((grouped, index) => {
    const expr = groupLeaf(grouped, index);
    return { name: selectedName(expr, output) ?? (grouping.names[index] as string), expr };
  });
}

function windowColumns({ window, output }: KeyInput): readonly KeyColumn[] {
  return windowKeyOf(window).map((bound) => {
    const expr: BoundExpr = { kind: "window", type: bound === "row" ? BIGINT : TIMESTAMP, bound };
    return { name: selectedName(expr, output) ?? `window_${bound}`, expr };
  });
}

/** UPSERT changes a row: that of a group, or the one that PK says. */
export function requirePk({ pk, grouping }: Pick<KeyInput, "pk" | "grouping">, span: Span, report: Reporter): void {
  if (pk !== null || grouping !== null) return;
  report.error("KEY_REQUIRED", span, "UPSERT needs PK: it says which row to change", "for example PK deviceId, or INSERT INTO");
}

/** Whether the expressions (row phase) contain the record key, so that rows where they are equal lie in one partition. */
export function coversKey(exprs: readonly (BoundExpr | undefined)[], scope: Scope): boolean {
  return exprs.some((expr) => expr !== undefined && scope.located.some((relation) => isRecordKey(expr, scope, relation)));
}

export function idsCoveredByKey(identity: BoundIdentity, grouping: Grouping | null, scope: Scope): boolean {
  if (identity.kind === "coordinates") return true;
  return coversKey(
    identity.columns.map(({ expr }) => (expr.kind === "group" ? grouping?.exprs[expr.index] : expr)),
    scope,
  );
}

/**
 * Says, for PK, where rows of one id can come from several partitions: an ordering that only versions decide. Where the
 * number of partitions is not declared, the run says it once it knows the topic.
 */
export function warnOfUncoveredKey({ scope, pk, grouping, appends }: KeyInput, identity: BoundIdentity): void {
  const partitions = scope.source.stream?.partitions ?? null;
  if (pk === null || appends || partitions === null || partitions === 1 || idsCoveredByKey(identity, grouping, scope)) return;
  if (grouping !== null && !coversKey(grouping.exprs, scope)) return;
  const keyField = scope.source.stream?.keyField;
  const hint = keyField ? `add ${keyField} to PK` : "WITH (key = '…') says which field the record key equals";
  const message = "the record key is not known to be part of PK: if rows of one key come from several partitions, the highest version wins";
  scope.report.warning("KEY_NOT_COVERED", pk.span, message, hint);
}

/** A row of a session that changes has to stay under one id; only that its start moves is made good for, by a delete. */
export function refuseMovingIds({ pk, scope }: KeyInput, identity: BoundIdentity): void {
  if (pk === null || identity.kind !== "columns") return;
  const moving = identity.columns.find(({ expr }) => isOfWindow(expr) && !(expr.kind === "window" && expr.bound === "start"));
  if (moving === undefined) return;
  const message = `'${moving.name}' changes while a session goes on, and a row is written under its PK each time`;
  scope.report.error("INVALID_WINDOW", pk.span, message, "window_start in PK, or EMIT FINAL, which writes each session once");
}

/** A table of Cassandra has a primary key of its own columns. */
export function checkTableKey(input: KeyInput, identity: BoundIdentity, target: BoundTarget, span: Span): void {
  const { scope, output, pk } = input;
  const { report } = scope;
  if (identity.kind === "coordinates" || identity.columns.length === 0) {
    report.error("KEY_REQUIRED", span, `the table ${target.name} needs a key`, "PK names its key columns, for example PK deviceId");
    return;
  }
  if (output.star !== null) return;
  for (const { name } of identity.columns) {
    if (output.columns.some((column) => column.name === name)) continue;
    const hint = `add ${name} to SELECT${pk === null ? ", or name other key columns with PK" : ""}`;
    report.error("KEY_REQUIRED", pk?.span ?? span, `the key column '${name}' of the table ${target.name} is not selected`, hint);
  }
}

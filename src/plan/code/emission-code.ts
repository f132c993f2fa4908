import type { BoundStatement } from "../../model/statement.ts";
import { windowKeyOf } from "../../model/window.ts";
import { CodeWriter } from "./code-writer.ts";
import { deletesGone } from "./deletes-gone.ts";
import { expressionCode } from "./expression-code.ts";
import type { GeneratedFunction } from "./generated-function.ts";
import { GroupScope, strideOf } from "./group-scope.ts";
import { keyTextCode, objectCode, recordKeyCode } from "./output-code.ts";
import { targetCode } from "./target-code.ts";
import { Cell } from "./task.ts";

/**
 * One group's result as a change: `(slot, index, task, final, causeOffset, causeOrdinal) => message | null`.
 * Final results that HAVING refuses are not sent; of a group that changes, they are a delete, sent or not before.
 */
export function emissionCode(statement: BoundStatement): GeneratedFunction {
  const writer = new CodeWriter();
  const scope = new GroupScope(writer, statement);
  writer.line("const { out, state } = task, w = out.writer, keys = state.keys, keyId = slot.keys[index];");
  writer.line(`const cells = slot.cells, at = index * ${strideOf(statement.aggregates)};`);
  // The grouping values, where more is needed than their text.
  writer.line("let group = null;");
  const time = `cells[at + ${Cell.time}]`;
  const timestamp = statement.window === null ? time : `slot.endOf(index)${statement.window.kind === "count" ? "" : " - 1"}`;
  const target = targetCode(statement, statement.window === null ? time : "slot.startOf(index)", scope);
  const rest = `cells[at + ${Cell.version}], ${timestamp}, causeOffset, causeOrdinal, ${target}`;
  const columns = statement.items.filter((item) => item.kind === "column");
  const identity = statement.identity.kind === "columns" ? statement.identity.columns : [];
  const deleteCode = (): void => {
    objectCode(identity, scope);
    identityCode(statement, scope);
    writer.line(`out.addDelete(${rest});`);
    writer.line("return null;");
  };
  if (deletesGone(statement)) writer.block("if (slot.isGone(index))", deleteCode);
  if (statement.having !== null) {
    const having = expressionCode(statement.having, scope, "boolean");
    writer.block(`if (${having.isNull} || !(${having.value}))`, () => {
      writer.line("if (final) return null;");
      deleteCode();
    });
  }
  objectCode(columns, scope);
  identityCode(statement, scope);
  writer.line(`out.addUpsert(${rest});`);
  writer.line("return null;");
  return { parameters: "slot, index, task, final, causeOffset, causeOrdinal", body: writer.toString(), statics: scope.statics };
}

/** Writes id and record key. Without grouping fields there is one group, and its id is fixed. */
function identityCode(statement: BoundStatement, scope: GroupScope): void {
  const { writer } = scope;
  const { identity, recordKey } = statement;
  writer.line("out.beginId();");
  // What a stage gives is told apart by its groups, in which NULL is a value as any other, and by windows where they change.
  const isOfWindows = recordKey === null && statement.window !== null && statement.emit === "changes";
  if (statement.distinct || isOfWindows) distinctIdCode(statement, scope);
  else if (recordKey === null) writer.line("keys.writeText(keyId, w);");
  else if (identity.kind !== "columns" || identity.columns.length === 0) writer.line('w.ascii("all");');
  else keyTextCode(identity.columns, scope);
  if (statement.distinct || recordKey === null || recordKey.length === 0) writer.line("out.useIdAsKey();");
  else recordKeyCode(recordKey, statement, scope);
}

/** All that is grouped by, in which NULL is a value as any other; with what tells the window before it where there is one. */
function distinctIdCode({ window }: BoundStatement, { writer }: GroupScope): void {
  if (window !== null) writer.line('w.ascii("[");');
  for (const part of windowKeyOf(window))
    writer.line(`${part === "row" ? "w.number(slot.rowOf(index))" : `w.piece(slot.${part}TextOf(index))`}; w.ascii(",");`);
  writer.line("keys.writeText(keyId, w);");
  if (window !== null) writer.line('w.ascii("]");');
}

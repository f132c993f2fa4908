import type { BoundStatement } from "../../model/statement.ts";
import { CodeWriter } from "./code-writer.ts";
import { expressionCode } from "./expression-code.ts";
import { GroupScope, initialCellsOf } from "./group-scope.ts";
import { keyTextCode, objectCode } from "./output-code.ts";

/**
 * One group's result as a change: `(slot, index, task, final, causeOffset, causeOrdinal) => message | null`.
 * Final results that HAVING refuses are not sent; of a group that changes, they are a delete, sent or not before.
 */
export function emissionCode(statement: BoundStatement): string {
  const writer = new CodeWriter();
  const scope = new GroupScope(writer, statement.aggregates);
  const width = initialCellsOf(statement.aggregates).length;
  writer.line('"use strict";');
  writer.line("const { out, state } = task, w = out.writer;");
  writer.line(`const cells = slot.cells, at = index * ${width}, group = state.keys.valuesOf(slot.keys[index]);`);
  const timestamp = statement.window === null ? "slot.times[index]" : "slot.endMs - 1";
  const target = `task.targetAt(${statement.window === null ? "slot.times[index]" : "slot.startMs"})`;
  const rest = `slot.versions[index], ${timestamp}, causeOffset, causeOrdinal, ${target}`;
  const columns = statement.items.filter((item) => item.kind === "column");
  const identity = statement.identity.kind === "columns" ? statement.identity.columns : [];
  if (statement.having !== null) {
    const having = expressionCode(statement.having, scope, "boolean");
    writer.block(`if (${having.isNull} || !(${having.value}))`, () => {
      writer.line("if (final) return null;");
      objectCode(identity, scope);
      const id = identityText(statement, scope);
      writer.line(`out.beginKey(); w.utf8(${recordKeyText(statement, scope, id)});`);
      writer.line(`out.addDelete(${id}, ${rest});`);
      writer.line("return null;");
    });
  }
  objectCode(columns, scope);
  const id = identityText(statement, scope);
  writer.line(`out.beginKey(); w.utf8(${recordKeyText(statement, scope, id)});`);
  writer.line(`out.addUpsert(${id}, ${rest});`);
  writer.line("return null;");
  return writer.toString();
}

/** Without grouping fields there is one group, and its id is fixed. */
function identityText(statement: BoundStatement, scope: GroupScope): string {
  if (statement.identity.kind !== "columns" || statement.identity.columns.length === 0) return '"all"';
  return keyTextCode(statement.identity.columns, scope);
}

function recordKeyText(statement: BoundStatement, scope: GroupScope, id: string): string {
  if (statement.recordKey === null || statement.recordKey.length === 0) return id;
  return keyTextCode(
    statement.recordKey.map((expr) => ({ name: "record key", expr })),
    scope,
  );
}

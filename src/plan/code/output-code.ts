import { must } from "../../assert.ts";
import { Tag } from "../../model/column-batch.ts";
import { dataViewOf } from "../../model/copy-bytes.ts";
import type { BoundExpr } from "../../model/expression.ts";
import { jsonTextOf, jsonWriterOf } from "../../model/json-value.ts";
import type { BoundItem, BoundStatement, FieldRef } from "../../model/statement.ts";
import { isNumeric, typeName } from "../../model/type.ts";
import type { CodeScope } from "./code.ts";
import { type CodeWriter, literalCode } from "./code-writer.ts";
import { expressionCode } from "./expression-code.ts";
import { reprOf } from "./repr.ts";
import { RowScope } from "./row-scope.ts";

type Column = BoundItem & { kind: "column" };

/** Code that writes a JSON object of the given columns to `w`. */
export function objectCode(columns: readonly { readonly name: string; readonly expr: BoundExpr }[], scope: CodeScope): void {
  columns.forEach((column, index) => {
    scope.writer.line(rawText(`${index === 0 ? "{" : ","}${JSON.stringify(column.name)}:`, scope));
    valueCode(column.expr, scope);
  });
  scope.writer.line(rawText(columns.length === 0 ? "{}" : "}", scope));
}

/** The whole document (column `star` of the batch), with the further columns in the place of its members of those names. */
export function starCode(star: number, without: readonly string[], columns: readonly Column[], scope: RowScope): void {
  const { t, b, s, e } = scope.column(star);
  const { writer } = scope;
  writer.line(`if (${t}[row] !== 8) ${scope.fail(`h.misfit("SELECT *", "an object", ${t}[row])`)}`);
  if (columns.length === 0 && without.length === 0) {
    writer.line(`h.copyJson(${b}, ${s}[row], ${e}[row], w);`);
    return;
  }
  const replaced = [...columns.map((column) => column.name), ...without];
  const names = scope.static(new Set(replaced), JSON.stringify(replaced));
  writer.line(`w.ascii("{");`);
  const comma = writer.fresh("c");
  writer.line(`let ${comma} = h.copyObjectWithout(${b}, ${s}[row], ${e}[row], ${names}, w);`);
  for (const column of columns) columnBehindCode(column, comma, scope);
  writer.line(`w.ascii("}");`);
}

/** A column behind members of which there may be none. What IGNORE has left of one is not there where that is not. */
function columnBehindCode({ name, expr }: Column, comma: string, scope: RowScope): void {
  const { writer } = scope;
  const write = (): void => {
    writer.line(`if (${comma}) w.ascii(","); ${comma} = true;`);
    writer.line(rawText(`${JSON.stringify(name)}:`, scope));
    valueCode(expr, scope);
  };
  const isThinned = expr.kind === "project" && expr.projection.rest && expr.operand.kind === "field";
  if (isThinned) writer.block(`if (${scope.column(expr.operand.index).t}[row] !== ${Tag.absent})`, write);
  else write();
}

/** Columns, and members of objects that nothing declares: which there are and what they are called is known by row. */
export function membersCode(star: number | null, items: readonly BoundItem[], scope: RowScope): void {
  const { writer } = scope;
  const columns = items.filter((item) => item.kind === "column");
  const members = items.filter((item) => item.kind === "members");
  const fixed = columns.map(({ name }) => name);
  const keeps = members.length > (star === null ? 1 : 0);
  const taken = writer.fresh("taken");
  const named = scope.static(new Set(fixed), JSON.stringify(fixed));
  writer.line(`const ${taken} = ${keeps ? `new Set(${named})` : named};`);
  const comma = writer.fresh("c");
  writer.line(`w.ascii("{"); let ${comma} = false;`);
  const copy = (column: number, text: string, without: readonly string[], isOptional: boolean): void => {
    const { t, b, s, e } = scope.column(column);
    const left = scope.static(new Set(without), JSON.stringify(without));
    const isThere = isOptional ? `${t}[row] > ${Tag.null}` : "true";
    writer.block(`if (${isThere})`, () => {
      writer.line(`if (${t}[row] !== ${Tag.object}) ${scope.fail(`h.misfit(${literalCode(text)}, "an object", ${t}[row])`)}`);
      const how = `{ without: ${left}, taken: ${taken}, keeps: ${keeps} }`;
      writer.line(`${comma} = h.copyMembers(${b}, ${s}[row], ${e}[row], ${how}, w, ${comma});`);
    });
  };
  const whole = items.find((item) => item.kind === "star");
  if (star !== null) copy(star, "SELECT *", [...fixed, ...(whole?.without ?? [])], false);
  for (const column of columns) columnBehindCode(column, comma, scope);
  for (const { expr, without } of members) copy(expr.index, `${scope.column(expr.index).field.text}.*`, without, true);
  writer.line(`w.ascii("}");`);
}

/** Writes a text that is the same in every row. */
function rawText(text: string, scope: CodeScope): string {
  return `w.piece(${scope.static(dataViewOf(Buffer.from(text)), literalCode(text))});`;
}

/** Writes one value as JSON. A plain field is copied, not decoded (`runtime.md` §5). */
export function valueCode(expr: BoundExpr, scope: CodeScope): void {
  const { writer } = scope;
  if (expr.kind === "field" && scope instanceof RowScope && isCopied(expr, scope.column(expr.index).field)) {
    const { field, t, b, s, e } = scope.column(expr.index);
    const general = (): void => {
      scope.check(expr);
      const bad = scope.fail(`${literalCode(field.text)} + ": a lone surrogate is no text"`);
      writer.line(`if (!h.writeCell(w, ${b}, ${t}[row], ${s}[row], ${e}[row])) ${bad}`);
    };
    if (expr.type.kind !== "string" && expr.type.kind !== "any") general();
    else {
      writer.line(`if (${t}[row] === ${Tag.string}) w.bytes(${b}, ${s}[row] - 1, ${e}[row] + 1);`);
      writer.block("else", general);
    }
    return;
  }
  const text = scope.jsonText?.(expr) ?? null;
  if (text !== null) {
    writer.line(text);
    return;
  }
  const code = expressionCode(expr, scope);
  const write = writeStatement(expr, code.value, scope);
  if (code.isNull === "true") writer.line(`w.ascii("null");`);
  else if (code.isNull === "false") writer.line(write);
  else writer.line(`if (${code.isNull}) w.ascii("null"); else ${write}`);
}

/** Times are written in one way, whichever way they came; bytes of a key or header are no JSON. */
function isCopied({ type }: BoundExpr, { root }: FieldRef): boolean {
  switch (type.kind) {
    case "timestamp":
    case "date":
    case "time":
    case "interval":
      return false;
    default:
      return type.kind !== "bytes" || root === "value";
  }
}

function writeStatement({ type }: BoundExpr, value: string, scope: CodeScope): string {
  if (type.kind === "timestamp") return `w.timestamp(${value});`;
  if (type.kind === "date") return `w.jsonString(h.dateText(${value}));`;
  if (type.kind === "time") return `w.jsonString(h.timeText(${value}));`;
  if (type.kind === "decimal") return `w.ascii(h.decimalText(${value}, ${type.scale}));`;
  switch (reprOf(type)) {
    case "number":
    case "decimal":
      return `w.number(${value});`;
    case "exact":
      return `h.writeExact(w, ${value});`;
    case "string":
      return `w.jsonString(${value});`;
    case "boolean":
      return `w.ascii(${value} ? "true" : "false");`;
    case "object":
      return `w.utf8(${scope.static(jsonWriterOf(type), `write ${typeName(type)}`)}(${value}));`;
    case "any":
      return `h.writeAny(w, ${value});`;
  }
}

/**
 * Writes the text of an id or record key to `w`: of one value its text, of several a JSON array, or their texts around a delimiter.
 * A missing part is an error: rows without identity would overwrite each other.
 */
export function keyTextCode(
  parts: readonly { readonly name: string; readonly expr: BoundExpr }[],
  scope: CodeScope,
  delimiter: string | null = null,
): void {
  const { writer } = scope;
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) {
    keyPartCode(only, scope, false);
    return;
  }
  if (delimiter !== null) {
    parts.forEach((part, index) => {
      if (index > 0) writer.line(`w.utf8(${literalCode(delimiter)});`);
      keyPartCode(part, scope, false);
    });
    return;
  }
  parts.forEach((part, index) => {
    writer.line(`w.ascii("${index === 0 ? "[" : ","}");`);
    keyPartCode(part, scope, true);
  });
  writer.line('w.ascii("]");');
}

/** Writes the record key where the id is written already: as text, or for the target's layout as an object of its columns. */
export function recordKeyCode(recordKey: readonly BoundExpr[], statement: BoundStatement, scope: CodeScope): void {
  const { identity, targetOptions, keyDelimiter } = statement;
  const { key } = targetOptions.layout;
  const ofId = identity.kind === "columns" ? identity.columns.map((column) => column.expr) : null;
  if (key === null && keyDelimiter === null && JSON.stringify(ofId) === JSON.stringify(recordKey)) {
    scope.writer.line("out.useIdAsKey();");
    return;
  }
  scope.writer.line("out.beginKey();");
  if (key !== null) {
    objectCode(
      key.columns.map(({ name }, index) => ({ name, expr: must(recordKey[index]) })),
      scope,
    );
    return;
  }
  keyTextCode(
    recordKey.map((expr) => ({ name: "record key", expr })),
    scope,
    keyDelimiter,
  );
}

/** A string that lies in the batch without escapes is copied, not decoded. */
function keyPartCode(part: { readonly name: string; readonly expr: BoundExpr }, scope: CodeScope, asJson: boolean): void {
  const { writer } = scope;
  const { name, expr } = part;
  const general = (): void => {
    const code = expressionCode(expr, scope);
    const missing = literalCode(`${name}: is null, and cannot be part of a key`);
    if (code.isNull !== "false") writer.line(`if (${code.isNull}) ${scope.fail(missing)}`);
    else if (reprOf(expr.type) === "any") writer.line(`if (${code.value} === null) ${scope.fail(missing)}`);
    if (asJson) writer.line(keyPartStatement(expr, code.value, scope));
    else writer.line(`w.utf8(${plainKeyText(expr, code.value, scope)});`);
  };
  const text = scope.keyText?.(expr, asJson) ?? null;
  if (text !== null) {
    writer.block(`if (!${text})`, general);
    return;
  }
  const lies = expr.kind === "field" && scope instanceof RowScope && (expr.type.kind === "string" || expr.type.kind === "any");
  if (!lies) {
    general();
    return;
  }
  const { t, b, s, e } = scope.column(expr.index);
  const copy = asJson ? `w.bytes(${b}, ${s}[row] - 1, ${e}[row] + 1);` : `w.bytes(${b}, ${s}[row], ${e}[row]);`;
  writer.line(`if (${t}[row] === ${Tag.string}) ${copy}`);
  writer.block("else", general);
}

/** Equal numbers are written in the same way. */
function keyPartStatement(expr: BoundExpr, value: string, scope: CodeScope): string {
  const repr = reprOf(expr.type);
  const isNumber = isNumeric(expr.type) && repr !== "decimal";
  if (repr !== "any" && !isNumber) return writeStatement(expr, value, scope);
  return `if (!h.writeGroupValue(w, ${value})) h.writeAny(w, ${value});`;
}

/** The same without the quotes of a string: an expression. */
export function plainKeyText({ type }: BoundExpr, value: string, scope: CodeScope): string {
  switch (type.kind) {
    case "timestamp":
    case "date":
    case "time":
    case "interval":
    case "bytes":
      return `${scope.static(jsonTextOf(type.kind), `text of ${type.kind}`)}(${value})`;
    case "decimal":
      return `h.decimalText(${value}, ${type.scale})`;
    case "array":
    case "map":
    case "struct":
      return `${scope.static(jsonWriterOf(type), `write ${typeName(type)}`)}(${value})`;
    default:
      return `h.keyText(${value})`;
  }
}

export function declareColumns(writer: CodeWriter, used: ReadonlySet<number>): void {
  for (const column of used) {
    const names = { t: "tags", x: "numbers", b: "bytes", s: "starts", e: "ends", i: "ids", d: "dictionary" };
    const parts = Object.entries(names).map(([name, part]) => `${part}: ${name}${column}`);
    writer.line(`const { ${parts.join(", ")} } = batch.columns[${column}];`);
  }
}

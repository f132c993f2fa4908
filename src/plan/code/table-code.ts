import { accumulatorOf, isOfCells } from "../../functions/registry.ts";
import { LIMITS } from "../../limits.ts";
import type { BoundExpr } from "../../model/expression.ts";
import type { BoundStatement } from "../../model/statement.ts";
import {
  accumulateCode,
  aggregateHead,
  argumentRepr,
  argumentsCode,
  dirtyGroupsMax,
  groupValuesCode,
  internCode,
  nullTest,
  objectsCode,
} from "./aggregate-code.ts";
import type { Code } from "./code.ts";
import { cellOffsetsOf, strideOf } from "./group-scope.ts";
import { keyValueCode, writeKeyCode } from "./key-value-code.ts";
import type { ObjectArguments } from "./object-aggregate-code.ts";
import type { RowScope } from "./row-scope.ts";
import { Brought, Cell, Flag } from "./task.ts";
import { notTrueCode } from "./where-code.ts";

/** Before the loop over rows of a table: the group that a row takes back from what it brought there, marked dirty. */
export function tableHead(statement: BoundStatement): readonly string[] {
  return [
    ...aggregateHead(statement),
    "const { rows } = state; slot = state.slot;",
    "let full = false;",
    "const takeBack = (gone, row, time) => {",
    `const group = rows.groups[gone] - 1, cells = slot.cells, at = group * ${strideOf(statement.aggregates)};`,
    `const from = gone * ${statement.aggregates.length};`,
    changedCode,
    ...statement.aggregates.map((_, index) => retractCode(statement, index)),
    `if (slot.dirtyFlags[group] === 0 && slot.markDirty(group) >= ${dirtyGroupsMax(statement)}) full = true;`,
    "};",
  ];
}

const changedCode = [Cell.version, Cell.offset, Cell.time]
  .map((cell, index) => `cells[at + ${cell}] = ${["versions[row]", "offsets[row]", "time"][index]};`)
  .join(" ");

function retractCode({ aggregates }: BoundStatement, index: number): string {
  const aggregate = aggregates[index] as BoundStatement["aggregates"][number];
  const place = `from + ${index}`;
  const spec = accumulatorOf(aggregate);
  if (spec === null) {
    const object = objectPlace(aggregates, index);
    const retract = (values: string): string => `slot.objects.retract(${object}, group, ${values}[${place}]);`;
    const isOf = (kind: number): string => `if (rows.brought[${place}] === ${kind})`;
    return `${isOf(Brought.number)} ${retract("rows.numbers")} else ${isOf(Brought.value)} ${retract("...rows.values")}`;
  }
  const value = `value${index}`;
  const offset = cellOffsetsOf(aggregates)[index] as number;
  const retract = spec.retract?.((cell) => `cells[at + ${offset + cell}]`, value) ?? "";
  const read = `const ${value} = rows.brought[${place}] === ${Brought.value} ? rows.values[${place}] : rows.numbers[${place}];`;
  return `if (rows.brought[${place}] !== ${Brought.nothing}) { ${read} ${retract} }`;
}

function objectPlace(aggregates: BoundStatement["aggregates"], index: number): number {
  return aggregates.slice(0, index).filter((aggregate) => !isOfCells(aggregate)).length;
}

/** A record that deletes a row: what that brought is taken back. One that nobody has seen has nothing to be taken back. */
export function goneCode(statement: BoundStatement, scope: RowScope): void {
  scope.writer.block(`if (flags[row] === ${Flag.tombstone})`, () => {
    findCode(statement, scope);
    leaveCode(scope, "timestamps[row]");
  });
}

/** Where the key of the row lies, for who has it written by `write` before. */
interface RowKey {
  readonly write: () => void;
  readonly place: string;
}

/** `before`: what the row of the same key has brought; -1: nothing. */
function findCode({ rowKey }: BoundStatement, scope: RowScope): RowKey {
  const { writer } = scope;
  const key = rowKey === null ? recordKeyOf(scope) : writtenKey(rowKey, scope);
  key.write();
  writer.line(`const before = rows.find(${key.place});`);
  return key;
}

function recordKeyOf(scope: RowScope): RowKey {
  const missing = scope.fail('"the record has no key, by which the rows of a table are told apart"');
  scope.writer.line(`if (slices.keyStarts[row] < 0) ${missing}`);
  return { write: () => {}, place: "bytes, slices.keyStarts[row], slices.keyEnds[row]" };
}

/** Of what is joined; the key of its group is written to the same place. */
function writtenKey(parts: readonly BoundExpr[], scope: RowScope): RowKey {
  const { writer } = scope;
  const values = parts.map((part) => {
    const value = writer.fresh("k");
    writer.line(`let ${value} = null;`);
    keyValueCode(part, value, "told apart", scope);
    return value;
  });
  return { write: () => writeKeyCode(values, writer), place: "keyWriter.view(), 0, keyWriter.length" };
}

function leaveCode({ writer }: RowScope, time: string): void {
  writer.line("if (before < 0) { filtered++; continue; }");
  writer.line(`takeBack(before, row, ${time}); rows.remove(before); applied++;`);
  writer.line(`if (full || rows.dirtyCount >= ${LIMITS.deltaGroupsMax}) { row++; break; }`);
  writer.line("continue;");
}

/** One row of a table: what the one before it brought is taken back, then it is taken in. Everything that can fail comes first. */
export function tableRowCode(statement: BoundStatement, scope: RowScope): void {
  const { writer } = scope;
  const key = findCode(statement, scope);
  notTrueCode(statement, scope, () => leaveCode(scope, "times[row]"));
  const values = groupValuesCode(statement, scope);
  const given = argumentsCode(statement, scope);
  const objects = objectsCode(statement, scope);
  writer.line("const time = times[row];");
  internCode(statement, scope, values, false);
  writer.line("const group = slot.groupOf(keyId);");
  writer.line("if (before >= 0) takeBack(before, row, time);");
  accumulateCode(statement, scope, given);
  key.write();
  writer.line(`const place = rows.put(${key.place}, group) * ${statement.aggregates.length};`);
  statement.aggregates.forEach((aggregate, index) => {
    const own = objects[objectPlace(statement.aggregates, index)];
    if (isOfCells(aggregate)) keepValueCode(aggregate, index, given[index] ?? null, writer);
    else if (own !== undefined) keepObjectCode(objectPlace(statement.aggregates, index), index, own, writer);
  });
  const most = dirtyGroupsMax(statement);
  writer.line(`if (slot.dirtyFlags[group] === 0 && slot.markDirty(group) >= ${most}) full = true;`);
  writer.line(`applied++; if (full || rows.dirtyCount >= ${LIMITS.deltaGroupsMax}) { row++; break; }`);
}

function keepValueCode(
  aggregate: BoundStatement["aggregates"][number],
  index: number,
  given: Code | null,
  writer: RowScope["writer"],
): void {
  const place = `place + ${index}`;
  const itself = `rows.forget(${place}); rows.brought[${place}] = ${Brought.itself};`;
  if (given === null) {
    writer.line(itself);
    return;
  }
  const { value } = given;
  const number = `{ rows.forget(${place}); rows.brought[${place}] = ${Brought.number}; rows.numbers[${place}] = ${value}; }`;
  const exact =
    argumentRepr(aggregate) === "exact" ? `if (typeof ${value} === "bigint") rows.keep(${place}, ${value}); else ${number}` : number;
  const isNull = nullTest(aggregate, given);
  const keep = aggregate.name === "count" ? itself : exact;
  writer.line(isNull === "false" ? keep : `if (${isNull}) rows.forget(${place}); else { ${keep} }`);
}

/** All that the aggregate is given; a number by itself takes no memory of its own. */
function keepObjectCode(object: number, index: number, { values, taken }: ObjectArguments, writer: RowScope["writer"]): void {
  const place = `place + ${index}`;
  const add = `slot.objects.add(${[object, "group", ...values].join(", ")});`;
  const [only] = values;
  const number = `rows.forget(${place}); rows.brought[${place}] = ${Brought.number}; rows.numbers[${place}] = ${only};`;
  const tuple = `rows.keep(${place}, [${values.join(", ")}]);`;
  const keep = values.length === 1 ? `if (typeof ${only} === "number") { ${number} } else ${tuple}` : tuple;
  writer.line(taken === "true" ? `${add} ${keep}` : `if (${taken}) { ${add} ${keep} } else rows.forget(${place});`);
}

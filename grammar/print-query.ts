/** A SELECT as canonical text: one clause per line, clauses in KCQL's order, AS always written. */
import type { Duration, FromItem, Ident, Join, Select, SelectItem, Stage, StartAt, Window, Within } from "./ast.ts";
import { printClauses } from "./print-clauses.ts";
import { printExpr, printList } from "./print-expression.ts";
import { printFreeName, printName, printPath, printRawPath, printString } from "./print-names.ts";

// --- FROM ---------------------------------------------------------------------------------------

const printAlias = (alias: Ident | null): string => (alias === null ? "" : ` AS ${printFreeName(alias)}`);
export const printNames = (names: readonly Ident[]): string => (names.length === 0 ? "" : `(${names.map(printName).join(", ")})`);

function printItem(item: SelectItem): string {
  if (item.kind === "star") return item.prefix === null ? "*" : `${printPath(item.prefix)}.*`;
  return printExpr(item.expr) + printAlias(item.alias);
}

function printFrom(from: FromItem, indent: string): string {
  switch (from.kind) {
    case "relation":
      return printRawPath(from.path) + printAlias(from.alias);
    case "derived":
      return inParentheses(from.select, indent) + printAlias(from.alias);
    case "unnest":
      return `UNNEST(${printExpr(from.operand)})${printAlias(from.alias)}${printNames(from.columns)}`;
  }
}

function printJoin({ type, right, on, using, within }: Join, indent: string): string {
  const range = within === null ? "" : ` ${printWithin(within)}`;
  const condition = on === null ? "" : ` ON ${printExpr(on)}`;
  const columns = using.length === 0 ? "" : ` USING ${printNames(using)}`;
  return `${type === "INNER" ? "" : `${type} `}JOIN ${printFrom(right, indent)}${range}${condition}${columns}`;
}

function printWithin({ before, after, grace }: Within): string {
  const [from, to] = [printDuration(before), printDuration(after)];
  return `WITHIN ${from === to ? from : `(${from}, ${to})`}${grace === null ? "" : ` GRACE PERIOD ${printDuration(grace)}`}`;
}

export const printStages = (stages: readonly Stage[], indent = ""): string =>
  `WITH ${stages.map(({ name, select }) => `${printName(name)} AS ${inParentheses(select, indent)}`).join(", ")}`;

/** Further in, so that one sees where it ends; texts of several lines stay as they are. */
function inParentheses(select: Select, indent: string): string {
  const inner = `${indent}  `;
  return `(\n${inner}${printSelect(select, inner)}\n${indent})`;
}

// --- windows ------------------------------------------------------------------------------------

export const printDuration = ({ count, unit }: Duration): string => `${count} ${unit}${count === 1 ? "" : "S"}`;

function printWindow(window: Window): string {
  const { grace, offset, timeZone, retention } = window;
  const parts = [
    ...extentOf(window),
    grace === null ? "" : `GRACE PERIOD ${printDuration(grace)}`,
    offset === null ? "" : `OFFSET ${printDuration(offset)}`,
    timeZone === null ? "" : `TIME ZONE ${printString(timeZone)}`,
    retention === null ? "" : `RETENTION ${printDuration(retention)}`,
  ];
  return `WINDOW ${window.kind.toUpperCase()} (${parts.filter((part) => part !== "").join(", ")})`;
}

function extentOf(window: Window): readonly string[] {
  switch (window.kind) {
    case "session":
      return [printDuration(window.gap)];
    case "tumbling":
    case "sliding":
      return [`SIZE ${printDuration(window.size)}`];
    case "hopping":
    case "cumulating":
      return [`SIZE ${printDuration(window.size)}`, `ADVANCE BY ${printDuration(window.advance)}`];
    case "count":
      return [`SIZE ${window.size}`, window.advance === null ? "" : `ADVANCE BY ${window.advance}`];
  }
}

// --- SELECT -------------------------------------------------------------------------------------

export function printSelect(select: Select, indent = ""): string {
  const stages = select.with.length === 0 ? [] : [printStages(select.with, indent)];
  const members = [select, ...select.union].flatMap((member, index) => [...(index === 0 ? [] : ["UNION ALL"]), ...linesOf(member, indent)]);
  return [...stages, ...members, ...wholeOf(select)].join(`\n${indent}`);
}

/** What belongs to one SELECT of a UNION. */
function linesOf(select: Select, indent: string): string[] {
  const { readAs, distinct, items, from, joins, window, groupBy, having, partitionBy, eventTime } = select;
  const head = `SELECT ${readAs === null ? "" : `${readAs} `}${distinct ? "DISTINCT " : ""}`;
  const lines = [
    head + items.map(printItem).join(", "),
    `FROM ${printFrom(from, indent)}`,
    ...joins.map((join) => printJoin(join, indent)),
  ];
  const condition = conditionOf(select);
  if (eventTime !== null) lines.push(`EVENTTIME BY ${printExpr(eventTime)}`);
  if (condition !== "") lines.push(`WHERE ${condition}`);
  if (window !== null) lines.push(printWindow(window));
  if (groupBy.length > 0) lines.push(`GROUP BY ${printList(groupBy)}`);
  if (having !== null) lines.push(`HAVING ${printExpr(having)}`);
  if (partitionBy.length > 0) lines.push(`PARTITION BY ${printList(partitionBy)}`);
  return lines;
}

/** WHERE, with the formats that it may say. */
function conditionOf({ formats, where }: Select): string {
  const hints = [
    formats?.key == null ? "" : `_ktype = ${printString(formats.key)}`,
    formats?.value == null ? "" : `_vtype = ${printString(formats.value)}`,
  ].filter((hint) => hint !== "");
  if (where === null) return hints.join(" AND ");
  const text = printExpr(where);
  if (hints.length === 0) return text;
  return [...hints, where.kind === "binary" && where.op === "OR" ? `(${text})` : text].join(" AND ");
}

function wholeOf({ startAt, late, emit, clauses, limit }: Select): string[] {
  const lines: string[] = [];
  if (startAt !== null) lines.push(`START AT ${printStart(startAt)}`);
  if (late !== null) lines.push(`LATE INTO ${printRawPath(late)}`);
  if (emit !== null) lines.push(`EMIT ${emit.mode}${emit.every === null ? "" : ` ${printDuration(emit.every)}`}`);
  lines.push(...printClauses(clauses));
  if (limit !== null) lines.push(`LIMIT ${limit.count}`);
  return lines;
}

const printStart = ({ position, time }: StartAt): string => (time === null ? position : printExpr(time));

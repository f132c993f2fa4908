/**
 * The canonical text of a tree: keywords in upper case, one clause per line, clauses in KCQL's order, AS always written,
 * parentheses and back-ticks only where the grammar needs them. Parsing the text gives the tree back.
 */
import type { Duration, Expr, FromItem, Ident, Select, SelectItem, TypeRef, Window } from "./ast.ts";
import { isPlainName } from "./names.ts";
import { PRECEDENCE, precedenceOf } from "./precedence.ts";
import type { CreateStatement, Statement } from "./statement-ast.ts";
import { printClauses } from "./print-clauses.ts";
import { printFreeName, printName, printPath, printRawPath, printString, quote } from "./print-names.ts";
import { isReserved } from "./tokens.ts";

export function printType(type: TypeRef): string {
  const parameters = type.parameters.length > 0 ? `(${type.parameters.join(", ")})` : "";
  const typeArguments = type.arguments.map(({ name, type: inner }) => (name === null ? "" : `${printName(name)} `) + printType(inner));
  const name = isPlainName(type.name) && !isReserved(type.name) ? type.name : quote("`", type.name);
  return name + parameters + (typeArguments.length > 0 ? `<${typeArguments.join(", ")}>` : "");
}

// --- expressions --------------------------------------------------------------------------------

const NOT_CHAINING: ReadonlySet<number> = new Set([PRECEDENCE["="], PRECEDENCE["IS DISTINCT FROM"]]);

export function printExpr(expr: Expr): string {
  switch (expr.kind) {
    case "null":
      return "NULL";
    case "boolean":
      return expr.value ? "TRUE" : "FALSE";
    case "number":
      return expr.text;
    case "string":
      return printString(expr.value);
    case "ref":
      return printPath(expr.path);
    case "call": {
      const args = expr.star ? "*" : (expr.distinct ? "DISTINCT " : "") + printList(expr.args);
      return `${printName(expr.name)}(${args})`;
    }
    case "not":
      return `NOT ${atLeast(PRECEDENCE.not, expr.operand)}`;
    case "negate":
      return `-${atLeast(PRECEDENCE.primary, expr.operand)}`; // `--` would start a comment
    case "binary": {
      const precedence = PRECEDENCE[expr.op];
      // comparisons do not chain, the others group to the left
      const left = atLeast(NOT_CHAINING.has(precedence) ? precedence + 1 : precedence, expr.left);
      return `${left} ${expr.op} ${atLeast(precedence + 1, expr.right)}`;
    }
    case "is":
      return `${atLeast(PRECEDENCE.is + 1, expr.operand)} IS ${not(expr)}${expr.what}`;
    case "between":
      return `${member(expr.operand)} ${not(expr)}BETWEEN ${member(expr.low)} AND ${member(expr.high)}`;
    case "in":
      return `${member(expr.operand)} ${not(expr)}IN (${printList(expr.list)})`;
    case "like": {
      const mark = expr.escape === null ? "" : ` ESCAPE ${printExpr(expr.escape)}`;
      return `${member(expr.operand)} ${not(expr)}LIKE ${member(expr.pattern)}${mark}`;
    }
    case "case": {
      const operand = expr.operand === null ? "" : ` ${printExpr(expr.operand)}`;
      const branches = expr.branches.map(({ when, then }) => ` WHEN ${printExpr(when)} THEN ${printExpr(then)}`).join("");
      const otherwise = expr.otherwise === null ? "" : ` ELSE ${printExpr(expr.otherwise)}`;
      return `CASE${operand}${branches}${otherwise} END`;
    }
    case "cast":
      return `${expr.safe ? "TRY_CAST" : "CAST"}(${printExpr(expr.operand)} AS ${printType(expr.type)})`;
    default:
      return "";
  }
}

const printList = (exprs: readonly Expr[]): string => exprs.map(printExpr).join(", ");
const not = (expr: { readonly negated: boolean }): string => (expr.negated ? "NOT " : "");
const member = (expr: Expr): string => atLeast(PRECEDENCE.membership + 1, expr);

/** In parentheses where it binds more loosely than its place allows. */
function atLeast(precedence: number, expr: Expr): string {
  const text = printExpr(expr);
  return precedenceOf(expr) < precedence ? `(${text})` : text;
}

// --- SELECT -------------------------------------------------------------------------------------

const printAlias = (alias: Ident | null): string => (alias === null ? "" : ` AS ${printFreeName(alias)}`);

function printItem(item: SelectItem): string {
  if (item.kind === "star") return item.prefix === null ? "*" : `${printPath(item.prefix)}.*`;
  return printExpr(item.expr) + printAlias(item.alias);
}

const printFrom = (from: FromItem): string => (from.kind === "relation" ? printRawPath(from.path) + printAlias(from.alias) : "");

const printDuration = ({ count, unit }: Duration): string => `${count} ${unit}${count === 1 ? "" : "S"}`;

function printWindow(window: Window): string {
  if (window.kind !== "tumbling") return "";
  const grace = window.grace === null ? "" : `, GRACE PERIOD ${printDuration(window.grace)}`;
  return `WINDOW TUMBLING (SIZE ${printDuration(window.size)}${grace})`;
}

function printSelect(select: Select): string {
  const lines = [`SELECT ${select.items.map(printItem).join(", ")}`, `FROM ${printFrom(select.from)}`];
  if (select.where !== null) lines.push(`WHERE ${printExpr(select.where)}`);
  if (select.window !== null) lines.push(printWindow(select.window));
  if (select.groupBy.length > 0) lines.push(`GROUP BY ${printList(select.groupBy)}`);
  if (select.having !== null) lines.push(`HAVING ${printExpr(select.having)}`);
  if (select.emit !== null) lines.push(`EMIT ${select.emit.mode}`);
  lines.push(...printClauses(select.clauses));
  if (select.limit !== null) lines.push(`LIMIT ${select.limit.count}`);
  return lines.join("\n");
}

// --- statements ---------------------------------------------------------------------------------

const printValue = (value: string | number | boolean): string => {
  if (typeof value === "string") return printString(value);
  return typeof value === "number" ? String(value) : String(value).toUpperCase();
};

function printCreateStream(statement: CreateStatement): string {
  const columns = statement.columns.map(({ name, type }) => `${printName(name)} ${printType(type)}`).join(", ");
  const options = statement.options.map(({ name, value }) => `${printName(name)} = ${printValue(value)}`).join(", ");
  return `CREATE STREAM ${printRawPath(statement.name)}${columns && ` (${columns})`}${options && `\nWITH (${options})`}`;
}

/** One statement, without the `;` behind it. */
export function printStatement(statement: Statement): string {
  switch (statement.kind) {
    case "insert": {
      const name = statement.name === null ? "" : `-- @name ${statement.name}\n`;
      return `${name}${statement.mode} INTO ${printRawPath(statement.target)}\n${printSelect(statement.select)}`;
    }
    case "select":
      return printSelect(statement.select);
    case "create":
      return printCreateStream(statement);
    case "set":
      return `SET ${printString(statement.name)} = ${printValue(statement.value)}`;
    case "explain":
      return `EXPLAIN\n${printStatement(statement.statement)}`;
    default:
      return "";
  }
}

/** A whole file: every statement with its `;`, an empty line between them. */
export const printPipeline = (statements: readonly Statement[]): string =>
  statements.map((statement) => `${printStatement(statement)};\n`).join("\n");

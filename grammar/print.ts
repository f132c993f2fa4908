/**
 * The canonical text of a statement: keywords in upper case, one spelling for each thing. Parsing the text gives the
 * tree back.
 */
import type { Expr, Formats, Ident } from "./ast.ts";
import { isPlainName } from "./names.ts";
import { printList, printType } from "./print-expression.ts";
import { printName, printPath, printRawPath, printString, quote } from "./print-names.ts";
import { printDuration, printNames, printSelect, printStages } from "./print-query.ts";
import type {
  AssertTopicStatement,
  ColumnDefinition,
  CreateStatement,
  DescribeStatement,
  Option,
  PrintStatement,
  Statement,
} from "./statement-ast.ts";

const printValue = (value: string | number | boolean): string => {
  if (typeof value === "string") return printString(value);
  return typeof value === "number" ? String(value) : String(value).toUpperCase();
};

const printOptions = (options: readonly Option[]): string =>
  options.length === 0 ? "" : `\nWITH (${options.map(({ name, value }) => `${printName(name)} = ${printValue(value)}`).join(", ")})`;

function printColumn({ name, type, role }: ColumnDefinition): string {
  const header = role === null || role.header === null ? "" : `(${printString(role.header)})`;
  return `${printName(name)} ${printType(type)}${role === null ? "" : ` ${role.kind}${header}`}`;
}

const printColumns = (columns: readonly ColumnDefinition[]): string =>
  columns.length === 0 ? "" : ` (${columns.map(printColumn).join(", ")})`;

const printRow = (row: readonly Expr[]): string => `(${printList(row)})`;

/** ` (a, b)` */
const printColumnNames = (columns: readonly Ident[]): string => (columns.length === 0 ? "" : ` ${printNames(columns)}`);

function printStore({ key, value }: Formats): string {
  const format = (name: string): string => (isPlainName(name) ? name : quote("`", name));
  return ` STORE${key === null ? "" : ` KEY AS ${format(key)}`}${value === null ? "" : ` VALUE AS ${format(value)}`}`;
}

function printCreate(statement: CreateStatement): string {
  const { relation, orReplace, ifNotExists, name, columns, options, select } = statement;
  const head = `CREATE ${orReplace ? "OR REPLACE " : ""}${relation} ${ifNotExists ? "IF NOT EXISTS " : ""}${printRawPath(name)}`;
  return head + printColumns(columns) + printOptions(options) + (select === null ? "" : `\nAS ${printSelect(select)}`);
}

function printDescribe({ what, name, extended }: DescribeStatement): string {
  const text = what === "FUNCTION" || what === "CONNECTION" ? printPath(name) : printRawPath(name);
  const named = extended && what === "RELATION" && /^(?:FUNCTION|CONNECTION|PIPELINE|QUERY)$/i.test(text) ? quote("`", text) : text;
  return `DESCRIBE ${what === "RELATION" ? "" : `${what} `}${named}${extended ? " EXTENDED" : ""}`;
}

function printPrint({ topic, fromBeginning, interval, limit }: PrintStatement): string {
  const from = fromBeginning ? " FROM BEGINNING" : "";
  return `PRINT ${printRawPath(topic)}${from}${interval === null ? "" : ` INTERVAL ${interval}`}${limit === null ? "" : ` LIMIT ${limit}`}`;
}

function printAssertTopic({ exists, name, options, timeout }: AssertTopicStatement): string {
  const wait = timeout === null ? "" : ` TIMEOUT ${printDuration(timeout)}`;
  return `ASSERT ${exists ? "" : "NOT EXISTS "}TOPIC ${printRawPath(name)}${printOptions(options)}${wait}`;
}

/** One statement, without the `;` behind it. */
export function printStatement(statement: Statement): string {
  switch (statement.kind) {
    case "insert": {
      const { mode, target, store, select } = statement;
      const name = statement.name === null ? "" : `-- @name ${statement.name}\n`;
      return `${name}${mode} INTO ${printRawPath(target)}${store === null ? "" : printStore(store)}\n${printSelect(select)}`;
    }
    case "insert-values": {
      const { mode, target, columns, rows } = statement;
      return `${mode} INTO ${printRawPath(target)}${printColumnNames(columns)}\nVALUES ${rows.map(printRow).join(", ")}`;
    }
    case "select":
      return printSelect(statement.select);
    case "with":
      return printStages(statement.stages);
    case "create":
      return printCreate(statement);
    case "drop": {
      const { relation, ifExists, name, deleteTopic } = statement;
      return `DROP ${relation} ${ifExists ? "IF EXISTS " : ""}${printRawPath(name)}${deleteTopic ? " DELETE TOPIC" : ""}`;
    }
    case "show":
      return `SHOW ${statement.what}${statement.extended ? " EXTENDED" : ""}`;
    case "describe":
      return printDescribe(statement);
    case "explain":
      return `EXPLAIN${statement.analyze ? " ANALYZE" : ""}\n${printStatement(statement.statement)}`;
    case "set":
      return `SET ${printString(statement.name)} = ${printValue(statement.value)}`;
    case "unset":
      return `UNSET ${printString(statement.name)}`;
    case "define":
      return `DEFINE ${printName({ ...statement, quoted: false })} = ${printString(statement.value)}`;
    case "undefine":
      return `UNDEFINE ${printName({ ...statement, quoted: false })}`;
    case "pipeline":
      return statement.name === null ? `${statement.command} ALL` : `${statement.command} PIPELINE ${printRawPath(statement.name)}`;
    case "print":
      return printPrint(statement);
    case "assert-values": {
      const { name, columns, row, deleted } = statement;
      const named = printRawPath(name) + printColumnNames(columns);
      return deleted ? `ASSERT NULL VALUES ${named} KEY ${printRow(row)}` : `ASSERT VALUES ${named} VALUES ${printRow(row)}`;
    }
    case "assert-relation": {
      const { relation, name, columns, options } = statement;
      return `ASSERT ${relation} ${printRawPath(name)}${printColumns(columns)}${printOptions(options)}`;
    }
    case "assert-topic":
      return printAssertTopic(statement);
  }
}

/** A whole file: every statement with its `;`, an empty line between them. */
export const printPipeline = (statements: readonly Statement[]): string =>
  statements.map((statement) => `${printStatement(statement)};\n`).join("\n");

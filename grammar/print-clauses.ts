import type { Clause, Path, Property, Tag } from "./ast.ts";
import { CLAUSE_NAMES, clauseSpec } from "./clause-table.ts";
import { isPlainPair, isPlainText } from "./names.ts";
import { printFreeName, printName, printString, quote } from "./print-names.ts";
import { isClauseName } from "./tokens.ts";

/** In the only order that KCQL itself accepts. */
export const inPrintedOrder = (clauses: readonly Clause[]): Clause[] =>
  clauses.toSorted((a, b) => CLAUSE_NAMES.indexOf(a.name) - CLAUSE_NAMES.indexOf(b.name));

/** One a line. */
export const printClauses = (clauses: readonly Clause[]): string[] => inPrintedOrder(clauses).map(printClause);

function printClause(clause: Clause): string {
  const value = printValue(clause);
  return `${clause.name}${clauseSpec(clause.name).equals ? " =" : ""}${value === "" ? "" : ` ${value}`}`;
}

function printValue(clause: Clause): string {
  switch (clause.kind) {
    case "flag":
      return "";
    case "number":
      return String(clause.value);
    case "text":
      return printText(clause);
    case "fields": {
      const fields = printFields(clause.fields);
      return clause.name === "WITHKEY" ? `(${fields})` : fields;
    }
    case "time":
      return clause.field === null ? "sys_time()" : printField(clause.field);
    case "storeas": {
      const type = printRaw(clause.type);
      const pairs = clause.parameters.map(({ key, value }) => `${printParameter(key)} = ${printParameter(value)}`);
      return pairs.length === 0 ? type : `${type} (${pairs.join(", ")})`;
    }
    case "tags":
      return `(${clause.tags.map(printTag).join(", ")})`;
    case "properties":
      return `(${clause.properties.map(printProperty).join(", ")})`;
    case "buckets":
      return `${printFields(clause.fields)} INTO ${clause.count} BUCKETS`;
    case "offsets":
      return clause.offsets.map(({ partition, offset }) => (offset === null ? `(${partition})` : `(${partition}, ${offset})`)).join(", ");
    case "sample":
      return `${clause.count} EVERY ${clause.every}`;
  }
}

function printText({ name, text }: Extract<Clause, { kind: "text" }>): string {
  const { shape, quoted } = clauseSpec(name);
  if (shape === "path") return text;
  if (shape === "delimiter") return printString(text);
  return quoted === true ? quote("`", text) : printRaw(text);
}

/** A clause's word could be the next clause. */
const printRaw = (text: string): string => (isPlainText(text) && !isClauseName(text) ? text : quote("`", text));

const printFields = (fields: readonly Path[]): string => fields.map(printField).join(", ");

function printField({ parts }: Path): string {
  return parts
    .map((part, index) => (index > 0 ? printFreeName(part) : isClauseName(part.name) ? quote("`", part.name) : printName(part)))
    .join(".");
}

function printTag({ key, type, value }: Tag): string {
  const text = key.split(".").every(isBare) ? key : printParameter(key);
  if (value === null) return text;
  return `${text}${type === "CONSTANT" ? " = " : " AS "}${printParameter(value)}`;
}

/** What KCQL too reads without quotes: one of its tokens, and none of its keywords. */
const isBare = (text: string): boolean => KCQL_TOKEN.test(text) && isPlainPair(text) && !isClauseName(text) && !KCQL_WORD.test(text);
const KCQL_TOKEN = /^(?:[\w@]+|[\w+/:{}-]+)$/;
const KCQL_WORD = /^(?:INSERT|UPSERT|UPDATE|INTO|SELECT|FROM|AS|LIMIT)$/i;

/** Of STOREAS and WITHTAG, where KCQL knows no single quotes. */
const printParameter = (text: string): string => printOption(text, "`");
const printProperty = ({ key, value }: Property): string => `${printOption(key)} = ${printOption(value)}`;
/** KCQL takes one character in single quotes for a delimiter; nothing in back-ticks is nothing at all. */
function printOption(text: string, mark: "'" | "`" = text.length === 1 ? "`" : "'"): string {
  return isBare(text) ? text : quote(text === "" ? "'" : mark, text);
}

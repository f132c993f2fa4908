import type { Clause, Path, Property, Tag } from "./ast.ts";
import { CLAUSE_NAMES, clauseSpec } from "./clause-table.ts";
import { isPlainPair, isPlainText } from "./names.ts";
import { printFreeName, printName, quote } from "./print-names.ts";
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
      return clause.parameters.length === 0 ? type : `${type} (${clause.parameters.map(printPair).join(", ")})`;
    }
    case "tags":
      return `(${clause.tags.map(printTag).join(", ")})`;
    case "properties":
      return `(${clause.properties.map(printPair).join(", ")})`;
    case "buckets":
      return `${printFields(clause.fields)} INTO ${clause.count} BUCKETS`;
    case "offsets":
      return clause.offsets.map(({ partition, offset }) => (offset === null ? `(${partition})` : `(${partition}, ${offset})`)).join(", ");
    case "sample":
      return `${clause.count} EVERY ${clause.every}`;
  }
}

function printText({ name, text }: Extract<Clause, { kind: "text" }>): string {
  const { shape } = clauseSpec(name);
  if (shape === "path") return text;
  return shape === "delimiter" ? quote("'", text) : printRaw(text);
}

/** A clause's word could be the next clause. */
const printRaw = (text: string): string => (isPlainText(text) && !isClauseName(text) ? text : quote("`", text));

const printFields = (fields: readonly Path[]): string => fields.map(printField).join(", ");

function printField({ parts }: Path): string {
  return parts
    .map((part, index) => (index > 0 ? printFreeName(part) : isClauseName(part.name) ? quote("`", part.name) : printName(part)))
    .join(".");
}

const printPair = ({ key, value }: Property): string => `${printPairText(key)} = ${printPairText(value)}`;

function printTag({ key, type, value }: Tag): string {
  const text = printPairText(key);
  if (value === null) return text;
  return `${text}${type === "CONSTANT" ? " = " : " AS "}${printPairText(value)}`;
}

const printPairText = (text: string): string => (isPlainPair(text) && text.toUpperCase() !== "AS" ? text : quote("'", text));

/** What KCQL's connectors refuse only at their start or at the first record: said before anything runs. */
import type { Clause, Diagnostic, Path, Select, SelectItem, Span } from "../../grammar/ast.ts";
import { errorAt } from "../../grammar/diagnostics.ts";
import type { InsertStatement, ParseResult } from "../../grammar/statement-ast.ts";
import { expressionsOf, selectsOf, walk } from "../../grammar/walk.ts";
import { compileIndexSuffix } from "../model/date-pattern.ts";
import { fieldFacts } from "./facts/field-facts.ts";
import { targetType } from "./facts/name-facts.ts";

export function checkKcql({ text, statements }: ParseResult): Diagnostic[] {
  return statements.flatMap((statement) => {
    const insert = statement.kind === "explain" ? statement.statement : statement;
    const ofSelects = selectsOf(statement).flatMap((select) => checkSelect(select, text));
    return insert.kind === "insert" ? ofSelects.concat(checkTarget(insert, text)) : ofSelects;
  });
}

function checkSelect(select: Select, text: string): Diagnostic[] {
  return [checkAlias(select, text), checkFields(select), checkOutput(select), select.clauses.flatMap(checkSuffix)].flat();
}

/** `FROM t FOOBAR`: a word behind the topic that nothing uses is a clause that nobody knows, not another name of the topic. */
function checkAlias(select: Select, text: string): Diagnostic[] {
  const { from, joins, items, clauses } = select;
  if (from.kind !== "relation" || from.alias === null || joins.length > 0) return [];
  const { name, span } = from.alias;
  if (/\bAS\b/i.test(text.slice(from.path.span.end, span.start))) return [];
  const heads: (string | undefined)[] = items.map((item) => (item.kind === "star" ? item.prefix?.parts[0]?.name : undefined));
  for (const clause of clauses) if (clause.kind === "fields") heads.push(...clause.fields.map(({ parts }) => parts[0]?.name));
  for (const root of expressionsOf(select)) {
    walk(root, (expr) => {
      if (expr.kind === "ref") heads.push(expr.path.parts[0]?.name);
    });
  }
  if (heads.includes(name)) return [];
  return [errorAt("SYNTAX", `unexpected '${name}'`, span, "no clause begins with it; an alias that nothing uses takes AS")];
}

/** A target that each record names cannot be made before there is a record. */
function checkTarget({ target, select }: InsertStatement, text: string): Diagnostic[] {
  const { kind, path } = targetType(target, text);
  if (kind === "header" && (path === null || path === "")) {
    return [errorAt("ILLEGAL_NAME", "_header alone names no target", target.span, "for example _header.tenant")];
  }
  const autocreate = select.clauses.find(({ name }) => name === "AUTOCREATE");
  if (kind === "static" || autocreate === undefined) return [];
  const message = "AUTOCREATE needs a fixed target, and here each record names its own";
  return [errorAt("CLAUSE_NOT_ALLOWED", message, autocreate.span, "SET 'autocreate' = TRUE makes each target when it is first named")];
}

// --- fields -------------------------------------------------------------------------------------

const METADATA = ["topic", "partition", "offset", "timestamp"];

function checkFields({ items, clauses }: Select): Diagnostic[] {
  const selected = items.flatMap((item): [Path, boolean][] => {
    if (item.kind === "star") return item.prefix === null ? [] : [[item.prefix, true]];
    return item.expr.kind === "ref" ? [[item.expr.path, false]] : [];
  });
  const keys = clauses.flatMap((clause) => (clause.kind === "fields" && clause.name === "PK" ? clause.fields : []));
  return [...selected, ...keys.map((path): [Path, boolean] => [path, false])].flatMap(([path, star]) => checkFacet(path, star));
}

/** `_.topic`, `_.key.x`, `_header.x` and what looks like them. */
function checkFacet({ parts, span }: Path, star: boolean): Diagnostic[] {
  const [first, second] = parts;
  if (first === undefined || first.quoted) return [];
  const word = first.name.toLowerCase();
  if (word === "_header") {
    if (parts.length === (star ? 1 : 2)) return [];
    return [errorAt("UNKNOWN_FIELD", "_header is followed by the name of one header", span, "for example _header.origin")];
  }
  if (word !== "_") return [];
  const name = second?.name.toLowerCase() ?? "";
  if (METADATA.includes(name) && parts.length === 2 && !star) return [];
  if (name === "key" && (parts.length > 2 || star)) return [];
  const hint = name === "key" ? "the whole key is _key" : "_.topic, _.partition, _.offset, _.timestamp and _.key.name are";
  return [errorAt("UNKNOWN_FIELD", `_.${second?.name ?? ""} is nothing that a record has`, span, hint)];
}

/** Two columns of one name would be written over each other, and no column is without one. */
function checkOutput(select: Select): Diagnostic[] {
  const nested = select.clauses.some(({ name }) => name === "WITHSTRUCTURE");
  const seen = new Set<string>();
  const facts = fieldFacts(select);
  return select.items.flatMap((item, index) => {
    const { from, path, as } = facts[index] as (typeof facts)[number];
    const isPath = item.kind === "star" || (nested && item.alias === null && from !== "expression");
    const ofJoin = item.kind === "star" && select.joins.length > 0 ? (item.prefix?.parts[0]?.name ?? "") : "";
    const name = isPath ? [ofJoin, from, ...path].join("\0") : as;
    if (name === "") return [errorAt("ILLEGAL_NAME", "a column needs a name", nameSpan(item), "write one behind AS, or leave AS out")];
    if (!seen.has(name)) {
      seen.add(name);
      return [];
    }
    const message = item.kind === "star" ? "the same star stands twice in SELECT" : `two columns are named '${as}'`;
    return [errorAt("DUPLICATE_NAME", message, nameSpan(item), item.kind === "star" ? "keep one of them" : "AS gives it another name")];
  });
}

const nameSpan = (item: SelectItem): Span => (item.kind === "expr" && item.alias !== null ? item.alias.span : item.span);

// --- clauses ------------------------------------------------------------------------------------

/** Whether an index could be named so is a matter of the target. */
function checkSuffix(clause: Clause): Diagnostic[] {
  if (clause.kind !== "text" || clause.name !== "WITHINDEXSUFFIX") return [];
  const { text, textSpan } = clause;
  const quotes = textSpan.end - textSpan.start > text.length ? 1 : 0;
  const suffix = compileIndexSuffix(text);
  if (!suffix.ok && suffix.of === "index") return [];
  return (suffix.ok ? suffix.warnings : [suffix]).map(({ message, offset, hint }) => {
    const start = Math.min(textSpan.start + quotes + offset, textSpan.end - 1);
    const error = errorAt("INVALID_DATE_PATTERN", message, { start, end: textSpan.end - quotes }, hint);
    return suffix.ok ? { ...error, severity: "warning" } : error;
  });
}

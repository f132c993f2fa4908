import type { Clause, Path, Property } from "../../../grammar/ast.ts";
import { CLAUSE_NAMES, factName } from "../../../grammar/clause-table.ts";
import { fieldPlace } from "./field-facts.ts";

/** What KCQL's clauses say, by the name of the fact; what is not written is left out. */
export function clauseFacts(clauses: readonly Clause[], text: string, qualifiers: ReadonlySet<string>): Record<string, unknown> {
  const facts: Record<string, unknown> = {};
  const inOrder = clauses.toSorted((a, b) => CLAUSE_NAMES.indexOf(a.name) - CLAUSE_NAMES.indexOf(b.name));
  for (const clause of inOrder) facts[factName(clause.name)] = clauseValue(clause, text, qualifiers);
  if ("timestamp" in facts) facts["timestampUnit"] ??= "MILLISECONDS";
  return facts;
}

function clauseValue(clause: Clause, text: string, qualifiers: ReadonlySet<string>): unknown {
  switch (clause.kind) {
    case "flag":
      return true;
    case "number":
      return clause.value;
    case "text":
      return clause.text;
    case "fields":
      return fieldsOf(clause, text, qualifiers);
    case "time":
      return clause.field === null ? `${/sys_time/i.exec(text.slice(clause.span.start))?.[0]}()` : written(clause.field, text);
    case "storeas":
      return { type: clause.type.toUpperCase(), params: asObject(clause.parameters) };
    case "tags":
      return clause.tags.map(({ key, value, type }) => ({ key, value, type }));
    case "properties":
      return asObject(clause.properties);
    case "buckets":
      return { by: clause.fields.map((path) => written(path, text)), count: clause.count };
    case "offsets":
      return clause.offsets;
    case "sample":
      return { count: clause.count, every: clause.every };
  }
}

function fieldsOf({ name, fields }: Extract<Clause, { kind: "fields" }>, text: string, qualifiers: ReadonlySet<string>): unknown {
  switch (name) {
    case "PK":
      return fields.map((path) => fieldPlace(path, qualifiers));
    case "IGNORE":
      return fields.map(({ parts }) => parts.map((part) => part.name));
    case "PARTITIONBY":
      return fields.map((path) => written(path, text));
    case "WITHKEY":
      return fields.map(({ parts }) => parts.map((part) => part.name).join("."));
  }
}

const written = ({ span }: Path, text: string): string => text.slice(span.start, span.end);

/** Of two with one key the last counts. */
const asObject = (pairs: readonly Property[]): Record<string, string> => Object.fromEntries(pairs.map(({ key, value }) => [key, value]));

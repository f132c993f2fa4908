import { SluiceError } from "../../errors.ts";
import { type DataType, typeName } from "../../model/type.ts";
import type { RouteTarget } from "../../ports/sink.ts";
import { dateFormatProblem } from "./date-format.ts";
import { dynamicFieldType } from "./dynamic-templates.ts";
import { isRecord } from "./server-error.ts";

type Mapping = Readonly<Record<string, unknown>>;

/** What in a mapping has something against a column. */
export interface MappingConflict {
  /** The column at the top. */
  readonly column: string;
  /** Documents are refused or cut; otherwise a field cannot be searched. */
  readonly refused: boolean;
  readonly problem: string;
}

type Family = "whole" | "floating" | "text" | "date" | "boolean" | "object";

const FAMILIES: Readonly<Record<string, Family>> = {
  long: "whole",
  integer: "whole",
  short: "whole",
  byte: "whole",
  unsigned_long: "whole",
  double: "floating",
  float: "floating",
  half_float: "floating",
  scaled_float: "floating",
  keyword: "text",
  text: "text",
  wildcard: "text",
  match_only_text: "text",
  date: "date",
  date_nanos: "date",
  boolean: "boolean",
  object: "object",
  nested: "object",
  flattened: "object",
};

/** The families of fields that take values of a type without refusing or cutting them; null: not to be judged here. */
function familiesFor(type: DataType): readonly Family[] | null {
  switch (type.kind) {
    case "boolean":
      return ["boolean", "text"];
    case "int":
    case "bigint":
      return ["whole", "floating", "text", "date"];
    case "double":
    case "decimal":
      return ["floating", "text"];
    // Texts with dates in them are common, and what is no date is refused row by row.
    case "string":
      return ["text", "date"];
    case "time":
      return ["text"];
    case "timestamp":
    case "date":
      return ["date", "text"];
    case "map":
    case "struct":
      return ["object"];
    default:
      return null;
  }
}

/** What in a mapping would refuse or damage the columns, fields within objects too; empty where all fits. */
export function mappingConflicts(mapping: Mapping, columns: RouteTarget["columns"]): readonly MappingConflict[] {
  return columns.flatMap(({ name, type }) => conflictsOf(name, type, { mapping, parents: [mapping], path: "" }, name));
}

/** Throws TARGET_MISMATCH, with all columns that the mapping would refuse or cut. */
export function refuseConflicts(target: RouteTarget, where: string, mapping: Mapping): void {
  const conflicts = mappingConflicts(mapping, target.columns).flatMap(({ refused, problem }) => (refused ? [problem] : []));
  if (conflicts.length === 0) return;
  throw new SluiceError("TARGET_MISMATCH", `${where} does not fit the statement: ${conflicts.join("; ")}`, {
    hint: "CAST or rename the column in the statement, or write to another index.",
  });
}

/** An object of the mapping. */
interface Place {
  readonly mapping: Mapping;
  /** From the root down to the object. */
  readonly parents: readonly Mapping[];
  /** With a dot at the end; empty at the top. */
  readonly path: string;
}

function conflictsOf(name: string, type: DataType, place: Place, column: string): readonly MappingConflict[] {
  // An array is its elements to a mapping.
  if (type.kind === "array") return conflictsOf(name, type.element, place, column);
  const [first = "", ...rest] = name.split(".");
  const properties = isRecord(place.mapping.properties) ? place.mapping.properties : {};
  const path = `${place.path}${first}`;
  const field = properties[first];
  // A dot in a column's name makes objects of it.
  const inner: DataType = rest.length === 0 ? type : { kind: "struct", fields: [{ name: rest.join("."), type }] };
  const conflict = (problem: string, refused = true): readonly MappingConflict[] => [
    { column, refused, problem: `column ${path} ${problem}` },
  ];
  if (!isRecord(field)) return unmapped(path, inner, place, conflict);
  if (field.type === "alias") return conflict("is an alias in the mapping, which documents cannot have");
  // A field with properties and no type is an object.
  const fieldType = typeof field.type === "string" ? field.type : "object";
  const isPlainObject = fieldType === "object" || fieldType === "nested";
  if (inner.kind === "struct" && isPlainObject) {
    const within = { mapping: field, parents: [...place.parents, field], path: `${path}.` };
    return inner.fields.flatMap((member) => conflictsOf(member.name, member.type, within, column));
  }
  const problem = typeProblem(inner, fieldType, field);
  return problem === null ? [] : conflict(problem);
}

/** A field that the mapping does not have: `dynamic` of the nearest object that has one says what becomes of it. */
function unmapped(
  path: string,
  type: DataType,
  { parents }: Place,
  conflict: (problem: string, refused?: boolean) => readonly MappingConflict[],
): readonly MappingConflict[] {
  const dynamic = String(parents.findLast((parent) => parent.dynamic !== undefined)?.dynamic ?? "true");
  if (dynamic === "strict") return conflict("is not in the strict mapping");
  if (dynamic === "false") return conflict("is not in the mapping, which takes no new fields: it will be kept, but not found", false);
  const templates = parents[0]?.dynamic_templates;
  const made = dynamicFieldType(Array.isArray(templates) ? templates : [], path, type);
  const problem = made === null ? null : typeProblem(type, made.type, made.mapping);
  return problem === null || made === null ? [] : conflict(`${problem} by the dynamic template "${made.template}"`);
}

function typeProblem(type: DataType, fieldType: string, field: Mapping): string | null {
  const family = FAMILIES[fieldType];
  const allowed = familiesFor(type);
  if (family === undefined || allowed === null) return null;
  if (!allowed.includes(family)) return `is ${typeName(type)}, but the field is mapped as ${fieldType}`;
  return family === "date" ? dateFormatProblem(type, field.format) : null;
}

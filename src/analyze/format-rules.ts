import { type Column, FORMATS, type Format } from "../model/format.ts";
import { type DataType, isNested, typeName } from "../model/type.ts";

export type Part = "key" | "value";

/** What a format can hold. */
interface Rule {
  readonly columnsMin: number;
  readonly columnsMax: number;
  readonly holds: (type: DataType, part: Part) => boolean;
  /** What it holds, for hints. */
  readonly about: string;
}

const kinds =
  (...held: readonly DataType["kind"][]): Rule["holds"] =>
  ({ kind }) =>
    held.includes(kind);
const ALL = Number.POSITIVE_INFINITY;

const RULES: Readonly<Record<Format, Rule>> = {
  json: { columnsMin: 0, columnsMax: ALL, holds: () => true, about: "json holds values of every type" },
  delimited: { columnsMin: 1, columnsMax: ALL, holds: (type) => !isNested(type), about: "a line holds columns of plain types" },
  kafka: {
    columnsMin: 1,
    columnsMax: 1,
    holds: kinds("int", "bigint", "double", "string", "bytes"),
    about: "Kafka's serializers write one INT, BIGINT, DOUBLE, STRING or BYTES",
  },
  // A key may be the text of a number, as keys of JSON rows are.
  string: {
    columnsMin: 0,
    columnsMax: 1,
    holds: (type, part) => type.kind === "string" || (part === "key" && !isNested(type)),
    about: "it is one text as a whole",
  },
  bytes: { columnsMin: 0, columnsMax: 1, holds: kinds("bytes"), about: "it is BYTES as a whole" },
  none: { columnsMin: 0, columnsMax: 0, holds: () => false, about: "there is nothing to read" },
};

export interface FormatProblem {
  readonly message: string;
  readonly hint: string;
  /** Which does not fit; null: it is not a matter of one column. */
  readonly column: Column | null;
}

/** Why columns cannot stand in a format; null: they can. */
export function formatProblem(format: Format, columns: readonly Column[], part: Part): FormatProblem | null {
  const { columnsMin, columnsMax, holds, about } = RULES[format];
  const hint = columns.length > 0 && format !== "json" ? `${about}; 'json' holds all of them` : about;
  const misfit = columns.find(({ type }) => !holds(type, part)) ?? null;
  if (columns.length > columnsMax) {
    const extra = columns[columnsMax] ?? null;
    const message = `a ${part} of format '${format}' has ${columnsMax === 0 ? "no columns" : "one column"}, here are ${columns.length}`;
    return { message, hint, column: extra };
  }
  if (misfit !== null) {
    const message = `a ${part} of format '${format}' cannot hold the column '${misfit.name}', which is ${typeName(misfit.type)}`;
    return { message, hint, column: misfit };
  }
  if (columns.length >= columnsMin) return null;
  return { message: `a ${part} of format '${format}' needs columns to be read by`, hint: about, column: null };
}

/** null: no such format. */
export function formatOf(text: string): Format | null {
  return FORMATS.find((format) => format === text.toLowerCase()) ?? null;
}

/** Formats that others have, and that are not built. */
export const FORMATS_TO_COME: readonly string[] = ["avro", "protobuf", "json_sr", "protobuf_nosr"];

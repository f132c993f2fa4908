import { must, unreachable } from "../../assert.ts";
import { Tag } from "../../model/column-batch.ts";
import type { BoundExpr } from "../../model/expression.ts";
import type { FieldRef } from "../../model/statement.ts";
import { TIMESTAMP_MS_MAX } from "../../model/timestamp-text.ts";
import { type DataType, isNested, typeName } from "../../model/type.ts";
import { cellReaderOf } from "./cell-reader.ts";
import { type Code, type CodeScope, coerce, nullable, type ParameterCodes, throwCode } from "./code.ts";
import type { CodeWriter } from "./code-writer.ts";
import { literalCode } from "./code-writer.ts";
import type { Static } from "./generated-function.ts";
import { predicateCode, predicateField } from "./predicate-code.ts";
import { dummyOf, expectedOf, type Repr, reprOf, typeRead } from "./repr.ts";

interface ColumnNames {
  readonly field: FieldRef;
  /** Tags, numbers, bytes, starts, ends; ids and their dictionary. */
  readonly t: string;
  readonly x: string;
  readonly b: string;
  readonly s: string;
  readonly e: string;
  readonly i: string;
  readonly d: string;
}

/** Of one cell: its value, and where it lies. */
interface CellNames extends Pick<ColumnNames, "b" | "s" | "e"> {
  readonly value: string;
  readonly isNull: string;
  readonly tag: string;
}

/** The row phase: leaves are cells of the column batch at `row`, errors go to `task.failRow`. */
export class RowScope implements CodeScope {
  readonly writer: CodeWriter;
  readonly parameters: ParameterCodes = [];
  private readonly fields: readonly FieldRef[];
  private readonly columns: readonly number[];
  /** What stands before leaving the row at an error, for example undoing a half-written document. */
  undo = "";
  /** What a row does before it is skipped for its error: its event time counts. */
  skipped = "";
  readonly usedColumns = new Set<number>();
  /** Made once a batch, not once a row. */
  readonly constants: string[] = [];
  readonly statics: Static[] = [];
  /** Whether predicates over one string are answered by dictionary id where they can be. */
  keepsPredicates = false;
  /** Rows are records: what the project brings of its own says which one it is called for. */
  tellsRecords = false;
  private record: string | null = null;
  /** Names of the elements that make the row, by array ("unnest array"). */
  readonly elements = new Map<string, string>();
  /** Names of what keeps the parsed cell of a row, by field. */
  private readonly parsed = new Map<number, string>();
  /** Those that are, with the names of the ids and of the answers. */
  readonly predicates: { readonly expr: BoundExpr; readonly ids: string; readonly table: string }[] = [];

  constructor(writer: CodeWriter, fields: readonly FieldRef[], columns: readonly number[]) {
    this.writer = writer;
    this.fields = fields;
    this.columns = columns;
  }

  static(value: unknown, text: string): string {
    const name = this.writer.fresh("static");
    this.statics.push({ name, value, text });
    return name;
  }

  text(value: string): string {
    return this.static(value, literalCode(value));
  }

  /** A name for what `code` makes, outside of the loop over rows. */
  constant(code: string): string {
    const name = this.writer.fresh("constant");
    this.constants.push(`const ${name} = ${code};`);
    return name;
  }

  tellRecord(): string {
    if (!this.tellsRecords || this.parameters.length > 0) return "";
    this.record ??= this.constant("task.record");
    return `${this.record}[0] = offsets[row];`;
  }

  fail(message: string, code: "RECORD_TYPE" | "RECORD_TARGET" = "RECORD_TYPE"): string {
    if (this.parameters.length > 0) return throwCode(message);
    const why = code === "RECORD_TYPE" ? message : `${message}, "${code}"`;
    return `{ ${this.undo}${this.skipped}if (task.failRow(row, ${why})) break rows; continue rows; }`;
  }

  kept(expr: BoundExpr): Code | null {
    const field = this.keepsPredicates && this.parameters.length === 0 ? predicateField(expr, this.fields) : null;
    if (field === null) return null;
    this.keepsPredicates = false;
    const code = predicateCode(expr, field, this);
    this.keepsPredicates = true;
    return code;
  }

  leaf(expr: BoundExpr, want: Repr): Code {
    if (expr.kind === "meta") return { value: META[expr.name], isNull: "false" };
    if (expr.kind === "element") return this.element(expr, want);
    if (expr.kind !== "field") throw new Error(`assertion failed: ${expr.kind} in the row phase`);
    return this.field(expr.index, want);
  }

  private element(expr: BoundExpr & { kind: "element" }, want: Repr): Code {
    const name = must(this.elements.get(`${expr.unnest} ${expr.array}`), `element ${expr.text}`);
    return coerce(nullable(this, reprOf(expr.type), name), expr, want, this);
  }

  /** Names of the arrays of a field's column. */
  column(index: number): ColumnNames {
    const column = this.columns[index] as number;
    this.usedColumns.add(column);
    const field = this.fields[index] as FieldRef;
    const name = (letter: string) => `${letter}${column}`;
    return { field, t: name("t"), x: name("x"), b: name("b"), s: name("s"), e: name("e"), i: name("i"), d: name("d") };
  }

  private field(index: number, want: Repr): Code {
    const { field, t, x, b, s, e } = this.column(index);
    const { writer } = this;
    const [value, isNull, tag] = [writer.fresh("v"), writer.fresh("n"), writer.fresh("k")];
    const kind = field.type.kind;
    const own = reprOf(field.type);
    const as = kind === "any" || (own === "exact" && want === "number") ? want : own;
    writer.line(`const ${tag} = ${t}[row], ${isNull} = ${tag} <= ${Tag.null};`);
    const subject = literalCode(field.text);
    const type = kind === "any" && isRead(want) ? typeRead(want) : field.type;
    const misfit = this.fail(`h.misfit(${subject}, ${literalCode(expectedOf(type))}, ${tag})`);
    switch (as) {
      case "number":
      case "exact":
        if (kind === "timestamp") this.timeField({ value, isNull, tag, misfit, x, b, s, e });
        else if (kind === "date" || kind === "time") this.readField(index, { value, isNull, tag, misfit, b, s, e });
        else this.numberField(field, as, { value, isNull, tag, x, b, s, e });
        break;
      case "string":
        writer.line(`if (!${isNull} && (${tag} < ${Tag.string} || ${tag} > ${Tag.text})) ${misfit}`);
        writer.line(`const ${value} = ${isNull} ? "" : h.text(${b}, ${tag}, ${s}[row], ${e}[row]);`);
        writer.line(`if (${value} === undefined) ${this.fail(`${subject} + ": a lone surrogate is no text"`)}`);
        break;
      case "boolean":
        writer.line(`if (!${isNull} && ${tag} > ${Tag.true}) ${misfit}`);
        writer.line(`const ${value} = ${tag} === ${Tag.true};`);
        break;
      case "decimal":
      case "object":
        this.readField(index, { value, isNull, tag, misfit, b, s, e });
        break;
      case "any": {
        const keep = this.parsedOnce(index);
        const isNested = `${tag} === ${Tag.object} || ${tag} === ${Tag.array}`;
        writer.block(`if ((${isNested}) && ${keep}.row !== row)`, () => {
          writer.line(`${keep}.row = row;`);
          writer.line(`${keep}.value = h.cell(${b}, ${tag}, ${x}[row], ${s}[row], ${e}[row]);`);
        });
        writer.line(`const ${value} = ${isNested} ? ${keep}.value : h.cell(${b}, ${tag}, ${x}[row], ${s}[row], ${e}[row]);`);
        writer.line(`if (${value} === undefined) ${this.fail(`h.noValue(${subject}, ${b}, ${tag}, ${s}[row], ${e}[row])`)}`);
        break;
      }
      default:
        unreachable(as);
    }
    return { value, isNull };
  }

  /** Where a cell's parsed value is kept: it is made once a row, however often it is used. */
  private parsedOnce(index: number): string {
    const known = this.parsed.get(index);
    if (known !== undefined) return known;
    const name = this.constant("{ row: -1, value: null }");
    this.parsed.set(index, name);
    return name;
  }

  /** Types that are read by a function of their own; nested ones once a row. */
  private readField(index: number, at: CellNames & { readonly misfit: string }): void {
    const { writer } = this;
    const { value, isNull, tag, misfit, b, s, e } = at;
    const field = this.fields[index] as FieldRef;
    const reader = this.static(cellReaderOf(field), `read ${typeName(field.type)}`);
    const read = `${isNull} ? ${dummyOf(reprOf(field.type))} : ${reader}(${b}, ${tag}, ${s}[row], ${e}[row])`;
    if (isNested(field.type)) {
      const keep = this.parsedOnce(index);
      writer.line(`if (${keep}.row !== row) { ${keep}.row = row; ${keep}.value = ${read}; }`);
      writer.line(`const ${value} = ${keep}.value;`);
    } else writer.line(`const ${value} = ${read};`);
    writer.line(`if (${value} === undefined) ${misfit}`);
  }

  /** Leaves the row where the cell is none of its declared type; of a nested one the outermost level is looked at, and nothing parsed. */
  check(expr: BoundExpr & { kind: "field" }): void {
    const { type } = expr;
    if (type.kind === "any") return;
    if (!isNested(type)) {
      this.leaf(expr, reprOf(type));
      return;
    }
    const { field, t } = this.column(expr.index);
    const wanted = type.kind === "array" ? Tag.array : Tag.object;
    const misfit = this.fail(`h.misfit(${literalCode(field.text)}, ${literalCode(expectedOf(type))}, ${t}[row])`);
    this.writer.line(`if (${t}[row] > ${Tag.null} && ${t}[row] !== ${wanted}) ${misfit}`);
  }

  private timeField(at: CellNames & { readonly misfit: string; readonly x: string }): void {
    const { writer } = this;
    const { value, isNull, tag, misfit, x, b, s, e } = at;
    const decoded = `h.text(${b}, ${tag}, ${s}[row], ${e}[row]) ?? ""`;
    const inPlace = `${tag} !== ${Tag.escaped} ? h.parseTimestampAt(${b}, ${s}[row], ${e}[row])`;
    const parsed = `${inPlace} : h.parseTimestamp(${decoded})`;
    writer.line(`let ${value} = 0;`);
    const isEpoch = `${tag} === ${Tag.number} && Math.abs(${x}[row]) <= ${TIMESTAMP_MS_MAX}`;
    writer.line(`if (${isEpoch}) ${value} = ${x}[row]; else`);
    writer.block(`if (${tag} >= ${Tag.string} && ${tag} <= ${Tag.text})`, () => {
      writer.line(`const parsed = ${parsed};`);
      writer.line(`if (parsed === undefined) ${misfit}`);
      writer.line(`${value} = parsed;`);
    });
    writer.line(`else if (!${isNull}) ${misfit}`);
  }

  /** A number that a double holds is taken as it is; what is out of the ordinary is looked at in its text. */
  private numberField(field: FieldRef, as: "number" | "exact", at: CellNames & { readonly x: string }): void {
    const { writer } = this;
    const { value, isNull, tag, x, b, s, e } = at;
    const { kind } = field.type;
    const cell = `${b}, ${tag}, ${s}[row], ${e}[row]`;
    const expected = expectedOf(kind === "any" ? typeRead(as) : field.type);
    const misfit = this.fail(`h.numberMisfit(${literalCode(field.text)}, ${literalCode(expected)}, ${cell})`);
    writer.line(`let ${value} = ${isNull} ? 0 : ${x}[row];`);
    const odd = `${tag} !== ${Tag.number} || ${ODD_NUMBER[kind]?.(value) ?? `!(Math.abs(${value}) <= ${Number.MAX_SAFE_INTEGER})`}`;
    if (kind === "int") writer.line(`if (!${isNull} && (${odd})) ${misfit}`);
    else if (kind === "double") writer.line(`if (!${isNull} && ${tag} !== ${Tag.number} && ${tag} !== ${Tag.wide}) ${misfit}`);
    else {
      writer.block(`if (!${isNull} && (${odd}))`, () => {
        writer.line(`${value} = h.exact(${cell}, "${kind}");`);
        writer.line(`if (${value} === undefined) ${misfit}`);
        const beyond = this.fail(`h.uncomputable(${literalCode(field.text)}, ${value})`);
        if (as === "number") writer.line(`if (typeof ${value} === "bigint") ${beyond}`);
      });
    }
  }
}

function isRead(want: Repr): want is Parameters<typeof typeRead>[0] {
  return want === "number" || want === "exact" || want === "string" || want === "boolean";
}

/** Which numbers of a declared type are not simply taken. */
const ODD_NUMBER: Partial<Record<DataType["kind"], (value: string) => string>> = {
  int: (value) => `(${value} | 0) !== ${value}`,
  bigint: (value) => `!Number.isSafeInteger(${value})`,
};

const META = {
  offset: "offsets[row]",
  partition: "slices.partition",
  timestamp: "timestamps[row]",
  "event-time": "times[row]",
  topic: "slices.topic",
} as const;

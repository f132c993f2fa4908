import { unreachable } from "../../assert.ts";
import { Tag } from "../../model/column-batch.ts";
import type { BoundExpr } from "../../model/expression.ts";
import type { FieldRef } from "../../model/statement.ts";
import { TIMESTAMP_MS_MAX } from "../../model/timestamp-text.ts";
import type { CodeWriter } from "./code-writer.ts";
import { literalCode } from "./code-writer.ts";
import type { Code, CodeScope } from "./expression-code.ts";
import { expectedOf, type Repr, reprOf } from "./repr.ts";

/** The row phase: leaves are cells of the column batch at `row`, errors go to `task.failRow`. */
export class RowScope implements CodeScope {
  readonly writer: CodeWriter;
  private readonly fields: readonly FieldRef[];
  private readonly columns: readonly number[];
  /** What stands before leaving the row at an error, for example undoing a half-written document. */
  undo = "";
  /** What a row still does that is skipped for its error: its event time counts. */
  skipped = "";
  readonly usedColumns = new Set<number>();
  /** Made once a batch, not once a row. */
  readonly constants: string[] = [];

  constructor(writer: CodeWriter, fields: readonly FieldRef[], columns: readonly number[]) {
    this.writer = writer;
    this.fields = fields;
    this.columns = columns;
  }

  /** A name for what `code` makes, outside of the loop over rows. */
  constant(code: string): string {
    const name = this.writer.fresh("constant");
    this.constants.push(`const ${name} = ${code};`);
    return name;
  }

  fail(message: string): string {
    return `{ ${this.undo}if (task.failRow(row, ${message})) break rows; ${this.skipped}continue rows; }`;
  }

  leaf(expr: BoundExpr, want: Repr): Code {
    if (expr.kind === "meta") return { value: META[expr.name], isNull: "false" };
    if (expr.kind !== "field") throw new Error(`assertion failed: ${expr.kind} in the row phase`);
    return this.field(expr.index, want);
  }

  /** Names of the arrays of a field's column: tags, numbers, starts, ends. */
  column(index: number): { readonly field: FieldRef; readonly t: string; readonly x: string; readonly s: string; readonly e: string } {
    const column = this.columns[index] as number;
    this.usedColumns.add(column);
    return { field: this.fields[index] as FieldRef, t: `t${column}`, x: `x${column}`, s: `s${column}`, e: `e${column}` };
  }

  private field(index: number, want: Repr): Code {
    const { field, t, x, s, e } = this.column(index);
    const { writer } = this;
    const [value, isNull, tag] = [writer.fresh("v"), writer.fresh("n"), writer.fresh("k")];
    const kind = field.type.kind;
    const as = kind === "any" ? want : reprOf(field.type);
    writer.line(`const ${tag} = ${t}[row], ${isNull} = ${tag} <= ${Tag.null};`);
    const subject = literalCode(field.text);
    const type = kind === "any" && want !== "any" ? { kind: want === "number" ? ("double" as const) : want } : field.type;
    const misfit = this.fail(`h.misfit(${subject}, ${literalCode(expectedOf(type))}, ${tag})`);
    switch (as) {
      case "number":
        this.numberField(field, { value, isNull, tag, misfit, x, s, e });
        break;
      case "string":
        writer.line(`if (!${isNull} && (${tag} < ${Tag.string} || ${tag} > ${Tag.text})) ${misfit}`);
        writer.line(`const ${value} = ${isNull} ? "" : h.text(bytes, ${tag}, ${s}[row], ${e}[row]);`);
        writer.line(`if (${value} === undefined) ${this.fail(`${subject} + ": a lone surrogate is no text"`)}`);
        break;
      case "boolean":
        writer.line(`if (!${isNull} && ${tag} > ${Tag.true}) ${misfit}`);
        writer.line(`const ${value} = ${tag} === ${Tag.true};`);
        break;
      case "any": {
        const wanted = kind === "array" ? Tag.array : Tag.object;
        if (kind !== "any") writer.line(`if (!${isNull} && ${tag} !== ${wanted}) ${misfit}`);
        writer.line(`const ${value} = h.cell(bytes, ${tag}, ${x}[row], ${s}[row], ${e}[row]);`);
        writer.line(`if (${value} === undefined) ${this.fail(`${subject} + ": a lone surrogate is no text"`)}`);
        break;
      }
      default:
        unreachable(as);
    }
    return { value, isNull };
  }

  private numberField(
    field: FieldRef,
    at: { value: string; isNull: string; tag: string; misfit: string; x: string; s: string; e: string },
  ): void {
    const { writer } = this;
    const { value, isNull, tag, misfit, x, s, e } = at;
    const { kind } = field.type;
    if (kind === "timestamp" || kind === "date") {
      const parse = kind === "date" ? "h.parseDate" : "h.parseTimestamp";
      writer.line(`let ${value} = 0;`);
      const isEpoch = `${tag} === ${Tag.number} && Math.abs(${x}[row]) <= ${TIMESTAMP_MS_MAX}`;
      if (kind === "timestamp") writer.line(`if (${isEpoch}) ${value} = ${x}[row]; else`);
      writer.block(`if (${tag} >= ${Tag.string} && ${tag} <= ${Tag.text})`, () => {
        writer.line(`const parsed = ${parse}(h.text(bytes, ${tag}, ${s}[row], ${e}[row]) ?? "");`);
        writer.line(`if (parsed === undefined) ${misfit}`);
        writer.line(`${value} = parsed;`);
      });
      writer.line(`else if (!${isNull}) ${misfit}`);
      return;
    }
    writer.line(`if (!${isNull} && ${tag} !== ${Tag.number}) ${misfit}`);
    writer.line(`const ${value} = ${isNull} ? 0 : ${x}[row];`);
    if (kind === "int" || kind === "bigint") {
      const message = `${literalCode(`${field.text}: expected an integer that can be computed with exactly, found `)} + ${value}`;
      const outside = kind === "int" ? `(${value} | 0) !== ${value}` : `!Number.isSafeInteger(${value})`;
      writer.line(`if (${outside}) ${this.fail(message)}`);
    }
  }
}

const META = {
  offset: "offsets[row]",
  partition: "slices.partition",
  timestamp: "timestamps[row]",
  topic: "slices.topic",
} as const;

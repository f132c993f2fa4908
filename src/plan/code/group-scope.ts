import { must } from "../../assert.ts";
import { accumulatorOf } from "../../functions/registry.ts";
import type { BoundExpr } from "../../model/expression.ts";
import { jsonReaderOf } from "../../model/read-value.ts";
import type { BoundAggregate, BoundStatement } from "../../model/statement.ts";
import { typeName } from "../../model/type.ts";
import { type Code, type CodeScope, coerce, type ParameterCodes, throwCode } from "./code.ts";
import type { CodeWriter } from "./code-writer.ts";
import { literalCode } from "./code-writer.ts";
import type { Static } from "./generated-function.ts";
import { objectResultCode } from "./object-aggregate-code.ts";
import { dummyOf, expectedOf, isRepr, type Repr, reprOf, typeRead } from "./repr.ts";
import { Cell } from "./task.ts";

/** The group phase: leaves are grouping values, accumulator cells and the window; an error is the function's result. */
export class GroupScope implements CodeScope {
  readonly writer: CodeWriter;
  readonly parameters: ParameterCodes = [];
  readonly statics: Static[] = [];
  private readonly groupParts: number;
  private readonly aggregates: readonly BoundAggregate[];
  private readonly cellOffsets: readonly number[];

  constructor(writer: CodeWriter, { groupBy, aggregates }: BoundStatement) {
    this.writer = writer;
    this.groupParts = groupBy.length;
    this.aggregates = aggregates;
    this.cellOffsets = cellOffsetsOf(aggregates);
  }

  static(value: unknown, text: string): string {
    const name = this.writer.fresh("static");
    this.statics.push({ name, value, text });
    return name;
  }

  fail(message: string): string {
    if (this.parameters.length > 0) return throwCode(message);
    return `{ out.discard(); return ${message}; }`;
  }

  leaf(expr: BoundExpr, want: Repr): Code {
    switch (expr.kind) {
      case "window":
        return { value: `slot.${expr.bound}Of(index)`, isNull: "false" };
      case "aggregate":
        return this.aggregate(expr, want);
      case "group":
        return this.groupValue(expr, want);
      default:
        throw new Error(`assertion failed: ${expr.kind} in the group phase`);
    }
  }

  /** A bound of the window is text already, and so is a key of one part. */
  jsonText(expr: BoundExpr): string | null {
    if (isTimeOfWindow(expr)) return `w.piece(slot.${expr.bound}TextOf(index));`;
    return this.isKey(expr) ? "keys.writeText(keyId, w);" : null;
  }

  keyText(expr: BoundExpr, quoted: boolean): string | null {
    if (isTimeOfWindow(expr)) return `h.writeQuoted(w, slot.${expr.bound}TextOf(index), ${quoted})`;
    return this.isKey(expr) ? `keys.writePlainString(keyId, w, ${quoted})` : null;
  }

  /** Whether the canonical text of the key is the JSON text of the expression. */
  private isKey(expr: BoundExpr): boolean {
    return expr.kind === "group" && this.groupParts === 1 && (expr.type.kind === "string" || expr.type.kind === "any");
  }

  private aggregate(expr: BoundExpr & { kind: "aggregate" }, want: Repr): Code {
    const { writer } = this;
    const offset = this.cellOffsets[expr.index] as number;
    const aggregate = must(this.aggregates[expr.index]);
    const accumulator = accumulatorOf(aggregate);
    if (accumulator === null) return coerce(objectResultCode(expr, aggregate, this.aggregates, this), expr, want, this);
    const cell = (index: number): string => `cells[at + ${offset + index}]`;
    const refused = accumulator.refuse?.(cell);
    if (refused !== undefined) writer.line(`if (${refused.when}) ${this.fail(literalCode(`${aggregate.text}: ${refused.why}`))}`);
    const code = accumulator.finish(cell);
    if (want !== "number" || aggregate.name === "count" || reprOf(expr.type) !== "exact") return code;
    const value = writer.fresh("v");
    writer.line(`const ${value} = ${code.value};`);
    writer.line(`if (typeof ${value} === "bigint") ${this.fail(`h.uncomputable(${literalCode(aggregate.text)}, ${value})`)}`);
    return { value, isNull: code.isNull };
  }

  /** The key holds the JSON text. */
  private writtenValue(expr: BoundExpr, group: string, isNull: string): Code {
    const value = this.writer.fresh("v");
    const read = this.static(jsonReaderOf(expr.type), `read ${typeName(expr.type)}`);
    this.writer.line(`const ${value} = ${isNull} ? ${dummyOf(reprOf(expr.type))} : ${read}(${group});`);
    return { value, isNull };
  }

  private groupValue(expr: BoundExpr & { kind: "group" }, want: Repr): Code {
    const { writer } = this;
    const [value, isNull] = [writer.fresh("v"), writer.fresh("n")];
    const group = `group[${expr.index}]`;
    writer.line("group ??= keys.valuesOf(keyId);");
    writer.line(`const ${isNull} = ${group} === null;`);
    if (want === "any") return { value: group, isNull };
    const own = reprOf(expr.type);
    if (own === "decimal" || own === "object") return this.writtenValue(expr, group, isNull);
    if (want === "number" && own !== "number") {
      writer.line(`if (typeof ${group} === "bigint") ${this.fail(`h.uncomputable("grouping value", ${group})`)}`);
    }
    if (own === "any" && (want === "decimal" || want === "object")) return { value: dummyOf(want), isNull };
    if (own === "any" && want !== "decimal" && want !== "object") {
      const misfit = this.fail(`h.misfitValue("grouping value", ${literalCode(expectedOf(typeRead(want)))}, ${group})`);
      writer.line(`if (!${isNull} && !(${isRepr(group, want)})) ${misfit}`);
    }
    // Keys show all digits of a large double, too.
    writer.line(`const ${value} = ${isNull} ? ${dummyOf(want)} : ${own === "number" ? `Number(${group})` : group};`);
    return { value, isNull };
  }
}

/** What a grouping value of such a type is in the key: the JSON text of all of it. */
export function isWritten(type: BoundExpr["type"]): boolean {
  return reprOf(type) === "decimal" || reprOf(type) === "object";
}

function isTimeOfWindow(expr: BoundExpr): expr is BoundExpr & { kind: "window"; bound: "start" | "end" } {
  return expr.kind === "window" && expr.bound !== "row";
}

/** Where each aggregate's cells begin within a group's record. */
export function cellOffsetsOf(aggregates: readonly BoundAggregate[]): readonly number[] {
  let next: number = Cell.accumulators;
  return aggregates.map((aggregate) => {
    const offset = next;
    next += accumulatorOf(aggregate)?.initial.length ?? 0;
    return offset;
  });
}

/** The length of a group's record in the cells of a window. */
export function strideOf(aggregates: readonly BoundAggregate[]): number {
  return Cell.accumulators + initialCellsOf(aggregates).length;
}

/** What the accumulators of a new group hold. */
export function initialCellsOf(aggregates: readonly BoundAggregate[]): readonly number[] {
  return aggregates.flatMap((aggregate) => accumulatorOf(aggregate)?.initial ?? []);
}

import { types } from "cassandra-driver";
import { type ChangeBatch, documentTextOf, idOf, Operation } from "../../model/change.ts";
import { type CqlValue, LostDigits, Misfit } from "./cql-value.ts";
import { parseExact } from "./exact-json.ts";
import type { RowLayout } from "./row-layout.ts";
import { int64Bytes } from "./wire-value.ts";

/** One change as a statement of its table. */
export interface BoundRow {
  readonly row: number;
  readonly query: string;
  readonly params: readonly CqlValue[];
  /** Equal for rows of one partition of the table. */
  readonly partition: string;
  readonly bytes: number;
}

type Parse = (text: string) => unknown;

export interface RowStatements {
  readonly insert: string;
  readonly delete: string;
  readonly ttlSeconds: number | null;
}

/** What a row and each of its cells, also a null, weigh in a batch beside their values. */
const ROW_BYTES = 64;
const CELL_BYTES = 20;

/**
 * Turns changes into bound statements. Of the columns that a document does not have, INSERT writes null and UPSERT leaves
 * alone: with unset, an inserted row would depend on which of its versions were coalesced.
 */
export class RowBinder {
  private readonly layout: RowLayout;
  private readonly statements: RowStatements;
  private readonly absent: CqlValue;
  private readonly empty: CqlValue;

  /** `nullsUnset`: nulls leave the cells of the row alone. */
  constructor(layout: RowLayout, statements: RowStatements, mode: "insert" | "upsert", nullsUnset = false) {
    this.layout = layout;
    this.statements = statements;
    this.absent = mode === "insert" && !nullsUnset ? null : types.unset;
    this.empty = nullsUnset ? types.unset : null;
  }

  /** Throws `Misfit` for a row that the table cannot take. */
  bind(batch: ChangeBatch, row: number): BoundRow {
    if (this.layout.digits) return this.bindParsed(batch, row, parseExact);
    try {
      return this.bindParsed(batch, row, JSON.parse);
    } catch (error) {
      if (error instanceof LostDigits) return this.bindParsed(batch, row, parseExact);
      throw error;
    }
  }

  private bindParsed(batch: ChangeBatch, row: number, parse: Parse): BoundRow {
    const { keyCount, partitionCount } = this.layout;
    const deletes = batch.operations[row] === Operation.delete;
    const values = deletes ? this.keyOf(batch, row, parse) : this.valuesOf(batch, row, parse);
    const version = int64Bytes(batch.versions[row] as number);
    const { ttlSeconds } = this.statements;
    return {
      row,
      query: deletes ? this.statements.delete : this.statements.insert,
      params: deletes
        ? [version, ...values.slice(0, keyCount)]
        : ttlSeconds === null
          ? [...values, version]
          : [...values, version, ttlSeconds],
      partition: partitionText(values, partitionCount),
      bytes: (batch.documentEnds[row] as number) - (batch.documentStarts[row] as number) + ROW_BYTES + values.length * CELL_BYTES,
    };
  }

  private valuesOf(batch: ChangeBatch, row: number, parse: Parse): CqlValue[] {
    const { columns } = this.layout;
    const values = new Array<CqlValue>(columns.length).fill(this.absent);
    this.bindId(values, batch, row);
    const document = documentOf(batch, row, parse);
    for (const member of Object.keys(document)) {
      const index = this.layout.columnOf(member);
      if (index === -1 || this.isId(index)) throw new Misfit(`the table has no column for "${member}"`);
      if (values[index] !== this.absent) throw new Misfit(`"${member}" and another member both go to column "${columns[index]?.name}"`);
      values[index] = this.convert(index, document[member]);
    }
    this.checkKey(values);
    return values;
  }

  /** Of a delete the key alone counts, whatever else its document has. */
  private keyOf(batch: ChangeBatch, row: number, parse: Parse): CqlValue[] {
    const values = new Array<CqlValue>(this.layout.keyCount).fill(null);
    this.bindId(values, batch, row);
    if (!this.layout.keyedById) {
      const document = documentOf(batch, row, parse);
      for (const member of Object.keys(document)) {
        const index = this.layout.columnOf(member);
        if (index !== -1 && index < values.length) values[index] = this.convert(index, document[member]);
      }
    }
    this.checkKey(values);
    return values;
  }

  private bindId(values: CqlValue[], batch: ChangeBatch, row: number): void {
    if (this.layout.keyedById) values[0] = idOf(batch, row);
  }

  private isId(index: number): boolean {
    return this.layout.keyedById && index === 0;
  }

  private convert(index: number, value: unknown): CqlValue {
    if (value === null) return this.empty;
    const column = this.layout.columns[index] as RowLayout["columns"][number];
    try {
      return column.convert(value);
    } catch (error) {
      if (!(error instanceof Misfit) || error instanceof LostDigits) throw error;
      throw new Misfit(`column "${column.name}" (${column.typeText}): ${error.message}`);
    }
  }

  private checkKey(values: readonly CqlValue[]): void {
    for (let index = 0; index < this.layout.keyCount; index++) {
      const value = values[index];
      if (value !== null && value !== types.unset) continue;
      throw new Misfit(`primary key column "${this.layout.columns[index]?.name}" has no value`);
    }
  }
}

function documentOf(batch: ChangeBatch, row: number, parse: Parse): Readonly<Record<string, unknown>> {
  let document: unknown;
  try {
    document = parse(documentTextOf(batch, row));
  } catch (error) {
    throw new Misfit(`the row is no JSON: ${(error as Error).message}`);
  }
  if (typeof document !== "object" || document === null || Array.isArray(document)) throw new Misfit("the row is no JSON object");
  return document as Readonly<Record<string, unknown>>;
}

function partitionText(values: readonly CqlValue[], count: number): string {
  const text = (value: CqlValue | undefined): string => (value instanceof Buffer ? value.toString("latin1") : String(value));
  if (count === 1) return text(values[0]);
  return values
    .slice(0, count)
    .map((value) => `${text(value).length}:${text(value)}`)
    .join("");
}

import { createDecoder } from "../../../src/adapters/codecs/create-decoder.ts";
import { SlicesBuilder } from "../../../src/adapters/codecs/slices-builder.ts";
import { must } from "../../../src/assert.ts";
import { type ColumnBatch, type FieldColumn, type FieldPath, Tag } from "../../../src/model/column-batch.ts";
import type { BoundExpr } from "../../../src/model/expression.ts";
import type { FieldRef } from "../../../src/model/statement.ts";
import { compileKeys, compilePairTest, type PairTest, type ReadKeys } from "../../../src/plan/code/join-code.ts";
import type { JoinedRows, SideRows } from "../../../src/state/operators/operator.ts";

/** A record of one side of a join. `value` null: a tombstone. */
export interface SideRecord {
  readonly side: 0 | 1;
  readonly sequence: number;
  readonly offset: number;
  readonly timeMs: number;
  readonly key: string | null;
  /** JSON text. */
  readonly value: string | null;
}

/** What the sides of the tests have: the record key, a field to join by, a field of a left table that names a right one, and others. */
const PATHS: readonly { readonly root: FieldPath["root"]; readonly name: string }[] = [
  { root: "key", name: "" },
  { root: "value", name: "k" },
  { root: "value", name: "f" },
  { root: "value", name: "n" },
  { root: "value", name: "x" },
];
const FIELDS: readonly FieldPath[] = PATHS.map(({ root, name }) => ({ root, path: name === "" ? [] : [name] }));
export const SIDE_COLUMNS = FIELDS.map((_, index) => index);
export const SIDE_FIELDS = FIELDS;

const refs: readonly FieldRef[] = FIELDS.map((field, index) => ({
  ...field,
  type: { kind: "any" },
  text: must(PATHS[index]).name || "_key",
}));
const fieldExpr = (index: number): BoundExpr => ({ kind: "field", type: { kind: "any" }, index });

/** A function that reads the key of the named fields ("" is the record key). */
export function keysOf(names: readonly string[], makes: boolean): ReadKeys {
  const key = names.map((name) => fieldExpr(PATHS.findIndex((path) => path.name === name)));
  return compileKeys({ key, fields: refs, columns: SIDE_COLUMNS, makes }).read;
}

/** `left.n < right.n`, of joined rows; an error where one of them is no number. */
export function leftIsLess(): PairTest {
  const numbers = refs.map((ref) => ({ ...ref, type: { kind: "double" as const } }));
  const n = PATHS.findIndex(({ name }) => name === "n");
  const side = (index: number): BoundExpr => ({ kind: "field", type: { kind: "double" }, index });
  const condition: BoundExpr = { kind: "binary", type: { kind: "boolean" }, op: "<", left: side(n), right: side(refs.length + n) };
  const fields = [...numbers, ...numbers];
  return compilePairTest(
    condition,
    fields,
    fields.map((_, index) => index),
  );
}

/** One input of a join: decodes its records anew for each batch. */
export class SideSource {
  private readonly decoder;

  constructor(interned: boolean) {
    this.decoder = createDecoder({ valueFormat: "json", keyFormat: "string", fields: FIELDS, interned: interned ? [0, 1] : [] });
  }

  rows(records: readonly SideRecord[], fail: SideRows["fail"]): SideRows & { readonly batch: ColumnBatch } {
    const builder = new SlicesBuilder("t", 0);
    for (const { offset, timeMs, key, value } of records) {
      builder.append(offset, timeMs, key === null ? null : Buffer.from(key), value === null ? null : Buffer.from(value), null);
    }
    const [slices] = builder.build(must(records.at(-1)).offset + 1);
    return {
      batch: this.decoder.decode(must(slices)),
      timesMs: Float64Array.from(records, ({ timeMs }) => timeMs),
      versions: Float64Array.from(records, ({ sequence }) => sequence * 10),
      sequences: Float64Array.from(records, ({ sequence }) => sequence),
      coordinates: [Float64Array.from(records, ({ offset }) => offset)],
      fail,
    };
  }
}

/** A cell as text: its tag, and what generated code sees of it. */
export function cellText({ tags, numbers, bytes, starts, ends }: FieldColumn, row: number): string {
  const tag = tags[row] as number;
  if (tag < Tag.number) return `${tag}`;
  const quote = tag === Tag.string || tag === Tag.escaped ? 1 : 0;
  const text = bytes.toString("utf8", (starts[row] as number) - quote, (ends[row] as number) + quote);
  return `${tag} ${text}${tag === Tag.number || tag === Tag.wide ? ` ${numbers[row]}` : ""}`;
}

const decoded = new WeakMap<SideRecord, readonly string[]>();
const plainSource = new SideSource(false);

/** The cells of a record, as `cellText` gives them after decoding. */
export function cellsOf(record: SideRecord): readonly string[] {
  const known = decoded.get(record);
  if (known !== undefined) return known;
  const { batch } = plainSource.rows([record], () => false);
  const cells = batch.columns.map((column) => cellText(column, 0));
  decoded.set(record, cells);
  return cells;
}

export interface SeenRow {
  readonly sequence: number;
  readonly ordinal: number;
  readonly version: number;
  readonly timeMs: number;
  readonly streamTimeMs: number;
  readonly isDelete: boolean;
  /** Cells and offset of each side; of one that is not there all absent, and null. */
  readonly left: readonly [readonly string[], number | null];
  readonly right: readonly [readonly string[], number | null];
}

export function seenRows({ from, to, batch, ordinals, versions, streamTimesMs, coordinates }: JoinedRows): readonly SeenRow[] {
  const half = SIDE_COLUMNS.length;
  return Array.from({ length: to - from }, (_, index) => {
    const row = from + index;
    const cells = batch.columns.map((column) => cellText(column, row));
    const [l, r] = coordinates.map((offsets) => offsets[row] as number) as [number, number];
    return {
      sequence: batch.slices.offsets[row] as number,
      ordinal: ordinals[row] as number,
      version: versions[row] as number,
      timeMs: batch.slices.timestampsMs[row] as number,
      streamTimeMs: streamTimesMs[row] as number,
      isDelete: batch.conditions[row] === 2,
      left: [cells.slice(0, half), Number.isNaN(l) ? null : l],
      right: [cells.slice(half), Number.isNaN(r) ? null : r],
    };
  });
}

export const NOTHING: readonly [readonly string[], null] = [FIELDS.map(() => "0"), null];

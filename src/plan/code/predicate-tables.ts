import type { ColumnDictionary } from "../../model/column-batch.ts";

/** What a predicate says of a value; `unknown`: not asked yet. */
export const Truth = { unknown: 0, true: 1, false: 2, null: 3 } as const;

interface Table {
  dictionary: ColumnDictionary | null;
  epoch: number;
  truths: Uint8Array;
}

/** What the predicates of a statement say of the strings of its dictionaries: each string is asked about once an epoch. */
export class PredicateTables {
  private readonly tables: Table[] = [];

  /** `Truth` by dictionary id; empty without a dictionary. */
  tableOf(predicate: number, dictionary: ColumnDictionary | null): Uint8Array {
    if (dictionary === null) return EMPTY;
    const table = this.tables[predicate] ?? { dictionary: null, epoch: 0, truths: EMPTY };
    this.tables[predicate] = table;
    if (table.dictionary !== dictionary || table.epoch !== dictionary.epoch) {
      table.dictionary = dictionary;
      table.epoch = dictionary.epoch;
      table.truths.fill(Truth.unknown);
    }
    if (table.truths.length < dictionary.size) {
      const larger = new Uint8Array(Math.max(dictionary.size, table.truths.length * 2));
      larger.set(table.truths);
      table.truths = larger;
    }
    return table.truths;
  }
}

/** The first row of [from, to) of which it is not known that the predicate is false; `to` if there is none. */
export function rowNotFalse(ids: Int32Array, truths: Uint8Array, from: number, to: number): number {
  let row = from;
  while (row < to) {
    const id = ids[row] as number;
    if (id < 0 || truths[id] !== Truth.false) break;
    row++;
  }
  return row;
}

const EMPTY = new Uint8Array(0);

import { type FieldColumn, type FieldPath, Tag } from "../../../model/column-batch.ts";

const ROWS_FIRST = 1024;

/** A field column whose arrays grow with the batches. */
export class GrowingColumn implements FieldColumn {
  readonly field: FieldPath;
  tags = new Uint8Array(ROWS_FIRST);
  numbers = new Float64Array(ROWS_FIRST);
  starts = new Int32Array(ROWS_FIRST);
  ends = new Int32Array(ROWS_FIRST);

  constructor(field: FieldPath) {
    this.field = field;
  }

  /** Room for `count` rows, all absent. */
  begin(count: number): void {
    if (this.tags.length < count) {
      const rows = Math.max(count, this.tags.length * 2);
      this.tags = new Uint8Array(rows);
      this.numbers = new Float64Array(rows);
      this.starts = new Int32Array(rows);
      this.ends = new Int32Array(rows);
    }
    this.tags.fill(Tag.absent, 0, count);
  }

  set(row: number, tag: number, start: number, end: number): void {
    this.tags[row] = tag;
    this.starts[row] = start;
    this.ends[row] = end;
  }
}

/** The needed members of one object of the document. */
export class FieldNode {
  readonly name: string;
  readonly nameBytes: Buffer;
  readonly children: FieldNode[] = [];
  column: GrowingColumn | null = null;
  /** The row in which this member was met last: a second time is a duplicate. */
  metInRow = -1;

  constructor(name: string) {
    this.name = name;
    this.nameBytes = Buffer.from(name);
  }

  /** The node at a path, made where it is missing. */
  at(path: readonly string[]): FieldNode {
    const [first, ...rest] = path;
    if (first === undefined) return this;
    let child = this.children.find((node) => node.name === first);
    if (child === undefined) {
      child = new FieldNode(first);
      this.children.push(child);
    }
    return child.at(rest);
  }

  /** A duplicate takes the place of what was read before, with all that was nested in it. */
  forget(row: number): void {
    if (this.column !== null) this.column.tags[row] = Tag.absent;
    for (const child of this.children) {
      child.metInRow = -1;
      child.forget(row);
    }
  }

  begin(): void {
    this.metInRow = -1;
    for (const child of this.children) child.begin();
  }
}

import { Tag } from "../../../model/column-batch.ts";
import type { GrowingColumn } from "../growing-column.ts";

const LENGTHS = 32;

/** A needed member of an object, or one with needed members inside it; the root is the document itself. */
export class FieldNode {
  readonly name: string;
  readonly children: FieldNode[] = [];
  column: GrowingColumn | null = null;
  /** The next in the chain of `byLength`. */
  private nextOfLength: FieldNode | null = null;
  private readonly nameBytes: Buffer;
  private readonly byLength: (FieldNode | null)[] = Array<FieldNode | null>(LENGTHS).fill(null);
  private metInRow = -1;

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
      const slot = child.nameBytes.length % LENGTHS;
      child.nextOfLength = this.byLength[slot] ?? null;
      this.byLength[slot] = child;
    }
    return child.at(rest);
  }

  /** The child of that name, which is checked JSON without its quotes. Most members that are not needed are told by their length. */
  childAt(bytes: Buffer, start: number, end: number, hasEscapes: boolean): FieldNode | null {
    if (hasEscapes) {
      const name = JSON.parse(bytes.toString("utf8", start - 1, end + 1)) as string;
      return this.children.find((child) => child.name === name) ?? null;
    }
    for (let child = this.byLength[(end - start) % LENGTHS] as FieldNode | null; child !== null; child = child.nextOfLength) {
      if (child.isNamed(bytes, start, end)) return child;
    }
    return null;
  }

  private isNamed(bytes: Buffer, start: number, end: number): boolean {
    const { nameBytes } = this;
    const length = end - start;
    if (nameBytes.length !== length) return false;
    for (let i = 0; i < length; i++) if (nameBytes[i] !== bytes[start + i]) return false;
    return true;
  }

  /** A batch begins: no row has been met. */
  begin(): void {
    this.metInRow = -1;
    for (const child of this.children) child.begin();
  }

  /** The member begins in this row. Where it did before, the new one takes its place, with all that was nested in it. */
  meet(row: number): void {
    if (this.metInRow === row) this.forget(row);
    this.metInRow = row;
  }

  /** Nothing of it was found in this row. */
  forget(row: number): void {
    if (this.column !== null) this.column.tags[row] = Tag.absent;
    for (const child of this.children) child.forget(row);
  }
}

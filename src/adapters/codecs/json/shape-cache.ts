import { LIMITS } from "../../../limits.ts";
import type { RecordSlices } from "../../../model/record-slices.ts";
import { type DocumentShape, shapeOf } from "./document-shape.ts";
import type { FieldNode } from "./field-trie.ts";
import type { JsonScanner } from "./json-scanner.ts";
import { compileShape, type ShapeContext, type ShapeFunction, shapeSource } from "./shape-code.ts";
import { Leave } from "./shape-leave.ts";

/** Misses after which it is weighed whether speculating pays. */
const MISSES_TO_WEIGH = 256;
const PAUSE_ROWS_FIRST = 4096;

interface CachedShape {
  readonly signature: string;
  readonly looseSignature: string;
  readonly rows: ShapeFunction;
  readonly context: ShapeContext;
}

/** How rows came through; for tests and figures. */
export interface ShapeCounters {
  /** Rows scanned by generated code. */
  taken: number;
  /** Rows that fitted no shape. */
  missed: number;
  /** Rows not tried, because shapes did not pay. */
  paused: number;
  /** Shapes that code was generated for. */
  learned: number;
  /** How often generated code left a row or a value, by reason (`Leave`). */
  readonly left: Float64Array;
}

/**
 * The shapes that documents of late had, the last that fitted first. What fits none is scanned by `JsonScanner` and may
 * teach its shape; how often is bounded by the rows that pay for it, and where shapes rarely fit nothing is tried for a while.
 */
export class ShapeCache {
  readonly counters: ShapeCounters = { taken: 0, missed: 0, paused: 0, learned: 0, left: new Float64Array(Object.keys(Leave).length) };
  private readonly root: FieldNode;
  private readonly scanner: JsonScanner;
  private readonly shapes: CachedShape[] = [];
  /** Rows that have not paid for code yet. */
  private creditRows = LIMITS.shapesMax * LIMITS.shapeRows;
  private pauseRows = PAUSE_ROWS_FIRST;
  private pauseLeft = 0;
  private takenLately = 0;
  private missedLately = 0;

  constructor(root: FieldNode, scanner: JsonScanner) {
    this.root = root;
    this.scanner = scanner;
  }

  /** Scans rows from `row` on as long as their documents have shapes that are known; gives the first that has not, or the count. */
  take(slices: RecordSlices, view: DataView, row: number): number {
    if (this.pauseLeft > 0) return row;
    const { shapes } = this;
    const { bytes, valueStarts, valueEnds, count } = slices;
    let reached = row;
    for (let i = 0; i < shapes.length && reached < count; ) {
      const shape = shapes[i] as CachedShape;
      const next = shape.rows(shape.context, bytes, view, valueStarts, valueEnds, reached, count);
      if (next < count) this.root.forget(next);
      if (next === reached) i++;
      else {
        for (let k = i; k > 0; k--) shapes[k] = shapes[k - 1] as CachedShape;
        shapes[0] = shape;
        reached = next;
        // The first has just left this row.
        i = 1;
      }
    }
    this.counters.taken += reached - row;
    this.takenLately += reached - row;
    this.creditRows += reached - row;
    return reached;
  }

  /** The row fitted no shape, and was scanned and found sound or not. */
  missed(slices: RecordSlices, row: number, isSound: boolean): void {
    this.creditRows = Math.min(this.creditRows + 1, LIMITS.shapesMax * LIMITS.shapeRows);
    if (this.pauseLeft > 0) {
      this.pauseLeft--;
      this.counters.paused++;
      // What comes now may be of one shape again: the pause has paid for learning it.
      if (this.pauseLeft === 0) this.creditRows = Math.max(this.creditRows, LIMITS.shapeRows);
      return;
    }
    this.counters.missed++;
    this.missedLately++;
    if (this.missedLately >= MISSES_TO_WEIGH) this.weigh();
    else if (isSound && this.creditRows >= LIMITS.shapeRows) this.learn(slices, row);
  }

  private weigh(): void {
    if (this.takenLately >= this.missedLately) this.pauseRows = PAUSE_ROWS_FIRST;
    else {
      this.pauseLeft = this.pauseRows;
      this.pauseRows = Math.min(this.pauseRows * 2, LIMITS.shapePauseRowsMax);
    }
    this.takenLately = 0;
    this.missedLately = 0;
  }

  private learn({ bytes, valueStarts, valueEnds }: RecordSlices, row: number): void {
    const { scanner, root, shapes } = this;
    const start = valueStarts[row] as number;
    const end = valueEnds[row] as number;
    const tight = shapeOf(scanner, bytes, start, end, root, false);
    const loose = shapeOf(scanner, bytes, start, end, root, true);
    if (loose === null) return;
    // Two that differ in nothing that is needed: from now on that part is scanned, whatever is in it.
    const sibling = shapes.findIndex(({ looseSignature }) => looseSignature === loose.signature);
    const shape: DocumentShape = sibling >= 0 || tight === null ? loose : tight;
    if (shapes.some(({ signature }) => signature === shape.signature)) return;
    if (sibling >= 0) shapes.splice(sibling, 1);
    else if (shapes.length === LIMITS.shapesMax) shapes.pop();
    const nodes: FieldNode[] = [];
    const rows = compileShape(shapeSource(shape, nodes));
    const context = { scanner, nodes, left: this.counters.left };
    shapes.unshift({ signature: shape.signature, looseSignature: loose.signature, rows, context });
    this.creditRows -= LIMITS.shapeRows;
    this.counters.learned++;
  }
}

import { type Document, isCollection, isMap, isScalar, LineCounter, type Node, type Pair, parseDocument, visit } from "yaml";
import { integerOf } from "../../model/exact-number.ts";

export type YamlPath = readonly (string | number)[];

/** A range of a text, lines and columns from 1, the end exclusive. */
export interface Place {
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

/** A text of YAML that remembers where everything stands. Integers of any size keep their digits. */
export class YamlSource {
  readonly text: string;
  readonly document: Document;
  private readonly counter = new LineCounter();

  constructor(text: string) {
    this.text = text;
    this.document = parseDocument(text, { lineCounter: this.counter, prettyErrors: false, merge: true, logLevel: "error" });
    visit(this.document, {
      Scalar: (_key, scalar) => {
        if (typeof scalar.value !== "number" || Number.isSafeInteger(scalar.value)) return;
        scalar.value = integerOf(scalar.source ?? "") ?? scalar.value;
      },
    });
  }

  /** What the text says, or what keeps it from being YAML: also merges of what is no map, and aliases that stand for too much. */
  read(): { readonly value: unknown; readonly broken: null } | { readonly broken: { readonly place: Place; readonly message: string } } {
    const [error] = this.document.errors;
    if (error !== undefined) return { broken: { place: this.placeOf(error.pos[0], error.pos[1]), message: error.message } };
    try {
      return { value: this.document.toJS(), broken: null };
    } catch (thrown) {
      return { broken: { place: this.place([]), message: thrown instanceof Error ? thrown.message : String(thrown) } };
    }
  }

  /** Of what stands at a path: in a map its key, in a list the element. Where nothing stands, what is around it. */
  place(path: YamlPath): Place {
    for (let length = path.length; length > 0; length--) {
      const range = this.markOf(path.slice(0, length));
      if (range !== null) return this.placeOf(range[0], range[1]);
    }
    const start = this.document.contents?.range?.[0] ?? 0;
    return this.placeOf(start, start);
  }

  private markOf(path: YamlPath): readonly [number, number] | null {
    const last = path.at(-1);
    const parent = path.length === 1 ? this.document.contents : this.document.getIn(path.slice(0, -1), true);
    const node = isMap(parent)
      ? keyOf(parent.items, last)
      : isCollection(parent)
        ? (parent.items[last as number] as Node | undefined)
        : undefined;
    if (node?.range == null) return null;
    // Of a list's element that has several lines, the first one.
    const [start, end] = node.range;
    const lineEnd = this.text.indexOf("\n", start);
    return [start, lineEnd === -1 ? end : Math.min(end, lineEnd)];
  }

  private placeOf(start: number, end: number): Place {
    const [from, to] = [this.counter.linePos(start), this.counter.linePos(Math.max(start, end))];
    return { line: Math.max(1, from.line), column: Math.max(1, from.col), endLine: Math.max(1, to.line), endColumn: Math.max(1, to.col) };
  }
}

function keyOf(items: readonly Pair[], name: string | number | undefined): Node | undefined {
  const pair = items.find(({ key }) => isScalar(key) && String(key.value) === String(name));
  return pair?.key as Node | undefined;
}

import { LIMITS } from "../../../limits.ts";
import type { FieldNode } from "./field-trie.ts";
import { BACKSLASH, CLOSE_OBJECT, COMMA, OPEN_ARRAY, OPEN_OBJECT, QUOTE } from "./json-bytes.ts";
import type { JsonScanner } from "./json-scanner.ts";

/** What the value was in the document that the shape was taken from: the guess for those to come. */
export type SampleKind = "string" | "number" | "boolean" | "null" | "other";

/** A document of the shape is these in a row, without anything between them. */
export type ShapePart =
  /** The same bytes in every document: punctuation, names, white space. */
  | { readonly kind: "literal"; readonly bytes: Buffer }
  /** Any one value. `node` is where it is needed; `sampleLength` counts the sample's bytes. */
  | {
      readonly kind: "value";
      readonly sample: SampleKind;
      readonly sampleLength: number;
      readonly node: FieldNode | null;
      readonly depth: number;
    }
  /** Here begins, and here ends, an object that is needed as a whole too. */
  | { readonly kind: "open" | "close"; readonly node: FieldNode };

export interface DocumentShape {
  readonly parts: readonly ShapePart[];
  /** Equal for equal shapes, whatever kinds their samples had. */
  readonly signature: string;
}

/**
 * The shape of a document that the scanner has found sound. Null where speculating is no use: no object, names doubled or
 * written with escapes, or too large. `loose`: objects of which no member is needed count as one value each, whatever
 * is in them.
 */
export function shapeOf(
  scanner: JsonScanner,
  bytes: Buffer,
  start: number,
  end: number,
  root: FieldNode,
  loose: boolean,
): DocumentShape | null {
  return new ShapeReader(scanner, bytes, start, end, loose).read(root);
}

/** Thrown and caught in this file: the document has no shape. */
const SHAPELESS = new Error("shapeless");

class ShapeReader {
  private readonly scanner: JsonScanner;
  private readonly bytes: Buffer;
  private readonly start: number;
  private readonly end: number;
  private readonly loose: boolean;
  private readonly parts: ShapePart[] = [];
  private at: number;
  /** Where the literal under way began. */
  private literalStart: number;
  private values = 0;
  private literalBytes = 0;

  constructor(scanner: JsonScanner, bytes: Buffer, start: number, end: number, loose: boolean) {
    this.scanner = scanner;
    this.bytes = bytes;
    this.start = start;
    this.end = end;
    this.loose = loose;
    this.at = start;
    this.literalStart = start;
  }

  read(root: FieldNode): DocumentShape | null {
    this.skipSpace();
    if (this.bytes[this.at] !== OPEN_OBJECT) return null;
    try {
      this.object(root, 0);
    } catch (error) {
      if (error === SHAPELESS) return null;
      throw error;
    }
    this.at = this.end;
    this.endLiteral();
    const { parts } = this;
    return { parts, signature: parts.map((part) => (part.kind === "literal" ? part.bytes.toString("latin1") : "\0")).join("") };
  }

  private object(node: FieldNode | null, depth: number): void {
    if (node !== null && node.column !== null) this.mark("open", node);
    this.at++;
    this.skipSpace();
    const names = new Set<string>();
    while (this.bytes[this.at] !== CLOSE_OBJECT) {
      const name = this.name();
      if (names.has(name)) throw SHAPELESS;
      names.add(name);
      this.skipSpace();
      this.at++;
      this.skipSpace();
      this.value(node?.children.find((child) => child.name === name) ?? null, depth + 1);
      this.skipSpace();
      if (this.bytes[this.at] === COMMA) this.at++;
      this.skipSpace();
    }
    this.at++;
    if (node !== null && node.column !== null) this.mark("close", node);
  }

  private name(): string {
    const nameStart = ++this.at;
    for (; this.bytes[this.at] !== QUOTE; this.at++) if (this.bytes[this.at] === BACKSLASH) throw SHAPELESS;
    return this.bytes.toString("utf8", nameStart, this.at++);
  }

  private value(node: FieldNode | null, depth: number): void {
    const isOpen = !this.loose || (node !== null && node.children.length > 0);
    if (this.bytes[this.at] === OPEN_OBJECT && isOpen) this.object(node, depth);
    else this.slot(node, depth);
  }

  private slot(node: FieldNode | null, depth: number): void {
    this.endLiteral();
    const { scanner, bytes, start, end, at } = this;
    const sample = kindOf(bytes[at] as number);
    this.at = scanner.valueAt(bytes, start, end, 0, at, null, depth);
    this.literalStart = this.at;
    if (++this.values > LIMITS.shapeValuesMax) throw SHAPELESS;
    this.parts.push({ kind: "value", sample, sampleLength: this.at - at, node, depth });
  }

  private mark(kind: "open" | "close", node: FieldNode): void {
    this.endLiteral();
    this.parts.push({ kind, node });
  }

  private endLiteral(): void {
    if (this.at === this.literalStart) return;
    this.literalBytes += this.at - this.literalStart;
    if (this.literalBytes > LIMITS.shapeLiteralBytesMax) throw SHAPELESS;
    this.parts.push({ kind: "literal", bytes: Buffer.from(this.bytes.subarray(this.literalStart, this.at)) });
    this.literalStart = this.at;
  }

  private skipSpace(): void {
    while ((this.bytes[this.at] as number) <= 0x20 && this.at < this.end) this.at++;
  }
}

function kindOf(first: number): SampleKind {
  switch (first) {
    case QUOTE:
      return "string";
    case 0x74:
    case 0x66:
      return "boolean";
    case 0x6e:
      return "null";
    case OPEN_OBJECT:
    case OPEN_ARRAY:
      return "other";
    default:
      return "number";
  }
}

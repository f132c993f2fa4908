import { writeFile } from "node:fs/promises";
import { isMap, isScalar, isSeq, type Node, type YAMLSeq } from "yaml";
import { type Difference, type RowPair, rowText, shownRow } from "./compare-rows.ts";
import type { Golden } from "./run-row-test.ts";
import type { TestedFile } from "./run-row-tests.ts";
import type { WrittenRow } from "./written-rows.ts";
import type { YamlSource } from "./yaml-source.ts";

/** A part of the text that becomes another. */
interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Longer rows are written with a line for each column. */
const LINE_LENGTH_MAX = 140;

/**
 * Writes what was there in the place of what was expected, and nothing else anew: comments and layout stay, of a row that differs
 * only the values do. False: there is nothing to write.
 */
export async function updateRowTests({ tests, results }: TestedFile): Promise<boolean> {
  if (tests === null) return false;
  const text = updatedText(
    tests.source,
    results.flatMap(({ goldens }) => goldens),
  );
  if (text === tests.source.text) return false;
  await writeFile(tests.file, text);
  return true;
}

export function updatedText(source: YamlSource, goldens: readonly Golden[]): string {
  const edits = goldens.flatMap((golden) => editsOf(source, golden)).sort((left, right) => right.start - left.start);
  return edits.reduce((text, { start, end, text: replacement }) => text.slice(0, start) + replacement + text.slice(end), source.text);
}

function editsOf(source: YamlSource, golden: Golden): readonly Edit[] {
  const list = source.document.getIn(golden.path, true);
  const values = isSeq(list) ? golden.pairs.map((pair) => valueEdits(list, pair)) : [null];
  if (values.every((edits) => edits !== null)) return values.flat();
  if (!isSeq(list) || list.flow === true || list.items.length === 0) return [wholeList(source, golden, list as Node | undefined)];
  const lines = new ListLines(source.text, list);
  if (golden.actual.length === 0) return [{ start: lines.keyEnd, end: lines.end, text: " []\n" }];
  return golden.pairs.flatMap((pair, index) => rowEdits(source, golden, pair, { list, lines, index }));
}

interface InList {
  readonly list: YAMLSeq;
  readonly lines: ListLines;
  /** Of the pair. */
  readonly index: number;
}

function rowEdits({ text }: YamlSource, golden: Golden, pair: RowPair, { list, lines, index }: InList): readonly Edit[] {
  const { expected, actual } = pair;
  if (actual === null) return expected === null ? [] : [lines.chunk(expected)];
  const row = golden.actual[actual] as WrittenRow;
  if (expected === null) {
    const before = golden.pairs.slice(0, index).findLast((one) => one.expected !== null)?.expected ?? null;
    const like = golden.expected[before ?? 0] ?? null;
    const start = before === null ? lines.start : lines.chunk(before).end;
    return [{ start, end: start, text: `${lines.indent}- ${rendered(shownRow(row, like, golden.kind), lines.indent.length + 2)}\n` }];
  }
  const values = valueEdits(list, pair);
  if (values !== null) return values;
  const node = list.items[expected] as Node;
  const [start, end] = node.range as [number, number, number];
  const like = golden.expected[expected] ?? null;
  return [{ start, end: contentEnd(text, start, end), text: rendered(shownRow(row, like, golden.kind), lines.indent.length + 2) }];
}

/** Of a row whose values are others; null: more of it is. */
function valueEdits(list: YAMLSeq, { expected, actual, differences }: RowPair): readonly Edit[] | null {
  if (expected === null || actual === null) return null;
  const edits = differences.map((difference) => valueEdit(list.items[expected] as Node, difference));
  return edits.every((edit) => edit !== null) ? edits : null;
}

function valueEdit(row: Node, { path, actual }: Difference): Edit | null {
  const value = isMap(row) ? row.getIn(path, true) : undefined;
  if (!isScalar(value) || value.range == null || actual === undefined) return null;
  return { start: value.range[0], end: value.range[1], text: rowText([actual]).slice(1, -1).trim() };
}

/** A list that has no lines of its own: none at all, an empty one, or one in brackets. */
function wholeList({ text, document }: YamlSource, { path, kind, expected, actual }: Golden, list: Node | undefined): Edit {
  const rows = actual.map((row) => shownRow(row, expected[0] ?? null, kind));
  const [start, end] = list?.range ?? [0, 0];
  const isInBrackets = path.some(
    (_, length) => (document.getIn(path.slice(0, length), true) as { flow?: boolean } | undefined)?.flow === true,
  );
  const before = text.slice(0, start).trimEnd().length;
  if (isInBrackets || rows.length === 0) return { start: before, end, text: ` ${rowText(rows)}` };
  const indent = " ".repeat(/^[ \t]*(?:- )*/.exec(lineOf(text, before))?.[0].length ?? 0);
  return { start: before, end, text: rows.map((row) => `\n${indent}  - ${rendered(row, indent.length + 4)}`).join("") };
}

function lineOf(text: string, offset: number): string {
  return text.slice(text.lastIndexOf("\n", offset - 1) + 1, offset);
}

/** On one line where there is room for it. */
function rendered(row: WrittenRow, column: number): string {
  const flow = rowText(row);
  if (column + flow.length <= LINE_LENGTH_MAX) return flow;
  return Object.entries(row)
    .map(([name, value]) => `${rowText(name)}: ${rowText(value)}`)
    .join(`\n${" ".repeat(column)}`);
}

function contentEnd(text: string, start: number, end: number): number {
  return start + text.slice(start, end).trimEnd().length;
}

/** Where the elements of a list with dashes lie; comments above one are its own. */
class ListLines {
  readonly indent: string;
  /** Of the line of the first dash. */
  readonly start: number;
  private readonly text: string;
  private readonly list: YAMLSeq;

  constructor(text: string, list: YAMLSeq) {
    this.text = text;
    this.list = list;
    const [first] = (list.items[0] as Node).range as [number, number, number];
    const dash = text.lastIndexOf("-", first - 1);
    this.start = text.lastIndexOf("\n", dash) + 1;
    this.indent = text.slice(this.start, dash);
  }

  /** Behind the colon of the list's key. */
  get keyEnd(): number {
    return this.text.slice(0, this.start).trimEnd().length;
  }

  get end(): number {
    return this.lineEnd(this.list.items.length - 1);
  }

  /** An element as the edit that removes it. */
  chunk(index: number): Edit {
    return { start: index === 0 ? this.start : this.lineEnd(index - 1), end: this.lineEnd(index), text: "" };
  }

  private lineEnd(index: number): number {
    const [start, end] = (this.list.items[index] as Node).range as [number, number, number];
    const lineFeed = this.text.indexOf("\n", contentEnd(this.text, start, end));
    return lineFeed === -1 ? this.text.length : lineFeed + 1;
  }
}

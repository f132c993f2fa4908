import { diffArrays } from "diff";
import { stringify } from "yaml";
import { parseTimestamp } from "../../model/timestamp-text.ts";
import type { TargetKind } from "../../ports/sink.ts";
import type { WrittenRow } from "./written-rows.ts";

/** An expected row beside the one that was written for it; null: there is none. By index. */
export interface RowPair {
  readonly expected: number | null;
  readonly actual: number | null;
  /** Columns that are not as expected. */
  readonly differences: readonly Difference[];
}

export interface Difference {
  /** Of a record's value `["value", "readings"]`. */
  readonly path: readonly string[];
  readonly expected: unknown;
  readonly actual: unknown;
}

export interface RowRule {
  readonly kind: TargetKind;
  /** `exactly`: nothing else than what is expected; `contains`: rows and columns that are not mentioned do not matter. */
  readonly mode: "exactly" | "contains";
  readonly ordered: boolean;
}

/** Puts what was expected and what was written side by side, in the order of the latter as far as there is one. */
export function pairRows(expected: readonly WrittenRow[], actual: readonly WrittenRow[], rule: RowRule): readonly RowPair[] {
  const pair = (left: number | null, right: number | null): RowPair => ({
    expected: left,
    actual: right,
    differences: left === null || right === null ? [] : differencesOf(expected[left] as WrittenRow, actual[right] as WrittenRow, rule),
  });
  const isSame = (left: number, right: number): boolean => pair(left, right).differences.length === 0;
  const pairs = rule.ordered
    ? inOrder(expected.length, actual.length, isSame, pair)
    : inAnyOrder(expected.length, actual.length, isSame, pair);
  const closest = joined(pairs, pair);
  return rule.mode === "contains" ? closest.filter((one) => one.expected !== null) : closest;
}

export function isAsExpected(pairs: readonly RowPair[]): boolean {
  return pairs.every(({ expected, actual, differences }) => expected !== null && actual !== null && differences.length === 0);
}

/** For people: what was expected with -, what there is instead with +, and the rows that fit. */
export function differenceText(
  expected: readonly WrittenRow[],
  actual: readonly WrittenRow[],
  pairs: readonly RowPair[],
  kind: TargetKind,
): string {
  const like = expected[0] ?? null;
  const lines = pairs.flatMap((pair) => {
    const wanted = pair.expected === null ? null : (expected[pair.expected] as WrittenRow);
    const found = pair.actual === null ? null : (actual[pair.actual] as WrittenRow);
    if (wanted !== null && found !== null && pair.differences.length === 0) return [`  ${rowText(wanted)}`];
    const shown = found === null ? null : shownRow(found, wanted ?? like, kind);
    return [...(wanted === null ? [] : [`- ${rowText(wanted)}`]), ...(shown === null ? [] : [`+ ${rowText(shown)}`])];
  });
  return [summary(pairs, kind), ...lines].join("\n");
}

/** In the words of the test file, on one line. */
export function rowText(row: unknown): string {
  return stringify(row, { collectionStyle: "flow", lineWidth: 0 }).trimEnd();
}

/** Of a record the parts that the expected one has, else key and value; of a row all but an id that nobody asks for. */
export function shownRow(row: WrittenRow, like: WrittenRow | null, kind: TargetKind): WrittenRow {
  const isShown =
    kind === "topic"
      ? (name: string) => name in (like ?? { key: null, value: null })
      : (name: string) => name !== "_key" || (like !== null && name in like);
  return inWordsOf(like, Object.fromEntries(Object.entries(row).filter(([name]) => isShown(name)))) as WrittenRow;
}

/** What means the same is written the same. */
function inWordsOf(like: unknown, value: unknown): unknown {
  if (isMap(like) && isMap(value))
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, inWordsOf(like[name], inner)]));
  return like !== undefined && like !== null && isSameValue(like, value) ? like : value;
}

function summary(pairs: readonly RowPair[], kind: TargetKind): string {
  const noun = kind === "topic" ? "record" : "row";
  const count = (test: (pair: RowPair) => boolean): number => pairs.filter(test).length;
  const parts = [
    [count(({ expected, actual, differences }) => expected !== null && actual !== null && differences.length > 0), "differs", "differ"],
    [count(({ actual }) => actual === null), "is missing", "are missing"],
    [count(({ expected }) => expected === null), "was not expected", "were not expected"],
  ] as const;
  const counts = parts.flatMap(([number, one, more]) =>
    number === 0 ? [] : [`${number} ${noun}${number === 1 ? ` ${one}` : `s ${more}`}`],
  );
  const first = pairs
    .find(({ differences }) => differences.length > 0)
    ?.differences.slice(0, 3)
    .map(differenceNote)
    .join(", ");
  return `${counts.join(", ")}${first === undefined ? "" : `: ${first}`}`;
}

type MakePair = (expected: number | null, actual: number | null) => RowPair;

function inOrder(expected: number, actual: number, isSame: (left: number, right: number) => boolean, pair: MakePair): RowPair[] {
  let [left, right] = [0, 0];
  const [lefts, rights] = [indexes(expected), indexes(actual)];
  return diffArrays(lefts, rights, { comparator: isSame }).flatMap(({ added, removed, count = 0 }) =>
    indexes(count).map(() => (added ? pair(null, right++) : removed ? pair(left++, null) : pair(left++, right++))),
  );
}

function inAnyOrder(expected: number, actual: number, isSame: (left: number, right: number) => boolean, pair: MakePair): RowPair[] {
  const free = new Set(indexes(actual));
  const found = indexes(expected).map((left) => {
    const right = [...free].find((candidate) => isSame(left, candidate)) ?? null;
    if (right !== null) free.delete(right);
    return pair(left, right);
  });
  return [...found, ...[...free].map((right) => pair(null, right))];
}

const indexes = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

/** What is missing beside what was not expected, where one may have been meant by the other: the least different first. */
function joined(pairs: readonly RowPair[], pair: MakePair): readonly RowPair[] {
  const extra = new Set(pairs.flatMap(({ expected, actual }) => (expected === null && actual !== null ? [actual] : [])));
  const used = new Set<number>();
  const better = pairs.map((one) => {
    if (one.expected === null || one.actual !== null || extra.size === 0) return one;
    // One without differences only stands in another place.
    const [closest] = [...extra]
      .map((actual) => pair(one.expected, actual))
      .filter(({ differences }) => differences.length > 0)
      .sort((a, b) => a.differences.length - b.differences.length);
    if (closest?.actual == null) return one;
    extra.delete(closest.actual);
    used.add(closest.actual);
    return closest;
  });
  return better.filter(({ expected, actual }) => expected !== null || !used.has(actual as number));
}

/** Columns that are not as expected. A column that is not there is null. */
function differencesOf(expected: WrittenRow, actual: WrittenRow, { kind, mode }: RowRule): readonly Difference[] {
  const isWhole = mode === "exactly";
  if (kind !== "topic") return columnDifferences(expected, actual, isWhole, []);
  return Object.keys(expected).flatMap((part) => {
    const [wanted, found] = [expected[part], actual[part]];
    if (isMap(wanted) && isMap(found)) return columnDifferences(wanted, found, isWhole && part !== "headers", [part]);
    return isSameValue(wanted, found) ? [] : [{ path: [part], expected: wanted, actual: found }];
  });
}

function columnDifferences(expected: WrittenRow, actual: WrittenRow, isWhole: boolean, around: readonly string[]): readonly Difference[] {
  const names = Object.keys({ ...expected, ...(isWhole ? actual : {}) }).filter((name) => name in expected || name !== "_key");
  return names
    .filter((name) => !isSameValue(expected[name], actual[name]))
    .map((name) => ({ path: [...around, name], expected: expected[name], actual: actual[name] }));
}

/** `readings is 2, not 3` */
function differenceNote({ path, expected, actual }: Difference): string {
  const [first, ...inner] = path;
  const name = (first === "value" && inner.length > 0 ? inner : path).join(".");
  return `${name} is ${rowText(actual ?? null)}, not ${rowText(expected ?? null)}`;
}

const isMap = (value: unknown): value is WrittenRow => typeof value === "object" && value !== null && !Array.isArray(value);

/** Times are the same where they mean the same moment, and nothing is the same as null. */
function isSameValue(expected: unknown, actual: unknown): boolean {
  if (expected === null || expected === undefined) return actual === null || actual === undefined;
  if (Array.isArray(expected)) {
    return Array.isArray(actual) && actual.length === expected.length && expected.every((item, index) => isSameValue(item, actual[index]));
  }
  if (isMap(expected)) return isMap(actual) && columnDifferences(expected, actual, true, []).length === 0;
  if (expected === actual) return true;
  const timeMs = typeof expected === "string" && expected.length > 10 ? parseTimestamp(expected) : undefined;
  return timeMs !== undefined && timeMs === (typeof actual === "string" ? parseTimestamp(actual) : actual);
}

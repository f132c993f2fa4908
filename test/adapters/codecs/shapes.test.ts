import { isDeepStrictEqual } from "node:util";
import { describe, expect, it } from "vitest";
import { FieldDecoder } from "../../../src/adapters/codecs/field-decoder.ts";
import type { ShapeCounters } from "../../../src/adapters/codecs/json/shape-cache.ts";
import { Leave } from "../../../src/adapters/codecs/json/shape-leave.ts";
import { LIMITS } from "../../../src/limits.ts";
import { type ColumnBatch, Condition, type FieldColumn, type FieldPath, Tag } from "../../../src/model/column-batch.ts";
import type { RecordSlices } from "../../../src/model/record-slices.ts";
import { SeededRandom, seeds } from "../../property/random.ts";
import { BROKEN, cellOf, expected, slicesOf, valueField } from "./decoded-cells.ts";
import { NAMES } from "./json-documents.ts";
import { damaged, documentOf, template } from "./shaped-documents.ts";

/** JSON.parse has no bound for nesting. */
const isDeep = (value: Buffer): boolean => value.toString().split(/[[{]/).length > LIMITS.jsonDepthMax;

/** The decoder as it is, and one that never speculates. */
class DecoderPair {
  readonly speculating: FieldDecoder;
  readonly projecting: FieldDecoder;
  readonly fields: readonly FieldPath[];
  /** Of each column: what its ids have stood for, by decoder. */
  private readonly strings = new Map<FieldColumn, { epoch: number; texts: Map<number, string>; ids: Map<string, number> }>();

  constructor(fields: readonly FieldPath[]) {
    const options = { valueFormat: "json", keyFormat: "none", fields, interned: [...fields.keys()] } as const;
    this.fields = fields;
    this.speculating = new FieldDecoder(options);
    this.projecting = new FieldDecoder(options, false);
  }

  get counters(): ShapeCounters {
    return this.speculating.shapeCounters as ShapeCounters;
  }

  /** Decodes with both and compares cell by cell, error by error, with each other and with JSON.parse. */
  check(slices: RecordSlices): void {
    const fast = this.speculating.decode(slices);
    const slow = this.projecting.decode(slices);
    for (let row = 0; row < slices.count; row++) {
      const value = slices.bytes.subarray(slices.valueStarts[row] as number, slices.valueEnds[row] as number);
      const differences = this.differences(fast, slow, row, value);
      if (differences.length > 0) expect.fail(`${JSON.stringify(value.toString("latin1"))}:\n${differences.join("\n")}`);
    }
  }

  private differences(fast: ColumnBatch, slow: ColumnBatch, row: number, value: Buffer): string[] {
    const isTooDeep = isDeep(value) && /nested deeper/.test(slow.brokenReason(row));
    const isBroken = expected(value, []) === BROKEN || isTooDeep;
    const found: string[] = [];
    const compare = (what: string, a: unknown, b: unknown): void => {
      if (!Object.is(a, b)) found.push(`${what}: ${String(a)}, but ${String(b)}`);
    };
    compare("condition", fast.conditions[row], isBroken ? Condition.broken : Condition.sound);
    compare("condition", slow.conditions[row], isBroken ? Condition.broken : Condition.sound);
    compare("reason", fast.brokenReason(row), slow.brokenReason(row));
    for (const [i, { path }] of this.fields.entries()) {
      const [a, b] = [fast.columns[i] as FieldColumn, slow.columns[i] as FieldColumn];
      compare(`tag of ${path}`, a.tags[row], b.tags[row]);
      compare(`id of ${path} by code`, this.hasRightId(a, row), true);
      compare(`id of ${path} by scanner`, this.hasRightId(b, row), true);
      if (a.tags[row] === Tag.absent && b.tags[row] === Tag.absent) {
        if (!isBroken) compare(`${path}`, typeof expected(value, path), "symbol");
        continue;
      }
      compare(`start of ${path}`, a.starts[row], b.starts[row]);
      compare(`end of ${path}`, a.ends[row], b.ends[row]);
      if (a.tags[row] === Tag.number || a.tags[row] === Tag.wide) compare(`number of ${path}`, a.numbers[row], b.numbers[row]);
      if (!isBroken) compare(`${path}`, isDeepStrictEqual(cellOf(a, row), expected(value, path)), true);
    }
    return found;
  }

  /** A string has the id that the same bytes had in this epoch, and no others had; other cells have none. */
  private hasRightId(column: FieldColumn, row: number): boolean {
    const id = (column.ids as Int32Array)[row] as number;
    if (column.tags[row] !== Tag.string) return id === -1;
    const epoch = column.dictionary?.epoch as number;
    let known = this.strings.get(column);
    if (known?.epoch !== epoch) {
      known = { epoch, texts: new Map(), ids: new Map() };
      this.strings.set(column, known);
    }
    const text = column.bytes.toString("latin1", column.starts[row], column.ends[row]);
    if (!known.ids.has(text) && !known.texts.has(id)) {
      known.ids.set(text, id);
      known.texts.set(id, text);
    }
    return known.ids.get(text) === id && known.texts.get(id) === text && id < (column.dictionary?.size as number);
  }
}

describe("documents of a shape", () => {
  const left = new Float64Array(Object.keys(Leave).length);
  const rows = { taken: 0, all: 0 };

  it.each(seeds([], 24))("come out the same by generated code, the projecting scanner and JSON.parse (SEED=%i)", (seed) => {
    const random = new SeededRandom(seed);
    for (let round = 0; round < 12; round++) {
      const paths = Array.from({ length: 1 + random.below(5) }, () => Array.from({ length: random.below(4) }, () => random.pick(NAMES)));
      const pair = new DecoderPair([...new Map(paths.map((path) => [path.join("|"), path])).values()].map((path) => valueField(...path)));
      const [surprise, damage] = random.pick([
        [0, 0],
        [0.05, 0],
        [0, 0.2],
        [0.05, 0.2],
      ] as const);
      const isRegular = surprise + damage === 0;
      const templates = Array.from({ length: 1 + random.below(4) }, () => template(random, isRegular));
      for (let batch = 0; batch < 6; batch++) {
        const documents = Array.from({ length: 20 + random.below(40) }, () => {
          const bytes = Buffer.from(documentOf(random.pick(templates), random, surprise));
          return random.chance(damage) ? damaged(bytes, random) : bytes;
        });
        pair.check(slicesOf(documents));
      }
      const { taken, missed, paused } = pair.counters;
      if (isRegular) expect(missed + paused).toBeLessThanOrEqual(templates.length);
      rows.taken += taken;
      rows.all += taken + missed + paused;
      for (const [reason, count] of pair.counters.left.entries()) left[reason] = (left[reason] as number) + count;
    }
  });

  it("went through generated code for the most part, and left it for every reason", () => {
    if (process.env["SEED"] !== undefined) return;
    expect(rows.taken / rows.all).toBeGreaterThan(0.6);
    const rare = Object.entries(Leave).filter(([, reason]) => (left[reason] as number) < 100);
    expect(rare).toEqual([]);
  });

  const names = ["deviceId", "ts", "temperature", "location", "tags"];
  const sample =
    '{"deviceId":"dev-000123","homeId":"é","type":"ab","ts":1700000000123,"temperature":-21.5,"on":true,"off":false,' +
    '"none":null,"tags":["a",{"b":-0}],"location":{"city":"Oslo","zone":"z4"}, "n":0.25 }';
  const sampleFields = [...names.map((name) => valueField(name)), valueField("location", "zone")];

  /** A pair that has code for the sample. */
  function learned(): DecoderPair {
    const pair = new DecoderPair(sampleFields);
    pair.check(slicesOf([Buffer.from(sample), Buffer.from(sample)]));
    expect(pair.counters).toMatchObject({ learned: 1, taken: 1, missed: 1 });
    return pair;
  }

  it("come out the same with any one byte replaced, left out or doubled", () => {
    const bytes = Buffer.from(sample);
    const other = [...Buffer.from('{}[],:"\\ \n\t059eE+-.tfnu/')].concat([0, 0x1f, 0x7f, 0x80, 0xbf, 0xc3, 0xff]);
    const pair = learned();
    for (let at = 0; at < bytes.length; at++) {
      const [before, after] = [bytes.subarray(0, at), bytes.subarray(at + 1)];
      const damagedAt = [Buffer.alloc(0), bytes.subarray(at, at + 1), ...other.map((byte) => Buffer.of(byte))];
      const inserted = other.map((byte) => Buffer.concat([before, Buffer.of(byte), bytes.subarray(at)]));
      // Sound ones between, so that speculating goes on.
      pair.check(
        slicesOf([...damagedAt.map((middle) => Buffer.concat([before, middle, after])), ...inserted].flatMap((one) => [bytes, one])),
      );
    }
    expect(pair.counters.paused).toBe(0);
    expect(pair.counters.taken).toBeGreaterThan(pair.counters.missed);
  });

  it("end where the record ends, though the bytes behind would go on", () => {
    const bytes = Buffer.from(`${sample}${sample}`);
    const length = Buffer.byteLength(sample);
    // Whole ones between, so that speculating goes on.
    const ends = Array.from({ length: length + 9 }, (_, end) => end).flatMap((end) => [length, end]);
    const slices = slicesOf(ends.map(() => Buffer.alloc(1)));
    slices.valueStarts.fill(0);
    slices.valueEnds.set(ends);
    const pair = learned();
    const whole = ends.filter((end) => end === length).length;
    pair.check({ ...slices, bytes });
    pair.check({ ...slices, bytes: bytes.subarray(0, length + 8) });
    expect(pair.counters).toMatchObject({ taken: 1 + 2 * whole, paused: 0 });
    // With nothing behind the record at all.
    for (const end of ends) pair.check(slicesOf([bytes.subarray(0, end)]));
    expect(pair.counters).toMatchObject({ taken: 1 + 3 * whole, paused: 0 });
  });

  it("keep their shape with values of other kinds", () => {
    const pair = learned();
    const values = [
      "null",
      "true",
      "false",
      '"x"',
      '"é"',
      '"\\n"',
      "0",
      "-0",
      "1e5",
      "9007199254740993",
      "[]",
      "[[1]]",
      "{}",
      '{"zone":1,"zone":2}',
    ];
    const documents = values.map((value) =>
      Buffer.from(sample.replace(/("(?!city|zone|location)\w+":)("[^"]*"|\[.*?\]|[\w.-]+)(?=,)/g, (_, name: string) => `${name}${value}`)),
    );
    pair.check(slicesOf(documents));
    expect(pair.counters).toMatchObject({ missed: 1, learned: 1 });
  });
});

import { must } from "../../../src/assert.ts";
import type { Operator } from "../../../src/state/operators/operator.ts";
import type { SeededRandom } from "../../property/random.ts";
import { type SeenRow, type SideRecord, SideSource, seenRows } from "./side-records.ts";

export interface Outcome {
  readonly rows: readonly SeenRow[];
  /** Sequences of records that failed, and why. */
  readonly failed: readonly string[];
  readonly late: number;
  readonly filtered: number;
  readonly byteLength: number;
}

interface Durable {
  readonly payloads: readonly Buffer[];
  readonly cursor: number;
  readonly rows: readonly SeenRow[];
  readonly failed: readonly string[];
  readonly late: number;
  readonly filtered: number;
}

/**
 * Feeds a merged log, cut into batches at random. With `crashes` the operator is thrown away at random places, made anew from snapshot and
 * deltas of the barriers so far, and goes on from the last of them, wherever within a record that was.
 */
export function runOperator(
  make: () => Operator,
  log: readonly SideRecord[],
  random: SeededRandom,
  { crashes, interned }: { readonly crashes: boolean; readonly interned: boolean },
): Outcome {
  let operator = make();
  let sources = [new SideSource(interned), new SideSource(interned)] as const;
  let durable: Durable = { payloads: [], cursor: 0, rows: [], failed: [], late: 0, filtered: 0 };
  let rows: SeenRow[] = [];
  let failed: string[] = [];
  let cursor = 0;
  let counted = { late: 0, filtered: 0 };
  let byteLength = 0;
  while (cursor < log.length) {
    const { side } = must(log[cursor]);
    const run = log.slice(cursor, cursor + 1 + random.below(12));
    const length = run.findIndex((record) => record.side !== side);
    const taken = length < 0 ? run : run.slice(0, length);
    const given = sources[side].rows(taken, (row, message) => {
      failed.push(`${must(taken[row]).sequence}: ${message}`);
      return false;
    });
    for (let row = 0; row < taken.length; ) {
      row = operator.take(side, given, row, taken.length);
      const joined = operator.drain();
      if (joined !== null) rows.push(...seenRows(joined));
      byteLength = Math.max(byteLength, operator.byteLength);
      if (crashes && random.chance(0.15)) {
        const isSnapshot = random.chance(0.2) || durable.payloads.length === 0;
        const payloads = isSnapshot ? [operator.takeSnapshot()] : [...durable.payloads, operator.takeDelta()];
        const [late, filtered] = [counted.late + operator.late, counted.filtered + operator.filtered];
        durable = {
          payloads: payloads.map((payload) => Buffer.from(payload)),
          cursor: cursor + row,
          rows: [...rows],
          failed: [...failed],
          late,
          filtered,
        };
      }
      if (crashes && random.chance(0.08)) {
        operator = make();
        sources = [new SideSource(interned), new SideSource(interned)];
        for (const payload of durable.payloads) operator.apply(payload);
        rows = [...durable.rows];
        failed = [...durable.failed];
        counted = { late: durable.late, filtered: durable.filtered };
        cursor = durable.cursor;
        break;
      }
      if (row === taken.length) cursor += taken.length;
    }
  }
  return { rows, failed, late: counted.late + operator.late, filtered: counted.filtered + operator.filtered, byteLength };
}

/** A log of both sides. */
export function randomLog(
  random: SeededRandom,
  records: number,
  { tombstones, noKeys }: { tombstones: boolean; noKeys: boolean },
): SideRecord[] {
  const offsets = [0, 0];
  const keys = ["a", "b", 'q"1', "é", "c d", "7"];
  const joins = ['"a"', '"b"', "7", "7.0", '"7"', '"q\\"1"', '"\\u00e9"', '"é"', "null", "true", "9007199254740993", "9007199254740992"];
  let timeMs = 1000;
  let burst: 0 | 1 = 0;
  return Array.from({ length: records }, (_, index) => {
    if (random.chance(0.4)) burst = random.chance(0.5) ? 0 : 1;
    timeMs += random.below(20);
    const offset = (offsets[burst] as number) + random.below(2);
    offsets[burst] = offset + 1;
    const members = [
      random.chance(0.9) ? `"k":${random.chance(0.02) ? "{}" : random.pick(joins)}` : null,
      `"f":"${random.pick(["a", "b", "7", "zz"])}"`,
      `"n":${random.chance(0.02) ? '"no number"' : random.below(6)}`,
      random.pick(['"x":"plain"', '"x":"es\\ncaped"', '"x":12345678901234567890', '"x":{"y":[1,"é"]}', '"x":1.50', '"x":false', null]),
    ];
    const value = `{${members.filter((member) => member !== null).join(",")}}`;
    return {
      side: burst,
      sequence: index * 3 + 1,
      offset,
      timeMs: random.chance(0.3) ? timeMs - random.below(150) : timeMs,
      key: noKeys && random.chance(0.03) ? null : random.pick(keys),
      value: tombstones && random.chance(0.25) ? null : value,
    };
  });
}

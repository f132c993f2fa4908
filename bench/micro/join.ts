import { createDecoder } from "../../src/adapters/codecs/create-decoder.ts";
import type { BoundExpr } from "../../src/model/expression.ts";
import type { FieldRef } from "../../src/model/statement.ts";
import { type JoinPlan, newJoin } from "../../src/state/operators/new-join.ts";
import type { Operator, SideRows } from "../../src/state/operators/operator.ts";
import { inTurns, type MicroBench } from "./harness.ts";
import { encodedReadings, ROWS, readingTexts, slicesOf } from "./rows.ts";
import { statementLoop } from "./statement-loop.ts";

const STRING = { kind: "string" } as const;
const DOUBLE = { kind: "double" } as const;

/** Both sides have the fields of a reading: device, time, temperature. */
const FIELDS: readonly FieldRef[] = [0, 1].flatMap((input) => [
  { root: "value" as const, path: ["deviceId"], type: STRING, text: "deviceId", input },
  { root: "value" as const, path: ["ts"], type: DOUBLE, text: "ts", input },
  { root: "value" as const, path: ["temperature"], type: DOUBLE, text: "temperature", input },
]);
const SIDE = FIELDS.slice(0, 3);
const field = (index: number): BoundExpr => ({ kind: "field", type: FIELDS[index]?.type ?? STRING, index });

const SECOND = { beforeMs: 1000, afterMs: 1000, graceMs: 0 };

function planOf(kind: JoinPlan["kind"], type: JoinPlan["step"]["type"], within: JoinPlan["step"]["within"] = null): JoinPlan {
  return {
    step: { type, keys: [{ left: field(0), right: field(3) }], residual: null, within },
    kind,
    fields: FIELDS,
    leftColumns: [0, 1, 2, -1, -1, -1],
    rightColumns: [-1, -1, -1, 0, 1, 2],
    leftInputs: 1,
    leftKey: [field(0)],
    partition: 0,
  };
}

/** The readings as rows of a side. `keep`: which of them. */
function sideRows(interned: boolean, keep: (row: number) => boolean = () => true): SideRows {
  const decoder = createDecoder({ valueFormat: "json", keyFormat: "string", fields: SIDE, interned: interned ? [0] : [] });
  const slices = slicesOf(encodedReadings());
  const batch = decoder.decode(slices);
  const conditions = batch.conditions.map((condition, row) => (keep(row) ? condition : 2));
  return {
    batch: { ...batch, conditions },
    timesMs: slices.timestampsMs,
    versions: slices.offsets,
    sequences: slices.offsets,
    coordinates: [slices.offsets],
    fail: (row) => {
      throw new Error(`row ${row} cannot be taken`);
    },
  };
}

/** All rows of a side; gives what came out last. */
function takeAll(join: Operator, side: 0 | 1, rows: SideRows): unknown {
  let last: unknown = null;
  for (let row = 0; row < ROWS; ) {
    row = join.take(side, rows, row, ROWS);
    last = join.drain() ?? last;
  }
  return last;
}

/** Times that go on from one run to the next, as those of a stream do. */
function movingOn(rows: SideRows): SideRows & { moveOn(): void } {
  const timesMs = rows.timesMs.slice();
  const spanMs = (timesMs[ROWS - 1] as number) - (timesMs[0] as number) + 1;
  return {
    ...rows,
    timesMs,
    moveOn: () => {
      for (let row = 0; row < ROWS; row++) timesMs[row] = (timesMs[row] as number) + spanMs;
    },
  };
}

function streams(type: JoinPlan["step"]["type"], within: typeof SECOND): () => unknown {
  const join = newJoin(planOf("streams", type, within));
  const [left, right] = [movingOn(sideRows(true)), movingOn(sideRows(true))];
  return () => {
    const made = [takeAll(join, 0, left), takeAll(join, 1, right), join.takeDelta()];
    left.moveOn();
    right.moveOn();
    return made;
  };
}

/** As they come live: a row of one, a row of the other. */
function streamsInTurns(): () => unknown {
  const join = newJoin(planOf("streams", "inner", SECOND));
  const [left, right] = [movingOn(sideRows(true)), movingOn(sideRows(true))];
  return () => {
    let last: unknown = null;
    for (let row = 0; row < ROWS; row++) {
      join.take(0, left, row, row + 1);
      last = join.drain() ?? last;
      join.take(1, right, row, row + 1);
      last = join.drain() ?? last;
    }
    left.moveOn();
    right.moveOn();
    return [last, join.takeDelta()];
  };
}

function withTable(type: "inner" | "left", interned: boolean, keep?: (row: number) => boolean): () => unknown {
  const join = newJoin(planOf("stream-table", type));
  takeAll(join, 1, sideRows(false, keep));
  const stream = sideRows(interned);
  return () => takeAll(join, 0, stream);
}

function tables(kind: "tables" | "foreign-key"): () => unknown {
  const join = newJoin(planOf(kind, "inner"));
  const [left, right] = [sideRows(true), sideRows(true)];
  takeAll(join, 1, right);
  return () => [takeAll(join, 0, left), join.takeDelta()];
}

export const join: MicroBench = {
  name: "join",
  what: "readings with readings of the same device, and the state's delta; decoded already, each row that is given counts",
  measure(options) {
    const objects = readingTexts().map((text) => JSON.parse(text) as { deviceId: string; ts: number; temperature: number });
    const byId = new Map(objects.map((object) => [object.deviceId, object]));
    const loop = statementLoop("INSERT INTO target SELECT deviceId, ts, temperature FROM readings;", slicesOf(encodedReadings()));
    return [
      ...inTurns(
        ROWS,
        [
          {
            name: "Map by device, objects of both",
            isNaive: true,
            run: () => objects.map((left) => ({ left, right: byId.get(left.deviceId) })),
          },
          {
            name: "for comparison: the loop that writes a row",
            run: () => {
              loop.run();
              return loop.task.out.build();
            },
          },
          { name: "stream and table, LEFT, device interned", run: withTable("left", true) },
          { name: "stream and table, LEFT", run: withTable("left", false) },
          { name: "stream and table, INNER, half of them", run: withTable("inner", true, (row) => row % 2 === 0) },
          { name: "table and table, the left one changes", run: tables("tables") },
          { name: "by a foreign key, the left one changes", run: tables("foreign-key") },
        ],
        options,
      ),
      ...inTurns(
        ROWS * 2,
        [
          { name: "two streams within a second, INNER", run: streams("inner", SECOND) },
          { name: "two streams within a second, FULL", run: streams("full", SECOND) },
          { name: "the same, INNER, a row at a time in turns", run: streamsInTurns() },
        ],
        options,
      ),
    ];
  },
};

import type { Operator, SideRows } from "../../src/state/operators/operator.ts";
import { type PlannedJoins, plannedJoins } from "../../test/state/operators/planned-joins.ts";
import { inTurns, type MicroBench } from "./harness.ts";
import { encodedReadings, ROWS, readingTexts, slicesOf } from "./rows.ts";
import { sideRows, takeAll } from "./side-rows.ts";
import { statementLoop } from "./statement-loop.ts";

const VALUES = "ts DOUBLE, temperature DOUBLE";
const DECLARE = `
  CREATE STREAM readings (deviceId STRING, ${VALUES});
  CREATE STREAM others (deviceId STRING, ${VALUES});
  CREATE TABLE devices (deviceId STRING PRIMARY KEY, ${VALUES});
  CREATE TABLE rooms (deviceId STRING PRIMARY KEY, ${VALUES});
  CREATE TABLE owned (id STRING PRIMARY KEY, deviceId STRING, ${VALUES});`;

/** Both sides give device, time and temperature. */
function joined(from: string): PlannedJoins {
  const fields = ["a", "b"].map((side) => `${side}.deviceId AS ${side}d, ${side}.ts AS ${side}ts, ${side}.temperature AS ${side}t`);
  return plannedJoins(`${DECLARE} INSERT INTO target SELECT ${fields.join(", ")} FROM ${from};`);
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

function streams(type: "INNER" | "FULL"): () => unknown {
  const { operators, fields } = joined(`readings a ${type} JOIN others b WITHIN 1 SECOND ON a.deviceId = b.deviceId`);
  const [join] = operators as [Operator];
  const [left, right] = [movingOn(sideRows(fields[0])), movingOn(sideRows(fields[1]))];
  return () => {
    const made = [takeAll(join, 0, left), takeAll(join, 1, right), join.takeDelta()];
    left.moveOn();
    right.moveOn();
    return made;
  };
}

/** As they come live: a row of one, a row of the other. */
function streamsInTurns(): () => unknown {
  const { operators, fields } = joined("readings a JOIN others b WITHIN 1 SECOND ON a.deviceId = b.deviceId");
  const [join] = operators as [Operator];
  const [left, right] = [movingOn(sideRows(fields[0])), movingOn(sideRows(fields[1]))];
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

function withTable(type: "INNER" | "LEFT", interned: boolean, keep?: (row: number) => boolean): () => unknown {
  const { operators, fields } = joined(`readings a ${type} JOIN devices b ON a.deviceId = b.deviceId`);
  const [join] = operators as [Operator];
  takeAll(join, 1, sideRows(fields[1], false, keep));
  const stream = sideRows(fields[0], interned);
  return () => takeAll(join, 0, stream);
}

function tables(left: "rooms" | "owned"): () => unknown {
  const { operators, fields } = joined(`${left} a JOIN devices b ON a.deviceId = b.deviceId`);
  const [join] = operators as [Operator];
  takeAll(join, 1, sideRows(fields[1]));
  const changing = sideRows(fields[0]);
  return () => [takeAll(join, 0, changing), join.takeDelta()];
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
          { name: "stream and table, LEFT, device interned", run: withTable("LEFT", true) },
          { name: "stream and table, LEFT", run: withTable("LEFT", false) },
          { name: "stream and table, INNER, half of them", run: withTable("INNER", true, (row) => row % 2 === 0) },
          { name: "table and table, the left one changes", run: tables("rooms") },
          { name: "by a foreign key, the left one changes", run: tables("owned") },
        ],
        options,
      ),
      ...inTurns(
        ROWS * 2,
        [
          { name: "two streams within a second, INNER", run: streams("INNER") },
          { name: "two streams within a second, FULL", run: streams("FULL") },
          { name: "the same, INNER, a row at a time in turns", run: streamsInTurns() },
        ],
        options,
      ),
    ];
  },
};

import { must } from "../../src/assert.ts";
import { compileStatement } from "../../src/plan/code/compile-statement.ts";
import { newOperators } from "../../src/state/operators/new-operators.ts";
import type { JoinedRows, Operator, SideRows } from "../../src/state/operators/operator.ts";
import { Ranking } from "../../src/state/operators/ranking.ts";
import { RunningRows } from "../../src/state/operators/running-rows.ts";
import { planOf } from "../../test/plan/run-statement.ts";
import { inTurns, type MicroBench, type Way } from "./harness.ts";
import { ROWS, readingTexts } from "./rows.ts";
import { sideRows } from "./side-rows.ts";

const DECLARE = "CREATE STREAM readings (deviceId STRING, ts DOUBLE, temperature DOUBLE, battery DOUBLE) WITH (key = 'deviceId');";
const OVER = "OVER (PARTITION BY deviceId ORDER BY _timestamp";

/** What stands in front of a statement's loop: each operator gives the next one its rows. */
function stages(select: string): () => unknown {
  const { statements, sources } = planOf(`${DECLARE} INSERT INTO target ${select};`);
  const plan = must(statements[0]);
  const operators = newOperators(must(compileStatement(plan).joins), 0, (stage): Operator => {
    if (stage.kind === "over") return new Ranking(stage, 0);
    if (stage.kind === "running") return new RunningRows(stage);
    throw new Error("assertion failed: nothing is grouped here");
  });
  const rows = sideRows(must(sources[0]).fields);
  const work = (index: number, given: SideRows, from: number, to: number): unknown => {
    const operator = must(operators[index]);
    let last: unknown = null;
    for (let row = from; row < to; ) {
      row = operator.take(0, given, row, to);
      const out = operator.drain();
      if (out !== null) last = index + 1 === operators.length ? out : work(index + 1, next(out, given), out.from, out.to);
    }
    return last;
  };
  return () => [work(0, rows, 0, ROWS), operators.map((operator) => operator.takeDelta())];
}

const next = ({ batch, versions, streamTimesMs, coordinates }: JoinedRows, { fail }: SideRows): SideRows => {
  const { timestampsMs: timesMs, offsets: sequences } = batch.slices;
  return { batch, timesMs, latestMs: streamTimesMs, versions, sequences, coordinates, fail };
};

const way = (name: string, select: string): Way => ({ name, run: stages(select) });

export const over: MicroBench = {
  name: "over",
  what: "readings with what those of the same device before them say, and the state's delta; decoded already",
  measure(options) {
    const objects = readingTexts().map((text) => JSON.parse(text) as { deviceId: string; temperature: number });
    const hysteresis = "LAST_VALUE(CASE WHEN temperature > 22 THEN TRUE WHEN temperature < 20 THEN FALSE END IGNORE NULLS)";
    const hot = `SELECT deviceId, ${hysteresis} ${OVER} ROWS UNBOUNDED PRECEDING) AS hot FROM readings`;
    return inTurns(
      ROWS,
      [
        {
          name: "Map by device, objects with what was",
          isNaive: true,
          run: () => {
            const last = new Map<string, number>();
            return objects.map((object) => {
              const was = last.get(object.deviceId) ?? null;
              last.set(object.deviceId, object.temperature);
              return { ...object, was };
            });
          },
        },
        way("LAG", `SELECT deviceId, temperature, LAG(temperature) ${OVER}) AS was FROM readings`),
        way("SUM of all so far", `SELECT deviceId, temperature, SUM(temperature) ${OVER}) AS total FROM readings`),
        way("AVG of ten rows", `SELECT deviceId, temperature, AVG(temperature) ${OVER} ROWS 9 PRECEDING) AS mean FROM readings`),
        way(
          "MAX of ten seconds",
          `SELECT deviceId, temperature, MAX(temperature) ${OVER} RANGE INTERVAL '10' SECOND PRECEDING) AS peak FROM readings`,
        ),
        way("hysteresis", `SELECT deviceId, hot FROM (${hot})`),
        way(
          "and what changes of it",
          `SELECT deviceId, hot FROM (SELECT deviceId, hot, LAG(hot) OVER (PARTITION BY deviceId) AS was FROM (${hot}))`,
        ),
        way(
          "the latest row of each device",
          `SELECT deviceId, temperature FROM (
            SELECT deviceId, temperature, ROW_NUMBER() OVER (PARTITION BY deviceId ORDER BY ts DESC) AS n FROM readings
          ) WHERE n = 1 PK deviceId`,
        ),
      ],
      options,
    );
  },
};

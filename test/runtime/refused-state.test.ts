import { describe, expect, it } from "vitest";
import { systemClock } from "../../src/adapters/system-clock.ts";
import { must } from "../../src/assert.ts";
import type { Connection } from "../../src/ports/connection.ts";
import { TrialClock } from "../../src/project/row-tests/trial-clock.ts";
import type { StartMessage } from "../../src/runtime/protocol.ts";
import { withParts, withSinks } from "../property/wrap-connection.ts";
import { type Ended, Harness, record } from "./harness.ts";

const T = 1_700_000_000_000;
const MINUTE = 60_000;

const DECLARE = `
  CREATE STREAM orders (id INT, device STRING, amount INT) WITH (topic = 'orders', key = 'device');
  CREATE STREAM payments (device STRING, paid INT) WITH (topic = 'payments', key = 'device');
  CREATE TABLE homes (device STRING PRIMARY KEY, room STRING) WITH (topic = 'homes');
  SET 'commit.interval' = 1;`;

const STATEMENTS: readonly (readonly [name: string, sql: string])[] = [
  ["rows of a join", "INSERT INTO t SELECT o.id, p.paid FROM orders o FULL JOIN payments p WITHIN 1 MINUTE ON o.device = p.device;"],
  ["a join with a table", "INSERT INTO t SELECT o.id, h.room FROM orders o JOIN homes h ON o.device = h.device;"],
  [
    "windows of a join",
    `INSERT INTO t SELECT o.device, window_start, COUNT(*) AS n, SUM(p.paid) AS paid FROM orders o
      LEFT JOIN payments p WITHIN 1 MINUTE ON o.device = p.device WINDOW TUMBLING (SIZE 1 MINUTE) GROUP BY o.device;`,
  ],
  [
    "final windows of a stage",
    `WITH minutes AS (SELECT device, SUM(amount) AS amount FROM orders WINDOW TUMBLING (SIZE 1 MINUTE) GROUP BY device)
      INSERT INTO t SELECT device, window_start, COUNT(*) AS n, SUM(amount) AS amount FROM minutes
      WINDOW TUMBLING (SIZE 1 HOUR) GROUP BY device EMIT FINAL;`,
  ],
  [
    "windows of one topic",
    "INSERT INTO t SELECT device, window_start, SUM(amount) AS amount FROM orders WINDOW TUMBLING (SIZE 1 MINUTE) GROUP BY device;",
  ],
];

/** Long before a run gives up waiting for what is under way. */
const RUN_MS_MAX = 20_000;

/** A state log that refuses some appends. What targets took before is told only when the run has had time to see its end. */
class Refusals {
  appends = 0;
  private hasRefused = false;
  refuses: (append: number) => boolean = () => false;

  readonly wrap = (connection: Connection): Connection =>
    withParts(
      withSinks(connection, (_target, sink) => ({
        write: async (batch, origin, signal) => {
          const result = await sink.write(batch, origin, signal);
          await systemClock.sleep(1, signal);
          if (this.hasRefused) await systemClock.sleep(30, signal);
          return result;
        },
        close: () => sink.close(),
      })),
      {
        openStateLog: async (pipeline, partitions) => {
          const log = must(await connection.openStateLog(pipeline, partitions));
          return withParts(log, {
            append: async (...given) => {
              this.hasRefused = this.refuses(++this.appends);
              if (this.hasRefused) throw new Error("refused");
              await log.append(...given);
            },
          });
        },
      },
    );
}

interface Outcome {
  readonly rows: readonly string[];
  readonly records: readonly (readonly number[])[];
  /** Appends that were counted: those of the first run. */
  readonly appends: number;
}

/** Three runs over the same records: in the first the state log refuses, the last closes everything. */
async function outcomeOf(sql: string, close: StartMessage["close"], refuses: Refusals["refuses"]): Promise<Outcome> {
  const refusals = new Refusals();
  const clock = new TrialClock();
  clock.reach(T + 24 * 60 * MINUTE);
  const harness = new Harness(refusals.wrap, null, clock);
  try {
    const at = (device: string, value: object, afterMs: number) =>
      record({ device, ...value }, { key: device, timestampMs: T + afterMs, partition: 0 });
    await harness.append("homes", [at("a", { room: "hall" }, 0), at("b", { room: "bath" }, 0)]);
    const orders = [0, 1, 2, 3, 4, 5].map((id) => at(id % 3 === 0 ? "b" : "a", { id, amount: id }, id * 40_000));
    await harness.append("orders", orders);
    await harness.append("payments", [at("a", { paid: 1 }, 50_000), at("b", { paid: 2 }, 2 * MINUTE), at("a", { paid: 3 }, 200_000)]);
    refusals.refuses = refuses;
    await inTime(harness.run("p", DECLARE + sql, { close }));
    const { appends } = refusals;
    refusals.refuses = () => false;
    const first = await inTime(harness.run("p", DECLARE + sql, { close }));
    const last = await inTime(harness.run("p", DECLARE + sql, { close: true }));
    expect([first.last.kind, last.last.kind]).toEqual(["done", "done"]);
    expect(last.statements.map(({ state }) => state)).toEqual(last.statements.map(() => "finished"));
    const rows = (await harness.tableTexts("t")).sort();
    const records = last.statements.map(({ counters: { in: taken, applied, filtered, late } }) => [taken, applied, filtered, late]);
    return { rows, records, appends };
  } finally {
    harness.dispose();
  }
}

async function inTime(running: Promise<Ended>): Promise<Ended> {
  const patience = new AbortController();
  const silence = systemClock.sleep(RUN_MS_MAX, patience.signal).then(() => {
    if (!patience.signal.aborted) throw new Error(`the run does not end in ${RUN_MS_MAX} ms`);
    return running;
  });
  try {
    return await Promise.race([running, silence]);
  } finally {
    patience.abort();
  }
}

const CLOSINGS: readonly StartMessage["close"][] = [false, true, { silentMs: 90 * MINUTE }];

describe("where the state log refuses an append, whichever it is, the run ends, and the next one makes up for it:", () => {
  it.each(STATEMENTS)("%s", { timeout: 120_000 }, async (_name, sql) => {
    for (const close of CLOSINGS) {
      const expected = await outcomeOf(sql, close, () => false);
      expect(expected.rows).not.toEqual([]);
      for (let refused = 1; refused <= expected.appends; refused++) {
        for (const isLasting of [false, true]) {
          const found = await outcomeOf(sql, close, (append) => (isLasting ? append >= refused : append === refused));
          const what = `append ${refused} of ${expected.appends}${isLasting ? " and all after it" : ""}, close: ${JSON.stringify(close)}`;
          expect({ what, ...found, appends: 0 }).toEqual({ what, ...expected, appends: 0 });
        }
      }
    }
  });
});

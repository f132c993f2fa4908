import { afterEach, describe, expect, it } from "vitest";
import type { FromPipeline } from "../../src/runtime/protocol.ts";
import { Witness } from "../property/wrap-connection.ts";
import { until } from "../support/until.ts";
import { Harness, record } from "./harness.ts";
import { Traffic } from "./traffic.ts";

function written(messages: readonly FromPipeline[]): number {
  const last = messages.findLast((message) => message.kind === "progress");
  return last?.kind === "progress" ? last.statements.reduce((sum, { counters }) => sum + counters.written, 0) : 0;
}

describe("changes that need no coalescing", () => {
  let harness = new Harness();
  afterEach(() => harness.dispose());

  it("are acknowledged long before the commit interval is over", async () => {
    harness = new Harness();
    await harness.append("t", []);
    const sql = `SET 'commit.interval' = 600000;
      INSERT INTO rows SELECT n FROM t;
      INSERT INTO minutes SELECT n, COUNT(*) AS c FROM t WINDOW TUMBLING (SIZE 1 MINUTE) GROUP BY n EMIT FINAL;
      INSERT INTO groups SELECT n, COUNT(*) AS c FROM t GROUP BY n;`;
    const { handle, messages, ended } = harness.start("p", sql, { until: "follow" });
    await harness.append("t", [record({ n: 1 }), record({ n: 2 }, { timestampMs: 1_700_000_120_000 })]);
    await until(() => written(messages) === 3, "two rows and a closed window");
    await harness.append("t", [record({ n: 3 }, { timestampMs: 1_700_000_120_000 })]);
    await until(() => written(messages) === 4, "a third row");
    expect(await harness.table("rows")).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
    expect(await harness.table("minutes")).toEqual([{ n: 1, c: 1 }]);
    handle.stop(10_000);
    expect((await ended).statements.map(({ counters }) => counters.written)).toEqual([3, 1, 3]);
  });

  it("take no more blobs than one an interval", async () => {
    const traffic = new Traffic();
    harness = new Harness(traffic.wrap);
    await harness.append("t", []);
    const { handle, messages, ended } = harness.start("p", "SET 'commit.interval' = 400; INSERT INTO rows SELECT n FROM t;", {
      until: "follow",
      progressIntervalMs: 1,
    });
    const began = performance.now();
    for (let n = 0; n < 60; n++) {
      await harness.append("t", [record({ n })]);
      await until(() => written(messages) === n + 1, `row ${n}`);
    }
    const intervals = (performance.now() - began) / 400;
    expect(traffic.writes).toBe(60);
    expect(traffic.blobs).toBeLessThanOrEqual(Math.ceil(intervals) + 1);
    handle.stop(10_000);
    await ended;
  });

  it("are the same again, under the same versions, after a crash before the blob", async () => {
    const traffic = new Traffic();
    const witness = new Witness();
    harness = new Harness((connection) => witness.wrap(traffic.wrap(connection)));
    const records = Array.from({ length: 50 }, (_, n) => record({ n, v: n % 7 }, { timestampMs: 1_700_000_000_000 + (n % 3) }));
    await harness.append("t", records);
    const sql = "SET 'commit.interval' = 600000; INSERT INTO rows SELECT n, v FROM t PK n;";
    const { handle, messages, ended } = harness.start("p", sql, { until: "follow" });
    await until(() => written(messages) === 50, "all rows");
    traffic.isCut = true;
    handle.stop(10_000);
    await ended;
    const first = witness.sent;
    witness.sent = [];
    traffic.isCut = false;
    const { statements } = await harness.run("p", sql);
    expect(first).toHaveLength(50);
    expect(witness.sent).toEqual(first);
    expect(statements[0]?.counters).toMatchObject({ in: 50, sent: 50, written: 0, superseded: 50 });
  });
});

import { afterEach, describe, expect, it } from "vitest";
import { must } from "../../src/assert.ts";
import { SluiceError } from "../../src/errors.ts";
import { LIMITS } from "../../src/limits.ts";
import type { Connection } from "../../src/ports/connection.ts";
import type { Sink } from "../../src/ports/sink.ts";
import { lowerLimits } from "../property/lower-limits.ts";
import { withParts, withSinks } from "../property/wrap-connection.ts";
import { until } from "../support/until.ts";
import { Harness, record } from "./harness.ts";

describe("what ends late", () => {
  let harness = new Harness();
  afterEach(() => harness.dispose());

  it("a refused result counts with its own barrier, not with one before it that is still under way", async () => {
    let writes = 0;
    let isCrashing = true;
    const first = Promise.withResolvers<void>();
    harness = new Harness((connection) =>
      withSinks(connection, (_target, sink) => ({
        write: async (batch, origin, signal) => {
          writes++;
          if (writes === 1) await first.promise;
          else if (isCrashing && !signal.aborted) await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
          signal.throwIfAborted();
          return sink.write(batch, origin, signal);
        },
        close: () => sink.close(),
      })),
    );
    const sql = "SET 'commit.interval' = 1; SET 'error.policy' = 'noop'; INSERT INTO rows SELECT v, COUNT(*) AS n FROM t GROUP BY v;";
    await harness.append("t", [record({ v: 1 })]);
    const { handle, messages, ended } = harness.start("refusals", sql, { until: "follow" });
    await until(() => writes === 1, "the first barrier to be under way");
    await harness.append("t", [record({}), record({ v: 2 })]);
    await until(() => messages.some((message) => message.kind === "skipped"), "the group of null to be refused");
    first.resolve();
    await until(() => writes === 2, "the second barrier to be under way");
    handle.stop(200);
    await ended;
    isCrashing = false;
    const { statements } = await harness.run("refusals", sql);
    expect(statements[0]?.counters).toMatchObject({ in: 3, applied: 3, sent: 3, written: 2, rejected: 1 });
  });

  it("what is acknowledged while the routes close is durable, and not written again", async () => {
    let writes = 0;
    let isSlow = true;
    harness = new Harness((connection) =>
      withSinks(
        connection,
        (_target, sink): Sink => ({
          write: async (batch, origin, signal) => {
            writes++;
            const outcome = await sink.write(batch, origin, new AbortController().signal);
            // The answer comes when the time to drain is over already.
            if (isSlow && !signal.aborted) await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
            return outcome;
          },
          close: () => sink.close(),
        }),
      ),
    );
    await harness.append("t", [record({ n: 1 }), record({ n: 2 })]);
    const sql = "SET 'commit.interval' = 1; INSERT INTO rows SELECT n FROM t;";
    const first = harness.start("late", sql, { until: "follow" });
    await until(() => writes === 1, "the write to be under way");
    first.handle.stop(50);
    expect((await first.ended).statements[0]?.counters).toMatchObject({ in: 2, written: 2 });
    isSlow = false;
    const { statements, fetched } = await harness.run("late", sql);
    expect([fetched, writes]).toEqual([0, 1]);
    expect(statements[0]?.counters).toMatchObject({ in: 2, applied: 2, sent: 2, written: 2, superseded: 0 });
  });

  it("a run that cannot be bounded any more fails as a whole, instead of going on unseen", async () => {
    let isGone = false;
    let closed = 0;
    const wrap = (connection: Connection): Connection => {
      const source = must(connection.source);
      const bounds: typeof source.bounds = async (...given) => {
        if (isGone) throw new SluiceError("CONNECTION_REFUSED_RIGHTS", "the ends of t are not told");
        return source.bounds(...given);
      };
      const close = async (): Promise<void> => {
        closed++;
        await connection.close();
      };
      return withParts(connection, { source: withParts(source, { bounds }), close });
    };
    harness = new Harness(wrap);
    await harness.append("t", [record({ n: 1 })]);
    const { handle, messages, ended } = harness.start("bound", "INSERT INTO rows SELECT n FROM t;", { until: "follow" });
    const isWritten = (): boolean =>
      messages.some((message) => message.kind === "progress" && message.statements[0]?.counters.written === 1);
    await until(isWritten, "the row to be written");
    isGone = true;
    handle.finish();
    expect((await ended).last).toMatchObject({
      kind: "failed",
      error: { code: "CONNECTION_REFUSED_RIGHTS", message: "the ends of t are not told" },
    });
    await until(() => closed === 1, "the run to be over");
    isGone = false;
    expect((await harness.run("bound", "INSERT INTO rows SELECT n FROM t;")).fetched).toBe(0);
  });

  describe("at the end of a bounded run", () => {
    const SQL = "SET 'commit.interval' = 1; INSERT INTO rows SELECT n FROM t BATCH = 1;";
    const RECORDS = 12;
    const rowsOf = async (): Promise<unknown[]> => (await harness.table("rows")).map((row) => (row as { readonly n: number }).n);
    const begin = async (isAnswered: () => Promise<boolean>): Promise<void> => {
      lowerLimits({ silentTargetsMsMax: 200 });
      harness = new Harness((connection) =>
        withSinks(connection, (_target, sink) => ({
          write: async (batch, origin, signal) => {
            if (!(await isAnswered())) await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
            signal.throwIfAborted();
            return sink.write(batch, origin, signal);
          },
          close: () => sink.close(),
        })),
      );
      await harness.append(
        "t",
        Array.from({ length: RECORDS }, (_, n) => record({ n })),
      );
    };

    it("all is written, however long that takes, as long as the target takes something now and then", async () => {
      await begin(() => new Promise((resolve) => setTimeout(() => resolve(true), LIMITS.silentTargetsMsMax / 4)));
      const { last, statements } = await harness.run("slow", SQL);
      expect(last.kind).toBe("done");
      expect(statements[0]?.counters).toMatchObject({ in: RECORDS, written: RECORDS });
    });

    it("a run fails whose target takes nothing any more, and the next one goes on", async () => {
      let answers = 3;
      await begin(async () => answers-- > 0);
      const { last } = await harness.run("silent", SQL);
      expect(last).toMatchObject({ kind: "failed", error: { code: "CHANGE_UNAVAILABLE" } });
      expect(last.kind === "failed" && last.error.message).toContain("not all of rows#1 is written: their targets took nothing for 0.2 s");
      answers = Number.POSITIVE_INFINITY;
      const { statements } = await harness.run("silent", SQL);
      expect(statements[0]?.counters).toMatchObject({ in: RECORDS, applied: RECORDS });
      expect((await rowsOf()).length).toBe(RECORDS);
    });
  });
});
